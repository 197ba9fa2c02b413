/* band: what memory was at most between samples, above the curve. */
#ifndef FMPROF_PLOT_BAND_H
#define FMPROF_PLOT_BAND_H

#include "picture.h"

/* A data block $peaks of areas "x low high", parted by empty lines; false if there is none to draw. */
bool band_put(struct picture *picture);

#endif
