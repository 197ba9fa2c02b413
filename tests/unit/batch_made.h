/* Summaries built by hand, for the tests of batch. */
#ifndef FMPROF_TESTS_BATCH_MADE_H
#define FMPROF_TESTS_BATCH_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmprof/batch.h"

#define MIB INT64_C(1048576)

static inline struct batch_summary summary_made(void)
{
	return (struct batch_summary){
		.folder = mem_strdup("."),
		.suite = mem_strdup("suite.ini"),
		.host = mem_strdup("host"),
		.start_ns = UINT64_C(1700000000000000000),
		.duration_ns = UINT64_C(2500000000),
		.jobs = 2,
	};
}

/* A result with so many runs that passed, and nothing measured. Pointers to earlier ones do not hold any more. */
static inline struct batch_result *result_add(struct batch_summary *summary, const char *name, size_t runs)
{
	size_t capacity = summary->count;
	summary->results =
		array_reserve(summary->results, &capacity, summary->count + 1, sizeof(*summary->results));
	struct batch_result *result = &summary->results[summary->count++];
	*result = (struct batch_result){
		.name = mem_strdup(name),
		.command = mem_strdup("./program"),
		.line = 3,
		.tags = mem_alloc(sizeof(char *)),
		.runs = mem_alloc(runs * sizeof(*result->runs)),
		.run_count = runs,
	};
	for (size_t i = 0; i < runs; i++) {
		result->runs[i].attempts = 1;
		result->runs[i].warnings = mem_alloc(sizeof(char *));
	}
	summary->totals[BATCH_PASSED]++;
	return result;
}

/* Another verdict, also of all its runs. */
static inline void verdict_set(struct batch_summary *summary, struct batch_result *result,
			       enum batch_verdict verdict, const char *reason)
{
	summary->totals[result->verdict]--;
	summary->totals[verdict]++;
	result->verdict = verdict;
	result->reason = mem_strdup(reason);
	for (size_t i = 0; i < result->run_count; i++) {
		result->runs[i].verdict = verdict;
		result->runs[i].reason = mem_strdup(reason);
	}
}

static inline struct batch_function *function_of(struct batch_measures *measures, const char *name,
						 const char *module)
{
	size_t capacity = measures->function_count;
	measures->functions = array_reserve(measures->functions, &capacity, measures->function_count + 1,
					    sizeof(*measures->functions));
	struct batch_function *function = &measures->functions[measures->function_count++];
	*function = (struct batch_function){
		.name = mem_strdup(name),
		.full_name = mem_strdup(name),
		.module = mem_strdup(module),
		.calls = 1,
		.outermost = 1,
		.peak_exact = true,
	};
	return function;
}

static inline struct batch_figure *figure_add(struct batch_result *result, enum batch_budget_kind kind,
					      const char *function, int64_t limit, int64_t measured)
{
	struct batch_measures *median = &result->median;
	size_t capacity = median->figure_count;
	median->figures =
		array_reserve(median->figures, &capacity, median->figure_count + 1, sizeof(*median->figures));
	struct batch_figure *figure = &median->figures[median->figure_count++];
	*figure = (struct batch_figure){
		.kind = kind,
		.function = function ? mem_strdup(function) : NULL,
		.limit = limit,
		.measured = measured,
		.known = true,
		.exact = true,
		.ok = measured <= limit,
	};
	return figure;
}

/* The highest RSS of the runs, in MiB, exact. */
static inline void peaks_set(struct batch_result *result, const double *mib)
{
	for (size_t i = 0; i < result->run_count; i++) {
		result->runs[i].measures.peak = (uint64_t)(mib[i] * (double)MIB);
		result->runs[i].measures.peak_exact = true;
	}
	result->median.peak = result->runs[0].measures.peak;
	result->median.peak_exact = true;
}

/* One result "p" with those peaks in MiB, up to 0. */
static inline struct batch_summary peaks_made(const double *mib)
{
	struct batch_summary summary = summary_made();
	size_t runs = 0;

	while (mib[runs] > 0)
		runs++;
	peaks_set(result_add(&summary, "p", runs), mib);
	return summary;
}

#define PEAKS(...) ((const double[]){__VA_ARGS__, 0})

static inline void assert_contains(const struct text *text, const char *what)
{
	if (!strstr(text->data, what))
		fail_msg("'%s' is not in:\n%s", what, text->data);
}

#endif
