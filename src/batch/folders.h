/* Where the files of a batch lie. */
#ifndef BATCH_FOLDERS_H
#define BATCH_FOLDERS_H

#include "fmprof/util.h"

/* Makes a folder, and those above it, where they are not there. */
int folder_make(const char *path, struct error *err);
/* Until *fd is closed, here and by all who were forked meanwhile, the folder is this batch's alone; *fd may be -1 all the same. */
int folder_take(const char *path, int *fd, struct error *err);
/* A name as that of a file: what is no letter, digit, or one of -_+=,@.~ becomes %XX; also a '.' at its start, or
 * before the suffix that a file of results has. */
char *folder_name(const char *name);
/*
 * Makes the folder of a run and takes files away that an earlier batch has left there; `name` is that of NAME.dat. What else
 * lies there stays.
 */
int folder_prepare(const char *path, const char *name, struct error *err);
/* Puts the files of attempt `number` aside, into a folder attempt-NUMBER. */
int folder_put_aside(const char *path, const char *name, unsigned number, struct error *err);

#endif
