/* judge: the verdict of a run, and of a program. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "measure.h"

void run_set_verdict(struct batch_run *run, enum batch_verdict verdict, const char *format, ...)
{
	va_list arguments;
	char *reason = NULL;

	va_start(arguments, format);
	if (vasprintf(&reason, format, arguments) < 0)
		reason = NULL;
	va_end(arguments);
	free(run->reason);
	run->verdict = verdict;
	run->reason = reason;
}

static void put_signal(struct text *out, int signal)
{
	const char *abbreviation = sigabbrev_np(signal);

	if (abbreviation)
		text_printf(out, "SIG%s", abbreviation);
	else
		text_printf(out, "signal %d", signal);
}

static void put_expected(struct text *out, const struct batch_expected *expected)
{
	if (expected->signal)
		put_signal(out, expected->signal);
	else
		text_printf(out, "%d", expected->exit);
}

static bool ended_as_expected(const struct batch_run *run, const struct batch_expected *expected)
{
	if (expected->any)
		return true;
	if (expected->signal)
		return run->signal == expected->signal;
	return run->signal == 0 && run->exit_status == expected->exit;
}

/* The first budget that is exceeded; then how many more. A new string, or NULL. */
static char *exceeded(const struct batch_measures *measures)
{
	struct text reason = {0};
	size_t more = 0;

	for (size_t i = 0; i < measures->figure_count; i++) {
		if (measures->figures[i].ok)
			continue;
		if (reason.length > 0)
			more++;
		else
			batch_put_figure(&reason, &measures->figures[i]);
	}
	if (more > 0)
		text_printf(&reason, "; and %zu more", more);
	return reason.data;
}

void run_judge(struct batch_run *run, const struct batch_expected *expected)
{
	struct text words = {0};
	char *budget;

	if (!ended_as_expected(run, expected)) {
		if (run->signal) {
			put_signal(&words, run->signal);
			text_printf(&words, " (%s)", strsignal(run->signal));
		} else {
			text_printf(&words, "exit status %d, expected ", run->exit_status);
			put_expected(&words, expected);
		}
		run_set_verdict(run, run->signal ? BATCH_CRASHED : BATCH_WRONG_EXIT, "%s", words.data);
		text_free(&words);
		return;
	}
	budget = exceeded(&run->measures);
	if (budget)
		run_set_verdict(run, BATCH_OVER_BUDGET, "%s", budget);
	else
		run->verdict = BATCH_PASSED;
	free(budget);
}

static bool came_to_its_end(const struct batch_run *run)
{
	return run->verdict == BATCH_PASSED || run->verdict == BATCH_OVER_BUDGET;
}

/* Over the runs that came to their end; if there is none, what those have that did not. */
static void find_median(struct batch_result *result)
{
	const struct batch_measures **all = mem_alloc(result->run_count * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < result->run_count; i++)
		if (came_to_its_end(&result->runs[i]))
			all[count++] = &result->runs[i].measures;
	for (size_t i = 0; count == 0 && i < result->run_count; i++)
		if (result->runs[i].samples > 0)
			all[count++] = &result->runs[i].measures;
	measures_free(&result->median);
	measures_median(all, count, &result->median);
	free(all);
}

/* How bad; a run that was not made says less than any other. */
static int badness(const struct batch_run *run)
{
	if (run->verdict == BATCH_OVER_BUDGET)
		return BATCH_PASSED; /* that is for the median to say */
	if (run->verdict == BATCH_INTERRUPTED || run->verdict == BATCH_NOT_RUN)
		return BATCH_OVER_BUDGET;
	return run->verdict;
}

void result_judge(struct batch_result *result)
{
	const struct batch_run *worst = &result->runs[0];
	char *budget;

	for (size_t i = 1; i < result->run_count; i++)
		if (badness(&result->runs[i]) > badness(worst))
			worst = &result->runs[i];
	find_median(result);
	free(result->reason);
	result->reason = NULL;
	result->verdict = worst->verdict;
	if (worst->verdict == BATCH_NOT_RUN && result->runs[0].verdict != BATCH_NOT_RUN)
		result->verdict = BATCH_INTERRUPTED;
	if (!came_to_its_end(worst)) {
		result->reason = worst->reason ? mem_strdup(worst->reason) : NULL;
		return;
	}
	budget = exceeded(&result->median);
	result->verdict = budget ? BATCH_OVER_BUDGET : BATCH_PASSED;
	result->reason = budget;
}
