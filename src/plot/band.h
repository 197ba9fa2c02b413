/* band: what memory was at most between samples, above the curve. */
#ifndef FMPROF_PLOT_BAND_H
#define FMPROF_PLOT_BAND_H

#include "picture.h"

/* A data block $peaks of areas "x low high", parted by empty lines; false if there is none to draw. */
bool band_put(struct picture *picture);

/* Where the run was highest: at the highest sample, or in the middle of the time between two samples whose mark is
 * higher. */
struct run_sample band_peak(const struct run *run);

/* The kernel's marks: each is of the time since the one before. NULL without any. */
const struct run_line *band_marks(const struct run *run);

#endif
