/* report_data: figures for programs, as CSV (RFC 4180) and JSON. */
#include <stdlib.h>
#include <string.h>

#include "report_show.h"

/* ---- CSV --------------------------------------------------------------- */

void report_put_csv_heading(struct text *out, const struct report_show *show)
{
	text_puts(out, "file,function,full_name,module,pid,tid");
	for (size_t i = 0; i < report_column_count; i++)
		text_printf(out, ",%s", report_columns[i].key);
	text_puts(out, ",peak_exact,recorded_until_ns");
	if (show->leaks)
		text_puts(out, ",leak_calls,leak_bytes_per_call,leak_bytes_per_call_margin,"
			       "leak_bytes_per_second,leak_bytes_per_second_margin");
	text_puts(out, "\r\n");
}

static void put_csv_fit(struct text *out, const struct fit *fit)
{
	double slope, margin;

	if (fit_solve(fit, &slope, &margin))
		text_printf(out, ",%.12g,%.12g", slope, margin);
	else
		text_puts(out, ",,");
}

static void put_csv_row(struct text *out, const struct report *report, const struct report_show *show,
			const struct report_row *row)
{
	const struct run_function *function = &report->functions[row->function];
	const char *const names[] = {report->path, function->name, function->full_name, function->module};
	int64_t value;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (i > 0)
			text_putc(out, ',');
		text_put_csv_string(out, names[i]);
	}
	text_putc(out, ',');
	if (show->by != REPORT_BY_FUNCTION)
		text_put_i64(out, row->pid);
	text_putc(out, ',');
	if (show->by == REPORT_BY_THREAD)
		text_put_i64(out, row->tid);
	for (size_t i = 0; i < report_column_count; i++) {
		text_putc(out, ',');
		if (report_column_value(&report_columns[i], row, &value))
			text_put_i64(out, value);
	}
	text_puts(out, row->peak.exact ? ",true," : ",false,");
	if (row->until_ns > 0)
		text_put_u64(out, row->until_ns);
	if (show->leaks) {
		text_printf(out, ",%llu", (unsigned long long)row->by_call.count);
		put_csv_fit(out, &row->by_call);
		put_csv_fit(out, &row->by_second);
	}
	text_puts(out, "\r\n");
}

void report_put_csv(struct text *out, const struct report *report, const struct report_show *show)
{
	size_t count;
	const struct report_row **rows = report_rows_choose(report, show, &count);

	for (size_t i = 0; i < count; i++)
		put_csv_row(out, report, show, rows[i]);
	free(rows);
}

/* ---- JSON -------------------------------------------------------------- */

static void put_peak_of(struct text *out, const char *key, const struct report_peak *peak)
{
	json_put_key(out, key);
	if (peak->bytes == 0) {
		text_puts(out, "null");
		return;
	}
	text_puts(out, "{");
	json_put_u64(out, "bytes", true, peak->bytes);
	json_put_bool(out, "exact", peak->exact);
	text_puts(out, "}");
}

static void put_fit_of(struct text *out, const char *key, const struct fit *fit)
{
	double slope, margin;

	json_put_key(out, key);
	if (fit_solve(fit, &slope, &margin))
		text_printf(out, "{\"slope\":%.12g,\"margin\":%.12g}", slope, margin);
	else
		text_puts(out, "null");
}

static void put_leaks(struct text *out, const struct report_row *row)
{
	json_put_key(out, "leak");
	text_puts(out, "{");
	json_put_u64(out, "calls", true, row->by_call.count);
	put_fit_of(out, "bytes_per_call", &row->by_call);
	put_fit_of(out, "bytes_per_second", &row->by_second);
	text_puts(out, "}");
}

static void put_ends(struct text *out, const struct report_row *row)
{
	json_put_key(out, "ends");
	text_puts(out, "{");
	for (int end = 0; end <= TRACE_END_UNFINISHED; end++)
		json_put_u64(out, trace_end_name((enum trace_end)end), true, row->ends[end]);
	text_puts(out, "}");
}

static void put_json_row(struct text *out, const struct report *report, const struct report_show *show,
			 const struct report_row *row)
{
	const struct run_function *function = &report->functions[row->function];
	int64_t value = 0;

	text_puts(out, "{");
	json_put_string(out, "function", function->name);
	json_put_string(out, "full_name", function->full_name);
	json_put_string(out, "module", function->module);
	json_put_u64(out, "address", function->id > 0, function->address);
	json_put_string(out, "source", function->file);
	json_put_u64(out, "line", function->file && function->line > 0, function->line);
	json_put_u64(out, "pid", show->by != REPORT_BY_FUNCTION, (uint64_t)row->pid);
	json_put_u64(out, "tid", show->by == REPORT_BY_THREAD, (uint64_t)row->tid);
	for (size_t i = 0; i < report_column_count; i++) {
		bool known = report_column_value(&report_columns[i], row, &value);
		json_put_i64(out, report_columns[i].key, known, value);
	}
	json_put_bool(out, "peak_exact", row->peak.exact);
	json_put_u64(out, "recorded_until_ns", row->until_ns > 0, row->until_ns);
	put_ends(out, row);
	if (show->leaks)
		put_leaks(out, row);
	text_puts(out, "}");
}

static void put_finish_of(struct text *out, const char *key, bool known, enum trace_finish_how how, int code)
{
	static const char *const words[] = {
		[TRACE_FINISH_EXIT] = "exit",
		[TRACE_FINISH_SIGNAL] = "signal",
		[TRACE_FINISH_DETACHED] = "detached",
	};

	json_put_key(out, key);
	if (!known) {
		text_puts(out, "null");
		return;
	}
	text_puts(out, "{");
	json_put_string(out, "how", words[how]);
	json_put_u64(out, "code", how != TRACE_FINISH_DETACHED, (uint64_t)code);
	text_puts(out, "}");
}

static void put_json_process(struct text *out, const struct report_process *process)
{
	text_puts(out, "{");
	json_put_u64(out, "pid", true, (uint64_t)process->pid);
	json_put_u64(out, "parent", process->parent > 0, (uint64_t)process->parent);
	json_put_string(out, "made_by", trace_made_name(process->made));
	json_put_string(out, "name", process->name);
	json_put_u64(out, "start_ns", process->start_ns > 0, process->start_ns);
	json_put_u64(out, "end_ns", process->end_ns > 0, process->end_ns);
	put_finish_of(out, "ended", process->ended, process->how, process->code);
	json_put_u64(out, "threads", process->threads > 0, process->threads);
	json_put_u64(out, "calls", true, process->calls);
	json_put_u64(out, "samples", true, process->samples);
	put_peak_of(out, "peak", &process->peak);
	text_puts(out, "}");
}

static void put_recording(struct text *out, const struct report *report)
{
	json_put_string(out, "file", report->path);
	json_put_string(out, "command", report->command);
	json_put_string(out, "host", report->host);
	json_put_string(out, "executable", report->executable);
	json_put_u64(out, "start_ns", true, report->start_ns);
	json_put_u64(out, "end_ns", true, report->end_ns);
	json_put_u64(out, "interval_ns", report->interval_ns > 0, report->interval_ns);
	json_put_u64(out, "samples", true, report->samples);
	json_put_u64(out, "missed_samples", report_missed_known(report), report->finish.missed);
	json_put_u64(out, "calls", true, report->calls);
	json_put_u64(out, "damaged_lines", true, report->damaged_lines);
	put_finish_of(out, "ended", report->complete, report->finish.how, report->finish.code);
	put_peak_of(out, "peak", &report->peak);
	json_put_u64(out, "peak_bound_bytes", report->peak_bound > 0, report->peak_bound);
}

void report_put_json(struct text *out, const struct report *report, const struct report_show *show)
{
	size_t count;
	const struct report_row **rows = report_rows_choose(report, show, &count);

	text_puts(out, "{");
	put_recording(out, report);
	json_put_key(out, "window_ns");
	if (show->from_ns > 0 || show->to_ns < UINT64_MAX) {
		text_putc(out, '[');
		text_put_u64(out, show->from_ns);
		text_puts(out, show->to_ns < UINT64_MAX ? "," : ",null");
		if (show->to_ns < UINT64_MAX)
			text_put_u64(out, show->to_ns);
		text_putc(out, ']');
	} else {
		text_puts(out, "null");
	}
	json_put_key(out, "processes");
	text_putc(out, '[');
	for (size_t i = 0; i < report->process_count; i++) {
		if (i > 0)
			text_putc(out, ',');
		put_json_process(out, report->processes[i]);
	}
	text_puts(out, "]");
	json_put_key(out, "functions");
	text_putc(out, '[');
	for (size_t i = 0; i < count; i++) {
		text_puts(out, i > 0 ? ",\n" : "\n");
		put_json_row(out, report, show, rows[i]);
	}
	text_puts(out, "]}");
	free(rows);
}
