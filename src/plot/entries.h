/* entries: what stands in a legend, and in which order. */
#ifndef FMPROF_PLOT_ENTRIES_H
#define FMPROF_PLOT_ENTRIES_H

#include "curves.h"
#include "scene.h"

enum entry_kind { ENTRY_CURVE, ENTRY_FUNCTION, ENTRY_OTHERS };

struct entry {
	enum entry_kind kind;
	size_t index; /* of the curve or function */
};

struct entries {
	struct entry *items;
	size_t count, capacity;
};

/* Recordings are followed by their functions; other curves come first. Layers stand as they lie. Free the items. */
struct entries entries_list(const struct scene *scene, const struct curves *curves);
void entry_put_words(const struct scene *scene, const struct curves *curves, const struct entry *entry,
		     struct text *name, struct text *figures);
/* Where there is no room for all figures, how far memory rose goes first: the peak tells more. Then that goes. */
void entry_fit_figures(struct text *figures, double room, double em);

#endif
