/* report_columns: the figures of a row, and which rows in which order. */
#include <stdlib.h>
#include <string.h>

#include "report_show.h"

/* To the nearest, halves away from 0. */
static int64_t divide(int64_t sum, uint64_t count)
{
	uint64_t size = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
	uint64_t mean = size / count + (size % count >= count - size % count);

	return sum < 0 ? (int64_t)(0 - mean) : (int64_t)mean;
}

static int64_t mean_time(const struct report_row *row)
{
	return divide((int64_t)row->outermost_ns, row->outermost);
}

static int64_t retained_per_call(const struct report_row *row)
{
	return divide(row->net_growth, row->outermost);
}

static int64_t returned(const struct report_row *row)
{
	return (int64_t)report_row_returned(row);
}

static int64_t unwound(const struct report_row *row)
{
	return (int64_t)report_row_unwound(row);
}

static int64_t unfinished(const struct report_row *row)
{
	return (int64_t)report_row_unfinished(row);
}

static int64_t peak_bytes(const struct report_row *row)
{
	return (int64_t)row->peak.bytes;
}

#define AT(member) offsetof(struct report_row, member)

const struct report_column report_columns[] = {
	{"calls", "calls", "calls", REPORT_COUNT, 0, false, AT(calls), NULL, false},
	{"returned", "returned", NULL, REPORT_COUNT, 0, false, 0, returned, false},
	{"unwound", "unwound", "unwound", REPORT_COUNT, 3, true, 0, unwound, false},
	{"unfinished", "unfinished", "unfinished", REPORT_COUNT, 2, true, 0, unfinished, false},
	{"noticed", "noticed", NULL, REPORT_COUNT, 0, false, AT(noticed), NULL, false},
	{"outermost", "outermost", NULL, REPORT_COUNT, 0, false, AT(outermost), NULL, false},
	{"total_ns", "total", "total", REPORT_TIME, 1, false, AT(total_ns), NULL, false},
	{"self_ns", "self", "self", REPORT_TIME, 5, false, AT(self_ns), NULL, false},
	{"mean_ns", "mean", "mean", REPORT_TIME, 7, false, 0, mean_time, true},
	{"max_ns", "max", "longest", REPORT_TIME, 6, false, AT(max_ns), NULL, false},
	{"net_growth_bytes", "net", "net growth", REPORT_GROWTH, 0, false, AT(net_growth), NULL, false},
	{"largest_growth_bytes", "largest", "largest", REPORT_GROWTH, 4, false, AT(largest_growth), NULL,
	 true},
	{"retained_per_call_bytes", "percall", "per call", REPORT_GROWTH, 4, false, 0, retained_per_call,
	 true},
	{"peak_bytes", "peak", "peak inside", REPORT_PEAK, 1, false, 0, peak_bytes, false},
	{"first_enter_ns", "start", NULL, REPORT_TIME, 0, false, AT(first_enter_ns), NULL, false},
	{"first_enter_rss_bytes", "first", "at first", REPORT_MEMORY, 8, false, AT(first_enter_rss), NULL,
	 false},
	{"last_leave_ns", "end", NULL, REPORT_TIME, 0, false, AT(last_leave_ns), NULL, false},
	{"last_leave_rss_bytes", "last", "at last", REPORT_MEMORY, 8, false, AT(last_leave_rss), NULL, false},
};

const size_t report_column_count = sizeof(report_columns) / sizeof(*report_columns);

const struct report_column *report_column_find(const char *name)
{
	for (size_t i = 0; i < report_column_count; i++)
		if (strcmp(name, report_columns[i].name) == 0 || strcmp(name, report_columns[i].key) == 0)
			return &report_columns[i];
	return NULL;
}

bool report_column_value(const struct report_column *column, const struct report_row *row, int64_t *value)
{
	if (column->of_outermost && row->outermost == 0)
		return false;
	if (column->derive)
		*value = column->derive(row);
	else
		memcpy(value, (const char *)row + column->offset, sizeof(*value));
	return true;
}

/* ---- rows -------------------------------------------------------------- */

struct choice {
	const struct report_row *row;
	const char *name;
	bool has_key;
	double slope;
	int64_t key;
};

bool report_shows(const struct report_show *show, const struct run_function *function)
{
	for (size_t i = 0; i < show->glob_count; i++)
		if (function_matches(function, show->globs[i]))
			return true;
	return show->glob_count == 0;
}

static struct choice choice_of(const struct report *report, const struct report_show *show,
			       const struct report_row *row)
{
	struct choice choice = {.row = row, .name = report->functions[row->function].name};
	double margin;

	if (show->order == REPORT_ORDER_LEAK)
		choice.has_key = fit_solve(&row->by_call, &choice.slope, &margin);
	else if (show->order == REPORT_ORDER_COLUMN)
		choice.has_key = report_column_value(show->column, row, &choice.key);
	return choice;
}

/* Rows without a figure come last; equal ones by name, then by process and thread. */
static int choice_compare(const void *left, const void *right)
{
	const struct choice *a = left, *b = right;
	int by_name = strcmp(a->name, b->name);

	if (a->has_key != b->has_key)
		return a->has_key ? -1 : 1;
	if (a->key != b->key)
		return a->key > b->key ? -1 : 1;
	if (a->slope < b->slope || a->slope > b->slope)
		return a->slope > b->slope ? -1 : 1;
	if (by_name)
		return by_name;
	if (a->row->function != b->row->function)
		return a->row->function < b->row->function ? -1 : 1;
	if (a->row->pid != b->row->pid)
		return a->row->pid < b->row->pid ? -1 : 1;
	return (a->row->tid > b->row->tid) - (a->row->tid < b->row->tid);
}

const struct report_row **report_rows_choose(const struct report *report, const struct report_show *show,
					     size_t *count)
{
	struct choice *choices = mem_alloc(report->row_count * sizeof(*choices));
	const struct report_row **rows = mem_alloc(report->row_count * sizeof(struct report_row *));
	size_t chosen = 0;

	/* Of a row whose calls all begin outside of the window nothing is left. */
	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i]->calls > 0 &&
		    report_shows(show, &report->functions[report->rows[i]->function]))
			choices[chosen++] = choice_of(report, show, report->rows[i]);
	if (chosen > 0)
		qsort(choices, chosen, sizeof(*choices), choice_compare);
	*count = show->top > 0 && show->top < chosen ? show->top : chosen;
	for (size_t i = 0; i < *count; i++)
		rows[i] = choices[show->reverse ? chosen - 1 - i : i].row;
	free(choices);
	return rows;
}
