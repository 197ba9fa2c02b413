/* summary_json: a summary as summary.json. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static json_t *json_result(const struct batch_result *result)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < result->run_count; i++)
		json_array_append_new(runs, run_to_json(&result->runs[i]));
	return json_pack("{so so so so ss so so so}", "name", json_text(result->name), "command",
			 json_text(result->command), "tags", json_texts(result->tags), "expected",
			 json_expected(&result->expected), "verdict", batch_verdict_name(result->verdict),
			 "reason", json_text(result->reason), "median", json_measures(&result->median),
			 "runs", runs);
}

static json_t *summary_to_json(const struct batch_summary *summary)
{
	json_t *results = json_array(), *totals = json_object();

	for (size_t i = 0; i < summary->count; i++)
		json_array_append_new(results, json_result(&summary->results[i]));
	for (int i = 0; i < BATCH_VERDICTS; i++)
		json_object_set_new(totals, batch_verdict_name(i),
				    json_integer((json_int_t)summary->totals[i]));
	return json_pack("{si so so sI sI sI sb so so}", "fmprof_summary", 1, "suite",
			 json_text(summary->suite), "host", json_text(summary->host), "start_ns",
			 (json_int_t)summary->start_ns, "duration_ns", (json_int_t)summary->duration_ns,
			 "jobs", (json_int_t)summary->jobs, "interrupted", summary->interrupted, "totals",
			 totals, "results", results);
}

static int write_file(const char *path, const char *bytes, struct error *err)
{
	size_t length = strlen(bytes), done = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int error = fd < 0 ? errno : 0;

	while (!error && done < length) {
		ssize_t put = write(fd, bytes + done, length - done);
		if (put < 0 && errno != EINTR)
			error = errno;
		else if (put > 0)
			done += (size_t)put;
	}
	if (fd >= 0 && close(fd) < 0 && !error)
		error = errno;
	if (!error)
		return 0;
	return error_set(err, STATUS_FAILED, "%s: cannot be written: %s; choose another folder with -o", path,
			 strerror(error));
}

int batch_summary_write(const struct batch_summary *summary, const char *path, struct error *err)
{
	char *part = mem_printf("%s.part", path);
	json_t *json = summary_to_json(summary);
	char *bytes = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	int status;

	json_decref(json);
	if (!bytes)
		status = error_set(err, STATUS_FAILED, "%s: no memory to write it", path);
	else
		status = write_file(part, bytes, err);
	if (status == 0 && rename(part, path) < 0)
		status = error_set(err, STATUS_FAILED, "%s: cannot be written: %s", path, strerror(errno));
	if (status < 0)
		unlink(part);
	free(bytes);
	free(part);
	return status;
}
