#include <math.h>
#include <stdlib.h>

#include "picture.h"

enum {
	ALWAYS = 10,   /* blocks that may stand close to others … */
	ALWAYS_BY = 2, /* … if these are no more */
	/* Pixels before scaling: */
	SAME = 1, /* this close, a bracket hides nothing that another does not hide already */
	NEAR = 6, /* this close, there is too little of the curve between them */
};

struct candidate {
	size_t block;
	uint64_t span_ns;
};

static int compare_span(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	if (one->span_ns != other->span_ns)
		return one->span_ns > other->span_ns ? -1 : 1;
	return one->block < other->block ? -1 : one->block > other->block;
}

enum room { ROOM_NONE, ROOM_SHARED, ROOM_OWN };

/* What there is at x, a pixel, beside `count` brackets that stand on their own. Those that share the place of one
 * are not among them: of a row of calls that begin half a pixel apart each would share the place of the last. */
static enum room room_at(const double *standing, size_t count, double x, double scale, unsigned most)
{
	unsigned close = 0;

	for (size_t i = 0; i < count; i++) {
		double distance = fabs(standing[i] - x) / scale;
		if (distance < SAME)
			return ROOM_SHARED;
		close += distance < NEAR;
	}
	return close <= most ? ROOM_OWN : ROOM_NONE;
}

bool *crowd_thin(const struct picture *picture)
{
	const struct scene *scene = &picture->scene;
	struct candidate *candidates = mem_alloc((scene->block_count + 1) * sizeof(*candidates));
	double *standing = mem_alloc((2 * scene->block_count + 1) * sizeof(*standing));
	bool *chosen = mem_alloc((scene->block_count + 1) * sizeof(*chosen));
	size_t count = 0;

	for (size_t i = 0; i < scene->block_count; i++)
		candidates[i] = (struct candidate){i, scene->blocks[i].to_ns - scene->blocks[i].from_ns};
	/* The longest first. */
	qsort(candidates, scene->block_count, sizeof(*candidates), compare_span);
	for (size_t i = 0; i < scene->block_count; i++) {
		const struct scene_block *block = &scene->blocks[candidates[i].block];
		double from = picture_pixel_x(picture, block->from_ns),
		       to = picture_pixel_x(picture, block->to_ns);
		/* Its memory is where no curve is. */
		if (block->elsewhere && picture->options->children != PLOT_CHILDREN_CURVES)
			continue;
		unsigned most = i < ALWAYS ? ALWAYS_BY : 0;
		enum room at_from = room_at(standing, count, from, picture->scale, most);
		enum room at_to = room_at(standing, count, to, picture->scale, most);
		if (at_from == ROOM_NONE || at_to == ROOM_NONE)
			continue;
		if (at_from == ROOM_OWN)
			standing[count++] = from;
		if (at_to == ROOM_OWN)
			standing[count++] = to;
		chosen[candidates[i].block] = true;
	}
	free(standing);
	free(candidates);
	return chosen;
}
