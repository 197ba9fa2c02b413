/* The subcommands. Each parses its own options and returns fmprof's exit status. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "fmprof/util.h"

int cmd_run(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_plot(int argc, char **argv);

/* "fmprof: " and the message on stderr; frees it and returns its status. */
int cmd_fail(struct error *err);
/* For getopt_long's '?' and ':' (opterr 0): what is wrong with argv, and where help is. */
int cmd_usage(int argc, char **argv, int result);

#endif
