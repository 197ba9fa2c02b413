/* style: the colours of functions and of everything else, on a light page and on a dark one. */
#ifndef FMPROF_PLOT_STYLE_H
#define FMPROF_PLOT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

struct style {
	unsigned page;
	unsigned ink;   /* titles, names */
	unsigned faint; /* figures, tics */
	unsigned line;  /* axes */
	unsigned grid;
	unsigned curve;
	unsigned outside; /* beneath the curve, outside of all calls */
	unsigned others;  /* functions that are not shown by name */
	unsigned peak;
	const unsigned *palette; /* of functions, STYLE_PALETTE colours */
	const unsigned *curves;  /* of recordings that are laid over each other, STYLE_CURVES colours */
};

enum { STYLE_PALETTE = 7, STYLE_CURVES = 4 };

const struct style *style_get(bool dark);

/* Of the index-th function shown, or of all the others when index == count. */
unsigned style_colour(const struct style *style, size_t index, size_t count);
unsigned style_curve(const struct style *style, size_t index);
/* gnuplot's dash type: solid until the palette begins anew. */
const char *style_dash(size_t index, size_t count);
const char *style_curve_dash(size_t index);
/* Mixed with the page; part 1 is the colour itself. */
unsigned style_tint(const struct style *style, unsigned colour, double part);

#endif
