/* gnuplot: runs a script and hands back what it drew. */
#ifndef FMPROF_PLOT_GNUPLOT_H
#define FMPROF_PLOT_GNUPLOT_H

#include "fmprof/util.h"

/* 0 and gnuplot's output in `drawn`, or -1 and why. Nothing of it reaches our
 * stdout or stderr. */
int gnuplot_run(const struct text *script, struct text *drawn, struct error *err);

/* The command for the best kind of window that the gnuplot at hand has, up to the place of a font. */
void gnuplot_put_window(struct text *script, double width, double height);
/* The same for a script that draws in one: nothing is handed back, and the window stays. */
int gnuplot_show(const struct text *script, struct error *err);

#endif
