/* words: what budgets and verdicts are called, and figures for people. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const struct {
	const char *word;
	enum batch_unit unit;
	bool has_function;
} budgets[BATCH_BUDGET_KINDS] = {
	[BATCH_MAX_RSS] = {"max-rss", BATCH_BYTES, false},
	[BATCH_MAX_PEAK] = {"max-peak", BATCH_BYTES, true},
	[BATCH_MAX_GROWTH] = {"max-growth", BATCH_BYTES, true},
	[BATCH_MAX_RETAINED] = {"max-retained", BATCH_BYTES, true},
	[BATCH_MAX_CALLS] = {"max-calls", BATCH_CALLS, true},
	[BATCH_MAX_TIME] = {"max-time", BATCH_NANOSECONDS, true},
	[BATCH_MAX_SLOPE] = {"max-slope", BATCH_BYTES_PER_SECOND, false},
};

static const char *const verdicts[BATCH_VERDICTS] = {
	[BATCH_PASSED] = "passed",
	[BATCH_OVER_BUDGET] = "over budget",
	[BATCH_WORSE] = "worse than baseline",
	[BATCH_WRONG_EXIT] = "wrong exit",
	[BATCH_CRASHED] = "crashed",
	[BATCH_TIMED_OUT] = "timed out",
	[BATCH_OOM_KILLED] = "out of memory",
	[BATCH_NOT_FOUND] = "not found",
	[BATCH_NOT_EXECUTABLE] = "not executable",
	[BATCH_RECORDING_FAILED] = "recording failed",
	[BATCH_INTERRUPTED] = "interrupted",
	[BATCH_NOT_RUN] = "not run",
};

const char *batch_budget_word(enum batch_budget_kind kind)
{
	return budgets[kind].word;
}

const char *batch_figure_word(enum batch_budget_kind kind)
{
	return budgets[kind].word + strlen("max-");
}

int batch_figure_from_word(const char *word)
{
	for (int i = 0; i < BATCH_BUDGET_KINDS; i++)
		if (strcmp(batch_figure_word(i), word) == 0)
			return i;
	return -1;
}

char *words_shorten(const char *words, unsigned cells)
{
	char *clean = label_clean(words), *shorter = label_shorten(clean, cells, 0);

	free(clean);
	return shorter;
}

const char *batch_trend_name(enum batch_trend trend)
{
	static const char *const trends[] = {
		[BATCH_SAME] = "same",
		[BATCH_BETTER] = "better",
		[BATCH_HIGHER] = "worse",
	};

	return trends[trend];
}

int batch_budget_from_word(const char *word, size_t length)
{
	for (int i = 0; i < BATCH_BUDGET_KINDS; i++)
		if (strlen(budgets[i].word) == length && strncmp(budgets[i].word, word, length) == 0)
			return i;
	return -1;
}

enum batch_unit batch_budget_unit(enum batch_budget_kind kind)
{
	return budgets[kind].unit;
}

bool batch_budget_has_function(enum batch_budget_kind kind)
{
	return budgets[kind].has_function;
}

const char *batch_verdict_name(enum batch_verdict verdict)
{
	return verdicts[verdict];
}

int batch_verdict_from_name(const char *name)
{
	for (int i = 0; i < BATCH_VERDICTS; i++)
		if (strcmp(verdicts[i], name) == 0)
			return i;
	return -1;
}

void batch_put_value(struct text *out, enum batch_unit unit, int64_t value)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	if (value < 0)
		text_puts(out, "−");
	switch (unit) {
	case BATCH_BYTES:
		label_put_bytes(out, size);
		break;
	case BATCH_CALLS:
		label_put_number(out, size);
		break;
	case BATCH_NANOSECONDS:
		label_put_duration(out, size);
		break;
	case BATCH_BYTES_PER_SECOND:
		label_put_bytes(out, size);
		text_puts(out, "/s");
		break;
	}
}
