#include <math.h>
#include <stdlib.h>

#include "picture.h"

enum {
	ALWAYS = 10, /* blocks that stand whatever is beside them */
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

/* Whether a bracket may stand at x, a pixel, beside those that stand already. */
static bool has_room(const double *standing, size_t count, double x, double scale)
{
	bool is_near = false;

	for (size_t i = 0; i < count; i++) {
		double distance = fabs(standing[i] - x) / scale;
		if (distance < SAME)
			return true;
		is_near |= distance < NEAR;
	}
	return !is_near;
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
		if (i >= ALWAYS && (!has_room(standing, count, from, picture->scale) ||
				    !has_room(standing, count, to, picture->scale)))
			continue;
		standing[count++] = from;
		standing[count++] = to;
		chosen[candidates[i].block] = true;
	}
	free(standing);
	free(candidates);
	return chosen;
}
