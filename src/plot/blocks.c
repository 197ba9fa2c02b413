#include "blocks.h"

#include <stdlib.h>

static void block_join(struct scene_block *block, const struct run_call *call)
{
	uint64_t from = call->enter_ns > block->to_ns ? call->enter_ns : block->to_ns;

	block->busy_ns += call->leave_ns > from ? call->leave_ns - from : 0;
	if (call->leave_ns >= block->to_ns) {
		block->to_ns = call->leave_ns;
		block->to_rss = call->leave_rss;
		block->exact = call->exact;
	}
	block->open |= call->end == TRACE_END_UNFINISHED;
	block->calls++;
}

static struct scene_block block_of(const struct run_call *call, size_t shown, unsigned depth)
{
	struct scene_block block = {
		.shown = shown,
		.row = depth,
		.from_ns = call->enter_ns,
		.to_ns = call->enter_ns,
		.from_rss = call->enter_rss,
		.to_rss = call->enter_rss,
	};
	block_join(&block, call);
	return block;
}

/* All calls as blocks, their depth as row. What is closer than `scale` times
 * the detail says is joined. */
static void blocks_join(struct scene *scene, const struct scene_detail *detail, const size_t *shown_of,
			double scale)
{
	const struct run *run = scene->run;
	double column_ns = (double)(run->end_ns - run->start_ns) / detail->columns;
	double call_ns = detail->call_columns * scale * column_ns;
	double gap_ns = detail->gap_columns * scale * column_ns;
	/* Where calls of a shown function at a depth last went. */
	size_t *lasts = mem_alloc((scene->function_count + 1) * detail->rows * sizeof(*lasts));
	size_t capacity = 0;

	free(scene->blocks);
	scene->blocks = NULL;
	scene->block_count = 0;
	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		unsigned depth = call->depth < detail->rows ? call->depth : detail->rows - 1;
		size_t shown = shown_of[call->function];
		size_t *last = &lasts[shown * detail->rows + depth]; /* counted from 1 */
		struct scene_block *block = *last ? &scene->blocks[*last - 1] : NULL;

		if (block && (double)call->leave_ns - (double)call->enter_ns < call_ns &&
		    (block->calls > 1 || (double)(block->to_ns - block->from_ns) < call_ns) &&
		    (double)call->enter_ns - (double)block->to_ns < gap_ns) {
			block_join(block, call);
			continue;
		}
		scene->blocks = array_reserve(scene->blocks, &capacity, scene->block_count + 1,
					      sizeof(*scene->blocks));
		scene->blocks[scene->block_count++] = block_of(call, shown, depth);
		*last = scene->block_count;
	}
	free(lasts);
}

static int compare_blocks(const void *a, const void *b)
{
	const struct scene_block *one = a, *other = b;
	if (one->from_ns != other->from_ns)
		return one->from_ns < other->from_ns ? -1 : 1;
	if (one->row != other->row)
		return one->row < other->row ? -1 : 1;
	return one->to_ns > other->to_ns ? -1 : one->to_ns < other->to_ns;
}

/* Each block gets the first free row that is not above its depth: with one
 * thread that is its depth; calls of other threads go beneath. */
static void blocks_place(struct scene *scene, unsigned rows)
{
	uint64_t *busy_until = mem_alloc(rows * sizeof(*busy_until));

	if (scene->block_count > 0)
		qsort(scene->blocks, scene->block_count, sizeof(*scene->blocks), compare_blocks);
	scene->rows = 0;
	for (size_t i = 0; i < scene->block_count; i++) {
		struct scene_block *block = &scene->blocks[i];
		while (block->row + 1 < rows && busy_until[block->row] > block->from_ns)
			block->row++;
		if (busy_until[block->row] < block->to_ns)
			busy_until[block->row] = block->to_ns;
		if (scene->rows <= block->row)
			scene->rows = block->row + 1;
	}
	free(busy_until);
}

void blocks_build(struct scene *scene, const struct scene_detail *detail, const size_t *shown_of)
{
	/* Calls that are long enough to be seen can still be too many, in deep
	 * recursion or with many threads: then coarser, until all is one block. */
	double scale = 1;
	do {
		blocks_join(scene, detail, shown_of, scale);
		scale *= 2;
	} while (scene->block_count > detail->blocks && scale < 4.0 * detail->columns);
	blocks_place(scene, detail->rows);
}
