#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "fmprof/record.h"

struct run_options {
	struct sym_spec *specs;
	size_t spec_count, spec_capacity;
	uint64_t interval_ns;
	char *output; /* owned */
	bool quiet;
};

static void print_help(void)
{
	puts("usage: fmprof run [options] [--] PROGRAM [ARGUMENT...]\n"
	     "Runs PROGRAM, unchanged, and records its memory (RSS) over time and every call of\n"
	     "the functions that are named.\n\n"
	     "  -f, --func SPEC       record the calls of these functions; may be given often\n"
	     "  -T, --interval TIME   between two samples: seconds, or 500us, 10ms (default 10ms)\n"
	     "  -o, --output FILE     recording (default mprofile_YYYYmmddHHMMSS.dat); - is stdout\n"
	     "  -q, --quiet           no closing line\n"
	     "  -h, --help\n\n"
	     "SPEC is [MODULE!][FILE:]PATTERN, PATTERN a name, a glob or an address:\n"
	     "  parse   'parse_*'   parser.c:parse   'libsqlite3*!sqlite3_step'   '*!free_tree'   0x1234\n"
	     "Without MODULE! the program is searched, then the libraries loaded at its start.\n\n"
	     "Exit status: PROGRAM's own; 125 fmprof failed, 126 PROGRAM cannot be executed, 127 not found.");
}

static int parse_interval(const char *word, struct run_options *options, struct error *err)
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

static int add_spec(const char *word, struct run_options *options, struct error *err)
{
	options->specs = array_reserve(options->specs, &options->spec_capacity, options->spec_count + 1,
				       sizeof(*options->specs));
	if (sym_spec_parse(word, &options->specs[options->spec_count], err) < 0)
		return -1;
	options->spec_count++;
	return 0;
}

/* 1 go on, 0 done (help), -1 err is set, or a usage error was printed (err empty). */
static int parse_options(int argc, char **argv, struct run_options *options, struct error *err)
{
	static const struct option longs[] = {
		{"func", required_argument, NULL, 'f'},   {"interval", required_argument, NULL, 'T'},
		{"output", required_argument, NULL, 'o'}, {"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	int letter;

	opterr = 0;
	/* '+': the program's own options are not ours. */
	while ((letter = getopt_long(argc, argv, "+:f:T:o:qh", longs, NULL)) != -1) {
		int failed = 0;

		switch (letter) {
		case 'f':
			failed = add_spec(optarg, options, err);
			break;
		case 'T':
			failed = parse_interval(optarg, options, err);
			break;
		case 'o':
			free(options->output);
			options->output = mem_strdup(optarg);
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'h':
			print_help();
			return 0;
		default:
			cmd_usage(argc, argv, letter);
			return -1;
		}
		if (failed)
			return -1;
	}
	if (optind == argc)
		return error_set(err, STATUS_FAILED,
				 "run: no program; name one: fmprof run -f FUNCTION -- PROGRAM");
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

static void warn(const char *text)
{
	fprintf(stderr, "fmprof: %s\n", text);
}

/* One line, with the next command to type. */
static void print_summary(const struct record_result *result, const char *output)
{
	struct text line = {0};

	text_printf(&line, "fmprof: %.2f s, peak %.1f MiB, %llu samples", (double)result->duration_ns / 1e9,
		    (double)result->peak / 1048576.0, (unsigned long long)result->samples);
	if (result->functions)
		text_printf(&line, ", %llu call%s of %zu function%s", (unsigned long long)result->calls,
			    result->calls == 1 ? "" : "s", result->functions,
			    result->functions == 1 ? "" : "s");
	if (result->missed_samples)
		text_printf(&line, ", %llu samples missed", (unsigned long long)result->missed_samples);
	if (strcmp(output, "-") != 0) {
		text_puts(&line, ", in ");
		text_put_visible(&line, output);
		text_puts(&line, "; draw it: fmprof plot ");
		text_put_shell_word(&line, output);
	}
	fprintf(stderr, "%s\n", line.data);
	text_free(&line);
}

/* Ends as the program did, so that whoever started us cannot tell the difference. */
static int end_as(int wait_status)
{
	const struct rlimit no_core = {0, 0};

	if (!WIFSIGNALED(wait_status))
		return WEXITSTATUS(wait_status);
	setrlimit(RLIMIT_CORE, &no_core); /* the program has written its own */
	signal(WTERMSIG(wait_status), SIG_DFL);
	raise(WTERMSIG(wait_status));
	return 128 + WTERMSIG(wait_status);
}

static int record(const struct run_options *options, char **argv, struct error *err)
{
	struct record_plan plan = {
		.argv = argv,
		.specs = options->specs,
		.spec_count = options->spec_count,
		.interval_ns = options->interval_ns,
		.output = options->output,
		.warn = warn,
	};
	struct record_result result;

	if (record_run(&plan, &result, err) < 0)
		return -1;
	if (!options->quiet)
		print_summary(&result, options->output);
	return result.wait_status;
}

int cmd_run(int argc, char **argv)
{
	struct run_options options = {.interval_ns = 10000000};
	struct error err = {0};
	int status = parse_options(argc, argv, &options, &err);
	bool recorded = status > 0;

	if (recorded) {
		if (!options.output)
			options.output = default_output();
		status = record(&options, argv + optind, &err);
	}
	for (size_t i = 0; i < options.spec_count; i++)
		sym_spec_free(&options.specs[i]);
	free(options.specs);
	free(options.output);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return recorded ? end_as(status) : 0;
}
