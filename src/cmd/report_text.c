/* report_text: figures as a table that fits its terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processes.h"
#include "report_show.h"
#include "sheet.h"

/* ---- cells ------------------------------------------------------------- */

/* Means are no multiples of a page: of small ones more is shown than of memory. */
static void put_size(struct text *out, uint64_t bytes)
{
	if (bytes < 1024)
		text_printf(out, "%u B", (unsigned)bytes);
	else if (bytes < 100 * 1024)
		text_printf(out, "%.1f KiB", (double)bytes / 1024);
	else
		label_put_bytes(out, bytes);
}

void report_put_growth(struct text *out, int64_t bytes)
{
	if (bytes == 0) {
		text_putc(out, '0');
		return;
	}
	text_putc(out, bytes < 0 ? '-' : '+');
	put_size(out, bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes);
}

static void put_value(struct text *out, const struct report_column *column, const struct report_row *row)
{
	int64_t value;

	if (!report_column_value(column, row, &value)) {
		text_putc(out, '-');
		return;
	}
	switch (column->unit) {
	case REPORT_COUNT:
		if (row->until_ns > 0 && strcmp(column->key, "calls") == 0)
			text_puts(out, "≥ ");
		label_put_number(out, (uint64_t)value);
		break;
	case REPORT_TIME:
		label_put_duration(out, (uint64_t)value);
		break;
	case REPORT_GROWTH:
		report_put_growth(out, value);
		break;
	case REPORT_PEAK:
		text_puts(out, row->peak.exact ? "" : "≥ ");
		label_put_bytes(out, (uint64_t)value);
		break;
	case REPORT_MEMORY:
		label_put_bytes(out, (uint64_t)value);
		break;
	}
}

static bool is_any(const struct report_column *column, const struct report_row **rows, size_t count)
{
	int64_t value;

	for (size_t i = 0; i < count; i++)
		if (report_column_value(column, rows[i], &value) && value != 0)
			return true;
	return false;
}

static void put_slope(struct text *out, double slope, double margin)
{
	report_put_growth(out, (int64_t)nearbyint(slope));
	text_puts(out, " ± ");
	put_size(out, (uint64_t)nearbyint(margin));
}

/* What an interval says of a leak. */
static const char *verdict(double slope, double margin)
{
	if (slope - margin > 0)
		return "grows";
	if (slope + margin < 0)
		return "shrinks";
	return margin > 0 ? "may be none" : "none";
}

static void leak_cells(struct sheet *sheet, const struct report_row **rows)
{
	size_t first = sheet->count;

	sheet_column(sheet, "calls", 0);
	sheet_column(sheet, "per call", 0);
	sheet_column(sheet, "per second", 2);
	sheet_column(sheet, "growth", 1);
	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		double slope, margin;
		const char *word = "too few calls";

		label_put_number(&cell, rows[row]->by_call.count);
		sheet_cell(&sheet->columns[first], row, &cell);
		if (fit_solve(&rows[row]->by_call, &slope, &margin)) {
			put_slope(&cell, slope, margin);
			word = verdict(slope, margin);
		}
		sheet_cell(&sheet->columns[first + 1], row, &cell);
		if (fit_solve(&rows[row]->by_second, &slope, &margin))
			put_slope(&cell, slope, margin);
		sheet_cell(&sheet->columns[first + 2], row, &cell);
		text_puts(&cell, word);
		sheet_cell(&sheet->columns[first + 3], row, &cell);
	}
}

static void figure_cells(struct sheet *sheet, const struct report_row **rows)
{
	for (size_t i = 0; i < report_column_count; i++) {
		const struct report_column *source = &report_columns[i];
		if (!source->title || (source->only_if_any && !is_any(source, rows, sheet->rows)))
			continue;
		struct sheet_column *column = sheet_column(sheet, source->title, source->rank);
		for (size_t row = 0; row < sheet->rows; row++) {
			struct text cell = {0};
			put_value(&cell, source, rows[row]);
			sheet_cell(column, row, &cell);
		}
	}
}

static void number_cells(struct sheet *sheet, const char *title, const struct report_row **rows, bool tid)
{
	struct sheet_column *column = sheet_column(sheet, title, 0);

	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		text_printf(&cell, "%d", tid ? rows[row]->tid : rows[row]->pid);
		sheet_cell(column, row, &cell);
	}
}

static void name_cells(struct sheet *sheet, const struct report *report, const struct report_row **rows)
{
	struct sheet_column *column = sheet_column(sheet, "function", 0);

	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		char *clean = label_clean(report->functions[rows[row]->function].name);
		text_puts(&cell, clean);
		free(clean);
		sheet_cell(column, row, &cell);
	}
}

/* ---- around it --------------------------------------------------------- */

/* Which recording: one line, of which the middle gives way. */
static void put_title(struct text *out, const struct report *report, unsigned width)
{
	char *path = label_clean(report->path), *command = label_command(report->command);
	char *line = mem_printf("%s%s%s", path, *command ? ": " : "", command);
	char *fitting = width > 0 ? label_shorten(line, width, 0) : mem_strdup(line);

	text_printf(out, "%s\n", fitting);
	free(fitting);
	free(line);
	free(command);
	free(path);
}

static void put_heading(struct text *out, const struct report *report)
{
	label_put_duration(out, report->end_ns - report->start_ns);
	text_puts(out, report->peak.exact ? ", peak " : ", peak ≥ ");
	label_put_bytes(out, report->peak.bytes);
	text_puts(out, ", ");
	label_put_count(out, report->calls, "call");
	text_puts(out, " of ");
	label_put_count(out, report->function_count, "function");
	text_puts(out, report->complete ? "\n\n" : "; cut short, or still going on\n\n");
}

static bool has_inexact(const struct report_row **rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!rows[i]->peak.exact)
			return true;
	return false;
}

/* Those of a window that begins later have no row. */
static bool is_let_go_told(const struct report *report, const struct report_show *show,
			   const struct report_row **rows, size_t count, size_t function)
{
	uint64_t until_ns = report->functions[function].until_ns;

	if (until_ns < report->start_ns || until_ns - report->start_ns >= show->to_ns)
		return false;
	for (size_t i = 0; i < count; i++)
		if (rows[i]->function == function)
			return true;
	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i]->function == function && report->rows[i]->calls > 0)
			return false;
	return report_shows(show, &report->functions[function]);
}

/* Whose calls were not all recorded. */
static void put_let_go(struct text *out, const struct report *report, const struct report_show *show,
		       const struct report_row **rows, size_t count)
{
	for (size_t function = 0; function < report->function_count; function++) {
		const struct run_function *let_go = &report->functions[function];
		if (let_go->until_ns == 0 || !is_let_go_told(report, show, rows, count, function))
			continue;
		char *clean = label_clean(let_go->name);
		text_printf(out, "%s: recorded until ", clean);
		label_put_duration(out, let_go->until_ns - report->start_ns);
		text_puts(out, " only: its calls cost too much (--max-overhead)\n");
		free(clean);
	}
}

void report_put_text(struct text *out, const struct report *report, const struct report_show *show)
{
	size_t count;
	const struct report_row **rows = report_rows_choose(report, show, &count);
	struct sheet sheet = {.rows = count};

	put_title(out, report, show->width);
	put_heading(out, report);
	name_cells(&sheet, report, rows);
	if (show->by != REPORT_BY_FUNCTION)
		number_cells(&sheet, "pid", rows, false);
	if (show->by == REPORT_BY_THREAD)
		number_cells(&sheet, "tid", rows, true);
	if (show->leaks)
		leak_cells(&sheet, rows);
	else
		figure_cells(&sheet, rows);
	sheet_fit(&sheet, show->width);
	if (count > 0)
		sheet_put_heading(out, &sheet);
	for (size_t row = 0; row < count; row++)
		sheet_put_row(out, &sheet, row);
	if (count == 0)
		text_puts(out, "no calls\n");
	sheet_put_hidden(out, &sheet);
	if (!show->leaks && has_inexact(rows, count))
		text_puts(out, "≥: the highest that was read; it may have been higher in between\n");
	put_let_go(out, report, show, rows, count);
	if (show->leaks && count > 0)
		text_puts(out, "± is the 95 % confidence interval, if calls are independent of each other\n");
	if (show->by != REPORT_BY_FUNCTION && report->process_count > 1) {
		text_puts(out, "\nprocesses\n");
		processes_put(out, report, PROCESSES_SHOWN);
	}
	sheet_free(&sheet);
	free(rows);
}
