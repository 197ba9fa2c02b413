/* The subcommands. Each parses its own options and returns fmprof's exit status. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "fmprof/util.h"

int cmd_run(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_symbols(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_peak(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_rm(int argc, char **argv);
int cmd_clean(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_batch(int argc, char **argv);

/* "fmprof: " and the message on stderr; frees it and returns its status. */
int cmd_fail(struct error *err);
/* What a command has to say, on stdout; an error if it does not arrive there. */
int cmd_print(const struct text *text, struct error *err);
/* In columns; 0 if fd is no terminal, or one that does not tell. */
unsigned cmd_terminal_width(int fd);
/* For getopt_long's '?' and ':' (opterr 0): what is wrong with argv, and where help is. */
int cmd_usage(int argc, char **argv, int result);

#endif
