/* summary: what came of a batch, in memory. */
#include <stdlib.h>

#include "internal.h"

void measures_free(struct batch_measures *measures)
{
	for (size_t i = 0; i < measures->figure_count; i++) {
		free(measures->figures[i].function);
		free(measures->figures[i].measured_function);
		free(measures->figures[i].note);
	}
	for (size_t i = 0; i < measures->function_count; i++) {
		free(measures->functions[i].name);
		free(measures->functions[i].full_name);
		free(measures->functions[i].module);
	}
	free(measures->figures);
	free(measures->functions);
	*measures = (struct batch_measures){0};
}

void run_result_free(struct batch_run *run)
{
	measures_free(&run->measures);
	strings_free(run->warnings);
	free(run->reason);
	free(run->data);
	free(run->picture);
	free(run->out);
	free(run->err);
	*run = (struct batch_run){0};
}

void changes_free(struct batch_result *result)
{
	for (size_t i = 0; i < result->change_count; i++)
		free(result->changes[i].function);
	free(result->changes);
	result->changes = NULL;
	result->change_count = 0;
}

static void result_free(struct batch_result *result)
{
	for (size_t i = 0; i < result->run_count; i++)
		run_result_free(&result->runs[i]);
	measures_free(&result->median);
	changes_free(result);
	strings_free(result->tags);
	free(result->runs);
	free(result->name);
	free(result->command);
	free(result->reason);
}

void batch_summary_free(struct batch_summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		result_free(&summary->results[i]);
	free(summary->results);
	free(summary->folder);
	free(summary->suite);
	free(summary->host);
	free(summary->baseline);
	strings_free(summary->gone);
	*summary = (struct batch_summary){0};
}

bool batch_summary_is_good(const struct batch_summary *summary)
{
	return summary->totals[BATCH_PASSED] == summary->count;
}
