/* compare: the figures of two recordings next to each other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fmprof/analyze.h"
#include "pairs.h"

enum compare_trend compare_values(int64_t before, int64_t after, double noise, double tolerance)
{
	double difference = (double)after - (double)before;

	if (fabs(difference) <= noise || fabs(difference) <= tolerance * fabs((double)before))
		return COMPARE_SAME;
	return difference > 0 ? COMPARE_WORSE : COMPARE_BETTER;
}

static void figure_judge(struct compare_figure *figure, double noise, const struct compare_options *options)
{
	if (figure->before.known && figure->after.known)
		figure->trend =
			compare_values(figure->before.value, figure->after.value, noise, options->tolerance);
}

/* ---- the whole run ----------------------------------------------------- */

static struct compare_side side_of_slope(const struct report *report)
{
	double slope, at_zero;

	if (!trend_solve(&report->trend, &slope, &at_zero))
		return (struct compare_side){0};
	return (struct compare_side){.known = true, .value = (int64_t)nearbyint(slope), .exact = true};
}

static struct compare_side side_of_peak(const struct report_peak *peak)
{
	return (struct compare_side){
		.known = peak->bytes > 0,
		.value = (int64_t)peak->bytes,
		.exact = peak->exact,
	};
}

static struct compare_side side_of(int64_t value)
{
	return (struct compare_side){.known = true, .value = value, .exact = true};
}

static void run_compare(struct comparison *comparison, const struct report *before,
			const struct report *after, const struct compare_options *options)
{
	comparison->peak = (struct compare_figure){
		.before = side_of_peak(&before->peak),
		.after = side_of_peak(&after->peak),
		.counts = true,
	};
	comparison->duration = (struct compare_figure){
		.before = side_of((int64_t)(before->end_ns - before->start_ns)),
		.after = side_of((int64_t)(after->end_ns - after->start_ns)),
		.counts = options->times,
	};
	/* It is steeper as well where the same memory is taken in less time. */
	comparison->slope = (struct compare_figure){
		.before = side_of_slope(before),
		.after = side_of_slope(after),
	};
	figure_judge(&comparison->peak, (double)comparison->noise, options);
	figure_judge(&comparison->duration, 0, options);
}

/* ---- functions --------------------------------------------------------- */

/* What a function that was never called has, but for a peak. */
static const struct report_row no_calls;

static struct compare_side row_side(const struct report_row *row, enum compare_kind kind)
{
	/* Figures of a part of its calls say nothing about all of them. */
	if (row->until_ns > 0 && kind != COMPARE_PEAK)
		return (struct compare_side){0};
	switch (kind) {
	case COMPARE_CALLS:
		return side_of((int64_t)row->calls);
	case COMPARE_TOTAL:
		return side_of((int64_t)row->total_ns);
	case COMPARE_NET:
		return side_of(row->net_growth);
	case COMPARE_LARGEST:
		return side_of(row->calls > 0 && row->outermost > 0 ? row->largest_growth : 0);
	case COMPARE_PEAK:
		return side_of_peak(&row->peak);
	}
	return (struct compare_side){0};
}

static void row_compare(const struct comparison *comparison, struct compare_row *row,
			const struct report_row *const rows[2], const struct compare_options *options)
{
	const double memory = (double)comparison->noise;
	static const bool is_memory[] = {
		[COMPARE_NET] = true, [COMPARE_LARGEST] = true, [COMPARE_PEAK] = true};

	for (int kind = 0; kind < COMPARE_KINDS; kind++) {
		struct compare_figure *figure = &row->figures[kind];
		if (row->before)
			figure->before = row_side(rows[0] ? rows[0] : &no_calls, (enum compare_kind)kind);
		if (row->after)
			figure->after = row_side(rows[1] ? rows[1] : &no_calls, (enum compare_kind)kind);
		figure->counts = kind != COMPARE_TOTAL || options->times;
		figure_judge(figure, is_memory[kind] ? memory : 0, options);
		row->worse = row->worse || (figure->counts && figure->trend == COMPARE_WORSE);
	}
}

static bool is_chosen(const struct run_function *function, const struct compare_options *options)
{
	for (size_t i = 0; function && i < options->glob_count; i++)
		if (function_matches(function, options->globs[i]))
			return true;
	return options->glob_count == 0;
}

/* The rows of a report by function; NULL where it was not called. */
static const struct report_row **rows_by_function(const struct report *report)
{
	const struct report_row **rows =
		mem_alloc((report->function_count + 1) * sizeof(const struct report_row *));

	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i]->calls > 0)
			rows[report->rows[i]->function] = report->rows[i];
	return rows;
}

static void row_add(struct comparison *comparison, size_t *capacity, const struct report *const reports[2],
		    const struct pair *pair, const struct report_row *const rows[2],
		    const struct compare_options *options)
{
	struct compare_row row = {
		.before = pair->has[0] ? &reports[0]->functions[pair->index[0]] : NULL,
		.after = pair->has[1] ? &reports[1]->functions[pair->index[1]] : NULL,
	};

	if ((!rows[0] && !rows[1]) || (!is_chosen(row.before, options) && !is_chosen(row.after, options)))
		return;
	row_compare(comparison, &row, rows, options);
	comparison->worse = comparison->worse || row.worse;
	comparison->rows =
		array_reserve(comparison->rows, capacity, comparison->count + 1, sizeof(*comparison->rows));
	comparison->rows[comparison->count++] = row;
}

/* ---- order ------------------------------------------------------------- */

static int64_t rise_of(const struct compare_row *row, enum compare_kind kind)
{
	const struct compare_figure *figure = &row->figures[kind];

	return figure->before.known && figure->after.known
		       ? (int64_t)((uint64_t)figure->after.value - (uint64_t)figure->before.value)
		       : 0;
}

/* Memory that the function's own calls took; its peak is that of all that the process does meanwhile. */
static int64_t growth_of(const struct compare_row *row)
{
	int64_t net = rise_of(row, COMPARE_NET), largest = rise_of(row, COMPARE_LARGEST);

	return net > largest ? net : largest;
}

static int descending(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

static const char *row_name(const struct compare_row *row)
{
	return row->after ? row->after->full_name : row->before->full_name;
}

static int row_order(const void *left, const void *right)
{
	const struct compare_row *a = left, *b = right;
	bool a_alone = !a->before || !a->after, b_alone = !b->before || !b->after;
	int order = (int)a_alone - (int)b_alone;

	order = order ? order : (int)b->worse - (int)a->worse;
	order = order ? order : descending(growth_of(a), growth_of(b));
	order = order ? order : descending(rise_of(a, COMPARE_PEAK), rise_of(b, COMPARE_PEAK));
	order = order ? order : descending(rise_of(a, COMPARE_CALLS), rise_of(b, COMPARE_CALLS));
	return order ? order : strcmp(row_name(a), row_name(b));
}

/* ---- both -------------------------------------------------------------- */

void compare_reports(const struct report *before, const struct report *after,
		     const struct compare_options *options, struct comparison *comparison)
{
	const struct report *const reports[2] = {before, after};
	const struct report_row **rows[2] = {rows_by_function(before), rows_by_function(after)};
	size_t capacity = 0, pair_count;
	struct pair *pairs = pairs_find(before, after, &pair_count);

	*comparison = (struct comparison){
		.noise = options->has_floor ? options->floor : before->peak_bound + after->peak_bound,
	};
	run_compare(comparison, before, after, options);
	comparison->worse = comparison->peak.trend == COMPARE_WORSE ||
			    (options->times && comparison->duration.trend == COMPARE_WORSE);
	for (size_t i = 0; i < pair_count; i++) {
		const struct pair *pair = &pairs[i];
		const struct report_row *const both[2] = {
			pair->has[0] ? rows[0][pair->index[0]] : NULL,
			pair->has[1] ? rows[1][pair->index[1]] : NULL,
		};
		row_add(comparison, &capacity, reports, pair, both, options);
	}
	if (comparison->count > 0)
		qsort(comparison->rows, comparison->count, sizeof(*comparison->rows), row_order);
	free(pairs);
	free(rows[0]);
	free(rows[1]);
}

void comparison_free(struct comparison *comparison)
{
	free(comparison->rows);
}
