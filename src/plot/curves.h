/*
 * curves: what is drawn over time besides the memory of the first process: other recordings, children, and layers on
 * top of each other.
 */
#ifndef FMPROF_PLOT_CURVES_H
#define FMPROF_PLOT_CURVES_H

#include "fmprof/plot.h"
#include "style.h"

struct curve {
	char *label; /* cleaned */
	uint64_t peak;
	size_t recording; /* its functions follow it in the legend */
	unsigned colour;
	const char *dash;
	bool unnamed;              /* not in the legend */
	bool is_layer;             /* an area between `floor` and `points` */
	struct run_sample *points; /* NULL: the scene's own curve, named here for the legend */
	struct run_sample *floor;
	size_t count;
};

struct curves {
	struct curve *items;
	size_t count, capacity;
	uint64_t low, high;
	bool has_layers;
};

void curves_build(struct curves *curves, const struct run *run, const struct plot_options *options,
		  const struct style *style, unsigned columns);
struct run_sample curve_highest(const struct curve *curve);
/* The highest curve, if it is higher than `rss` and no layer: with the peak of the first process a child of more, whose
 * curve is what is seen, and asked about. */
const struct curve *curves_above(const struct curves *curves, uint64_t rss);
void curves_free(struct curves *curves);

#endif
