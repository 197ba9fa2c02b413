/* batch_table: the results of a batch, and the programs of a suite, as tables that fit the terminal. */
#include <stdlib.h>
#include <string.h>

#include "batch_show.h"

enum { COLUMNS = 5, GAP = 2, LEAST_NAME = 12, LEAST_DETAIL = 16 };

struct line {
	char *cells[COLUMNS];
};

struct sheet {
	struct line *lines; /* the first has the titles */
	size_t count, capacity;
	size_t widths[COLUMNS];
	unsigned right; /* bits of columns of figures */
};

static size_t cells_of(const char *text)
{
	return (size_t)label_width(text, 0);
}

static struct line *sheet_add(struct sheet *sheet)
{
	sheet->lines = array_reserve(sheet->lines, &sheet->capacity, sheet->count + 1, sizeof(*sheet->lines));
	sheet->lines[sheet->count] = (struct line){0};
	return &sheet->lines[sheet->count++];
}

static void sheet_free(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++)
		for (size_t j = 0; j < COLUMNS; j++)
			free(sheet->lines[i].cells[j]);
	free(sheet->lines);
}

static void measure(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++)
		for (size_t j = 0; j < COLUMNS; j++) {
			size_t width = sheet->lines[i].cells[j] ? cells_of(sheet->lines[i].cells[j]) : 0;

			if (width > sheet->widths[j])
				sheet->widths[j] = width;
		}
}

static size_t total(const struct sheet *sheet)
{
	size_t sum = 0;

	for (size_t j = 0; j < COLUMNS; j++)
		sum += sheet->widths[j] + (j > 0 && sheet->widths[j] > 0 ? GAP : 0);
	return sum;
}

/* The column gives what there is too much, and keeps `least`. */
static void narrow(struct sheet *sheet, size_t column, size_t least, size_t most)
{
	size_t sum = total(sheet), *width = &sheet->widths[column];

	if (sum > most && *width > least)
		*width = *width - least < sum - most ? least : *width - (sum - most);
}

static void fit(struct sheet *sheet, unsigned width)
{
	measure(sheet);
	if (width == 0)
		return;
	narrow(sheet, COLUMNS - 1, LEAST_DETAIL, width);
	narrow(sheet, 0, LEAST_NAME, width);
	for (size_t j = COLUMNS - 1; j > 1 && total(sheet) > width; j--)
		sheet->widths[j] = 0;
}

static void put_cell(struct text *out, const char *cell, size_t width, bool right, bool is_last)
{
	char *fitting = label_shorten(cell ? cell : "", (double)width, 0);
	size_t blanks = width - cells_of(fitting);

	if (right)
		text_printf(out, "%*s", (int)blanks, "");
	text_puts(out, fitting);
	if (!right && !is_last)
		text_printf(out, "%*s", (int)blanks, "");
	free(fitting);
}

static void sheet_put(struct text *out, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		size_t last = 0;

		for (size_t j = 0; j < COLUMNS; j++)
			if (sheet->widths[j] > 0 && sheet->lines[i].cells[j] && sheet->lines[i].cells[j][0])
				last = j;
		for (size_t j = 0; j <= last; j++) {
			if (sheet->widths[j] == 0)
				continue;
			if (j > 0)
				text_printf(out, "%*s", GAP, "");
			put_cell(out, sheet->lines[i].cells[j], sheet->widths[j], sheet->right >> j & 1,
				 j == last);
		}
		text_putc(out, '\n');
	}
}

/* ---- results --------------------------------------------------------------- */

enum { NAME, VERDICT, TIME, PEAK, DETAIL };

/* In parts of what is allowed; what may be negative is told by its own figures only. */
static double part_of(const struct batch_figure *figure)
{
	return figure->known && figure->limit > 0 ? (double)figure->measured / (double)figure->limit : 0;
}

/* Of what passed, the budget that is nearest to its limit; else why it did not. */
static char *detail(const struct batch_result *result)
{
	const struct batch_measures *median = &result->median;
	const struct batch_figure *nearest = NULL;
	struct text words = {0};
	char *clean;

	if (result->reason)
		return label_clean(result->reason);
	for (size_t i = 0; i < median->figure_count; i++)
		if (!nearest || part_of(&median->figures[i]) > part_of(nearest))
			nearest = &median->figures[i];
	if (nearest)
		batch_put_figure(&words, nearest);
	clean = label_clean(words.data ? words.data : "");
	text_free(&words);
	return clean;
}

static char *verdict_word(const struct batch_result *result)
{
	unsigned attempts = 0;

	for (size_t i = 0; i < result->run_count; i++)
		if (result->runs[i].attempts > attempts)
			attempts = result->runs[i].attempts;
	if (attempts > 1)
		return mem_printf("%s, attempt %u", batch_verdict_name(result->verdict), attempts);
	return mem_strdup(batch_verdict_name(result->verdict));
}

static void add_result(struct sheet *sheet, const struct batch_result *result)
{
	struct line *line = sheet_add(sheet);
	struct text time = {0}, peak = {0};

	line->cells[NAME] = label_clean(result->name);
	line->cells[VERDICT] = verdict_word(result);
	if (result->median.wall_ns)
		label_put_duration(&time, result->median.wall_ns);
	if (result->median.peak) {
		text_puts(&peak, result->median.peak_exact ? "" : "≥ ");
		label_put_bytes(&peak, result->median.peak);
	}
	line->cells[TIME] = time.data;
	line->cells[PEAK] = peak.data;
	line->cells[DETAIL] = detail(result);
}

void batch_put_table(struct text *out, const struct batch_summary *summary, unsigned width)
{
	static const char *const titles[COLUMNS] = {"program", "verdict", "time", "peak",
						    "nearest budget, or why not"};
	struct sheet sheet = {.right = 1 << TIME | 1 << PEAK};
	struct line *title = sheet_add(&sheet);

	for (size_t j = 0; j < COLUMNS; j++)
		title->cells[j] = mem_strdup(titles[j]);
	for (int verdict = BATCH_PASSED; verdict < BATCH_VERDICTS; verdict++)
		for (size_t i = 0; i < summary->count; i++)
			if ((int)summary->results[i].verdict == verdict)
				add_result(&sheet, &summary->results[i]);
	fit(&sheet, width);
	sheet_put(out, &sheet);
	sheet_free(&sheet);
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

void batch_put_list(struct text *out, const struct batch_suite *suite, unsigned width)
{
	struct sheet sheet = {0};

	for (size_t i = 0; i < suite->count; i++) {
		const struct batch_program *program = &suite->programs[i];
		struct line *line = sheet_add(&sheet);
		struct text tags = {0};

		for (size_t j = 0; program->tags && program->tags[j]; j++)
			text_printf(&tags, "%s%s", j > 0 ? "," : "", program->tags[j]);
		line->cells[0] = label_clean(program->name);
		line->cells[1] = label_clean(tags.data ? tags.data : "");
		line->cells[COLUMNS - 1] = label_command(program->command);
		text_free(&tags);
	}
	fit(&sheet, width);
	sheet_put(out, &sheet);
	sheet_free(&sheet);
}
