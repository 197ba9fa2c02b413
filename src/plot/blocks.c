#include "blocks.h"

#include <stdlib.h>

enum { LANES = 64 }; /* most; more at the same time cannot be told apart in a picture */

/* ---- lanes ------------------------------------------------------------------------ */

/*
 * Calls of one thread follow each other or nest, those of several threads
 * overlap in any way. An outermost call takes a lane with all that is called
 * inside, for as long as it lasts; so each lane looks like a single thread, and
 * threads of short lives that follow each other share one.
 */
struct task {
	size_t lane;
	uint64_t busy_until;
};

static struct task *task_get(struct table *tasks, const struct run *run, const struct run_call *call)
{
	uint64_t key = scene_thread_key(run, call);
	struct task *task = table_get(tasks, key);

	if (!task) {
		task = mem_alloc(sizeof(*task));
		table_put(tasks, key, task);
	}
	return task;
}

/* A task stays in its lane if it can. Without a free one the last is shared. */
static size_t lane_choose(const uint64_t *busy_until, size_t count, size_t preferred, uint64_t time_ns)
{
	if (busy_until[preferred] <= time_ns)
		return preferred;
	for (size_t lane = 0; lane < count; lane++)
		if (busy_until[lane] <= time_ns)
			return lane;
	return count - 1;
}

/* The lane of each call, less than `count`. */
static void lanes_assign(const struct run *run, size_t count, size_t *lane_of)
{
	uint64_t *busy_until = mem_alloc(count * sizeof(*busy_until));
	struct table tasks = {0};
	struct task *task;
	size_t position = 0;

	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		task = task_get(&tasks, run, call);
		if (task->busy_until <= call->enter_ns)
			task->lane = lane_choose(busy_until, count, task->lane, call->enter_ns);
		if (task->busy_until < call->leave_ns)
			task->busy_until = call->leave_ns;
		if (busy_until[task->lane] < call->leave_ns)
			busy_until[task->lane] = call->leave_ns;
		lane_of[i] = task->lane;
	}
	while ((task = table_next(&tasks, &position, &(uint64_t){0})))
		free(task);
	table_free(&tasks);
	free(busy_until);
}

/* ---- joining ---------------------------------------------------------------------- */

static void block_join(struct scene_block *block, const struct run_call *call, uint64_t end_ns)
{
	uint64_t from = call->enter_ns > block->to_ns ? call->enter_ns : block->to_ns;

	block->busy_ns += call->leave_ns > from ? call->leave_ns - from : 0;
	if (call->leave_ns >= block->to_ns) {
		block->to_ns = call->leave_ns;
		block->to_rss = call->leave_rss;
		block->exact = call->exact;
		block->unwound = call->end == TRACE_END_UNWOUND || call->end == TRACE_END_LONGJMP;
	}
	block->peak_rss = call->peak_rss > block->peak_rss ? call->peak_rss : block->peak_rss;
	block->elsewhere |= call->elsewhere;
	/* Beyond a window's end it goes on. */
	block->open |= run_call_is_unfinished(call) || call->leave_ns > end_ns;
	block->calls++;
}

static struct scene_block block_of(const struct run_call *call, size_t shown, size_t lane, unsigned depth,
				   uint64_t end_ns)
{
	struct scene_block block = {
		.shown = shown,
		.lane = lane,
		.depth = depth,
		.from_ns = call->enter_ns,
		.to_ns = call->enter_ns,
		.from_rss = call->enter_rss,
		.to_rss = call->enter_rss,
	};
	block_join(&block, call, end_ns);
	return block;
}

/* All calls as blocks. What is closer than `scale` times the detail says is joined. */
static void blocks_join(struct scene *scene, const struct scene_detail *detail, const size_t *shown_of,
			const size_t *lane_of, size_t lanes, double scale)
{
	const struct run *run = scene->run;
	double column_ns = (double)(run->end_ns - run->start_ns) / detail->columns;
	double call_ns = detail->call_columns * scale * column_ns;
	double gap_ns = detail->gap_columns * scale * column_ns;
	/* Where calls of a shown function at a depth of a lane last went. */
	size_t pitch = (scene->function_count + 1) * detail->rows;
	size_t *lasts = mem_alloc(lanes * pitch * sizeof(*lasts));
	size_t capacity = 0;

	free(scene->blocks);
	scene->blocks = NULL;
	scene->block_count = 0;
	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		unsigned depth = call->depth < detail->rows ? call->depth : detail->rows - 1;
		size_t shown = shown_of[call->function];
		/* counted from 1 */
		size_t *last = &lasts[lane_of[i] * pitch + shown * detail->rows + depth];
		struct scene_block *block = *last ? &scene->blocks[*last - 1] : NULL;

		if (block && block->recording == run->functions[call->function].recording &&
		    (double)call->leave_ns - (double)call->enter_ns < call_ns &&
		    (block->calls > 1 || (double)(block->to_ns - block->from_ns) < call_ns) &&
		    (double)call->enter_ns - (double)block->to_ns < gap_ns) {
			block_join(block, call, run->end_ns);
			continue;
		}
		scene->blocks = array_reserve(scene->blocks, &capacity, scene->block_count + 1,
					      sizeof(*scene->blocks));
		scene->blocks[scene->block_count] = block_of(call, shown, lane_of[i], depth, run->end_ns);
		scene->blocks[scene->block_count++].recording = run->functions[call->function].recording;
		*last = scene->block_count;
	}
	free(lasts);
}

/* ---- rows ------------------------------------------------------------------------- */

static int compare_time(const void *a, const void *b)
{
	const struct scene_block *one = a, *other = b;
	if (one->from_ns != other->from_ns)
		return one->from_ns < other->from_ns ? -1 : 1;
	if (one->depth != other->depth)
		return one->depth < other->depth ? -1 : 1;
	if (one->to_ns != other->to_ns)
		return one->to_ns > other->to_ns ? -1 : 1;
	return one->lane < other->lane ? -1 : one->lane > other->lane;
}

static int compare_lane(const void *a, const void *b)
{
	const struct scene_block *one = a, *other = b;
	if (one->recording != other->recording)
		return one->recording < other->recording ? -1 : 1;
	if (one->lane != other->lane)
		return one->lane < other->lane ? -1 : 1;
	return compare_time(a, b);
}

/* Blocks of a lane that overlap each other: they move up and down together. */
struct cluster {
	struct scene_block *blocks;
	size_t count, recording;
	uint64_t from_ns, to_ns;
	unsigned rows;
};

static int compare_cluster(const void *a, const void *b)
{
	const struct cluster *one = a, *other = b;
	if (one->recording != other->recording)
		return one->recording < other->recording ? -1 : 1;
	if (one->from_ns != other->from_ns)
		return one->from_ns < other->from_ns ? -1 : 1;
	return one->blocks < other->blocks ? -1 : one->blocks > other->blocks;
}

/* The cluster that begins with the first of `count` blocks, with rows counted from its own top. A block gets the
 * first free row that is neither above its depth nor above the block around it; blocks joined of alternating
 * calls overlap, so that is not always its depth. */
static struct cluster cluster_take(struct scene_block *blocks, size_t count, unsigned most)
{
	struct cluster cluster = {.blocks = blocks, .from_ns = blocks->from_ns, .to_ns = blocks->to_ns};
	uint64_t *busy_until = mem_alloc(most * sizeof(*busy_until));
	struct scene_block **at_depth = mem_alloc(most * sizeof(struct scene_block *)); /* the last one */

	for (; cluster.count < count; cluster.count++) {
		struct scene_block *block = &blocks[cluster.count];
		if (block->lane != blocks->lane || block->recording != blocks->recording ||
		    (cluster.count > 0 && block->from_ns >= cluster.to_ns))
			break;
		const struct scene_block *around = block->depth > 0 ? at_depth[block->depth - 1] : NULL;
		block->row = block->depth;
		if (around && around->to_ns > block->from_ns && around->row >= block->row)
			block->row = around->row + 1 < most ? around->row + 1 : most - 1;
		while (block->row + 1 < most && busy_until[block->row] > block->from_ns)
			block->row++;
		if (busy_until[block->row] < block->to_ns)
			busy_until[block->row] = block->to_ns;
		at_depth[block->depth] = block;
		if (cluster.to_ns < block->to_ns)
			cluster.to_ns = block->to_ns;
		if (cluster.rows <= block->row)
			cluster.rows = block->row + 1;
	}
	free(at_depth);
	free(busy_until);
	return cluster;
}

/* From `first` down to the first rows that are all free. */
static void cluster_place(const struct cluster *cluster, uint64_t *busy_until, unsigned first, unsigned most)
{
	unsigned top = first;

	for (unsigned row = first; row < top + cluster->rows && top + cluster->rows < most; row++)
		if (busy_until[row] > cluster->from_ns)
			top = row + 1;
	if (top + cluster->rows > most)
		top = most - cluster->rows;
	for (size_t i = 0; i < cluster->count; i++)
		cluster->blocks[i].row += top;
	for (unsigned row = top; row < top + cluster->rows; row++)
		if (busy_until[row] < cluster->to_ns)
			busy_until[row] = cluster->to_ns;
}

static void blocks_place(struct scene *scene, unsigned most)
{
	struct cluster *clusters = mem_alloc((scene->block_count + 1) * sizeof(*clusters));
	uint64_t *busy_until = mem_alloc(most * sizeof(*busy_until));
	size_t count = 0;

	if (scene->block_count > 0)
		qsort(scene->blocks, scene->block_count, sizeof(*scene->blocks), compare_lane);
	for (size_t i = 0; i < scene->block_count; i += clusters[count++].count) {
		clusters[count] = cluster_take(&scene->blocks[i], scene->block_count - i, most);
		clusters[count].recording = scene->blocks[i].recording;
	}
	if (count > 0)
		qsort(clusters, count, sizeof(*clusters), compare_cluster);
	/* Each recording has rows of its own. */
	unsigned first = 0, used = 0;
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && clusters[i].recording != clusters[i - 1].recording)
			first = used < most ? used : most - 1;
		cluster_place(&clusters[i], busy_until, first, most);
		for (unsigned row = used; row < most; row++)
			used = busy_until[row] > 0 ? row + 1 : used;
	}
	free(busy_until);
	free(clusters);

	scene->rows = scene->depths = 0;
	for (size_t i = 0; i < scene->block_count; i++) {
		const struct scene_block *block = &scene->blocks[i];
		scene->rows = scene->rows > block->row ? scene->rows : block->row + 1;
		scene->depths = scene->depths > block->depth ? scene->depths : block->depth + 1;
	}
	if (scene->block_count > 0)
		qsort(scene->blocks, scene->block_count, sizeof(*scene->blocks), compare_time);
}

/* ---- all -------------------------------------------------------------------------- */

void blocks_build(struct scene *scene, const struct scene_detail *detail, const size_t *shown_of)
{
	size_t *lane_of = mem_alloc((scene->run->call_count + 1) * sizeof(*lane_of));

	/* Calls that are long enough to be seen can still be too many, in deep
	 * recursion or with many threads: then coarser, until all is one block. */
	for (size_t lanes = detail->rows < LANES ? detail->rows : LANES; lanes > 0; lanes /= 2) {
		lanes_assign(scene->run, lanes, lane_of);
		double scale = 1;
		do {
			blocks_join(scene, detail, shown_of, lane_of, lanes, scale);
			scale *= 2;
		} while (scene->block_count > detail->blocks && scale < 4.0 * detail->columns);
		if (scene->block_count <= detail->blocks)
			break;
	}
	free(lane_of);
	blocks_place(scene, detail->rows);
}
