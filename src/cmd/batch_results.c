#include "batch_results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "values.h"

const char batch_results_help[] =
	"      --baseline PATH    compare with an earlier summary.json, or that of a folder\n"
	"      --tolerance PCT    worse is what is higher by more than that, and than noise (default 5%)\n"
	"      --with-times       times count, too\n"
	"      --update-baseline  what came out is the baseline from now on\n"
	"      --junit FILE       results as JUnit XML; - is standard output\n"
	"      --tap FILE         results for the Test Anything Protocol; - is standard output\n"
	"      --github           what has not passed as annotations for GitHub's log\n";

/* ---- options ------------------------------------------------------------ */

int batch_results_option(struct batch_results *results, int letter, const char *word, struct error *err)
{
	switch (letter) {
	case RESULTS_BASELINE:
		results->baseline = word;
		return *word ? 0 : error_set(err, STATUS_FAILED, "--baseline: name a file or a folder");
	case RESULTS_TOLERANCE:
		results->has_tolerance = true;
		return value_parse_tolerance(word, &results->tolerance, err);
	case RESULTS_WITH_TIMES:
		results->times = true;
		return 0;
	case RESULTS_UPDATE:
		results->update = true;
		return 0;
	case RESULTS_JUNIT:
		results->junit = word;
		return *word ? 0
			     : error_set(err, STATUS_FAILED,
					 "--junit: name a file, or - for standard output");
	case RESULTS_TAP:
		results->tap = word;
		return *word ? 0
			     : error_set(err, STATUS_FAILED, "--tap: name a file, or - for standard output");
	case RESULTS_GITHUB:
		results->github = true;
		return 0;
	default:
		return 1;
	}
}

/* ---- before ------------------------------------------------------------- */

static bool is_stdout(const char *file)
{
	return file && strcmp(file, "-") == 0;
}

bool batch_results_take_stdout(const struct batch_results *results)
{
	return is_stdout(results->junit) || is_stdout(results->tap);
}

/* 0, or why the file cannot be written. */
static int why_unwritable(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? mem_strndup(file, (size_t)(slash - file) + 1) : mem_strdup(".");
	struct stat status;
	int error = 0;

	if (stat(file, &status) == 0)
		error = S_ISDIR(status.st_mode) ? EISDIR : access(file, W_OK) < 0 ? errno : 0;
	else
		error = access(folder, W_OK) < 0 ? errno : 0;
	free(folder);
	return error;
}

/* Before hours of runs, not after them. */
static int check_writable(const char *option, const char *file, struct error *err)
{
	int error = file && !is_stdout(file) ? why_unwritable(file) : 0;

	if (error)
		error_set(err, STATUS_FAILED, "%s %s: cannot be written: %s; choose another place", option,
			  file, strerror(error));
	return error ? -1 : 0;
}

static int check_update(const char *baseline, struct error *err)
{
	struct stat status;
	bool is_folder = stat(baseline, &status) == 0 && S_ISDIR(status.st_mode);
	char *file = is_folder ? mem_printf("%s/summary.json", baseline) : mem_strdup(baseline);
	int checked = check_writable("--baseline", file, err);

	free(file);
	return checked;
}

/* Results would become the baseline without being asked for. */
static bool is_in_folder(const char *baseline, const char *folder)
{
	char *inside = mem_printf("%s/summary.json", folder), *file = realpath(baseline, NULL),
	     *output = realpath(folder, NULL), *summary = realpath(inside, NULL);
	bool same = strcmp(baseline, folder) == 0 || strcmp(baseline, inside) == 0 ||
		    (file && output && strcmp(file, output) == 0) ||
		    (file && summary && strcmp(file, summary) == 0);

	free(inside);
	free(file);
	free(output);
	free(summary);
	return same;
}

/* There may be none yet, if it is to be made. */
static bool is_missing(const char *baseline)
{
	char *inside = mem_printf("%s/summary.json", baseline);
	bool missing = access(baseline, F_OK) < 0 || (access(inside, F_OK) < 0 && errno == ENOENT);

	free(inside);
	return missing;
}

static int check_options(const struct batch_results *results, struct error *err)
{
	const char *option = results->has_tolerance ? "--tolerance"
			     : results->times       ? "--with-times"
			     : results->update      ? "--update-baseline"
						    : NULL;

	if (!results->baseline && option)
		return error_set(err, STATUS_FAILED, "%s: without a --baseline; name one", option);
	if (is_stdout(results->junit) && is_stdout(results->tap))
		return error_set(err, STATUS_FAILED,
				 "--junit - --tap -: both on standard output; give one of them a file");
	return 0;
}

static int read_baseline(struct batch_results *results, const char *folder, struct error *err)
{
	if (is_in_folder(results->baseline, folder))
		return error_set(err, STATUS_FAILED,
				 "--baseline %s: results are written there; choose another folder with -o",
				 results->baseline);
	if (results->update && check_update(results->baseline, err) < 0)
		return -1;
	if (is_missing(results->baseline)) {
		if (results->update)
			return 0;
		return error_set(err, STATUS_FAILED,
				 "--baseline %s: not there; make it with --update-baseline",
				 results->baseline);
	}
	if (batch_summary_read(results->baseline, &results->old, err) < 0)
		return -1;
	results->has_old = true;
	return 0;
}

int batch_results_begin(struct batch_results *results, const char *folder, struct error *err)
{
	if (!results->has_tolerance)
		results->tolerance = 0.05;
	if (check_options(results, err) < 0 || check_writable("--junit", results->junit, err) < 0 ||
	    check_writable("--tap", results->tap, err) < 0)
		return -1;
	return results->baseline ? read_baseline(results, folder, err) : 0;
}

/* ---- afterwards --------------------------------------------------------- */

static int compare(struct batch_results *results, struct batch_summary *summary, bool partial,
		   struct error *err)
{
	const struct batch_comparison comparison = {
		.path = results->baseline,
		.tolerance = results->tolerance,
		.times = results->times,
		.partial = partial || summary->interrupted,
	};
	char *path = mem_printf("%s/summary.json", summary->folder);
	int status;

	batch_compare(summary, &results->old, &comparison);
	status = batch_summary_write(summary, path, err);
	free(path);
	return status;
}

static int update(struct batch_results *results, const struct batch_summary *summary, bool partial,
		  struct error *err)
{
	if (summary->interrupted)
		return error_set(err, STATUS_FAILED,
				 "--baseline %s: not updated, as it was ended early; run it again",
				 results->baseline);
	return batch_baseline_write(results->baseline, summary, results->has_old ? &results->old : NULL,
				    partial, err);
}

typedef void put_results(struct text *out, const struct batch_summary *summary);

static int write_file(const char *file, put_results *put, const struct batch_summary *summary,
		      struct text *out, struct error *err)
{
	struct text content = {0};
	int status = 0;

	if (is_stdout(file)) {
		put(out, summary);
	} else if (file) {
		put(&content, summary);
		status = batch_file_write(file, &content, err);
	}
	text_free(&content);
	return status;
}

int batch_results_finish(struct batch_results *results, struct batch_summary *summary, bool partial,
			 struct text *out, struct text *shown, struct error *err)
{
	char *page = mem_printf("%s/index.html", summary->folder);
	int status = results->has_old ? compare(results, summary, partial, err) : 0;

	if (status == 0)
		status = write_file(page, batch_put_page, summary, out, err);
	if (status == 0)
		status = write_file(results->junit, batch_put_junit, summary, out, err);
	if (status == 0)
		status = write_file(results->tap, batch_put_tap, summary, out, err);
	if (results->github)
		batch_put_annotations(shown, summary);
	if (status == 0 && results->update)
		status = update(results, summary, partial, err);
	free(page);
	return status;
}

void batch_results_free(struct batch_results *results)
{
	if (results->has_old)
		batch_summary_free(&results->old);
}
