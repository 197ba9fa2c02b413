/* median: of several runs, of each figure by itself. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "measure.h"

/* Values are gathered, then asked for. */
struct values {
	double *items;
	size_t count, capacity;
};

static void value_add(struct values *values, double value)
{
	values->items =
		array_reserve(values->items, &values->capacity, values->count + 1, sizeof(*values->items));
	values->items[values->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Of an even number the mean of the middle two. Empties the list. */
static double values_median(struct values *values)
{
	size_t count = values->count;

	values->count = 0;
	if (count == 0)
		return 0;
	qsort(values->items, count, sizeof(*values->items), compare);
	return (values->items[(count - 1) / 2] + values->items[count / 2]) / 2;
}

static int64_t values_median_whole(struct values *values)
{
	double median = values_median(values);

	return (int64_t)(median < 0 ? median - 0.5 : median + 0.5);
}

static struct batch_figure median_figure(const struct batch_measures *const *all, size_t count, size_t index,
					 struct values *values)
{
	const struct batch_figure *first = &all[0]->figures[index];
	struct batch_figure median = {
		.kind = first->kind,
		.function = first->function ? mem_strdup(first->function) : NULL,
		.limit = first->limit,
		.exact = true,
		.ok = true,
	};
	const char *note = NULL, *function = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct batch_figure *figure = &all[i]->figures[index];

		note = figure->note ? figure->note : note;
		median.ok &= figure->known || figure->ok;
		if (!figure->known)
			continue;
		function = figure->measured_function ? figure->measured_function : function;
		value_add(values, (double)figure->measured);
		median.exact &= figure->exact;
		median.known = true;
	}
	median.measured = values_median_whole(values);
	/* It differs only where it is part of what there was. */
	for (size_t i = 0; median.known && i < count; i++)
		if (all[i]->figures[index].known)
			value_add(values, (double)all[i]->figures[index].limit);
	if (median.known)
		median.limit = values_median_whole(values);
	if (median.known)
		median.ok &= median.measured <= median.limit;
	median.measured_function = function ? mem_strdup(function) : NULL;
	median.note = note && (!median.known || median.measured == 0) ? mem_strdup(note) : NULL;
	return median;
}

static bool same_function(const struct batch_function *a, const struct batch_function *b)
{
	return strcmp(a->full_name, b->full_name) == 0 && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->module, b->module) == 0;
}

static const struct batch_function *find_function(const struct batch_measures *measures,
						  const struct batch_function *like)
{
	for (size_t i = 0; i < measures->function_count; i++)
		if (same_function(&measures->functions[i], like))
			return &measures->functions[i];
	return NULL;
}

static uint64_t calls_of(const struct batch_function *function)
{
	return function->calls;
}

static uint64_t unfinished_of(const struct batch_function *function)
{
	return function->unfinished;
}

static uint64_t outermost_of(const struct batch_function *function)
{
	return function->outermost;
}

static uint64_t total_of(const struct batch_function *function)
{
	return function->total_ns;
}

static uint64_t max_of(const struct batch_function *function)
{
	return function->max_ns;
}

static uint64_t peak_of(const struct batch_function *function)
{
	return function->peak;
}

/* Growth, which may be negative, as the two's complement. */
static uint64_t net_of(const struct batch_function *function)
{
	return (uint64_t)function->net_growth;
}

static uint64_t largest_of(const struct batch_function *function)
{
	return (uint64_t)function->largest_growth;
}

static int64_t median_of(const struct batch_measures *const *all, size_t count,
			 const struct batch_function *like,
			 uint64_t (*value)(const struct batch_function *function), struct values *values)
{
	for (size_t i = 0; i < count; i++) {
		const struct batch_function *function = find_function(all[i], like);

		if (function)
			value_add(values, (double)(int64_t)value(function));
	}
	return values_median_whole(values);
}

/* Over the runs in which it was called. */
static struct batch_function median_function(const struct batch_measures *const *all, size_t count,
					     const struct batch_function *like, struct values *values)
{
	struct batch_function median = {
		.name = mem_strdup(like->name),
		.full_name = mem_strdup(like->full_name),
		.module = mem_strdup(like->module),
		.calls = (uint64_t)median_of(all, count, like, calls_of, values),
		.unfinished = (uint64_t)median_of(all, count, like, unfinished_of, values),
		.outermost = (uint64_t)median_of(all, count, like, outermost_of, values),
		.total_ns = (uint64_t)median_of(all, count, like, total_of, values),
		.max_ns = (uint64_t)median_of(all, count, like, max_of, values),
		.net_growth = median_of(all, count, like, net_of, values),
		.largest_growth = median_of(all, count, like, largest_of, values),
		.peak = (uint64_t)median_of(all, count, like, peak_of, values),
		.peak_exact = true,
	};

	for (size_t i = 0; i < count; i++) {
		const struct batch_function *function = find_function(all[i], like);

		median.peak_exact &= !function || function->peak_exact;
	}
	return median;
}

static void median_functions(const struct batch_measures *const *all, size_t count,
			     struct batch_measures *median, struct values *values)
{
	size_t capacity = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < all[i]->function_count; j++) {
			const struct batch_function *function = &all[i]->functions[j];

			if (find_function(median, function))
				continue;
			median->functions = array_reserve(median->functions, &capacity,
							  median->function_count + 1, sizeof(*function));
			median->functions[median->function_count] =
				median_function(all, count, function, values);
			median->function_count++;
		}
}

void measures_median(const struct batch_measures *const *all, size_t count, struct batch_measures *median)
{
	struct values values = {0};

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		value_add(&values, (double)all[i]->wall_ns);
	median->wall_ns = (uint64_t)values_median_whole(&values);
	median->peak_exact = true;
	for (size_t i = 0; i < count; i++) {
		value_add(&values, (double)all[i]->peak);
		median->peak_exact &= all[i]->peak_exact;
		if (all[i]->peak_bound > median->peak_bound)
			median->peak_bound = all[i]->peak_bound;
	}
	median->peak = (uint64_t)values_median_whole(&values);
	for (size_t i = 0; i < count; i++)
		if (all[i]->slope_known)
			value_add(&values, all[i]->slope);
	median->slope_known = values.count > 0;
	median->slope = values_median(&values);
	median->figure_count = all[0]->figure_count;
	median->figures = mem_alloc((median->figure_count + 1) * sizeof(*median->figures));
	for (size_t i = 0; i < median->figure_count; i++)
		median->figures[i] = median_figure(all, count, i, &values);
	median_functions(all, count, median, &values);
	free(values.items);
}
