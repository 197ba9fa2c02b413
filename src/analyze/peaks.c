/* peaks: the highest memory inside of each call. */
#include <stdlib.h>

#include "fmprof/analyze.h"

/* Highest point of any range in logarithmic time: tree[count + i] is point i, each node above holds the higher of
 * its two. */
struct highest {
	const struct run_sample *points;
	size_t count;
	uint64_t *tree;
};

static struct highest highest_build(const struct run_sample *points, size_t count)
{
	struct highest highest = {points, count, mem_alloc((2 * count + 1) * sizeof(*highest.tree))};
	uint64_t *tree = highest.tree;

	for (size_t i = 0; i < count; i++)
		tree[count + i] = points[i].rss;
	for (size_t i = count; i-- > 1;)
		tree[i] = tree[2 * i] > tree[2 * i + 1] ? tree[2 * i] : tree[2 * i + 1];
	return highest;
}

static uint64_t highest_between(const struct highest *highest, size_t from, size_t to)
{
	const uint64_t *tree = highest->tree;
	uint64_t most = 0;

	for (from += highest->count, to += highest->count; from < to; from /= 2, to /= 2) {
		if (from % 2 == 1) {
			most = tree[from] > most ? tree[from] : most;
			from++;
		}
		if (to % 2 == 1) {
			to--;
			most = tree[to] > most ? tree[to] : most;
		}
	}
	return most;
}

/* Index of the first point at or after time_ns. */
static size_t first_from(const struct highest *highest, uint64_t time_ns)
{
	size_t low = 0, high = highest->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (highest->points[middle].time_ns < time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What the samples of one process, or of the tree, tell of its calls. */
struct memory {
	struct highest samples, marks;
};

static struct memory memory_build(const struct run_sample *points, size_t count, const struct run_line *marks)
{
	return (struct memory){highest_build(points, count),
			       marks ? highest_build(marks->points, marks->count) : highest_build(NULL, 0)};
}

static void memory_free(struct memory *memory)
{
	free(memory->samples.tree);
	free(memory->marks.tree);
}

static uint64_t memory_peak(const struct memory *memory, const struct run_call *call)
{
	size_t from = first_from(&memory->samples, call->enter_ns);
	size_t to = first_from(&memory->samples, call->leave_ns + 1);
	uint64_t peak = highest_between(&memory->samples, from, to > from ? to : from);

	/* A mark is of the time since the one before: only a call that had begun by then can claim it. */
	from = first_from(&memory->marks, call->enter_ns) + 1;
	to = first_from(&memory->marks, call->leave_ns + 1);
	uint64_t mark = highest_between(&memory->marks, from, to > from ? to : from);
	return mark > peak ? mark : peak;
}

static void call_find_peak(struct run_call *call, const struct memory *memory)
{
	uint64_t sampled = memory ? memory_peak(memory, call) : 0;

	if (call->peak_exact)
		return;
	call->peak_rss = sampled > call->peak_rss ? sampled : call->peak_rss;
	call->peak_rss = call->enter_rss > call->peak_rss ? call->enter_rss : call->peak_rss;
	call->peak_rss = call->leave_rss > call->peak_rss ? call->leave_rss : call->peak_rss;
}

static const struct run_line *line_of_marks(const struct run *run)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == RUN_LINE_PEAKS)
			return &run->lines[i];
	return NULL;
}

void run_find_peaks(struct run *run)
{
	struct memory first = memory_build(run->samples, run->sample_count, line_of_marks(run));
	struct table children = {0};
	struct memory *memory;
	size_t position = 0;

	for (size_t i = 0; i < run->line_count; i++) {
		const struct run_line *line = &run->lines[i];
		if (line->kind != RUN_LINE_CHILD)
			continue;
		memory = mem_alloc(sizeof(*memory));
		*memory = memory_build(line->points, line->count, NULL);
		table_put(&children, (uint64_t)(uint32_t)line->pid, memory);
	}
	for (size_t i = 0; i < run->call_count; i++) {
		struct run_call *call = &run->calls[i];
		/* Where children are summed, all have the tree's memory. */
		bool is_first = call->pid == run->pid || run->pid == 0 || children.used == 0;
		call->elsewhere = !is_first;
		call_find_peak(call, is_first ? &first : table_get(&children, (uint64_t)(uint32_t)call->pid));
	}
	while ((memory = table_next(&children, &position, NULL))) {
		memory_free(memory);
		free(memory);
	}
	memory_free(&first);
	table_free(&children);
}
