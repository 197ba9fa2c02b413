/* tap: results for whatever reads the Test Anything Protocol. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* '#' begins a directive. */
static void put_description(struct text *out, const char *name)
{
	char *clean = label_clean(name);

	for (const char *c = clean; *c; c++) {
		if (strchr("\\#", *c))
			text_putc(out, '\\');
		text_putc(out, *c);
	}
	free(clean);
}

/* A scalar of YAML in double quotes; cleaned, a string of JSON is one, with no escapes but of '"' and '\'. */
static void put_scalar(struct text *out, const char *before, const char *string)
{
	char *clean = label_clean(string);

	text_puts(out, before);
	text_put_json_string(out, clean);
	text_putc(out, '\n');
	free(clean);
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
		if (result->changes[i].trend != BATCH_HIGHER)
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
