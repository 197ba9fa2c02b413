/* junit: results as JUnit XML, in the form that all of its readers take. */
#include <stdlib.h>
#include <time.h>

#include "internal.h"

enum { TAIL = 4096 };

enum outcome { OUTCOME_PASSED, OUTCOME_SKIPPED, OUTCOME_FAILURE, OUTCOME_ERROR };
enum { OUTCOMES = OUTCOME_ERROR + 1 };

static const char *const tags[OUTCOMES] = {
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_FAILURE] = "failure",
	[OUTCOME_ERROR] = "error",
};

struct suite {
	struct text cases;
	const struct batch_summary *summary;
	const struct batch_result *result;
	size_t count, counts[OUTCOMES];
};

static void put_attribute(struct text *out, const char *name, const char *value)
{
	text_printf(out, " %s=\"", name);
	text_put_markup(out, value);
	text_putc(out, '"');
}

static void put_seconds(struct text *out, uint64_t ns)
{
	text_printf(out, " time=\"%.3f\"", (double)ns / 1e9);
}

/* ---- cases -------------------------------------------------------------- */

/* `message` and `more` may be NULL. */
static void put_case(struct suite *suite, const char *name, uint64_t ns, enum outcome outcome,
		     const char *type, const char *message, const char *more)
{
	struct text *out = &suite->cases;

	suite->count++;
	suite->counts[outcome]++;
	text_puts(out, "  <testcase");
	put_attribute(out, "name", name);
	put_attribute(out, "classname", suite->result->name);
	put_seconds(out, ns);
	if (outcome == OUTCOME_PASSED) {
		text_puts(out, "/>\n");
		return;
	}
	text_printf(out, "><%s", tags[outcome]);
	if (message)
		put_attribute(out, "message", message);
	put_attribute(out, "type", type);
	text_putc(out, '>');
	text_put_markup(out, more ? more : "");
	text_printf(out, "</%s></testcase>\n", tags[outcome]);
}

static enum outcome outcome_of(enum batch_verdict verdict)
{
	switch (verdict) {
	case BATCH_PASSED:
	case BATCH_OVER_BUDGET: /* that and the next are told by other cases */
	case BATCH_WORSE:
		return OUTCOME_PASSED;
	case BATCH_WRONG_EXIT:
		return OUTCOME_FAILURE;
	case BATCH_NOT_RUN:
		return OUTCOME_SKIPPED;
	default:
		return OUTCOME_ERROR;
	}
}

/* Why each run that did not pass did not, and the last that it said. */
static void put_runs(struct text *out, const struct batch_summary *summary, const struct batch_result *result)
{
	for (size_t i = 0; i < result->run_count; i++) {
		const struct batch_run *run = &result->runs[i];
		struct text tail = {0};
		if (run_is_comparable(run))
			continue;
		if (result->run_count > 1)
			text_printf(out, "run %zu of %zu: ", i + 1, result->run_count);
		text_printf(out, "%s%s%s\n", batch_verdict_name(run->verdict), run->reason ? ": " : "",
			    run->reason ? run->reason : "");
		tail_put(&tail, summary, run->err, TAIL);
		if (tail.length > 0)
			text_printf(out, "stderr:\n%s\n", tail.data);
		text_free(&tail);
	}
}

static void put_end_case(struct suite *suite)
{
	const struct batch_result *result = suite->result;
	enum outcome outcome = outcome_of(result->verdict);
	struct text more = {0};

	if (outcome == OUTCOME_FAILURE || outcome == OUTCOME_ERROR)
		put_runs(&more, suite->summary, result);
	put_case(suite, "ends as expected", result->median.wall_ns, outcome,
		 batch_verdict_name(result->verdict), result->reason, more.data);
	text_free(&more);
}

static void put_figure_case(struct suite *suite, const struct batch_figure *figure)
{
	struct text name = {0}, message = {0};
	enum outcome outcome = !figure->ok     ? OUTCOME_FAILURE
			       : figure->known ? OUTCOME_PASSED
					       : OUTCOME_SKIPPED;

	batch_put_figure_name(&name, figure);
	batch_put_figure(&message, figure);
	put_case(suite, name.data, 0, outcome, figure->ok ? "not measured" : "over budget", message.data,
		 NULL);
	text_free(&name);
	text_free(&message);
}

/* One for all figures, as which there are is not the same each time. */
static void put_baseline_case(struct suite *suite)
{
	const struct batch_result *result = suite->result;
	struct text message = {0}, more = {0};

	for (size_t i = 0; i < result->change_count; i++) {
		if (!batch_change_is_worse(&result->changes[i]))
			break;
		if (i == 0)
			batch_put_change(&message, &result->changes[i]);
		batch_put_change(&more, &result->changes[i]);
		text_putc(&more, '\n');
	}
	if (message.length > 0)
		put_case(suite, "no worse than the baseline", 0, OUTCOME_FAILURE, "worse than baseline",
			 message.data, more.data);
	else if (result->is_new || result->change_count == 0)
		put_case(suite, "no worse than the baseline", 0, OUTCOME_SKIPPED, "not compared",
			 result->is_new ? "not in the baseline" : "nothing to compare", NULL);
	else
		put_case(suite, "no worse than the baseline", 0, OUTCOME_PASSED, NULL, NULL, NULL);
	text_free(&message);
	text_free(&more);
}

static void suite_fill(struct suite *suite)
{
	const struct batch_measures *median = &suite->result->median;

	put_end_case(suite);
	for (size_t i = 0; i < median->figure_count; i++)
		put_figure_case(suite, &median->figures[i]);
	if (suite->summary->baseline)
		put_baseline_case(suite);
}

/* ---- a program ---------------------------------------------------------- */

static void put_property(struct text *out, const char *name, const char *value)
{
	text_puts(out, "   <property");
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	text_puts(out, "/>\n");
}

static void put_properties(struct text *out, const struct batch_result *result)
{
	struct text peak = {0};

	text_puts(out, "  <properties>\n");
	put_property(out, "command", result->command);
	if (result->median.peak > 0) {
		text_put_u64(&peak, result->median.peak);
		put_property(out, "peak-rss-bytes", peak.data);
		put_property(out, "peak-rss-exact", result->median.peak_exact ? "true" : "false");
	}
	text_puts(out, "  </properties>\n");
	text_free(&peak);
}

/* Readers want a time of day without a zone. */
static void put_timestamp(struct text *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char words[sizeof("2000-01-01T00:00:00")];
	struct tm parts;

	bool known = gmtime_r(&seconds, &parts) && strftime(words, sizeof(words), "%FT%T", &parts) > 0;
	put_attribute(out, "timestamp", known ? words : "1970-01-01T00:00:00");
}

static uint64_t started(const struct batch_summary *summary, const struct batch_result *result)
{
	if (result->run_count > 0 && result->runs[0].start_ns > 0)
		return result->runs[0].start_ns;
	return summary->start_ns;
}

static uint64_t time_taken(const struct batch_result *result)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < result->run_count; i++)
		sum += result->runs[i].measures.wall_ns;
	return sum;
}

static void put_suite(struct text *out, struct suite *suite, size_t number)
{
	const struct batch_result *result = suite->result;
	const char *host = suite->summary->host, *file = suite->summary->suite;

	text_puts(out, " <testsuite");
	put_attribute(out, "name", result->name);
	put_attribute(out, "package", file ? file : "fmprof");
	text_printf(out, " id=\"%zu\"", number);
	put_timestamp(out, started(suite->summary, result));
	put_attribute(out, "hostname", host && *host ? host : "localhost");
	text_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", suite->count,
		    suite->counts[OUTCOME_FAILURE], suite->counts[OUTCOME_ERROR],
		    suite->counts[OUTCOME_SKIPPED]);
	put_seconds(out, time_taken(result));
	text_puts(out, ">\n");
	put_properties(out, result);
	text_put(out, suite->cases.data, suite->cases.length);
	text_puts(out, "  <system-out></system-out>\n  <system-err></system-err>\n </testsuite>\n");
}

void batch_put_junit(struct text *out, const struct batch_summary *summary)
{
	text_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (size_t i = 0; i < summary->count; i++) {
		struct suite suite = {.summary = summary, .result = &summary->results[i]};
		suite_fill(&suite);
		put_suite(out, &suite, i);
		text_free(&suite.cases);
	}
	text_puts(out, "</testsuites>\n");
}
