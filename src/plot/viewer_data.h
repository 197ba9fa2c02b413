/* What viewer.js draws, as a constant of its script. */
#ifndef FMPROF_PLOT_VIEWER_DATA_H
#define FMPROF_PLOT_VIEWER_DATA_H

#include "fmprof/plot.h"

void viewer_put_data(const struct run *run, const struct plot_options *options, struct text *out);

#endif
