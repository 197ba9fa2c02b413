#include "sheet.h"

#include <stdlib.h>
#include <string.h>

enum {
	GAP = 2,         /* between columns */
	LEAST_NAME = 16, /* columns give way until a name has so much room */
};

static size_t cells_of(const char *text)
{
	return (size_t)label_width(text, 0);
}

struct sheet_column *sheet_column(struct sheet *sheet, const char *title, unsigned rank)
{
	sheet->columns =
		array_reserve(sheet->columns, &sheet->capacity, sheet->count + 1, sizeof(*sheet->columns));
	struct sheet_column *column = &sheet->columns[sheet->count++];
	*column = (struct sheet_column){
		.title = title,
		.cells = mem_alloc(sheet->rows * sizeof(*column->cells)),
		.rank = rank,
		.width = cells_of(title),
	};
	return column;
}

void sheet_cell(struct sheet_column *column, size_t row, struct text *cell)
{
	column->cells[row] = cell->data ? cell->data : mem_strdup("");
	size_t width = cells_of(column->cells[row]);
	column->width = width > column->width ? width : column->width;
	*cell = (struct text){0};
}

void sheet_free(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		for (size_t row = 0; row < sheet->rows; row++)
			free(sheet->columns[i].cells[row]);
		free(sheet->columns[i].cells);
	}
	free(sheet->columns);
}

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
	struct sheet_column *least = NULL;

	for (size_t i = 1; i < sheet->count; i++) {
		struct sheet_column *column = &sheet->columns[i];
		if (!column->hidden && column->rank > 0 && (!least || column->rank >= least->rank))
			least = column;
	}
	if (least)
		least->hidden = true;
	return least != NULL;
}

void sheet_fit(struct sheet *sheet, unsigned width)
{
	struct sheet_column *name = &sheet->columns[0];
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

/* NULL: the titles. */
static void put_line(struct text *out, const struct sheet *sheet, const size_t *row)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_column *column = &sheet->columns[i];
		const char *cell = row ? column->cells[*row] : column->title;
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

void sheet_put_heading(struct text *out, const struct sheet *sheet)
{
	put_line(out, sheet, NULL);
}

void sheet_put_row(struct text *out, const struct sheet *sheet, size_t row)
{
	put_line(out, sheet, &row);
}

void sheet_put_hidden(struct text *out, const struct sheet *sheet)
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
