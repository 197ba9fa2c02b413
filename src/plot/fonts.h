/* fonts: what the fonts of this machine can draw. */
#ifndef FMPROF_PLOT_FONTS_H
#define FMPROF_PLOT_FONTS_H

#include "fmprof/util.h"

/*
 * Puts a '?' in a script for each character that no font has. gnuplot 5.4's
 * cairo terminals would draw the box for an unknown character hundreds of times
 * as large as the letters, over all of the picture.
 */
void fonts_replace_missing(struct text *script);

#endif
