/* summary_json: a summary as summary.json. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const char *const units[] = {
	[BATCH_BYTES] = "bytes",
	[BATCH_CALLS] = "calls",
	[BATCH_NANOSECONDS] = "ns",
	[BATCH_BYTES_PER_SECOND] = "bytes/s",
};

/* jansson takes no bytes that are not UTF-8; text_put_json_string makes some of them. */
static json_t *json_text(const char *string)
{
	struct text quoted = {0};
	json_t *json;

	if (!string)
		return json_null();
	text_put_json_string(&quoted, string);
	json = json_loads(quoted.data, JSON_DECODE_ANY, NULL);
	text_free(&quoted);
	return json;
}

static json_t *json_known(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *json_texts(char *const *strings)
{
	json_t *list = json_array();

	for (size_t i = 0; strings && strings[i]; i++)
		json_array_append_new(list, json_text(strings[i]));
	return list;
}

static json_t *json_peak(uint64_t bytes, bool exact)
{
	if (!bytes)
		return json_null();
	return json_pack("{sI sb}", "bytes", (json_int_t)bytes, "exact", exact);
}

static json_t *json_figure(const struct batch_figure *figure)
{
	return json_pack("{ss so so ss sI so sb sb so}", "budget", batch_budget_word(figure->kind),
			 "function", json_text(figure->function), "measured_function",
			 json_text(figure->measured_function), "unit", units[batch_budget_unit(figure->kind)],
			 "limit", (json_int_t)figure->limit, "measured",
			 json_known(figure->known, figure->measured), "exact", figure->exact, "ok",
			 figure->ok, "note", json_text(figure->note));
}

static json_t *json_function(const struct batch_function *function)
{
	return json_pack("{so so so sI sI sI sI sI sI sI so}", "function", json_text(function->name),
			 "full_name", json_text(function->full_name), "module", json_text(function->module),
			 "calls", (json_int_t)function->calls, "unfinished", (json_int_t)function->unfinished,
			 "outermost", (json_int_t)function->outermost, "total_ns",
			 (json_int_t)function->total_ns, "max_ns", (json_int_t)function->max_ns,
			 "net_growth_bytes", (json_int_t)function->net_growth, "largest_growth_bytes",
			 (json_int_t)function->largest_growth, "peak",
			 json_peak(function->peak, function->peak_exact));
}

static json_t *json_measures(const struct batch_measures *measures)
{
	json_t *figures = json_array(), *functions = json_array();

	for (size_t i = 0; i < measures->figure_count; i++)
		json_array_append_new(figures, json_figure(&measures->figures[i]));
	for (size_t i = 0; i < measures->function_count; i++)
		json_array_append_new(functions, json_function(&measures->functions[i]));
	return json_pack("{sI so so so so so}", "wall_ns", (json_int_t)measures->wall_ns, "peak",
			 json_peak(measures->peak, measures->peak_exact), "peak_bound_bytes",
			 json_known(measures->peak_bound > 0, (int64_t)measures->peak_bound),
			 "slope_bytes_per_second",
			 measures->slope_known ? json_real(measures->slope) : json_null(), "budgets", figures,
			 "functions", functions);
}

json_t *run_to_json(const struct batch_run *run)
{
	return json_pack(
		"{ss so sI so so so sI sI sI so so s{so so so so}}", "verdict",
		batch_verdict_name(run->verdict), "reason", json_text(run->reason), "attempts",
		(json_int_t)run->attempts, "exit_status", json_known(run->exit_status >= 0, run->exit_status),
		"signal", json_known(run->signal > 0, run->signal), "start_ns",
		json_known(run->start_ns > 0, (int64_t)run->start_ns), "samples", (json_int_t)run->samples,
		"missed_samples", (json_int_t)run->missed_samples, "calls", (json_int_t)run->calls,
		"measures", json_measures(&run->measures), "warnings", json_texts(run->warnings), "files",
		"data", json_text(run->data), "picture", json_text(run->picture), "stdout",
		json_text(run->out), "stderr", json_text(run->err));
}

static json_t *json_expected(const struct batch_expected *expected)
{
	return json_pack("{so so}", "exit_status",
			 json_known(!expected->any && !expected->signal, expected->exit), "signal",
			 json_known(!expected->any && expected->signal, expected->signal));
}

static json_t *json_change(const struct batch_change *change)
{
	return json_pack("{ss so ss sI sI sb sb sI ss sb}", "figure", batch_figure_word(change->kind),
			 "function", json_text(change->function), "unit",
			 units[batch_budget_unit(change->kind)], "before", (json_int_t)change->before, "now",
			 (json_int_t)change->now, "before_exact", change->before_exact, "now_exact",
			 change->now_exact, "noise", (json_int_t)change->noise, "trend",
			 batch_trend_name(change->trend), "counts", change->counts);
}

/* Null where nothing was compared. */
static json_t *json_changes(const struct batch_summary *summary, const struct batch_result *result)
{
	json_t *list = summary->baseline ? json_array() : json_null();

	for (size_t i = 0; i < result->change_count; i++)
		json_array_append_new(list, json_change(&result->changes[i]));
	return list;
}

static json_t *json_baseline(const struct batch_summary *summary)
{
	if (!summary->baseline)
		return json_null();
	return json_pack("{so sf so}", "path", json_text(summary->baseline), "tolerance", summary->tolerance,
			 "gone", json_texts(summary->gone));
}

static json_t *json_result(const struct batch_summary *summary, const struct batch_result *result)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < result->run_count; i++)
		json_array_append_new(runs, run_to_json(&result->runs[i]));
	return json_pack("{so so so so so ss so so so sb so}", "name", json_text(result->name), "command",
			 json_text(result->command), "line", json_known(result->line > 0, result->line),
			 "tags", json_texts(result->tags), "expected", json_expected(&result->expected),
			 "verdict", batch_verdict_name(result->verdict), "reason", json_text(result->reason),
			 "median", json_measures(&result->median), "runs", runs, "new", result->is_new,
			 "changes", json_changes(summary, result));
}

static json_t *summary_to_json(const struct batch_summary *summary)
{
	json_t *results = json_array(), *totals = json_object();

	for (size_t i = 0; i < summary->count; i++)
		json_array_append_new(results, json_result(summary, &summary->results[i]));
	for (int i = 0; i < BATCH_VERDICTS; i++)
		json_object_set_new(totals, batch_verdict_name(i),
				    json_integer((json_int_t)summary->totals[i]));
	return json_pack("{si so so sI sI sI sb so so so}", "fmprof_summary", 1, "suite",
			 json_text(summary->suite), "host", json_text(summary->host), "start_ns",
			 (json_int_t)summary->start_ns, "duration_ns", (json_int_t)summary->duration_ns,
			 "jobs", (json_int_t)summary->jobs, "interrupted", summary->interrupted, "baseline",
			 json_baseline(summary), "totals", totals, "results", results);
}

int batch_summary_write(const struct batch_summary *summary, const char *path, struct error *err)
{
	json_t *json = summary_to_json(summary);
	char *bytes = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	struct text content = {.data = bytes, .length = bytes ? strlen(bytes) : 0};
	int status;

	json_decref(json);
	if (bytes)
		status = batch_file_write(path, &content, err);
	else
		status = error_set(err, STATUS_FAILED, "%s: no memory to write it", path);
	free(bytes);
	return status;
}
