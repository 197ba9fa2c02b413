/* summary_read: summary.json, read back. Nothing in it is trusted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

/* Why json_unpack_ex did not like it. */
static int set_unpack_error(const json_error_t *error, struct error *err)
{
	return error_set(err, STATUS_FAILED, "not a summary of fmprof batch: %s", error->text);
}

static int set_wrong(const char *key, struct error *err)
{
	return error_set(err, STATUS_FAILED, "not a summary of fmprof batch: '%s' is wrong", key);
}

static char *string_of(const json_t *json)
{
	return json_is_string(json) ? mem_strdup(json_string_value(json)) : NULL;
}

/* NULL unless it is a list of strings. */
static char **strings_of(const json_t *json)
{
	char **strings = mem_alloc((json_array_size(json) + 1) * sizeof(*strings));

	for (size_t i = 0; i < json_array_size(json); i++) {
		strings[i] = string_of(json_array_get(json, i));
		if (!strings[i]) {
			strings_free(strings);
			return NULL;
		}
	}
	return strings;
}

static bool take_peak(const json_t *json, uint64_t *bytes, bool *exact)
{
	json_t *object = (json_t *)json;
	json_int_t value;
	int is_exact;

	*bytes = 0;
	*exact = false;
	if (json_is_null(json))
		return true;
	if (json_unpack(object, "{sI sb}", "bytes", &value, "exact", &is_exact) < 0 || value < 0)
		return false;
	*bytes = (uint64_t)value;
	*exact = is_exact;
	return true;
}

static int take_figure(json_t *json, struct batch_figure *figure, struct error *err)
{
	json_t *function, *measured_function, *measured, *note;
	const char *budget;
	json_int_t limit;
	int exact, ok, kind;
	json_error_t error;

	if (json_unpack_ex(json, &error, 0, "{ss so so sI so sb sb so}", "budget", &budget, "function",
			   &function, "measured_function", &measured_function, "limit", &limit, "measured",
			   &measured, "exact", &exact, "ok", &ok, "note", &note) < 0)
		return set_unpack_error(&error, err);
	kind = batch_budget_from_word(budget, strlen(budget));
	if (kind < 0 || batch_budget_has_function(kind) != json_is_string(function))
		return set_wrong("budget", err);
	*figure = (struct batch_figure){
		.kind = kind,
		.function = string_of(function),
		.measured_function = string_of(measured_function),
		.limit = limit,
		.measured = json_integer_value(measured),
		.known = json_is_integer(measured),
		.exact = exact,
		.ok = ok,
		.note = string_of(note),
	};
	return 0;
}

static int take_function(json_t *json, struct batch_function *function, struct error *err)
{
	json_t *name, *full_name, *module, *peak;
	json_int_t calls, unfinished, outermost, total, longest, net, largest;
	json_error_t error;

	if (json_unpack_ex(json, &error, 0, "{so so so sI sI sI sI sI sI sI so}", "function", &name,
			   "full_name", &full_name, "module", &module, "calls", &calls, "unfinished",
			   &unfinished, "outermost", &outermost, "total_ns", &total, "max_ns", &longest,
			   "net_growth_bytes", &net, "largest_growth_bytes", &largest, "peak", &peak) < 0)
		return set_unpack_error(&error, err);
	if (!json_is_string(name) || !json_is_string(full_name) || !json_is_string(module))
		return set_wrong("function", err);
	*function = (struct batch_function){
		.name = string_of(name),
		.full_name = string_of(full_name),
		.module = string_of(module),
		.calls = (uint64_t)calls,
		.unfinished = (uint64_t)unfinished,
		.outermost = (uint64_t)outermost,
		.total_ns = (uint64_t)total,
		.max_ns = (uint64_t)longest,
		.net_growth = net,
		.largest_growth = largest,
	};
	return take_peak(peak, &function->peak, &function->peak_exact) ? 0 : set_wrong("peak", err);
}

static int take_measures(json_t *json, struct batch_measures *measures, struct error *err)
{
	json_t *peak, *bound, *slope, *figures, *functions;
	json_int_t wall;
	json_error_t error;

	if (json_unpack_ex(json, &error, 0, "{sI so so so so so}", "wall_ns", &wall, "peak", &peak,
			   "peak_bound_bytes", &bound, "slope_bytes_per_second", &slope, "budgets", &figures,
			   "functions", &functions) < 0)
		return set_unpack_error(&error, err);
	measures->wall_ns = (uint64_t)wall;
	measures->peak_bound = (uint64_t)json_integer_value(bound);
	measures->slope_known = json_is_number(slope);
	measures->slope = json_number_value(slope);
	if (!take_peak(peak, &measures->peak, &measures->peak_exact))
		return set_wrong("peak", err);
	measures->figures = mem_alloc((json_array_size(figures) + 1) * sizeof(*measures->figures));
	for (; measures->figure_count < json_array_size(figures); measures->figure_count++)
		if (take_figure(json_array_get(figures, measures->figure_count),
				&measures->figures[measures->figure_count], err) < 0)
			return -1;
	measures->functions = mem_alloc((json_array_size(functions) + 1) * sizeof(*measures->functions));
	for (size_t i = 0; i < json_array_size(functions); i++) {
		measures->function_count++; /* what half a function holds is freed with the others */
		if (take_function(json_array_get(functions, i), &measures->functions[i], err) < 0)
			return -1;
	}
	return 0;
}

int run_from_json(json_t *json, struct batch_run *run, struct error *err)
{
	json_t *reason, *status, *signal, *start, *measures, *warnings, *data, *picture, *out, *errors;
	json_int_t attempts, samples, missed, calls;
	const char *verdict;
	json_error_t error;
	int kind;

	if (json_unpack_ex(json, &error, 0, "{ss so sI so so so sI sI sI so so s{so so so so}}", "verdict",
			   &verdict, "reason", &reason, "attempts", &attempts, "exit_status", &status,
			   "signal", &signal, "start_ns", &start, "samples", &samples, "missed_samples",
			   &missed, "calls", &calls, "measures", &measures, "warnings", &warnings, "files",
			   "data", &data, "picture", &picture, "stdout", &out, "stderr", &errors) < 0)
		return set_unpack_error(&error, err);
	kind = batch_verdict_from_name(verdict);
	if (kind < 0)
		return set_wrong("verdict", err);
	*run = (struct batch_run){
		.verdict = kind,
		.reason = string_of(reason),
		.attempts = (unsigned)attempts,
		.exit_status = json_is_integer(status) ? (int)json_integer_value(status) : -1,
		.signal = (int)json_integer_value(signal),
		.start_ns = (uint64_t)json_integer_value(start),
		.samples = (uint64_t)samples,
		.missed_samples = (uint64_t)missed,
		.calls = (uint64_t)calls,
		.warnings = strings_of(warnings),
		.data = string_of(data),
		.picture = string_of(picture),
		.out = string_of(out),
		.err = string_of(errors),
	};
	if (!run->warnings)
		return set_wrong("warnings", err);
	return take_measures(measures, &run->measures, err);
}

static int take_change(json_t *json, struct batch_change *change, struct error *err)
{
	const char *figure, *trend;
	json_t *function;
	json_int_t before, now, noise;
	int before_exact, now_exact, counts, kind;
	json_error_t error;

	if (json_unpack_ex(json, &error, 0, "{ss so sI sI sb sb sI ss sb}", "figure", &figure, "function",
			   &function, "before", &before, "now", &now, "before_exact", &before_exact,
			   "now_exact", &now_exact, "noise", &noise, "trend", &trend, "counts", &counts) < 0)
		return set_unpack_error(&error, err);
	kind = batch_figure_from_word(figure);
	*change = (struct batch_change){
		.function = string_of(function),
		.before = before,
		.now = now,
		.before_exact = before_exact,
		.now_exact = now_exact,
		.noise = noise,
		.counts = counts,
	};
	if (kind < 0)
		return set_wrong("figure", err);
	change->kind = kind;
	for (change->trend = BATCH_SAME; change->trend <= BATCH_HIGHER; change->trend++)
		if (strcmp(trend, batch_trend_name(change->trend)) == 0)
			return 0;
	return set_wrong("trend", err);
}

static int take_changes(const json_t *changes, struct batch_result *result, struct error *err)
{
	result->changes = mem_alloc((json_array_size(changes) + 1) * sizeof(*result->changes));
	for (size_t i = 0; i < json_array_size(changes); i++) {
		result->change_count++; /* what half a change holds is freed with the others */
		if (take_change(json_array_get(changes, i), &result->changes[i], err) < 0)
			return -1;
	}
	return 0;
}

static int take_result(json_t *json, struct batch_result *result, struct error *err)
{
	json_t *line, *reason, *tags, *status, *signal, *median, *runs, *changes;
	const char *name, *command, *verdict;
	json_error_t error;
	int kind, is_new;

	if (json_unpack_ex(json, &error, 0, "{ss ss so so s{so so} ss so so so sb so}", "name", &name,
			   "command", &command, "line", &line, "tags", &tags, "expected", "exit_status",
			   &status, "signal", &signal, "verdict", &verdict, "reason", &reason, "median",
			   &median, "runs", &runs, "new", &is_new, "changes", &changes) < 0)
		return set_unpack_error(&error, err);
	result->is_new = is_new;
	result->name = mem_strdup(name);
	result->command = mem_strdup(command);
	result->line = (unsigned)json_integer_value(line);
	result->tags = strings_of(tags);
	result->reason = string_of(reason);
	result->expected.any = !json_is_integer(status) && !json_is_integer(signal);
	result->expected.exit = (int)json_integer_value(status);
	result->expected.signal = (int)json_integer_value(signal);
	kind = batch_verdict_from_name(verdict);
	if (kind < 0 || !result->tags)
		return set_wrong(result->tags ? "verdict" : "tags", err);
	result->verdict = kind;
	result->runs = mem_alloc((json_array_size(runs) + 1) * sizeof(*result->runs));
	for (size_t i = 0; i < json_array_size(runs); i++) {
		result->run_count++; /* what half a run holds is freed with the others */
		if (run_from_json(json_array_get(runs, i), &result->runs[i], err) < 0)
			return -1;
	}
	if (take_changes(changes, result, err) < 0)
		return -1;
	return take_measures(median, &result->median, err);
}

static int take_baseline(json_t *json, struct batch_summary *summary, struct error *err)
{
	json_error_t error;
	const char *path;
	json_t *gone;

	if (json_is_null(json))
		return 0;
	if (json_unpack_ex(json, &error, 0, "{ss sF so}", "path", &path, "tolerance", &summary->tolerance,
			   "gone", &gone) < 0)
		return set_unpack_error(&error, err);
	summary->baseline = mem_strdup(path);
	summary->gone = strings_of(gone);
	return summary->gone ? 0 : set_wrong("gone", err);
}

static int take_summary(json_t *json, struct batch_summary *summary, struct error *err)
{
	json_t *suite, *host, *baseline, *results;
	json_int_t version, start, duration, jobs;
	json_error_t error;
	int interrupted;

	if (json_unpack_ex(json, &error, 0, "{sI so so sI sI sI sb so so}", "fmprof_summary", &version,
			   "suite", &suite, "host", &host, "start_ns", &start, "duration_ns", &duration,
			   "jobs", &jobs, "interrupted", &interrupted, "baseline", &baseline, "results",
			   &results) < 0)
		return set_unpack_error(&error, err);
	if (version != 1)
		return error_set(err, STATUS_FAILED, "written by a later fmprof; use that one");
	summary->suite = string_of(suite);
	summary->host = string_of(host);
	summary->start_ns = (uint64_t)start;
	summary->duration_ns = (uint64_t)duration;
	summary->jobs = (unsigned)jobs;
	summary->interrupted = interrupted;
	summary->results = mem_alloc((json_array_size(results) + 1) * sizeof(*summary->results));
	for (size_t i = 0; i < json_array_size(results); i++) {
		summary->count++; /* what half a result holds is freed with the others */
		if (take_result(json_array_get(results, i), &summary->results[i], err) < 0)
			return -1;
		summary->totals[summary->results[i].verdict]++;
	}
	return take_baseline(baseline, summary, err);
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

int batch_summary_read(const char *path, struct batch_summary *summary, struct error *err)
{
	struct stat info;
	bool is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
	char *file = is_folder ? mem_printf("%s/summary.json", path) : mem_strdup(path);
	FILE *stream = fopen(file, "re");
	struct error why = {0};
	json_error_t error;
	json_t *json = NULL;
	int status = -1;

	*summary = (struct batch_summary){0};
	if (!stream)
		error_set(&why, STATUS_FAILED, "cannot be read: %s", strerror(errno));
	else if (!(json = json_loadf(stream, 0, &error)))
		error_set(&why, STATUS_FAILED, "not a summary of fmprof batch: line %d: %s", error.line,
			  error.text);
	else
		status = take_summary(json, summary, &why);
	if (stream)
		fclose(stream);
	json_decref(json);
	if (status < 0) {
		error_set(err, STATUS_FAILED, "%s: %s", file, why.message);
		batch_summary_free(summary);
	} else {
		summary->folder = folder_of(file);
	}
	error_free(&why);
	free(file);
	return status;
}
