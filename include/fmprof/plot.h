/*
 * plot: pictures of a recording, drawn by gnuplot without a display.
 * Reading half: no ptrace.
 */
#ifndef FMPROF_PLOT_H
#define FMPROF_PLOT_H

#include "fmprof/analyze.h"

enum plot_format {
	PLOT_PNG,
	PLOT_SVG,
	PLOT_PDF,
	PLOT_TEXT,
	PLOT_SIXEL,       /* pixels for a terminal that shows them */
	PLOT_INTERACTIVE, /* an SVG that zooms and tells of calls, by a script inside */
	PLOT_HTML,        /* the same as a page */
	PLOT_WINDOW,      /* on the screen, by a gnuplot that has windows */
};
enum plot_legend { PLOT_LEGEND_RIGHT, PLOT_LEGEND_BOTTOM, PLOT_LEGEND_NONE };
enum plot_children { PLOT_CHILDREN_NONE, PLOT_CHILDREN_CURVES, PLOT_CHILDREN_STACKED };

struct plot_options {
	const char *output; /* NULL: stdout (text and sixels only) */
	enum plot_format format;
	unsigned width, height; /* pixels, or characters for text; 0: default */
	const char *title;      /* NULL or empty: the command */
	bool colour;            /* text only: ANSI colours */
	const char *unit;       /* of memory, see plot_unit_is_known; NULL: what fits */
	const char *script;     /* NULL, or where the script goes instead of to gnuplot; not for text */

	enum plot_legend legend; /* below not where they zoom, nor in text */
	enum plot_children
		children; /* their memory: none, a curve each, on top of each other (not in text) */
	bool lanes;       /* calls as bars below the curve, a lane for each thread and depth */
	bool flame;       /* lanes, and no brackets */

	/* Pictures only, not text: */
	const char *font; /* NULL: DejaVu Sans */
	unsigned dpi;     /* PNG: everything becomes dpi/96 times as large; 0: 96 */
	bool dark;
	const char *const *stack; /* metrics on top of each other */
	size_t stack_count;

	/* Pictures that stand still: */
	bool log;      /* memory axis */
	bool absolute; /* the clock's time at the time axis */
	bool slope;    /* a straight line through all samples */
};

bool plot_unit_is_known(const char *name);
/* Letters, digits, blanks, '-', '_' and '.' only: it stands inside of gnuplot's own syntax. */
bool plot_font_is_fine(const char *name);

/* By the suffix of a file name: .png .svg .interactive.svg .html .pdf .six .txt; others are an error. */
int plot_format_from_path(const char *path, enum plot_format *format, struct error *err);
/* By name: png svg interactive html pdf sixel text window. */
int plot_format_from_name(const char *name, enum plot_format *format, struct error *err);

/*
 * The gnuplot script with its data inline, complete and self-contained. All
 * names and titles are data: nothing in them can run. Exposed for tests.
 */
void plot_script(const struct run *run, const struct plot_options *options, struct text *script);

/* Draws. Errors: gnuplot missing (which package), gnuplot's own message, an
 * output that cannot be written (a half-written one is removed). */
int plot_draw(const struct run *run, const struct plot_options *options, struct error *err);

#endif
