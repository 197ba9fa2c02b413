/*
 * settle: the highest memory inside of each call, where so many samples were read that only some are kept, and
 * lines are not in order. A report looks at each sample, and brings order into them, so it is asked.
 */
#include <stdlib.h>

#include "load.h"

/* A call of the file. One of mprof's has no number; of those with the same times the highest counts for all. */
struct settled {
	uint64_t call, enter_ns, leave_ns, peak;
};

struct settling {
	struct settled *items;
	size_t count, capacity;
};

static int u64_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int key_compare(const struct settled *a, const struct settled *b)
{
	int order = u64_compare(a->call, b->call);

	if (order || a->call > 0)
		return order;
	order = u64_compare(a->enter_ns, b->enter_ns);
	return order ? order : u64_compare(a->leave_ns, b->leave_ns);
}

static int settled_compare(const void *left, const void *right)
{
	const struct settled *a = left, *b = right;
	int order = key_compare(a, b);

	return order ? order : u64_compare(b->peak, a->peak);
}

static void call_left(void *data, const struct report_call *call)
{
	struct settling *settling = data;

	settling->items = array_reserve(settling->items, &settling->capacity, settling->count + 1,
					sizeof(*settling->items));
	settling->items[settling->count++] =
		(struct settled){call->number, call->enter_ns, call->leave_ns, call->highest};
}

/* What the first reading said of calls that are out of order is not true. */
static void again(void *data)
{
	struct settling *settling = data;

	settling->count = 0;
}

/* The first of equal ones has the highest peak. */
static const struct settled *settled_find(const struct settling *settling, const struct run_call *call)
{
	struct settled key = {.call = call->call, .enter_ns = call->enter_ns, .leave_ns = call->leave_ns};
	size_t low = 0, high = settling->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (key_compare(&settling->items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < settling->count && key_compare(&settling->items[low], &key) == 0;
	return found ? &settling->items[low] : NULL;
}

static bool is_open_to_doubt(const struct run *run)
{
	for (size_t i = 0; i < run->call_count; i++)
		if (!run->calls[i].peak_exact)
			return true;
	return false;
}

void run_settle_peaks(struct run *run, off_t start)
{
	struct settling settling = {0};
	struct report_observer observer = {.data = &settling, .left = call_left, .again = again};
	struct report_options all = {.to_ns = UINT64_MAX, .observer = &observer};
	struct report *report;
	struct error err = {0};

	if (!is_open_to_doubt(run) || source_rewind(run->path, start) < 0)
		return;
	/* A file that is gone by now has told what is kept. */
	if (report_read(run->path, &all, &report, &err) == 0)
		report_free(report);
	error_free(&err);
	if (settling.count > 0)
		qsort(settling.items, settling.count, sizeof(*settling.items), settled_compare);
	for (size_t i = 0; i < run->call_count; i++) {
		const struct settled *settled =
			run->calls[i].peak_exact ? NULL : settled_find(&settling, &run->calls[i]);
		if (settled)
			run->calls[i].peak_rss = settled->peak;
	}
	free(settling.items);
}
