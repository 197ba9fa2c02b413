/* report_text: figures as a table that fits its terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processes.h"
#include "report_show.h"

enum {
	GAP = 2,         /* between columns */
	LEAST_NAME = 16, /* columns give way until a name has so much room */
};

/* A column of cells, made before any is printed, so that its width is known. */
struct column {
	const char *title;
	char **cells;
	unsigned rank;
	size_t width;
	bool hidden;
};

struct sheet {
	struct column *columns;
	size_t count, capacity, rows;
};

static size_t cells_of(const char *text)
{
	return (size_t)label_width(text, 0);
}

static struct column *column_add(struct sheet *sheet, const char *title, unsigned rank)
{
	sheet->columns =
		array_reserve(sheet->columns, &sheet->capacity, sheet->count + 1, sizeof(*sheet->columns));
	struct column *column = &sheet->columns[sheet->count++];
	*column = (struct column){
		.title = title,
		.cells = mem_alloc(sheet->rows * sizeof(*column->cells)),
		.rank = rank,
		.width = cells_of(title),
	};
	return column;
}

/* Takes the text. */
static void cell_set(struct column *column, size_t row, struct text *cell)
{
	column->cells[row] = cell->data ? cell->data : mem_strdup("");
	size_t width = cells_of(column->cells[row]);
	column->width = width > column->width ? width : column->width;
	*cell = (struct text){0};
}

static void sheet_free(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		for (size_t row = 0; row < sheet->rows; row++)
			free(sheet->columns[i].cells[row]);
		free(sheet->columns[i].cells);
	}
	free(sheet->columns);
}

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

static void put_growth(struct text *out, int64_t bytes)
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
		label_put_number(out, (uint64_t)value);
		break;
	case REPORT_TIME:
		label_put_duration(out, (uint64_t)value);
		break;
	case REPORT_GROWTH:
		put_growth(out, value);
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
	put_growth(out, (int64_t)nearbyint(slope));
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

	column_add(sheet, "calls", 0);
	column_add(sheet, "per call", 0);
	column_add(sheet, "per second", 2);
	column_add(sheet, "growth", 1);
	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		double slope, margin;
		const char *word = "too few calls";

		label_put_number(&cell, rows[row]->by_call.count);
		cell_set(&sheet->columns[first], row, &cell);
		if (fit_solve(&rows[row]->by_call, &slope, &margin)) {
			put_slope(&cell, slope, margin);
			word = verdict(slope, margin);
		}
		cell_set(&sheet->columns[first + 1], row, &cell);
		if (fit_solve(&rows[row]->by_second, &slope, &margin))
			put_slope(&cell, slope, margin);
		cell_set(&sheet->columns[first + 2], row, &cell);
		text_puts(&cell, word);
		cell_set(&sheet->columns[first + 3], row, &cell);
	}
}

static void figure_cells(struct sheet *sheet, const struct report_row **rows)
{
	for (size_t i = 0; i < report_column_count; i++) {
		const struct report_column *source = &report_columns[i];
		if (!source->title || (source->only_if_any && !is_any(source, rows, sheet->rows)))
			continue;
		struct column *column = column_add(sheet, source->title, source->rank);
		for (size_t row = 0; row < sheet->rows; row++) {
			struct text cell = {0};
			put_value(&cell, source, rows[row]);
			cell_set(column, row, &cell);
		}
	}
}

static void number_cells(struct sheet *sheet, const char *title, const struct report_row **rows, bool tid)
{
	struct column *column = column_add(sheet, title, 0);

	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		text_printf(&cell, "%d", tid ? rows[row]->tid : rows[row]->pid);
		cell_set(column, row, &cell);
	}
}

static void name_cells(struct sheet *sheet, const struct report *report, const struct report_row **rows)
{
	struct column *column = column_add(sheet, "function", 0);

	for (size_t row = 0; row < sheet->rows; row++) {
		struct text cell = {0};
		char *clean = label_clean(report->functions[rows[row]->function].name);
		text_puts(&cell, clean);
		free(clean);
		cell_set(column, row, &cell);
	}
}

/* ---- the sheet --------------------------------------------------------- */

static size_t width_of_figures(const struct sheet *sheet)
{
	size_t width = 0;

	for (size_t i = 1; i < sheet->count; i++)
		if (!sheet->columns[i].hidden)
			width += GAP + sheet->columns[i].width;
	return width;
}

/* Hides the column that matters least; false if all that are left do. */
static bool column_hide(struct sheet *sheet)
{
	struct column *least = NULL;

	for (size_t i = 1; i < sheet->count; i++) {
		struct column *column = &sheet->columns[i];
		if (!column->hidden && column->rank > 0 && (!least || column->rank >= least->rank))
			least = column;
	}
	if (least)
		least->hidden = true;
	return least != NULL;
}

static void sheet_fit(struct sheet *sheet, unsigned width)
{
	struct column *name = &sheet->columns[0];
	size_t wanted = name->width < LEAST_NAME ? name->width : LEAST_NAME;

	if (width == 0)
		return;
	while (width_of_figures(sheet) + wanted > width && column_hide(sheet))
		;
	size_t figures = width_of_figures(sheet), room = width > figures ? width - figures : 0;
	if (name->width > room)
		name->width = room > 1 ? room : 1;
}

static void put_blanks(struct text *out, size_t from, size_t to)
{
	for (; from < to; from++)
		text_putc(out, ' ');
}

static void put_line(struct text *out, const struct sheet *sheet, size_t row, bool heading)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const struct column *column = &sheet->columns[i];
		const char *cell = heading ? column->title : column->cells[row];
		if (column->hidden)
			continue;
		if (i > 0) {
			put_blanks(out, 0, GAP + column->width - cells_of(cell));
			text_puts(out, cell);
			continue;
		}
		char *name = label_shorten(cell, (double)column->width, 0);
		text_puts(out, name);
		put_blanks(out, cells_of(name), column->width);
		free(name);
	}
	text_putc(out, '\n');
}

/* What gave way, so that nobody takes what is there for all there is. */
static void put_hidden(struct text *out, const struct sheet *sheet)
{
	const char *before = "not shown for want of width: ";

	for (size_t i = 0; i < sheet->count; i++) {
		if (!sheet->columns[i].hidden)
			continue;
		text_printf(out, "%s%s", before, sheet->columns[i].title);
		before = ", ";
	}
	if (strcmp(before, ", ") == 0)
		text_putc(out, '\n');
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
		put_line(out, &sheet, 0, true);
	for (size_t row = 0; row < count; row++)
		put_line(out, &sheet, row, false);
	if (count == 0)
		text_puts(out, "no calls\n");
	put_hidden(out, &sheet);
	if (!show->leaks && has_inexact(rows, count))
		text_puts(out, "≥: the highest that was read; it may have been higher in between\n");
	if (show->leaks && count > 0)
		text_puts(out, "± is the 95 % confidence interval, if calls are independent of each other\n");
	if (show->by != REPORT_BY_FUNCTION && report->process_count > 1) {
		text_puts(out, "\nprocesses\n");
		processes_put(out, report, PROCESSES_SHOWN);
	}
	sheet_free(&sheet);
	free(rows);
}
