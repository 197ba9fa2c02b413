/* diff_text: two recordings next to each other, as a table that fits its terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diff_show.h"
#include "report_show.h"
#include "sheet.h"

const struct diff_column diff_columns[COMPARE_KINDS] = {
	[COMPARE_CALLS] = {"calls", "calls", 3},
	[COMPARE_TOTAL] = {"total_ns", "total", 4},
	[COMPARE_NET] = {"net_growth_bytes", "net growth", 0},
	[COMPARE_LARGEST] = {"largest_growth_bytes", "largest", 1},
	[COMPARE_PEAK] = {"peak_bytes", "peak inside", 2},
};

static const char worse_mark[] = " ▲", better_mark[] = " ▼";

/* ---- one figure -------------------------------------------------------- */

static void put_side(struct text *out, const struct compare_side *side, enum compare_kind kind)
{
	if (!side->known) {
		text_putc(out, '-');
		return;
	}
	switch (kind) {
	case COMPARE_CALLS:
		label_put_number(out, (uint64_t)side->value);
		break;
	case COMPARE_TOTAL:
		label_put_duration(out, (uint64_t)side->value);
		break;
	case COMPARE_NET:
	case COMPARE_LARGEST:
		report_put_growth(out, side->value);
		break;
	case COMPARE_PEAK:
		text_puts(out, side->exact ? "" : "≥ ");
		label_put_bytes(out, (uint64_t)side->value);
		break;
	}
}

/* "12 → 20", or "12" where both read alike. */
static void put_sides(struct text *out, const struct text *before, const struct text *after)
{
	if (strcmp(before->data, after->data) != 0)
		text_printf(out, "%s → ", before->data);
	text_puts(out, after->data);
}

/* "12 → 20 ▲" */
static void put_figure(struct text *out, const struct compare_figure *figure, enum compare_kind kind)
{
	struct text before = {0}, after = {0};

	put_side(&before, &figure->before, kind);
	put_side(&after, &figure->after, kind);
	put_sides(out, &before, &after);
	if (figure->counts && figure->trend != COMPARE_SAME)
		text_puts(out, figure->trend == COMPARE_WORSE ? worse_mark : better_mark);
	text_free(&before);
	text_free(&after);
}

/* " (+20 %)" */
static void put_part(struct text *out, const struct compare_figure *figure)
{
	double part = (double)figure->after.value / (double)figure->before.value - 1;

	if (!figure->before.known || !figure->after.known || figure->before.value <= 0 ||
	    figure->before.value == figure->after.value)
		return;
	text_printf(out, " (%+.*f %%)", fabs(part) < 0.0995 ? 1 : 0, 100 * part);
}

/* ---- the whole run ----------------------------------------------------- */

static void put_slope_side(struct text *out, const struct compare_side *side)
{
	if (side->known) {
		report_put_growth(out, side->value);
		text_puts(out, "/s");
	} else {
		text_putc(out, '-');
	}
}

static void put_slope(struct text *out, const struct compare_figure *slope)
{
	struct text before = {0}, after = {0};

	put_slope_side(&before, &slope->before);
	put_slope_side(&after, &slope->after);
	put_sides(out, &before, &after);
	text_free(&before);
	text_free(&after);
}

static void put_run(struct text *out, const struct comparison *comparison)
{
	text_puts(out, "peak      ");
	put_figure(out, &comparison->peak, COMPARE_PEAK);
	put_part(out, &comparison->peak);
	text_puts(out, "\nduration  ");
	put_figure(out, &comparison->duration, COMPARE_TOTAL);
	put_part(out, &comparison->duration);
	text_puts(out, "\nslope     ");
	put_slope(out, &comparison->slope);
	text_puts(out, "\n\n");
}

/* How it ended, if not well: its figures may be low for that reason. */
static void put_end(struct text *out, const struct report *report)
{
	const struct trace_finish *finish = &report->finish;

	if (!report->complete)
		text_puts(out, "; cut short, or still going on");
	else if (finish->how == TRACE_FINISH_SIGNAL)
		text_printf(out, "; killed by signal %d", finish->code);
	else if (finish->how == TRACE_FINISH_EXIT && finish->code != 0)
		text_printf(out, "; exit status %d", finish->code);
}

static void put_recording(struct text *out, const char *word, const struct report *report, unsigned width)
{
	char *path = label_clean(report->path), *command = label_command(report->command), *fitting;
	struct text line = {0};

	text_printf(&line, "%s  %s%s%s", word, path, *command ? ": " : "", command);
	put_end(&line, report);
	fitting = width > 0 ? label_shorten(line.data, width, 0) : mem_strdup(line.data);
	text_printf(out, "%s\n", fitting);
	free(fitting);
	text_free(&line);
	free(command);
	free(path);
}

/* ---- functions --------------------------------------------------------- */

static bool is_alone(const struct compare_row *row)
{
	return !row->before || !row->after;
}

static char *row_label(const struct compare_row *row)
{
	return label_clean(row->after ? row->after->name : row->before->name);
}

static size_t rows_of_both(const struct comparison *comparison)
{
	size_t count = 0;

	while (count < comparison->count && !is_alone(&comparison->rows[count]))
		count++;
	return count;
}

static void put_table(struct text *out, const struct comparison *comparison, unsigned width)
{
	struct sheet sheet = {.rows = rows_of_both(comparison)};
	struct sheet_column *column = sheet_column(&sheet, "function", 0);

	for (size_t row = 0; row < sheet.rows; row++) {
		struct text cell = {0};
		char *name = row_label(&comparison->rows[row]);
		text_puts(&cell, name);
		free(name);
		sheet_cell(column, row, &cell);
	}
	for (int kind = 0; kind < COMPARE_KINDS; kind++) {
		column = sheet_column(&sheet, diff_columns[kind].title, diff_columns[kind].rank);
		for (size_t row = 0; row < sheet.rows; row++) {
			struct text cell = {0};
			put_figure(&cell, &comparison->rows[row].figures[kind], (enum compare_kind)kind);
			sheet_cell(column, row, &cell);
		}
	}
	sheet_fit(&sheet, width);
	if (sheet.rows > 0)
		sheet_put_heading(out, &sheet);
	for (size_t row = 0; row < sheet.rows; row++)
		sheet_put_row(out, &sheet, row);
	if (sheet.rows == 0)
		text_puts(out, "no function was called in both\n");
	sheet_put_hidden(out, &sheet);
	sheet_free(&sheet);
}

/* Not judged: there is nothing to compare them with. */
static void put_alone(struct text *out, const struct compare_row *row)
{
	const bool is_after = row->after != NULL;
	char *name = row_label(row);

	text_printf(out, "only in %s: %s: ", is_after ? "the second" : "the first", name);
	for (int kind = 0; kind < COMPARE_KINDS; kind++) {
		const struct compare_figure *figure = &row->figures[kind];
		if (kind > 0)
			text_puts(out, ", ");
		if (kind == COMPARE_CALLS)
			label_put_count(out, (uint64_t)(is_after ? figure->after : figure->before).value,
					"call");
		else
			put_side(out, is_after ? &figure->after : &figure->before, (enum compare_kind)kind);
		if (kind > 0)
			text_printf(out, " %s", diff_columns[kind].title);
	}
	text_putc(out, '\n');
	free(name);
}

/* ---- what it comes to -------------------------------------------------- */

/* Functions, the worst, that are named once more; the table has them all. */
enum { MOST_NAMED = 10 };

/* A function, and in what. */
static void put_worse(struct text *out, const char *before, const struct compare_row *row)
{
	char *name = row_label(row);
	const char *mark = " (";

	text_printf(out, "%s%s", before, name);
	for (int kind = 0; kind < COMPARE_KINDS; kind++) {
		if (!row->figures[kind].counts || row->figures[kind].trend != COMPARE_WORSE)
			continue;
		text_printf(out, "%s%s", mark, diff_columns[kind].title);
		mark = ", ";
	}
	text_putc(out, ')');
	free(name);
}

static void put_verdict(struct text *out, const struct comparison *comparison)
{
	const char *before = "worse: ";
	size_t count = 0;

	if (comparison->peak.trend == COMPARE_WORSE) {
		text_printf(out, "%speak of the run", before);
		before = ", ";
	}
	if (comparison->duration.counts && comparison->duration.trend == COMPARE_WORSE) {
		text_printf(out, "%sduration of the run", before);
		before = ", ";
	}
	for (; count < comparison->count && comparison->rows[count].worse; count++) {
		if (count >= MOST_NAMED)
			continue;
		put_worse(out, before, &comparison->rows[count]);
		before = ", ";
	}
	if (count > MOST_NAMED)
		text_printf(out, ", and %zu more", count - MOST_NAMED);
	text_puts(out, comparison->worse ? "" : "not worse");
}

static bool has_least(const struct comparison *comparison)
{
	const struct compare_figure *peak = &comparison->peak;
	bool least = false;

	for (size_t i = 0;; peak = &comparison->rows[i++].figures[COMPARE_PEAK]) {
		least = least || (peak->before.known && !peak->before.exact) ||
			(peak->after.known && !peak->after.exact);
		if (i == comparison->count)
			return least;
	}
}

void diff_put_text(struct text *out, const struct diff *diff, unsigned width)
{
	const struct comparison *comparison = &diff->comparison;

	put_recording(out, "first ", diff->before, width);
	put_recording(out, "second", diff->after, width);
	text_putc(out, '\n');
	put_run(out, comparison);
	put_table(out, comparison, width);
	for (size_t i = rows_of_both(comparison); i < comparison->count; i++)
		put_alone(out, &comparison->rows[i]);
	if (has_least(comparison))
		text_puts(out, "≥: the highest that was read; it may have been higher in between\n");
	text_printf(out, "▲ worse, ▼ better: by more than %g %%, and of memory by more than ",
		    100 * diff->options->tolerance);
	label_put_bytes(out, comparison->noise);
	text_puts(out, "\n\n");
	put_verdict(out, comparison);
	text_putc(out, '\n');
}
