/*
 * viewer: an SVG that can be zoomed and asked, without a request to anywhere. What gnuplot drew is what is seen
 * where scripts do not run; else viewer.js draws in its place, from the data that are put beside it.
 */
#ifndef FMPROF_PLOT_VIEWER_H
#define FMPROF_PLOT_VIEWER_H

#include "fmprof/plot.h"

/* The standalone SVG made of gnuplot's; with `html` inside of a page of its own. */
void viewer_put(const struct run *run, const struct plot_options *options, const struct text *svg, bool html,
		struct text *page);

#endif
