#include "record_options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

/* Options without a letter. */
enum {
	OPTION_FUNCS_FROM = 256,
	OPTION_DEBUG_DIR,
	OPTION_NO_CACHE,
	OPTION_NO_PEAK_RESET,
	OPTION_PLOT,
	OPTION_REPORT,
	OPTION_PROGRESS,
	OPTION_MAX_OVERHEAD
};

static const struct option long_options[] = {
	{"func", required_argument, NULL, 'f'},
	{"funcs-from", required_argument, NULL, OPTION_FUNCS_FROM},
	{"exclude", required_argument, NULL, 'x'},
	{"interval", required_argument, NULL, 'T'},
	{"output", required_argument, NULL, 'o'},
	{"include-children", no_argument, NULL, 'C'},
	{"multiprocess", no_argument, NULL, 'M'},
	{"metrics", required_argument, NULL, 'm'},
	{"no-peak-reset", no_argument, NULL, OPTION_NO_PEAK_RESET},
	{"max-overhead", required_argument, NULL, OPTION_MAX_OVERHEAD},
	{"plot", optional_argument, NULL, OPTION_PLOT},
	{"report", no_argument, NULL, OPTION_REPORT},
	{"progress", no_argument, NULL, OPTION_PROGRESS},
	{"timeout", required_argument, NULL, 't'},
	{"debug-dir", required_argument, NULL, OPTION_DEBUG_DIR},
	{"no-cache", no_argument, NULL, OPTION_NO_CACHE},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

const char record_options_help[] =
	"  -f, --func SPEC         record the calls of these functions; may be given often\n"
	"      --funcs-from FILE   those in this file, one a line; # starts a comment line\n"
	"  -x, --exclude SPEC      but not the calls of these; may be given often\n"
	"  -T, --interval TIME     between two samples: seconds, or 500us, 10ms (default 10ms)\n"
	"  -C, --include-children  memory is the sum over the process and its children; their calls too\n"
	"  -M, --multiprocess      children have series of their own; their calls too\n"
	"  -m, --metrics LIST      sample these too: anon, file, shmem, swap, vms; dearer ones: pss, uss, "
	"private,\n"
	"                          shared; cgroup. RSS is always sampled\n"
	"      --no-peak-reset     leave the kernel's high-water mark of RSS alone: peaks of calls are then\n"
	"                          lower bounds\n"
	"      --max-overhead PCT  let go of the functions that are called most when calls cost more than\n"
	"                          this percentage of the time, at 20 us a call\n"
	"  -o, --output FILE       recording (default mprofile_YYYYmmddHHMMSS.dat); - is stdout\n"
	"      --plot[=FILE]       draw it afterwards, into FILE (default the recording's name with .png)\n"
	"      --report            print its figures on stderr afterwards, as fmprof report does\n"
	"      --progress          one line on the terminal while it runs: time, memory, calls\n"
	"  -q, --quiet             no closing line\n";

void record_options_init(struct record_options *options)
{
	struct error none = {0};

	*options = (struct record_options){.interval_ns = 10000000};
	source_options_init(&options->sources);
	sample_metrics_choose(&options->metrics, "rss", &none);
}

void record_options_free(struct record_options *options)
{
	spec_list_free(&options->specs);
	spec_list_free(&options->excludes);
	source_options_free(&options->sources);
	sample_metrics_free(&options->metrics);
	free(options->output);
}

static int parse_interval(const char *word, struct record_options *options, struct error *err)
{
	if (parse_duration(word, "interval", &options->interval_ns, err) < 0)
		return -1;
	if (options->interval_ns < 100000)
		return error_set(err, STATUS_FAILED,
				 "interval '%s': shorter than 100us, which no reading keeps up with; "
				 "give a longer one",
				 word);
	return 0;
}

/* "10", "2.5" or "10%" */
static int parse_percentage(const char *word, double *percentage, struct error *err)
{
	size_t length = strspn(word, "0123456789.");
	char *end;

	*percentage = strtod(word, &end);
	if (length > 0 && end == word + length && (!*end || strcmp(end, "%") == 0) && *percentage > 0 &&
	    *percentage <= 100)
		return 0;
	return error_set(err, STATUS_FAILED,
			 "--max-overhead '%s': not a percentage above 0 and up to 100; write 10 or 2.5",
			 word);
}

/* 0 done, 1 no such option, -1 and a reason. */
static int take_option(struct record_options *options, int letter, const char *value, struct error *err)
{
	switch (letter) {
	case 'f':
		return spec_list_add(&options->specs, value, err);
	case 'x':
		return spec_list_add(&options->excludes, value, err);
	case OPTION_FUNCS_FROM:
		return spec_list_read(&options->specs, value, err);
	case 'T':
		return parse_interval(value, options, err);
	case 'o':
		free(options->output);
		options->output = mem_strdup(value);
		return 0;
	case 'C':
		options->children = RECORD_CHILDREN_SUM;
		return 0;
	case 'M':
		options->children = RECORD_CHILDREN_SEPARATE;
		return 0;
	case OPTION_DEBUG_DIR:
		return source_options_add_folder(&options->sources, value, err);
	case OPTION_NO_CACHE:
		options->sources.sources.cache = false;
		return 0;
	case 'm':
		sample_metrics_free(&options->metrics);
		return sample_metrics_choose(&options->metrics, value, err);
	case OPTION_NO_PEAK_RESET:
		options->keep_peak_mark = true;
		return 0;
	case OPTION_MAX_OVERHEAD:
		return parse_percentage(value, &options->max_overhead, err);
	case OPTION_PLOT:
		options->afterwards.plot = true;
		options->afterwards.picture = value;
		return 0;
	case OPTION_REPORT:
		options->afterwards.report = true;
		return 0;
	case OPTION_PROGRESS:
		options->progress.wanted = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 't':
		return options->may_time_out ? parse_duration(value, "timeout", &options->timeout_ns, err)
					     : 1;
	default:
		return 1;
	}
}

int record_options_parse(struct record_options *options, int argc, char **argv, void (*print_help)(void),
			 struct error *err)
{
	int letter;

	opterr = 0;
	/* '+': what comes behind the first other word is not ours. */
	while ((letter = getopt_long(argc, argv, "+:f:x:T:o:t:m:qhCM", long_options, NULL)) != -1) {
		int taken;

		if (letter == 'h') {
			print_help();
			return 0;
		}
		taken = take_option(options, letter, optarg, err);
		if (taken > 0 && letter == 't')
			return error_set(
				err, STATUS_FAILED,
				"--timeout: not an option of %s; see timeout(1) for launched programs",
				argv[0]);
		if (taken > 0)
			cmd_usage(argc, argv, letter);
		if (taken)
			return -1;
	}
	if (options->excludes.count && !options->specs.count)
		return error_set(err, STATUS_FAILED,
				 "--exclude: there is nothing to take away; name functions with --func");
	return 1;
}

/* mprof's pattern has room for nothing but the seconds; of two recordings in one second the
 * later one takes the next that is free. */
static char *default_output(void)
{
	char name[] = "mprofile_YYYYmmddHHMMSS.dat";
	time_t now = time(NULL);
	struct tm local;

	do {
		localtime_r(&now, &local);
		strftime(name, sizeof(name), "mprofile_%Y%m%d%H%M%S.dat", &local);
		now++;
	} while (access(name, F_OK) == 0);
	return mem_strdup(name);
}

const char *record_options_output(struct record_options *options)
{
	if (!options->output)
		options->output = default_output();
	return options->output;
}

static void warn(void *context, const char *text)
{
	progress_clear(context);
	fprintf(stderr, "fmprof: %s\n", text);
}

void record_options_plan(struct record_options *options, struct record_plan *plan)
{
	plan->specs = options->specs.items;
	plan->spec_count = options->specs.count;
	plan->excludes = options->excludes.items;
	plan->exclude_count = options->excludes.count;
	plan->sources = &options->sources.sources;
	plan->interval_ns = options->interval_ns;
	plan->timeout_ns = options->timeout_ns;
	plan->children = options->children;
	plan->metrics = &options->metrics;
	plan->keep_peak_mark = options->keep_peak_mark;
	plan->max_overhead = options->max_overhead;
	plan->output = record_options_output(options);
	plan->context = &options->progress;
	plan->warn = warn;
	plan->progress = options->progress.wanted ? progress_show : NULL;
}

#define MIB 1048576.0

/* One line, with the next command to type. */
static void print_summary(const struct record_result *result, const char *output)
{
	struct text line = {0};

	text_printf(&line, "fmprof: %.2f s, peak %s%.1f MiB", (double)result->duration_ns / 1e9,
		    result->peak_bound ? "" : "at least ", (double)result->peak / MIB);
	/* Rounded up: it is a promise. */
	if (result->peak_bound)
		text_printf(&line, " ± %.1f", ceil((double)result->peak_bound * 10 / MIB) / 10);
	text_printf(&line, ", %llu samples", (unsigned long long)result->samples);
	if (result->functions)
		text_printf(&line, ", %llu call%s of %zu function%s", (unsigned long long)result->calls,
			    result->calls == 1 ? "" : "s", result->functions,
			    result->functions == 1 ? "" : "s");
	if (result->missed_samples)
		text_printf(&line, ", %llu sample%s missed", (unsigned long long)result->missed_samples,
			    result->missed_samples == 1 ? "" : "s");
	if (strcmp(output, "-") != 0) {
		text_puts(&line, ", in ");
		text_put_visible(&line, output);
		text_puts(&line, "; draw it: fmprof plot ");
		text_put_shell_word(&line, output);
	}
	fprintf(stderr, "%s\n", line.data);
	text_free(&line);
}

int record_options_finish(struct record_options *options, const struct record_result *result,
			  const char *output)
{
	progress_clear(&options->progress);
	if (!result->samples)
		return 0;
	if (!options->quiet)
		print_summary(result, output);
	return afterwards_do(&options->afterwards, output, options->quiet);
}
