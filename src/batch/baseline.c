/* baseline: results that later ones are compared with. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

const struct batch_result *batch_summary_find(const struct batch_summary *summary, const char *name)
{
	for (size_t i = 0; i < summary->count; i++)
		if (strcmp(summary->results[i].name, name) == 0)
			return &summary->results[i];
	return NULL;
}

bool run_is_comparable(const struct batch_run *run)
{
	return run->verdict == BATCH_PASSED || run->verdict == BATCH_OVER_BUDGET;
}

bool result_is_comparable(const struct batch_result *result)
{
	for (size_t i = 0; i < result->run_count; i++)
		if (run_is_comparable(&result->runs[i]))
			return true;
	return false;
}

/* Another view of a result: what it was compared with, and its files, which are elsewhere, are left out. All that it
 * points to is the result's, but for its list of runs. */
static struct batch_result result_view(const struct batch_result *result)
{
	struct batch_result view = *result;

	view.changes = NULL;
	view.change_count = 0;
	view.is_new = false;
	if (view.verdict == BATCH_WORSE) {
		view.verdict = BATCH_PASSED;
		view.reason = NULL;
	}
	view.runs = mem_alloc((result->run_count + 1) * sizeof(*view.runs));
	for (size_t i = 0; i < result->run_count; i++) {
		view.runs[i] = result->runs[i];
		view.runs[i].data = view.runs[i].picture = view.runs[i].out = view.runs[i].err = NULL;
	}
	return view;
}

static void view_add(struct batch_summary *view, const struct batch_result *result)
{
	view->results[view->count] = result_view(result);
	view->totals[view->results[view->count++].verdict]++;
}

/* The file that a path means: of a folder its summary.json. What is not there, and is not called .json, will be a
 * folder. */
static char *file_of(const char *path)
{
	static const char suffix[] = ".json";
	size_t length = strlen(path);
	bool is_json = length > strlen(suffix) && strcmp(path + length - strlen(suffix), suffix) == 0;
	struct stat status;
	bool is_folder =
		stat(path, &status) == 0 ? S_ISDIR(status.st_mode) : !is_json && mkdir(path, 0777) == 0;

	return is_folder ? mem_printf("%s/summary.json", path) : mem_strdup(path);
}

int batch_baseline_write(const char *path, const struct batch_summary *now, const struct batch_summary *old,
			 bool partial, struct error *err)
{
	struct batch_summary view = *now;
	char *file = file_of(path);
	int status;

	view.results = mem_alloc((now->count + (old ? old->count : 0) + 1) * sizeof(*view.results));
	view.count = 0;
	view.baseline = NULL;
	view.gone = NULL;
	memset(view.totals, 0, sizeof(view.totals));
	for (size_t i = 0; i < now->count; i++) {
		const struct batch_result *before =
			old ? batch_summary_find(old, now->results[i].name) : NULL;
		if (result_is_comparable(&now->results[i]))
			view_add(&view, &now->results[i]);
		else if (before)
			view_add(&view, before);
	}
	for (size_t i = 0; partial && old && i < old->count; i++)
		if (!batch_summary_find(now, old->results[i].name))
			view_add(&view, &old->results[i]);
	status = batch_summary_write(&view, file, err);
	for (size_t i = 0; i < view.count; i++)
		free(view.results[i].runs);
	free(view.results);
	free(file);
	return status;
}
