/* measure: what a recording says of budgets and functions. */
#include "measure.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fmprof/analyze.h"
#include "internal.h"

static void take_functions(struct batch_measures *measures, const struct report *report)
{
	measures->functions = mem_alloc((report->row_count + 1) * sizeof(*measures->functions));
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = report->rows[i];
		const struct run_function *function = &report->functions[row->function];

		measures->functions[measures->function_count++] = (struct batch_function){
			.name = mem_strdup(function->name),
			.full_name = mem_strdup(function->full_name),
			.module = mem_strdup(function->module),
			.calls = row->calls,
			.unfinished = report_row_unfinished(row),
			.outermost = row->outermost,
			.total_ns = row->total_ns,
			.max_ns = row->max_ns,
			.net_growth = row->net_growth,
			.largest_growth = row->outermost ? row->largest_growth : 0,
			.peak = row->peak.bytes,
			.peak_exact = row->peak.exact,
		};
	}
}

/* Of a slope through fewer samples than that the program's start is most. */
static bool find_slope(const struct report *report, double *slope)
{
	double at_start;

	return report->samples >= FIT_LEAST_POINTS && trend_solve(&report->trend, slope, &at_start) &&
	       isfinite(*slope);
}

static int64_t row_value(const struct report_row *row, enum batch_budget_kind kind)
{
	switch (kind) {
	case BATCH_MAX_PEAK:
		return (int64_t)row->peak.bytes;
	case BATCH_MAX_GROWTH:
		return row->outermost ? row->largest_growth : 0;
	case BATCH_MAX_RETAINED:
		return row->net_growth;
	case BATCH_MAX_CALLS:
		return (int64_t)row->calls;
	case BATCH_MAX_TIME:
		return (int64_t)row->total_ns;
	default: /* of no function */
		return 0;
	}
}

static int64_t row_limit(const struct report_row *row, const struct batch_budget *budget)
{
	if (budget->percent > 0)
		return (int64_t)((double)row->first_enter_rss * budget->percent / 100);
	return budget->limit;
}

static bool module_fits(const char *glob, const char *module)
{
	const char *slash = strrchr(module, '/');

	return fnmatch(glob, module, 0) == 0 || fnmatch(glob, slash ? slash + 1 : module, 0) == 0;
}

/* Templates, overloads and clones as -f takes them; else as report --func does. */
static bool is_meant(const struct run_function *function, const char *word, const struct sym_spec *spec)
{
	if (function_matches(function, word))
		return true;
	return (!spec->module || module_fits(spec->module, function->module)) &&
	       (sym_spec_means(spec, function->name) || sym_spec_means(spec, function->full_name));
}

/* Of all functions that it means, the one that is farthest above its limit, or nearest to it. */
static void figure_of_functions(struct batch_figure *figure, const struct batch_budget *budget,
				const struct report *report)
{
	bool *meant = mem_alloc(report->function_count * sizeof(*meant)), is_recorded = false;
	struct error ignored = {0};
	struct sym_spec spec;

	if (sym_spec_parse(budget->function, &spec, &ignored) == 0) {
		for (size_t i = 0; i < report->function_count; i++)
			is_recorded |= meant[i] = is_meant(&report->functions[i], budget->function, &spec);
		sym_spec_free(&spec);
	}
	error_free(&ignored);
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = report->rows[i];
		const struct run_function *function = &report->functions[row->function];
		int64_t value = row_value(row, budget->kind), limit = row_limit(row, budget);

		if (!meant[row->function] ||
		    (figure->known && value - limit <= figure->measured - figure->limit))
			continue;
		free(figure->measured_function);
		figure->measured_function = mem_strdup(function->name);
		figure->limit = limit;
		figure->measured = value;
		figure->exact = budget->kind != BATCH_MAX_PEAK || row->peak.exact;
		figure->known = true;
	}
	free(meant);
	if (!is_recorded) {
		figure->note = mem_strdup("no such function was recorded");
	} else if (!figure->known) {
		/* Nothing that is guarded has happened. */
		figure->note = mem_strdup("never called");
		figure->known = budget->kind == BATCH_MAX_CALLS;
		figure->ok = true;
	}
}

static struct batch_figure figure_of(const struct batch_budget *budget, const struct report *report)
{
	struct batch_figure figure = {
		.kind = budget->kind,
		.function = budget->function ? mem_strdup(budget->function) : NULL,
		.limit = budget->limit,
		.exact = true,
	};
	double slope;

	if (budget->function) {
		figure_of_functions(&figure, budget, report);
	} else if (budget->kind == BATCH_MAX_RSS) {
		figure.known = report->peak.bytes > 0;
		figure.measured = (int64_t)report->peak.bytes;
		figure.exact = report->peak.exact;
	} else if (find_slope(report, &slope)) {
		figure.known = true;
		figure.measured = (int64_t)nearbyint(slope);
	} else {
		figure.note = mem_printf("fewer than %d samples", FIT_LEAST_POINTS);
		figure.ok = true;
	}
	if (figure.known)
		figure.ok = figure.measured <= figure.limit;
	return figure;
}

int run_measure(struct batch_run *run, const struct batch_program *program, const char *path,
		struct error *err)
{
	const struct report_options options = {.by = REPORT_BY_FUNCTION, .to_ns = UINT64_MAX};
	struct batch_measures *measures = &run->measures;
	struct report *report;

	if (report_read(path, &options, &report, err) < 0)
		return -1;
	run->start_ns = report->start_ns;
	run->samples = report->samples;
	run->missed_samples = report_missed_known(report) ? report->finish.missed : 0;
	run->calls = report->calls;
	measures->wall_ns = report->end_ns - report->start_ns;
	measures->peak = report->peak.bytes;
	measures->peak_exact = report->peak.exact;
	measures->peak_bound = report->peak_bound;
	measures->slope_known = find_slope(report, &measures->slope);
	measures->figures = mem_alloc((program->budget_count + 1) * sizeof(*measures->figures));
	for (size_t i = 0; i < program->budget_count; i++)
		measures->figures[measures->figure_count++] = figure_of(&program->budgets[i], report);
	take_functions(measures, report);
	report_free(report);
	return 0;
}
