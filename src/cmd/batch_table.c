/* batch_table: the results of a batch, and the programs of a suite, as tables that fit the terminal. */
#include <stdlib.h>

#include "batch_show.h"
#include "sheet.h"

static void put_clean(struct text *out, const char *words)
{
	char *clean = label_clean(words);

	text_puts(out, clean);
	free(clean);
}

static void put_command(struct text *out, const char *command)
{
	char *clean = label_command(command);

	text_puts(out, clean);
	free(clean);
}

/* In parts of what is allowed; what may be negative is told by its own figures only. */
static double part_of(const struct batch_figure *figure)
{
	return figure->known && figure->limit > 0 ? (double)figure->measured / (double)figure->limit : 0;
}

/* Of what passed, the budget that is nearest to its limit; else why it did not. */
static void put_detail(struct text *out, const struct batch_result *result)
{
	const struct batch_measures *median = &result->median;
	const struct batch_figure *nearest = NULL;

	if (result->reason) {
		put_clean(out, result->reason);
		return;
	}
	for (size_t i = 0; i < median->figure_count; i++)
		if (!nearest || part_of(&median->figures[i]) > part_of(nearest))
			nearest = &median->figures[i];
	if (nearest)
		batch_put_figure(out, nearest);
}

static void put_verdict(struct text *out, const struct batch_result *result)
{
	unsigned attempts = 0;

	for (size_t i = 0; i < result->run_count; i++)
		if (result->runs[i].attempts > attempts)
			attempts = result->runs[i].attempts;
	text_puts(out, batch_verdict_name(result->verdict));
	if (attempts > 1)
		text_printf(out, ", attempt %u", attempts);
}

static void put_name(struct text *out, const struct batch_result *result)
{
	put_clean(out, result->name);
}

static void put_time(struct text *out, const struct batch_result *result)
{
	if (result->median.wall_ns)
		label_put_duration(out, result->median.wall_ns);
}

static void put_peak(struct text *out, const struct batch_result *result)
{
	if (!result->median.peak)
		return;
	text_puts(out, result->median.peak_exact ? "" : "≥ ");
	label_put_bytes(out, result->median.peak);
}

static const struct {
	const char *title;
	void (*put)(struct text *out, const struct batch_result *result);
	unsigned rank;
	bool words;
} columns[] = {
	/* Why a program has not passed stays longest. */
	{"program", put_name, 0, true},
	{"verdict", put_verdict, 0, true},
	{"time", put_time, 3, false},
	{"peak", put_peak, 2, false},
	{"nearest budget, or why not", put_detail, 1, true},
};

/* As they stand in the table; NULL at the end. */
static const struct batch_result **results_in_order(const struct batch_summary *summary)
{
	const struct batch_result **order = mem_alloc((summary->count + 1) * sizeof(*order));
	size_t count = 0;

	for (int verdict = BATCH_PASSED; verdict < BATCH_VERDICTS; verdict++)
		for (size_t i = 0; i < summary->count; i++)
			if ((int)summary->results[i].verdict == verdict)
				order[count++] = &summary->results[i];
	return order;
}

void batch_put_table(struct text *out, const struct batch_summary *summary, unsigned width)
{
	const struct batch_result **order = results_in_order(summary);
	struct sheet sheet = {.rows = summary->count};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		struct sheet_column *column = sheet_column(&sheet, columns[i].title, columns[i].rank);

		column->words = columns[i].words;
		for (size_t row = 0; row < sheet.rows; row++) {
			struct text cell = {0};

			columns[i].put(&cell, order[row]);
			sheet_cell(column, row, &cell);
		}
	}
	sheet_fit(&sheet, width);
	sheet_put_heading(out, &sheet);
	for (size_t row = 0; row < sheet.rows; row++)
		sheet_put_row(out, &sheet, row);
	sheet_put_hidden(out, &sheet);
	sheet_free(&sheet);
	free(order);
}

void batch_put_closing(struct text *out, const struct batch_summary *summary)
{
	size_t passed = summary->totals[BATCH_PASSED];

	label_put_number(out, passed);
	text_puts(out, " of ");
	label_put_count(out, summary->count, "program");
	text_puts(out, " passed");
	if (passed < summary->count) {
		text_puts(out, ", ");
		label_put_number(out, summary->count - passed);
		text_puts(out, " did not");
	}
	text_puts(out, summary->interrupted ? ", ended early after " : ", in ");
	label_put_duration(out, summary->duration_ns);
	text_puts(out, "; all of it is in ");
	text_put_visible(out, summary->folder);
	text_putc(out, '\n');
}

/* ---- programs ---------------------------------------------------------------- */

static void put_tags(struct text *out, const struct batch_program *program)
{
	for (size_t i = 0; program->tags && program->tags[i]; i++) {
		text_puts(out, i > 0 ? "," : "");
		put_clean(out, program->tags[i]);
	}
}

void batch_put_list(struct text *out, const struct batch_suite *suite, unsigned width)
{
	static const char *const titles[] = {"program", "tags", "command"};
	struct sheet sheet = {.rows = suite->count};

	for (unsigned i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		struct sheet_column *column = sheet_column(&sheet, titles[i], i);

		column->words = true;
		for (size_t row = 0; row < sheet.rows; row++) {
			const struct batch_program *program = &suite->programs[row];
			struct text cell = {0};

			if (i == 0)
				put_clean(&cell, program->name);
			else if (i == 1)
				put_tags(&cell, program);
			else
				put_command(&cell, program->command);
			sheet_cell(column, row, &cell);
		}
	}
	sheet_fit(&sheet, width);
	for (size_t row = 0; row < sheet.rows; row++)
		sheet_put_row(out, &sheet, row);
	sheet_free(&sheet);
}
