/* tap: results for whatever reads the Test Anything Protocol. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { NAME_CELLS = 200, LINE_CELLS = 500 };

/* '#' begins a directive. */
static void put_description(struct text *out, const char *name)
{
	char *shorter = words_shorten(name, NAME_CELLS);

	for (const char *c = shorter; *c; c++) {
		if (strchr("\\#", *c))
			text_putc(out, '\\');
		text_putc(out, *c);
	}
	free(shorter);
}

/* A scalar of YAML in quotes that know no escapes. */
static void put_scalar(struct text *out, const char *before, const char *string)
{
	char *shorter = words_shorten(string, LINE_CELLS);

	text_printf(out, "%s'", before);
	for (const char *c = shorter; *c; c++) {
		if (*c == '\'')
			text_putc(out, '\'');
		text_putc(out, *c);
	}
	text_puts(out, "'\n");
	free(shorter);
}

static void put_details(struct text *out, const struct batch_result *result)
{
	const struct batch_measures *median = &result->median;
	struct text line = {0};

	text_puts(out, "  ---\n");
	put_scalar(out, "  verdict: ", batch_verdict_name(result->verdict));
	if (result->reason)
		put_scalar(out, "  message: ", result->reason);
	if (median->figure_count > 0)
		text_puts(out, "  budgets:\n");
	for (size_t i = 0; i < median->figure_count; i++) {
		text_clear(&line);
		batch_put_figure(&line, &median->figures[i]);
		put_scalar(out, median->figures[i].ok ? "    - within: " : "    - over: ", line.data);
	}
	for (size_t i = 0; i < result->change_count; i++) {
		if (!batch_change_is_worse(&result->changes[i]))
			break;
		text_clear(&line);
		batch_put_change(&line, &result->changes[i]);
		text_puts(out, i == 0 ? "  changes:\n" : "");
		put_scalar(out, "    - worse: ", line.data);
	}
	text_puts(out, "  ...\n");
	text_free(&line);
}

void batch_put_tap(struct text *out, const struct batch_summary *summary)
{
	/* What is written is the same in versions 13 and 14; Perl's prove takes no header beyond 13. */
	text_printf(out, "TAP version 13\n1..%zu\n", summary->count);
	for (size_t i = 0; i < summary->count; i++) {
		const struct batch_result *result = &summary->results[i];
		const bool skipped = result->verdict == BATCH_NOT_RUN;
		text_printf(out, "%s %zu - ", result->verdict == BATCH_PASSED || skipped ? "ok" : "not ok",
			    i + 1);
		put_description(out, result->name);
		text_puts(out, skipped ? " # SKIP not run\n" : "\n");
		if (result->verdict != BATCH_PASSED && !skipped)
			put_details(out, result);
	}
	if (summary->interrupted)
		text_puts(out, "Bail out! interrupted\n");
}
