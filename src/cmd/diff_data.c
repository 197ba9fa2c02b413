/* diff_data: two recordings next to each other for programs, as CSV (RFC 4180) and JSON. */
#include "diff_show.h"

static const char *const trends[] = {
	[COMPARE_SAME] = "same",
	[COMPARE_WORSE] = "worse",
	[COMPARE_BETTER] = "better",
};

static const char *row_where(const struct compare_row *row)
{
	return !row->after ? "before" : !row->before ? "after" : "both";
}

static const struct run_function *row_function(const struct compare_row *row)
{
	return row->after ? row->after : row->before;
}

/* ---- CSV --------------------------------------------------------------- */

static void put_csv_side(struct text *out, const struct compare_side *side)
{
	text_putc(out, ',');
	if (side->known)
		text_put_i64(out, side->value);
}

static void put_csv_exact(struct text *out, const struct compare_side *side)
{
	text_printf(out, ",%s", !side->known ? "" : side->exact ? "true" : "false");
}

static void put_csv_figure(struct text *out, const struct compare_figure *figure)
{
	put_csv_side(out, &figure->before);
	put_csv_side(out, &figure->after);
	text_printf(out, ",%s", figure->before.known && figure->after.known ? trends[figure->trend] : "");
}

static void put_csv_row(struct text *out, const struct compare_figure figures[COMPARE_KINDS], bool worse)
{
	for (int kind = 0; kind < COMPARE_KINDS; kind++)
		put_csv_figure(out, &figures[kind]);
	put_csv_exact(out, &figures[COMPARE_PEAK].before);
	put_csv_exact(out, &figures[COMPARE_PEAK].after);
	text_puts(out, worse ? ",true\r\n" : ",false\r\n");
}

void diff_put_csv(struct text *out, const struct diff *diff)
{
	const struct comparison *comparison = &diff->comparison;
	const struct compare_figure run[COMPARE_KINDS] = {
		[COMPARE_TOTAL] = comparison->duration,
		[COMPARE_PEAK] = comparison->peak,
	};

	text_puts(out, "function,full_name,module,in");
	for (int kind = 0; kind < COMPARE_KINDS; kind++)
		text_printf(out, ",%s_before,%s_after,%s_trend", diff_columns[kind].key,
			    diff_columns[kind].key, diff_columns[kind].key);
	text_puts(out, ",peak_exact_before,peak_exact_after,worse\r\n,,,both");
	put_csv_row(out, run,
		    comparison->peak.trend == COMPARE_WORSE ||
			    (comparison->duration.counts && comparison->duration.trend == COMPARE_WORSE));
	for (size_t i = 0; i < comparison->count; i++) {
		const struct compare_row *row = &comparison->rows[i];
		const struct run_function *function = row_function(row);
		text_put_csv_string(out, function->name);
		text_putc(out, ',');
		text_put_csv_string(out, function->full_name);
		text_putc(out, ',');
		text_put_csv_string(out, function->module);
		text_printf(out, ",%s", row_where(row));
		put_csv_row(out, row->figures, row->worse);
	}
}

/* ---- JSON -------------------------------------------------------------- */

static void put_figure(struct text *out, const char *key, const struct compare_figure *figure, bool has_exact)
{
	json_put_key(out, key);
	text_putc(out, '{');
	json_put_i64(out, "before", figure->before.known, figure->before.value);
	json_put_i64(out, "after", figure->after.known, figure->after.value);
	if (has_exact) {
		json_put_bool(out, "before_exact", figure->before.exact);
		json_put_bool(out, "after_exact", figure->after.exact);
	}
	json_put_string(out, "trend",
			figure->before.known && figure->after.known ? trends[figure->trend] : NULL);
	json_put_bool(out, "counts", figure->counts);
	text_putc(out, '}');
}

static void put_recording(struct text *out, const char *key, const struct report *report)
{
	json_put_key(out, key);
	text_putc(out, '{');
	json_put_string(out, "file", report->path);
	json_put_string(out, "command", report->command);
	json_put_string(out, "host", report->host);
	json_put_string(out, "executable", report->executable);
	json_put_bool(out, "complete", report->complete);
	json_put_u64(out, "damaged_lines", true, report->damaged_lines);
	json_put_u64(out, "peak_bound_bytes", report->peak_bound > 0, report->peak_bound);
	text_putc(out, '}');
}

static void put_function(struct text *out, const struct compare_row *row)
{
	const struct run_function *function = row_function(row);

	text_putc(out, '{');
	json_put_string(out, "function", function->name);
	json_put_string(out, "full_name", function->full_name);
	json_put_string(out, "module_before", row->before ? row->before->module : NULL);
	json_put_string(out, "module_after", row->after ? row->after->module : NULL);
	json_put_string(out, "in", row_where(row));
	json_put_bool(out, "worse", row->worse);
	for (int kind = 0; kind < COMPARE_KINDS; kind++)
		put_figure(out, diff_columns[kind].key, &row->figures[kind], kind == COMPARE_PEAK);
	text_putc(out, '}');
}

void diff_put_json(struct text *out, const struct diff *diff)
{
	const struct comparison *comparison = &diff->comparison;

	text_putc(out, '{');
	json_put_u64(out, "fmprof_diff", true, 1);
	json_put_bool(out, "worse", comparison->worse);
	json_put_key(out, "tolerance");
	text_printf(out, "%.12g", diff->options->tolerance);
	json_put_u64(out, "noise_bytes", true, comparison->noise);
	put_recording(out, "before", diff->before);
	put_recording(out, "after", diff->after);
	put_figure(out, "peak_bytes", &comparison->peak, true);
	put_figure(out, "duration_ns", &comparison->duration, false);
	put_figure(out, "slope_bytes_per_second", &comparison->slope, false);
	json_put_key(out, "functions");
	text_putc(out, '[');
	for (size_t i = 0; i < comparison->count; i++) {
		text_puts(out, i > 0 ? ",\n" : "\n");
		put_function(out, &comparison->rows[i]);
	}
	text_puts(out, "]}\n");
}
