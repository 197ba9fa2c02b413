/*
 * terminal: the gnuplot script for text. Cells are laid out here; gnuplot's
 * dumb terminal draws the curve and the axes.
 */
#ifndef FMPROF_PLOT_TERMINAL_H
#define FMPROF_PLOT_TERMINAL_H

#include "fmprof/plot.h"

void terminal_put_script(const struct run *run, const struct plot_options *options, struct text *out);

/* What gnuplot drew, without its form feed and the blanks at the ends of lines. */
void terminal_clean(const struct text *drawn, struct text *page);

#endif
