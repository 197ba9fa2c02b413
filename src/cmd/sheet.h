/* A table that fits its terminal: a column of names, of which the middle gives way, columns of figures, which give
 * way altogether, and columns of words, which do first the one and then the other. */
#ifndef CMD_SHEET_H
#define CMD_SHEET_H

#include "fmprof/util.h"

/* A column of cells, made before any is printed, so that its width is known. */
struct sheet_column {
	const char *title;
	char **cells;
	unsigned rank; /* the higher, the earlier it gives way; 0: never */
	size_t width;
	bool hidden;
	bool words; /* to be set by the caller */
};

/* Start with {.rows}; the first column has the names. */
struct sheet {
	struct sheet_column *columns;
	size_t count, capacity, rows;
};

/* Until the next one is added. Each of its cells must be set. */
struct sheet_column *sheet_column(struct sheet *sheet, const char *title, unsigned rank);
/* Takes the text. */
void sheet_cell(struct sheet_column *column, size_t row, struct text *cell);
/* 0: as wide as it is. */
void sheet_fit(struct sheet *sheet, unsigned width);
void sheet_put_heading(struct text *out, const struct sheet *sheet);
void sheet_put_row(struct text *out, const struct sheet *sheet, size_t row);
/* What gave way, so that nobody takes what is there for all there is. */
void sheet_put_hidden(struct text *out, const struct sheet *sheet);
void sheet_free(struct sheet *sheet);

#endif
