/* What the parts of a text picture share: a page of characters, and what is drawn on it. */
#ifndef FMPROF_PLOT_TERMINAL_PAGE_H
#define FMPROF_PLOT_TERMINAL_PAGE_H

#include "axis.h"
#include "curves.h"
#include "lanes.h"
#include "scene.h"

enum {
	PAGE_LEFT = 10,  /* columns for the tics of the memory axis, and names of lanes */
	PAGE_TITLES = 2, /* rows */
	PAGE_NO_COLOUR = -1,
};

/* One layer of single characters; drawn as labels, one for each stretch of a colour. */
struct cell {
	char glyph; /* 0: nothing */
	int colour; /* 0xRRGGBB or PAGE_NO_COLOUR */
};

struct page {
	struct text *out;
	const struct plot_options *options;
	struct scene scene;
	struct curves curves;
	struct lanes lanes;
	bool colour;
	unsigned width, height;
	unsigned strip_rows, lane_rows, legend_rows, legend_columns;
	unsigned top, bottom, right; /* the plot: first and last row (the time axis), last column */
	struct axis time, memory;
	struct cell *behind, *before; /* the curve */
};

unsigned page_column(const struct page *page, uint64_t time_ns);
unsigned page_row(const struct page *page, double rss);
int page_colour(const struct page *page, size_t shown);
char page_letter(const struct page *page, size_t shown);
void page_put_words(struct page *page, const char *clean, unsigned column, unsigned row, int colour);

/* ---- terminal_curve.c: what is beneath, above and on the curve ---- */
void page_fill_layers(struct page *page);

/* ---- terminal_rows.c: calls as rows of text ---- */
/* Chooses the lanes; at most `most` rows, of which the last says what is left out. */
void page_choose_lanes(struct page *page, unsigned most);
void page_put_strip(struct page *page);
void page_put_lanes(struct page *page);
/* Rows for which the strip has no room. */
uint64_t page_rows_hidden(const struct page *page);

#endif
