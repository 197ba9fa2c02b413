/* svg: what gnuplot draws, mended for browsers and XML. */
#ifndef FMPROF_PLOT_SVG_H
#define FMPROF_PLOT_SVG_H

#include "fmprof/util.h"

/*
 * gnuplot 5.4's svg terminal takes one font family (`family`), so that a reader without it gets a serif face, and hands ":Bold" on
 * as a part of that family's name. It leaves '>' in labels as it is, and "]]>" is an error there. Its titles, the plot
 * command piece by piece, are what browsers show under the mouse.
 */
void svg_mend(const struct text *drawn, const char *family, struct text *page);

#endif
