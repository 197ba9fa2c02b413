/*
 * label: words and figures as they stand in a picture. A name comes from the
 * recording and is never trusted: it is cleaned once, then measured, shortened
 * and quoted.
 */
#ifndef FMPROF_PLOT_LABEL_H
#define FMPROF_PLOT_LABEL_H

#include "fmprof/util.h"

/* A new string: valid UTF-8 on one line, without control characters and
 * without those that turn the direction of writing. */
char *label_clean(const char *name);

/* The same of a recorded command, which is quoted for a shell, for a title: a blank in place of line ends and
 * other control characters, and no two blanks in a row. */
char *label_command(const char *command);

/* The character at *position, which moves on; -1 for a byte that begins no printable one. */
long label_next(const char **position);

/* As one gnuplot string. Takes only what label_clean returned, or constants. */
void label_put_quoted(struct text *out, const char *clean);

/*
 * Width of a cleaned string in pixels when an em is `em` pixels; near enough for
 * DejaVu Sans and its likes. em == 0: in cells of a terminal.
 */
double label_width(const char *clean, double em);

/* A new string that is at most `width` wide: the middle gives way to "…", which parts no backslash from what
 * follows it. */
char *label_shorten(const char *clean, double width, double em);

void label_put_bytes(struct text *out, uint64_t bytes);                   /* "480.2 MiB" */
void label_put_duration(struct text *out, uint64_t ns);                   /* "1.204 s" */
void label_put_number(struct text *out, uint64_t number);                 /* "2,000" */
void label_put_count(struct text *out, uint64_t count, const char *noun); /* "1 call", "2,000 calls" */

#endif
