#include "batch_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "values.h"

static void print_help(void)
{
	printf("usage: fmprof batch [options] SUITE [NAME...]\n"
	       "       fmprof batch [options] -- PROGRAM [ARGUMENT...] [-- PROGRAM [ARGUMENT...]]...\n"
	       "       fmprof batch [options] -\n"
	       "       fmprof batch [options] --from FOLDER\n"
	       "Records many programs, and tells which of them keep within their budgets of memory, calls "
	       "and\n"
	       "time. SUITE is an INI file, docs/batch.md; NAME, a glob, chooses programs of it; - reads\n"
	       "commands from standard input, one a line. --from shows results of an earlier run again.\n\n"
	       "  -j, --jobs N           so many programs at once (default 1)\n"
	       "  -o, --output FOLDER    for recordings, pictures, output and summary.json\n"
	       "                         (default batch_YYYYmmddHHMMSS)\n"
	       "  -f, --func SPEC        record these functions, too; may be given often\n"
	       "  -s, --set KEY=VALUE    for all programs, as a line of SUITE; may be given often\n"
	       "      --timeout TIME     the same as --set timeout=TIME\n"
	       "      --retry N          the same as --set retry=N\n"
	       "      --shell            commands of standard input are for /bin/sh\n"
	       "  -t, --tags TAG,...     only programs that have one of these tags\n"
	       "      --list             the programs that would run\n"
	       "      --fail-fast        end all when one has not passed\n"
	       "      --keep-going       run all in any case (default)\n"
	       "      --pictures WHICH   failed (default), all or none\n"
	       "%s%s"
	       "      --width N          of the table (default the terminal's; else as wide as it is)\n"
	       "  -q, --quiet            no progress\n"
	       "  -h, --help\n\n"
	       "Exit status: 0 all passed, 1 some have not, 125 batch itself failed.\n",
	       batch_results_help, source_options_help);
}

enum { TIMEOUT = 256, RETRY, SHELL, LIST, FAIL_FAST, KEEP_GOING, PICTURES, WIDTH, DEBUG_DIR, NO_CACHE, FROM };

static const struct option long_options[] = {
	{"jobs", required_argument, NULL, 'j'},
	{"output", required_argument, NULL, 'o'},
	{"func", required_argument, NULL, 'f'},
	{"set", required_argument, NULL, 's'},
	{"timeout", required_argument, NULL, TIMEOUT},
	{"retry", required_argument, NULL, RETRY},
	{"shell", no_argument, NULL, SHELL},
	{"tags", required_argument, NULL, 't'},
	{"list", no_argument, NULL, LIST},
	{"fail-fast", no_argument, NULL, FAIL_FAST},
	{"keep-going", no_argument, NULL, KEEP_GOING},
	{"pictures", required_argument, NULL, PICTURES},
	{"width", required_argument, NULL, WIDTH},
	{"from", required_argument, NULL, FROM},
	{"baseline", required_argument, NULL, RESULTS_BASELINE},
	{"tolerance", required_argument, NULL, RESULTS_TOLERANCE},
	{"with-times", no_argument, NULL, RESULTS_WITH_TIMES},
	{"update-baseline", no_argument, NULL, RESULTS_UPDATE},
	{"junit", required_argument, NULL, RESULTS_JUNIT},
	{"tap", required_argument, NULL, RESULTS_TAP},
	{"github", no_argument, NULL, RESULTS_GITHUB},
	{"debug-dir", required_argument, NULL, DEBUG_DIR},
	{"no-cache", no_argument, NULL, NO_CACHE},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* ---- lists with NULL at the end -------------------------------------------- */

static size_t list_length(char *const *list)
{
	size_t length = 0;

	while (list && list[length])
		length++;
	return length;
}

static void list_add(char ***list, char *word)
{
	size_t length = list_length(*list);
	char **longer = mem_alloc((length + 2) * sizeof(*longer));

	if (length > 0)
		memcpy(longer, *list, length * sizeof(*longer));
	longer[length] = word;
	free(*list);
	*list = longer;
}

/* ---- options ----------------------------------------------------------------- */

static int parse_pictures(const char *word, enum batch_pictures *pictures, struct error *err)
{
	static const char *const words[] = {
		[BATCH_PICTURES_FAILED] = "failed",
		[BATCH_PICTURES_ALL] = "all",
		[BATCH_PICTURES_NONE] = "none",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], word) == 0) {
			*pictures = (enum batch_pictures)i;
			return 0;
		}
	return error_set(err, STATUS_FAILED, "--pictures '%s': neither failed, all nor none", word);
}

static int add_setting(struct batch_command *command, const char *key, const char *value, struct error *err)
{
	if (!key && !strchr(value, '='))
		return error_set(err, STATUS_FAILED, "--set '%s': not KEY=VALUE", value);
	list_add(&command->settings, key ? mem_printf("%s=%s", key, value) : mem_strdup(value));
	return 0;
}

static void add_tags(struct batch_command *command, const char *words)
{
	while (*words) {
		size_t length = strcspn(words, ",");

		if (length > 0)
			list_add(&command->tags, mem_strndup(words, length));
		words += length + (words[length] == ',');
	}
}

/* 0 done, 1 no such option, -1 and a reason. */
static int take_option(struct batch_command *command, int letter, struct error *err)
{
	struct stat status;

	switch (letter) {
	case 1: /* a word */
		if (command->suite)
			list_add(&command->names, optarg);
		else
			command->suite = optarg;
		return 0;
	case 'j':
		return value_parse_number(optarg, "--jobs", 10000, &command->jobs, err);
	case 'o':
		free(command->folder);
		command->folder = mem_strdup(optarg);
		return *optarg ? 0 : error_set(err, STATUS_FAILED, "--output: name a folder");
	case 'f':
		list_add(&command->functions, optarg);
		return 0;
	case 's':
		return add_setting(command, NULL, optarg, err);
	case TIMEOUT:
		return add_setting(command, "timeout", optarg, err);
	case RETRY:
		return add_setting(command, "retry", optarg, err);
	case 't':
		add_tags(command, optarg);
		return 0;
	case PICTURES:
		return parse_pictures(optarg, &command->pictures, err);
	case WIDTH:
		return value_parse_number(optarg, "--width", 100000, &command->width, err);
	case DEBUG_DIR:
		return source_options_add_folder(&command->sources, optarg, err);
	case NO_CACHE:
		command->sources.sources.cache = false;
		return 0;
	case SHELL:
		command->shell = true;
		return 0;
	case LIST:
		command->list = true;
		return 0;
	case FAIL_FAST:
	case KEEP_GOING:
		command->fail_fast = letter == FAIL_FAST;
		return 0;
	case 'q':
		command->quiet = true;
		return 0;
	case FROM:
		command->from = optarg;
		return stat(optarg, &status) == 0 && S_ISDIR(status.st_mode)
			       ? 0
			       : error_set(err, STATUS_FAILED, "--from '%s': no folder; name that of a batch",
					   optarg);
	default:
		return batch_results_option(&command->results, letter, optarg, err);
	}
}

/* Of two batches in one second the later one takes the next that is free. */
static char *default_folder(void)
{
	char name[] = "batch_YYYYmmddHHMMSS";
	time_t now = time(NULL);
	struct tm local;

	do {
		localtime_r(&now, &local);
		strftime(name, sizeof(name), "batch_%Y%m%d%H%M%S", &local);
		now++;
	} while (access(name, F_OK) == 0);
	return mem_strdup(name);
}

static int settle(struct batch_command *command, struct error *err)
{
	if (command->from && (command->suite || command->words || command->folder))
		return error_set(err, STATUS_FAILED,
				 "--from: nothing is run; leave out the suite, commands and -o");
	if (!command->from && !command->suite && !command->words)
		return error_set(err, STATUS_FAILED,
				 "batch: nothing to run; name a suite, or commands after --");
	if (command->suite && command->words)
		return error_set(err, STATUS_FAILED, "batch: a suite and commands; give either");
	if (command->shell && (!command->suite || strcmp(command->suite, "-") != 0))
		return error_set(err, STATUS_FAILED,
				 "--shell: for commands of standard input; in a suite write shell = yes");
	if (!command->folder && !command->from)
		command->folder = default_folder();
	if (command->width == 0)
		command->width = cmd_terminal_width(STDOUT_FILENO);
	return 1;
}

int batch_command_parse(struct batch_command *command, int argc, char **argv, struct error *err)
{
	int letter;

	*command = (struct batch_command){.jobs = 1};
	source_options_init(&command->sources);
	opterr = 0;
	/* '-': words are taken in order, so that those behind "--" can be told from them. */
	while ((letter = getopt_long(argc, argv, "-:j:o:f:s:t:qh", long_options, NULL)) != -1) {
		int taken;

		if (letter == 'h') {
			print_help();
			return 0;
		}
		taken = take_option(command, letter, err);
		if (taken > 0)
			cmd_usage(argc, argv, letter);
		if (taken)
			return -1;
	}
	if (optind < argc)
		command->words = argv + optind;
	return settle(command, err);
}

static void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void batch_command_free(struct batch_command *command)
{
	free(command->names);
	free(command->functions);
	list_free(command->settings);
	list_free(command->tags);
	free(command->folder);
	source_options_free(&command->sources);
	batch_results_free(&command->results);
}

/* ---- the suite ----------------------------------------------------------------- */

static int set(struct batch_suite *suite, const char *setting, struct error *err)
{
	const char *equals = strchr(setting, '=');
	char *key = mem_strndup(setting, (size_t)(equals - setting));
	int status = batch_suite_set(suite, key, equals + 1, err);

	free(key);
	return status;
}

static int read_programs(const struct batch_command *command, struct batch_suite *suite, struct error *err)
{
	*suite = (struct batch_suite){0};
	if (command->words)
		return batch_suite_add_words(suite, command->words, err);
	if (strcmp(command->suite, "-") == 0)
		return batch_suite_add_lines(suite, stdin, command->shell, err);
	return batch_suite_read(command->suite, suite, err);
}

int batch_command_suite(const struct batch_command *command, struct batch_suite *suite, struct error *err)
{
	int status = read_programs(command, suite, err);

	if (status == 0)
		status = batch_suite_select(suite, command->names, command->tags, err);
	for (size_t i = 0; status == 0 && command->functions && command->functions[i]; i++)
		status = batch_suite_add_function(suite, command->functions[i], err);
	for (size_t i = 0; status == 0 && command->settings && command->settings[i]; i++)
		status = set(suite, command->settings[i], err);
	if (status < 0)
		batch_suite_free(suite);
	return status;
}
