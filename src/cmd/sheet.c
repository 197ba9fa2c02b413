#include "sheet.h"

#include <stdlib.h>
#include <string.h>

enum {
	GAP = 2,         /* between columns */
	LEAST_NAME = 16, /* columns give way until a name has so much room, and words are cut down to that */
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

/* Words that give way are cut before anything is hidden. */
static void cut_words(struct sheet *sheet, size_t width)
{
	for (size_t i = sheet->count - 1; i > 0; i--) {
		struct sheet_column *column = &sheet->columns[i];
		size_t whole = sheet->columns[0].width + width_of_figures(sheet);

		if (!column->words || column->rank == 0 || whole <= width || column->width <= LEAST_NAME)
			continue;
		column->width = column->width > whole - width + LEAST_NAME ? column->width - (whole - width)
									   : LEAST_NAME;
	}
}

void sheet_fit(struct sheet *sheet, unsigned width)
{
	struct sheet_column *name = &sheet->columns[0];
	size_t wanted = name->width < LEAST_NAME ? name->width : LEAST_NAME;

	if (width == 0)
		return;
	cut_words(sheet, width);
	while (width_of_figures(sheet) + wanted > width && column_hide(sheet))
		;
	size_t figures = width_of_figures(sheet), room = width > figures ? width - figures : 0;
	if (name->width > room)
		name->width = room > 1 ? room : 1;
}

static void put_blanks(struct text *out, size_t count)
{
	while (count-- > 0)
		text_putc(out, ' ');
}

/* NULL: the titles. Blanks are put only where something follows. */
static void put_line(struct text *out, const struct sheet *sheet, const size_t *row)
{
	size_t blanks = 0;

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_column *column = &sheet->columns[i];
		const bool left = i == 0 || column->words;
		if (column->hidden)
			continue;
		char *cell = left ? label_shorten(row ? column->cells[*row] : column->title,
						  (double)column->width, 0)
				  : mem_strdup(row ? column->cells[*row] : column->title);
		size_t beside = column->width - cells_of(cell);
		blanks += (i > 0 ? GAP : 0) + (left ? 0 : beside);
		if (*cell) {
			put_blanks(out, blanks);
			text_puts(out, cell);
			blanks = 0;
		}
		blanks += left ? beside : 0;
		free(cell);
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
