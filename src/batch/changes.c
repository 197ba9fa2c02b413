/* changes: figures next to their limits and to those of a baseline, in words. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { NAME_CELLS = 200 };

double figure_part(const struct batch_figure *figure)
{
	if (figure->limit > 0)
		return (double)figure->measured / (double)figure->limit;
	return figure->measured > figure->limit ? INFINITY : 0;
}

double change_part(const struct batch_change *change)
{
	double difference = (double)change->now - (double)change->before;

	if (difference > 0 || difference < 0)
		return difference / fabs((double)change->before);
	return 0;
}

bool batch_change_is_worse(const struct batch_change *change)
{
	return change->trend == BATCH_HIGHER && change->counts;
}

static void put_words(struct text *out, const char *before, const char *words)
{
	char *shorter = words_shorten(words, NAME_CELLS);

	text_printf(out, "%s%s", before, shorter);
	free(shorter);
}

static void put_name(struct text *out, const char *word, const char *function)
{
	text_puts(out, word);
	if (function)
		put_words(out, ".", function);
}

static void put_measured(struct text *out, enum batch_budget_kind kind, int64_t value, bool exact)
{
	text_puts(out, exact ? "" : "≥ ");
	batch_put_value(out, batch_budget_unit(kind), value);
}

void batch_put_figure_name(struct text *out, const struct batch_figure *figure)
{
	put_name(out, batch_budget_word(figure->kind), figure->function);
}

void batch_put_figure(struct text *out, const struct batch_figure *figure)
{
	double part = figure_part(figure);

	batch_put_figure_name(out, figure);
	text_puts(out, ": ");
	if (!figure->known) {
		put_words(out, "", figure->note ? figure->note : "not measured");
		return;
	}
	put_measured(out, figure->kind, figure->measured, figure->exact);
	if (figure->measured_function && figure->function &&
	    strcmp(figure->measured_function, figure->function) != 0)
		put_words(out, " in ", figure->measured_function);

	text_puts(out, ", limit ");
	batch_put_value(out, batch_budget_unit(figure->kind), figure->limit);
	if (isfinite(part) && figure->limit > 0)
		text_printf(out, " (%.0f %%)", 100 * part);
}

void batch_put_change_name(struct text *out, const struct batch_change *change)
{
	put_name(out, batch_figure_word(change->kind), change->function);
}

void batch_put_change_part(struct text *out, const struct batch_change *change)
{
	double percent = 100 * change_part(change);

	if (!isfinite(percent))
		text_puts(out, percent > 0 ? "from 0" : "below 0");
	else
		text_printf(out, "%s%.*f %%",
			    percent > 0   ? "+"
			    : percent < 0 ? "−"
					  : "",
			    fabs(percent) < 9.95 ? 1 : 0, fabs(percent));
}

void batch_put_change(struct text *out, const struct batch_change *change)
{
	batch_put_change_name(out, change);
	text_puts(out, ": ");
	put_measured(out, change->kind, change->before, change->before_exact);
	text_puts(out, " → ");
	put_measured(out, change->kind, change->now, change->now_exact);
	text_puts(out, " (");
	batch_put_change_part(out, change);
	text_puts(out, ")");
}
