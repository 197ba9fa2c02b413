/* Parts of index.html. What is put comes out harmless, whatever it is. */
#ifndef BATCH_PAGE_H
#define BATCH_PAGE_H

#include "internal.h"

/* A name, cleaned, at most so many cells wide. */
void page_put_name(struct text *out, const char *name, unsigned cells);
/* A link to a file of the summary's folder; nothing if there is none. */
void page_put_link(struct text *out, const char *file, const char *words);
/* Where a relative link leads, whatever characters it has. */
void page_put_address(struct text *out, const char *file);
/* "≥ 12.0 MiB" */
void page_put_value(struct text *out, enum batch_unit unit, int64_t value, bool exact);
/* How a verdict is marked: a class of page.css. */
const char *page_class(enum batch_verdict verdict);

/* ---- page_tables.c ------------------------------------------------------ */

/* A row of the table of budgets, or of changes, of a program; `number` is that of its card in the page, or -1 in the card itself. */
void page_put_figure_row(struct text *out, const struct batch_figure *figure,
			 const struct batch_result *result, long number);
void page_put_figure_heading(struct text *out, bool with_program);
void page_put_change_row(struct text *out, const struct batch_change *change,
			 const struct batch_result *result, long number);
void page_put_change_heading(struct text *out, bool with_program);
/* The sections over all programs; nothing where there are no budgets, or no baseline. */
void page_put_budgets(struct text *out, const struct batch_summary *summary);
void page_put_changes(struct text *out, const struct batch_summary *summary);

/* ---- page_program.c ----------------------------------------------------- */

void page_put_program(struct text *out, const struct batch_summary *summary, size_t number);

#endif
