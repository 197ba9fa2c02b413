/* style: the colours of functions and of everything else. */
#ifndef FMPROF_PLOT_STYLE_H
#define FMPROF_PLOT_STYLE_H

#include <stddef.h>

enum {
	STYLE_INK = 0x263238,   /* titles, names */
	STYLE_FAINT = 0x66737d, /* figures, tics */
	STYLE_LINE = 0xcfd6db,  /* axes */
	STYLE_GRID = 0xdde3e7,
	STYLE_CURVE = 0x2f3e48,
	STYLE_OUTSIDE = 0xb4c0c9, /* beneath the curve, outside of all calls */
	STYLE_OTHERS = 0x8a959e,  /* functions that are not shown by name */
	STYLE_PEAK = 0x4a5760,
};

/* Of the index-th function shown, or of all the others when index == count. */
unsigned style_colour(size_t index, size_t count);
/* gnuplot's dash type: solid until the palette begins anew. */
const char *style_dash(size_t index, size_t count);
/* Mixed with white; part 1 is the colour itself. */
unsigned style_tint(unsigned colour, double part);

#endif
