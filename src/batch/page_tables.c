/* page_tables: budgets and changes of all programs, the worst first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"

enum {
	NAME_CELLS = 60,
	SHOWN = 20,         /* rows of what is as it should be; the others are all shown */
	MOST = 500,         /* changes, of functions that may be very many */
	METER_PERCENT = 150 /* of the limit is the whole width of a meter */
};

/* A row of one of the tables. */
struct item {
	double part;
	size_t program, row;
};

static int item_compare(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->part > b->part || a->part < b->part)
		return a->part > b->part ? -1 : 1;
	if (a->program != b->program)
		return a->program < b->program ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static void put_program_cell(struct text *out, const struct batch_result *result, long number)
{
	if (number < 0)
		return;
	text_printf(out, "<td class=\"name\"><a href=\"#p%ld\">", number);
	page_put_name(out, result->name, NAME_CELLS);
	text_puts(out, "</a></td>");
}

static void put_markup(struct text *out, struct text *plain)
{
	text_put_markup(out, plain->data);
	text_free(plain);
}

/* ---- budgets ------------------------------------------------------------ */

void page_put_figure_heading(struct text *out, bool with_program)
{
	text_printf(out,
		    "<table class=\"stack\"><thead><tr>%s<th>budget</th><th>used</th><th "
		    "class=\"n\">measured</th><th class=\"n\">limit</th><th "
		    "class=\"n\"></th></tr></thead><tbody>\n",
		    with_program ? "<th>program</th>" : "");
}

static void put_meter(struct text *out, double part)
{
	double percent = isfinite(part) ? 100 * part : METER_PERCENT;

	percent = percent < 0 ? 0 : percent > METER_PERCENT ? METER_PERCENT : percent;
	text_printf(out, "<div class=\"meter\"><i style=\"width:%.1f%%\"></i></div>",
		    percent * 100 / METER_PERCENT);
}

void page_put_figure_row(struct text *out, const struct batch_figure *figure,
			 const struct batch_result *result, long number)
{
	double part = figure_part(figure);
	struct text name = {0};

	text_printf(out, "<tr class=\"%s\">", figure->ok ? "passed" : "over");
	put_program_cell(out, result, number);
	batch_put_figure_name(&name, figure);
	text_puts(out, "<td class=\"name\">");
	put_markup(out, &name);
	if (figure->measured_function && figure->known &&
	    (!figure->function || strcmp(figure->function, figure->measured_function) != 0)) {
		text_puts(out, " <small>");
		page_put_name(out, figure->measured_function, NAME_CELLS);
		text_puts(out, "</small>");
	}
	text_puts(out, "</td><td class=\"wide\">");
	if (figure->known)
		put_meter(out, part);
	else
		page_put_name(out, figure->note ? figure->note : "not measured", NAME_CELLS);
	text_puts(out, "</td><td class=\"n\">");
	if (figure->known)
		page_put_value(out, batch_budget_unit(figure->kind), figure->measured, figure->exact);
	text_puts(out, "</td><td class=\"n faint limit\">");
	page_put_value(out, batch_budget_unit(figure->kind), figure->limit, true);
	text_puts(out, "</td><td class=\"n mark\">");
	if (figure->known && figure->limit > 0 && part < 1e6)
		text_printf(out, "%.0f %%", 100 * part);
	text_puts(out, "</td></tr>\n");
}

/* All budgets; those that are not kept and not measured before all others. */
static struct item *budgets_sorted(const struct batch_summary *summary, size_t *count, size_t *wrong)
{
	struct item *items = NULL;
	size_t capacity = 0;

	*count = *wrong = 0;
	for (size_t i = 0; i < summary->count; i++) {
		const struct batch_measures *median = &summary->results[i].median;
		for (size_t row = 0; row < median->figure_count; row++) {
			const struct batch_figure *figure = &median->figures[row];
			double part = figure->known ? figure_part(figure) : figure->ok ? -INFINITY : INFINITY;
			items = array_reserve(items, &capacity, *count + 1, sizeof(*items));
			items[(*count)++] = (struct item){part, i, row};
			*wrong += !figure->ok;
		}
	}
	if (*count > 0)
		qsort(items, *count, sizeof(*items), item_compare);
	return items;
}

static void put_budget_rows(struct text *out, const struct batch_summary *summary, const struct item *items,
			    size_t count)
{
	page_put_figure_heading(out, true);
	for (size_t i = 0; i < count; i++) {
		const struct batch_result *result = &summary->results[items[i].program];
		page_put_figure_row(out, &result->median.figures[items[i].row], result,
				    (long)items[i].program);
	}
	text_puts(out, "</tbody></table>\n");
}

void page_put_budgets(struct text *out, const struct batch_summary *summary)
{
	size_t count, wrong, shown;
	struct item *items = budgets_sorted(summary, &count, &wrong);

	shown = wrong > SHOWN ? wrong : SHOWN;
	shown = shown > count ? count : shown;
	if (count > 0) {
		text_puts(out,
			  "<section id=\"budgets\"><h2>Budgets, the worst first</h2>\n<div class=\"box\">");
		put_budget_rows(out, summary, items, shown);
		if (shown < count) {
			text_printf(out,
				    "<details class=\"more\"><summary>%zu more within their limits</summary>",
				    count - shown);
			put_budget_rows(out, summary, items + shown, count - shown);
			text_puts(out, "</details>");
		}
		text_puts(out, "</div></section>\n");
	}
	free(items);
}

/* ---- changes ------------------------------------------------------------ */

void page_put_change_heading(struct text *out, bool with_program)
{
	text_printf(out,
		    "<table class=\"stack\"><thead><tr>%s<th>figure</th><th class=\"n\">before</th><th "
		    "class=\"n\">now</th><th class=\"n\">change</th><th "
		    "class=\"n\">noise</th></tr></thead><tbody>\n",
		    with_program ? "<th>program</th>" : "");
}

void page_put_change_row(struct text *out, const struct batch_change *change,
			 const struct batch_result *result, long number)
{
	const enum batch_unit unit = batch_budget_unit(change->kind);
	struct text name = {0}, part = {0};

	text_printf(out, "<tr class=\"%s\">",
		    change->trend == BATCH_BETTER   ? "passed"
		    : batch_change_is_worse(change) ? "over"
						    : "none");
	put_program_cell(out, result, number);
	batch_put_change_name(&name, change);
	text_puts(out, "<td class=\"name\">");
	put_markup(out, &name);
	text_puts(out,
		  change->trend == BATCH_HIGHER && !change->counts ? " <small>does not count</small>" : "");
	text_puts(out, "</td><td class=\"n\">");
	page_put_value(out, unit, change->before, change->before_exact);
	text_puts(out, "</td><td class=\"n then\">");
	page_put_value(out, unit, change->now, change->now_exact);
	text_puts(out, "</td><td class=\"n mark\">");
	batch_put_change_part(&part, change);
	put_markup(out, &part);
	text_puts(out, "</td><td class=\"n faint\">± ");
	page_put_value(out, unit, change->noise, true);
	text_puts(out, "</td></tr>\n");
}

/* Those that differ and count; the worst first, the best last. */
static struct item *changes_sorted(const struct batch_summary *summary, size_t *count, size_t *same,
				   size_t *uncounted)
{
	struct item *items = NULL;
	size_t capacity = 0;

	*count = *same = *uncounted = 0;
	for (size_t i = 0; i < summary->count; i++) {
		const struct batch_result *result = &summary->results[i];
		for (size_t row = 0; row < result->change_count; row++) {
			const struct batch_change *change = &result->changes[row];
			if (change->trend == BATCH_SAME || !change->counts) {
				++*(change->trend == BATCH_SAME ? same : uncounted);
				continue;
			}
			items = array_reserve(items, &capacity, *count + 1, sizeof(*items));
			items[(*count)++] = (struct item){change_part(change), i, row};
		}
	}
	if (*count > 0)
		qsort(items, *count, sizeof(*items), item_compare);
	return items;
}

/* A line of names of programs, with links to those that have a card. */
static void put_new(struct text *out, const struct batch_summary *summary)
{
	const char *before = "<p>New, with nothing to compare: ";

	for (size_t i = 0; i < summary->count; i++) {
		if (!summary->results[i].is_new)
			continue;
		text_printf(out, "%s<a href=\"#p%zu\">", before, i);
		page_put_name(out, summary->results[i].name, NAME_CELLS);
		text_puts(out, "</a>");
		before = ", ";
	}
	text_puts(out, *before == ',' ? "</p>\n" : "");
}

static void put_gone(struct text *out, const struct batch_summary *summary)
{
	if (!summary->gone || !*summary->gone)
		return;
	text_puts(out, "<p>Only in the baseline: ");
	for (size_t i = 0; summary->gone[i]; i++) {
		text_puts(out, i > 0 ? ", " : "");
		page_put_name(out, summary->gone[i], NAME_CELLS);
	}
	text_puts(out, "</p>\n");
}

static void put_change_rows(struct text *out, const struct batch_summary *summary, const struct item *items,
			    size_t count)
{
	page_put_change_heading(out, true);
	for (size_t i = 0; i < count; i++) {
		const struct batch_result *result = &summary->results[items[i].program];
		page_put_change_row(out, &result->changes[items[i].row], result, (long)items[i].program);
	}
	text_puts(out, "</tbody></table>\n");
}

/* Those that make a program worse are seen at once. */
static void put_change_table(struct text *out, const struct batch_summary *summary, const struct item *items,
			     size_t count)
{
	const size_t all = count < MOST ? count : MOST;
	size_t shown = 0;

	while (shown < all && (shown < SHOWN || items[shown].part > 0))
		shown++;
	text_puts(out, "<div class=\"box\">");
	put_change_rows(out, summary, items, shown);
	if (shown < all) {
		text_printf(out, "<details class=\"more\"><summary>%zu more</summary>", all - shown);
		put_change_rows(out, summary, items + shown, all - shown);
		text_puts(out, "</details>");
	}
	if (all < count)
		text_printf(out, "<p class=\"faint\">%zu more in summary.json</p>\n", count - all);
	text_puts(out, "</div>\n");
}

void page_put_changes(struct text *out, const struct batch_summary *summary)
{
	size_t count, same, uncounted;
	struct item *items;

	if (!summary->baseline)
		return;
	items = changes_sorted(summary, &count, &same, &uncounted);
	text_puts(out, "<section id=\"changes\"><h2>Next to the baseline, the worst first</h2>\n");
	if (count > 0)
		put_change_table(out, summary, items, count);
	text_printf(out, "<p class=\"faint\">%zu %s within %.3g %% or the noise.%s</p>\n", same,
		    same == 1 ? "figure is" : "figures are", 100 * summary->tolerance,
		    uncounted > 0 ? " Times do not count, and stand with their programs." : "");
	put_new(out, summary);
	put_gone(out, summary);
	text_puts(out, "</section>\n");
	free(items);
}
