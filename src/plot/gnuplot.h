/* gnuplot: runs a script and hands back what it drew. */
#ifndef FMPROF_PLOT_GNUPLOT_H
#define FMPROF_PLOT_GNUPLOT_H

#include "fmprof/util.h"

/* 0 and gnuplot's output in `drawn`, or -1 and why. Nothing of it reaches our
 * stdout or stderr. */
int gnuplot_run(const struct text *script, struct text *drawn, struct error *err);

#endif
