/* What `rm` and `clean` have in common. */
#ifndef CMD_REMOVE_H
#define CMD_REMOVE_H

#include "fmprof/util.h"

/*
 * 0 if it is a regular file, -1 and the reason otherwise. Links are not followed: what goes away
 * is what was named.
 */
int remove_check(const char *path, struct error *err);
/* Removes a recording and the file NAME_ts.dat that mprof may have put beside it; says what it did. */
int remove_recording(const char *path, bool dry_run, struct error *err);

#endif
