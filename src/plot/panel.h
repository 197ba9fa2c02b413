/* panel: the lanes, drawn below the memory axis. */
#ifndef FMPROF_PLOT_PANEL_H
#define FMPROF_PLOT_PANEL_H

#include "picture.h"

/* Finds the lanes and takes room for them from the bottom of the plot: sets base. */
void panel_set(struct picture *picture);
void panel_put(struct picture *picture);

#endif
