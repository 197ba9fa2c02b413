/* What a picture needs of labels besides util's: gnuplot's quoting. */
#ifndef FMPROF_PLOT_LABEL_H
#define FMPROF_PLOT_LABEL_H

#include "fmprof/util.h"

/* As one gnuplot string. Takes only what label_clean returned, or constants. */
void label_put_quoted(struct text *out, const char *clean);

#endif
