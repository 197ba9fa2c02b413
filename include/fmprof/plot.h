/*
 * plot: pictures of a recording, drawn by gnuplot without a display.
 * Reading half: no ptrace.
 */
#ifndef FMPROF_PLOT_H
#define FMPROF_PLOT_H

#include "fmprof/analyze.h"

enum plot_format { PLOT_PNG, PLOT_SVG, PLOT_PDF, PLOT_TEXT };

struct plot_options {
	const char *output; /* NULL: stdout (text only) */
	enum plot_format format;
	unsigned width, height; /* pixels, or characters for text; 0: default */
	const char *title;      /* NULL or empty: the command */
	bool colour;            /* text only: ANSI colours */
};

/* By the suffix of a file name: .png .svg .pdf .txt; others are an error. */
int plot_format_from_path(const char *path, enum plot_format *format, struct error *err);

/*
 * The gnuplot script with its data inline, complete and self-contained. All
 * names and titles are data: nothing in them can run. Exposed for tests.
 */
void plot_script(const struct run *run, const struct plot_options *options, struct text *script);

/* Draws. Errors: gnuplot missing (which package), gnuplot's own message, an
 * output that cannot be written (a half-written one is removed). */
int plot_draw(const struct run *run, const struct plot_options *options, struct error *err);

#endif
