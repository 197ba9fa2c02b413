/* annotations: what did not pass, as commands that GitHub's runner takes from a log. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* GitHub shows no more of a title, and refuses long messages. */
enum { PROPERTY_CELLS = 200, LINE_CELLS = 500 };

/* In a property ':' and ',' end it. Line ends end the command: they are cleaned away, or numbers. */
static void put_escaped(struct text *out, const char *string, bool property)
{
	for (; *string; string++) {
		if (strchr("%\r\n", *string) || (property && strchr(":,", *string)))
			text_printf(out, "%%%02X", (unsigned char)*string);
		else
			text_putc(out, *string);
	}
}

static void put_property(struct text *out, const char *name, const char *string)
{
	char *shorter = words_shorten(string, PROPERTY_CELLS);

	text_printf(out, "%s=", name);
	put_escaped(out, shorter, true);
	free(shorter);
}

static void put_line(struct text *message, const char *string)
{
	char *shorter = words_shorten(string, LINE_CELLS);

	text_printf(message, "%s%s", message->length > 0 ? "\n" : "", shorter);
	free(shorter);
}

/* Every budget and every figure that is not as it should be. */
static void put_details(struct text *message, const struct batch_result *result)
{
	const struct batch_measures *median = &result->median;
	struct text line = {0};

	for (size_t i = 0; i < median->figure_count; i++) {
		if (median->figures[i].ok)
			continue;
		text_clear(&line);
		batch_put_figure(&line, &median->figures[i]);
		put_line(message, line.data);
	}
	for (size_t i = 0; i < result->change_count && batch_change_is_worse(&result->changes[i]); i++) {
		text_clear(&line);
		batch_put_change(&line, &result->changes[i]);
		put_line(message, line.data);
	}
	text_free(&line);
}

static void put_message(struct text *message, const struct batch_result *result)
{
	const bool is_detail = result->verdict == BATCH_OVER_BUDGET || result->verdict == BATCH_WORSE;

	/* The reason of these is the first of the details. */
	if (result->reason && !is_detail)
		put_line(message, result->reason);
	put_details(message, result);
	if (message->length == 0)
		put_line(message, result->reason ? result->reason : batch_verdict_name(result->verdict));
}

static void put_error(struct text *out, const struct batch_summary *summary,
		      const struct batch_result *result)
{
	char *title = mem_printf("%s: %s", result->name, batch_verdict_name(result->verdict));
	struct text message = {0};

	text_puts(out, "::error ");
	if (summary->suite) {
		put_property(out, "file", summary->suite);
		if (result->line > 0)
			text_printf(out, ",line=%u", result->line);
		text_putc(out, ',');
	}
	put_property(out, "title", title);
	text_puts(out, "::");
	put_message(&message, result);
	put_escaped(out, message.data, false);
	text_putc(out, '\n');
	text_free(&message);
	free(title);
}

static void put_warning(struct text *out, const char *title, const char *message)
{
	char *shorter = words_shorten(message, LINE_CELLS);

	text_puts(out, "::warning ");
	put_property(out, "title", title);
	text_puts(out, "::");
	put_escaped(out, shorter, false);
	text_putc(out, '\n');
	free(shorter);
}

void batch_put_annotations(struct text *out, const struct batch_summary *summary)
{
	for (size_t i = 0; i < summary->count; i++) {
		const struct batch_result *result = &summary->results[i];
		if (result->verdict != BATCH_PASSED && result->verdict != BATCH_NOT_RUN)
			put_error(out, summary, result);
	}
	if (summary->totals[BATCH_NOT_RUN] > 0) {
		char *message = mem_printf("%zu of %zu programs were not run", summary->totals[BATCH_NOT_RUN],
					   summary->count);
		put_warning(out, "fmprof batch was interrupted", message);
		free(message);
	}
	for (char **name = summary->gone; name && *name; name++)
		put_warning(out, "only in the baseline", *name);
}
