/* csv: samples or calls, RFC 4180. */
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* Samples have a column for each metric that the header names before the first of them. */
struct csv {
	bool has_heading;
	char **metrics; /* but for rss */
	size_t metric_count;
};

static void csv_begin(struct export *export)
{
	export->state = mem_alloc(sizeof(struct csv));
	if (export->options->what == EXPORT_CALLS)
		text_puts(&export->text,
			  "function,full_name,module,call,pid,tid,depth,seconds,enter_ns,leave_ns,"
			  "duration_ns,enter_rss_bytes,leave_rss_bytes,growth_bytes,peak_bytes,peak_exact,"
			  "end,leave_exact\r\n");
}

static void put_heading(struct export *export, const struct export_sample *sample)
{
	struct csv *csv = export->state;

	csv->has_heading = true;
	csv->metrics = mem_alloc(sample->metric_count * sizeof(*csv->metrics));
	text_puts(&export->text, "seconds,time_ns,pid,rss_bytes,peak_bytes");
	for (size_t i = 0; i < sample->metric_count; i++) {
		if (strcmp(sample->metrics[i], "rss") == 0)
			continue;
		text_printf(&export->text, ",%s_bytes", sample->metrics[i]);
		csv->metrics[csv->metric_count++] = mem_strdup(sample->metrics[i]);
	}
	text_puts(&export->text, "\r\n");
}

static void put_metric(struct text *out, const struct export_sample *sample, const char *name)
{
	for (size_t i = 0; sample->values && i < sample->metric_count; i++)
		if (strcmp(sample->metrics[i], name) == 0 && sample->values[i] != TRACE_NOT_KNOWN)
			text_put_u64(out, sample->values[i]);
}

static void csv_line(struct export *export, const struct trace_event *event,
		     const struct trace_reader *reader)
{
	struct csv *csv = export->state;
	struct text *out = &export->text;
	struct export_sample sample;

	if (export->options->what == EXPORT_CALLS || !export_sample_of(export, event, reader, &sample))
		return;
	if (!csv->has_heading)
		put_heading(export, &sample);
	export_put_seconds(export, sample.time_ns);
	text_putc(out, ',');
	text_put_u64(out, sample.time_ns);
	text_putc(out, ',');
	if (!sample.is_first || sample.pid > 0)
		text_put_i64(out, sample.pid);
	text_putc(out, ',');
	text_put_u64(out, sample.rss);
	text_putc(out, ',');
	if (sample.peak > 0)
		text_put_u64(out, sample.peak);
	for (size_t i = 0; i < csv->metric_count; i++) {
		text_putc(out, ',');
		put_metric(out, &sample, csv->metrics[i]);
	}
	text_puts(out, "\r\n");
}

static void csv_left(struct export *export, const struct report_call *call)
{
	struct text *out = &export->text;
	const uint64_t times[] = {call->enter_ns, call->leave_ns, call->leave_ns - call->enter_ns,
				  call->enter_rss, call->leave_rss};

	text_put_csv_string(out, call->function->name);
	text_putc(out, ',');
	text_put_csv_string(out, call->function->full_name);
	text_putc(out, ',');
	text_put_csv_string(out, call->function->module);
	if (call->number > 0)
		text_printf(out, ",%llu,%d,%d,%u,", (unsigned long long)call->number, call->pid, call->tid,
			    call->depth);
	else
		text_printf(out, ",,,,%u,", call->depth);
	export_put_seconds(export, call->enter_ns);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		text_putc(out, ',');
		text_put_u64(out, times[i]);
	}
	text_putc(out, ',');
	text_put_i64(out, (int64_t)(call->leave_rss - call->enter_rss));
	text_putc(out, ',');
	if (call->peak > 0)
		text_put_u64(out, call->peak);
	text_printf(out, ",%s,%s,%s\r\n",
		    call->peak == 0    ? ""
		    : call->peak_exact ? "true"
				       : "false",
		    trace_end_name(call->end), call->exact ? "true" : "false");
}

static void csv_discard(struct export *export)
{
	struct csv *csv = export->state;

	for (size_t i = 0; i < csv->metric_count; i++)
		free(csv->metrics[i]);
	free(csv->metrics);
}

const struct format format_csv = {
	.begin = csv_begin,
	.line = csv_line,
	.left = csv_left,
	.discard = csv_discard,
};
