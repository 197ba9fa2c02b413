/* compare: a summary next to its baseline, figure by figure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fmprof/analyze.h"
#include "internal.h"

/* Deviations that count as noise; of a normal distribution 3 median absolute deviations are two standard ones. */
static const double noise_deviations = 3;

/* The runs of a result that can be compared: they came to their end. */
struct side {
	const struct batch_run **runs;
	size_t count;
	double bound; /* of memory, the largest of them */
};

/* A function in one of the runs; all of the same name and module lie together when they are sorted. */
struct place {
	const struct batch_function *function;
	size_t side, run;
};

/* A figure over the runs of both sides. */
struct series {
	int64_t *values[2];
	size_t counts[2];
	bool exact[2];
};

struct comparing {
	const struct batch_comparison *how;
	struct side sides[2]; /* the baseline, now */
	struct series series;
	struct batch_result *result;
	size_t capacity; /* of its changes */
};

/* ---- medians ------------------------------------------------------------ */

static int value_compare(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

static int deviation_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Sorts them. */
static int64_t median_of(int64_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), value_compare);
	int64_t low = values[(count - 1) / 2], high = values[count / 2];
	return low / 2 + high / 2 + (low % 2 + high % 2) / 2;
}

/* The median absolute deviation from the median. */
static double deviation_of(const int64_t *values, size_t count, int64_t median)
{
	double *deviations = mem_alloc(count * sizeof(*deviations)), middle;

	for (size_t i = 0; i < count; i++)
		deviations[i] = fabs((double)values[i] - (double)median);
	qsort(deviations, count, sizeof(*deviations), deviation_compare);
	middle = (deviations[(count - 1) / 2] + deviations[count / 2]) / 2;
	free(deviations);
	return middle;
}

/* ---- one figure --------------------------------------------------------- */

static void series_start(struct series *series)
{
	for (size_t side = 0; side < 2; side++) {
		series->counts[side] = 0;
		series->exact[side] = true;
	}
}

static void series_add(struct series *series, size_t side, int64_t value, bool exact)
{
	series->values[side][series->counts[side]++] = value;
	series->exact[side] = series->exact[side] && exact;
}

static enum batch_trend trend_of(const struct batch_change *change, double noise, double tolerance)
{
	static const enum batch_trend trends[] = {
		[COMPARE_SAME] = BATCH_SAME,
		[COMPARE_WORSE] = BATCH_HIGHER,
		[COMPARE_BETTER] = BATCH_BETTER,
	};

	return trends[compare_values(change->before, change->now, noise, tolerance)];
}

/* What the series has become, if both sides have it. */
static void change_add(struct comparing *comparing, enum batch_budget_kind kind, const char *function)
{
	struct series *series = &comparing->series;
	struct batch_result *result = comparing->result;
	double noise = 0;
	int64_t medians[2];

	if (series->counts[0] == 0 || series->counts[1] == 0)
		return;
	for (size_t side = 0; side < 2; side++) {
		medians[side] = median_of(series->values[side], series->counts[side]);
		noise += noise_deviations *
			 deviation_of(series->values[side], series->counts[side], medians[side]);
		if (batch_budget_unit(kind) == BATCH_BYTES)
			noise += comparing->sides[side].bound;
	}
	struct batch_change change = {
		.kind = kind,
		.function = function ? mem_strdup(function) : NULL,
		.before = medians[0],
		.now = medians[1],
		.before_exact = series->exact[0],
		.now_exact = series->exact[1],
		.noise = noise < 9e18 ? (int64_t)noise : INT64_MAX,
		.counts = comparing->how->times || batch_budget_unit(kind) != BATCH_NANOSECONDS,
	};
	change.trend = trend_of(&change, noise, comparing->how->tolerance);
	result->changes = array_reserve(result->changes, &comparing->capacity, result->change_count + 1,
					sizeof(*result->changes));
	result->changes[result->change_count++] = change;
}

/* ---- the run itself ----------------------------------------------------- */

static void compare_run(struct comparing *comparing)
{
	struct series *series = &comparing->series;

	series_start(series);
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < comparing->sides[side].count; i++) {
			const struct batch_measures *measures = &comparing->sides[side].runs[i]->measures;
			if (measures->peak > 0)
				series_add(series, side, (int64_t)measures->peak, measures->peak_exact);
		}
	change_add(comparing, BATCH_MAX_RSS, NULL);
	series_start(series);
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < comparing->sides[side].count; i++)
			series_add(series, side, (int64_t)comparing->sides[side].runs[i]->measures.wall_ns,
				   true);
	change_add(comparing, BATCH_MAX_TIME, NULL);
}

/* ---- its functions ------------------------------------------------------ */

/* Builds lie in different folders. */
static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int function_compare(const struct batch_function *a, const struct batch_function *b)
{
	int by_name = strcmp(a->full_name, b->full_name);
	return by_name ? by_name : strcmp(file_name(a->module), file_name(b->module));
}

static int place_compare(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int by_function = function_compare(a->function, b->function);

	if (by_function)
		return by_function;
	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return (a->run > b->run) - (a->run < b->run);
}

/* Several of one name in a run, as static functions may be, count as one. */
static struct batch_function place_sum(const struct place *places, size_t count)
{
	struct batch_function sum = *places[0].function;

	for (size_t i = 1; i < count; i++) {
		const struct batch_function *other = places[i].function;
		sum.calls += other->calls;
		sum.total_ns += other->total_ns;
		sum.net_growth = (int64_t)((uint64_t)sum.net_growth + (uint64_t)other->net_growth);
		if (other->largest_growth > sum.largest_growth)
			sum.largest_growth = other->largest_growth;
		sum.peak_exact = sum.peak_exact && other->peak_exact;
		if (other->peak > sum.peak)
			sum.peak = other->peak;
	}
	return sum;
}

static int64_t function_figure(const struct batch_function *function, enum batch_budget_kind kind)
{
	switch (kind) {
	case BATCH_MAX_PEAK:
		return (int64_t)function->peak;
	case BATCH_MAX_GROWTH:
		return function->largest_growth;
	case BATCH_MAX_RETAINED:
		return function->net_growth;
	case BATCH_MAX_CALLS:
		return (int64_t)function->calls;
	default:
		return (int64_t)function->total_ns;
	}
}

/* Where a function is missing in some runs of a side it has no calls there, and other figures only in the rest. */
static void series_fill_calls(struct series *series, const struct side sides[2])
{
	for (size_t side = 0; side < 2; side++)
		while (series->counts[side] < sides[side].count)
			series_add(series, side, 0, true);
}

/* Sums, a run each, of the same function. */
static void compare_function(struct comparing *comparing, const struct place *places,
			     const struct batch_function *sums, size_t count)
{
	static const enum batch_budget_kind kinds[] = {BATCH_MAX_PEAK, BATCH_MAX_GROWTH, BATCH_MAX_RETAINED,
						       BATCH_MAX_CALLS, BATCH_MAX_TIME};

	if (places[0].side == 1)
		return; /* not in the baseline */
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		series_start(&comparing->series);
		for (size_t i = 0; i < count; i++)
			series_add(&comparing->series, places[i].side, function_figure(&sums[i], kinds[kind]),
				   kinds[kind] != BATCH_MAX_PEAK || sums[i].peak_exact);
		if (kinds[kind] == BATCH_MAX_CALLS)
			series_fill_calls(&comparing->series, comparing->sides);
		change_add(comparing, kinds[kind], places[0].function->name);
	}
}

static struct place *places_of(const struct side sides[2], size_t *count)
{
	struct place *places = NULL;
	size_t capacity = 0;

	*count = 0;
	for (size_t side = 0; side < 2; side++)
		for (size_t run = 0; run < sides[side].count; run++) {
			const struct batch_measures *measures = &sides[side].runs[run]->measures;
			for (size_t i = 0; i < measures->function_count; i++) {
				places = array_reserve(places, &capacity, *count + 1, sizeof(*places));
				places[(*count)++] = (struct place){&measures->functions[i], side, run};
			}
		}
	if (*count > 0)
		qsort(places, *count, sizeof(*places), place_compare);
	return places;
}

static void compare_functions(struct comparing *comparing)
{
	size_t count;
	struct place *places = places_of(comparing->sides, &count);
	struct batch_function *sums = mem_alloc((count + 1) * sizeof(*sums));

	for (size_t from = 0, to; from < count; from = to) {
		size_t runs = 0, next;
		for (to = from;
		     to < count && function_compare(places[from].function, places[to].function) == 0;
		     to = next) {
			for (next = to + 1; next < count && place_compare(&places[to], &places[next]) == 0;)
				next++;
			sums[runs] = place_sum(&places[to], next - to);
			places[from + runs++] = places[to];
		}
		compare_function(comparing, &places[from], sums, runs);
	}
	free(sums);
	free(places);
}

/* ---- a result ----------------------------------------------------------- */

static void side_take(struct side *side, const struct batch_result *result)
{
	side->runs = mem_alloc((result->run_count + 1) * sizeof(*side->runs));
	for (size_t i = 0; i < result->run_count; i++) {
		const struct batch_run *run = &result->runs[i];
		if (!run_is_comparable(run))
			continue;
		side->runs[side->count++] = run;
		if ((double)run->measures.peak_bound > side->bound)
			side->bound = (double)run->measures.peak_bound;
	}
}

/* Worst first: of those that count, then the others, then what is the same, then what is better; of each the
 * largest change in parts of what was. */
static int change_rank(const struct batch_change *change)
{
	static const int ranks[] = {[BATCH_HIGHER] = 0, [BATCH_SAME] = 2, [BATCH_BETTER] = 3};
	return ranks[change->trend] + (change->trend == BATCH_HIGHER && !change->counts);
}

static int change_compare(const void *left, const void *right)
{
	const struct batch_change *a = left, *b = right;
	double by_size = change_part(b) - change_part(a);

	if (change_rank(a) != change_rank(b))
		return change_rank(a) - change_rank(b);
	if (by_size > 0 || by_size < 0)
		return by_size > 0 ? 1 : -1;
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	return strcmp(a->function ? a->function : "", b->function ? b->function : "");
}

static void judge(struct batch_summary *now, struct batch_result *result)
{
	struct text reason = {0};

	if (result->verdict != BATCH_PASSED || result->change_count == 0 ||
	    !batch_change_is_worse(result->changes))
		return;
	now->totals[BATCH_PASSED]--;
	now->totals[BATCH_WORSE]++;
	result->verdict = BATCH_WORSE;
	batch_put_change(&reason, result->changes);
	free(result->reason);
	result->reason = reason.data;
}

static void compare_result(struct batch_summary *now, struct batch_result *result,
			   const struct batch_result *before, const struct batch_comparison *how)
{
	struct comparing comparing = {.how = how, .result = result};

	side_take(&comparing.sides[0], before);
	side_take(&comparing.sides[1], result);
	result->is_new = comparing.sides[0].count == 0 && comparing.sides[1].count > 0;
	for (size_t side = 0; side < 2; side++) {
		/* Of a function that is missing in a run its calls are added. */
		size_t room = comparing.sides[side].count + 1;
		comparing.series.values[side] = mem_alloc(room * sizeof(*comparing.series.values[side]));
	}
	if (comparing.sides[0].count > 0 && comparing.sides[1].count > 0) {
		compare_run(&comparing);
		compare_functions(&comparing);
	}
	if (result->change_count > 0)
		qsort(result->changes, result->change_count, sizeof(*result->changes), change_compare);
	judge(now, result);
	for (size_t side = 0; side < 2; side++) {
		free(comparing.series.values[side]);
		free(comparing.sides[side].runs);
	}
}

/* What an earlier comparison has left, in a summary that was read from a file. */
static void comparison_forget(struct batch_summary *summary)
{
	free(summary->baseline);
	strings_free(summary->gone);
	summary->gone = NULL;
	for (size_t i = 0; i < summary->count; i++) {
		struct batch_result *result = &summary->results[i];
		changes_free(result);
		if (result->verdict != BATCH_WORSE)
			continue;
		summary->totals[BATCH_WORSE]--;
		summary->totals[BATCH_PASSED]++;
		result->verdict = BATCH_PASSED;
		free(result->reason);
		result->reason = NULL;
	}
}

void batch_compare(struct batch_summary *now, const struct batch_summary *baseline,
		   const struct batch_comparison *comparison)
{
	comparison_forget(now);
	now->baseline = mem_strdup(comparison->path);
	now->tolerance = comparison->tolerance;
	for (size_t i = 0; i < now->count; i++) {
		const struct batch_result *before = batch_summary_find(baseline, now->results[i].name);
		if (before)
			compare_result(now, &now->results[i], before, comparison);
		else
			now->results[i].is_new = result_is_comparable(&now->results[i]);
	}
	for (size_t i = 0; i < baseline->count && !comparison->partial; i++)
		if (!batch_summary_find(now, baseline->results[i].name))
			now->gone = strings_add(now->gone, mem_strdup(baseline->results[i].name));
}
