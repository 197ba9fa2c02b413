/* blocks: from calls to blocks with rows; the second half of scene_build. */
#ifndef FMPROF_PLOT_BLOCKS_H
#define FMPROF_PLOT_BLOCKS_H

#include "scene.h"

/* shown_of[i]: index into scene->functions for run->functions[i]. */
void blocks_build(struct scene *scene, const struct scene_detail *detail, const size_t *shown_of);

#endif
