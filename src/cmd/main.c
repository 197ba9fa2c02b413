#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{"run", cmd_run, "run a program and record its memory and the calls of named functions"},
	{"attach", cmd_attach, "record a running process"},
	{"batch", cmd_batch, "record many programs, compare them with their budgets"},
	{"symbols", cmd_symbols, "show what a spec names"},
	{"plot", cmd_plot, "draw a recording"},
	{"report", cmd_report, "figures of each function: calls, time, growth, peak"},
	{"peak", cmd_peak, "the highest memory of recordings, or inside of functions"},
	{"info", cmd_info, "what a recording is of, how long, how complete"},
	{"diff", cmd_diff, "whether one recording is worse than another, and where"},
	{"export", cmd_export, "a recording for other programs: Perfetto, CSV, JSON, folded stacks"},
	{"list", cmd_list, "the recordings of this folder, with their indices"},
	{"rm", cmd_rm, "remove recordings"},
	{"clean", cmd_clean, "remove all recordings of this folder"},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(*commands) };

static void print_help(FILE *out)
{
	fputs("usage: fmprof COMMAND [options]\n"
	      "Memory of a native program over time, with your functions bracketed.\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-7s %s\n", commands[i].name, commands[i].what);
	fputs("\nfmprof COMMAND --help tells more.\n", out);
}

int cmd_fail(struct error *err)
{
	int status = err->status;

	fprintf(stderr, "fmprof: %s\n", err->message);
	error_free(err);
	return status;
}

int cmd_print(const struct text *text, struct error *err)
{
	if (text->length > 0)
		fwrite(text->data, 1, text->length, stdout);
	if (fflush(stdout) != 0)
		return error_set(err, STATUS_FAILED,
				 "standard output: %s; what it leads to took not all of it", strerror(errno));
	return 0;
}

unsigned cmd_terminal_width(int fd)
{
	struct winsize size;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int cmd_usage(int argc, char **argv, int result)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	const char *why = result == ':' ? "needs a value" : "not an option of this command";
	char letter[3] = {'-', (char)optopt, '\0'};
	struct error err = {0};

	/* A short option may stand in the middle of a word, a long one has no letter. */
	if (optopt && strncmp(word, "--", 2) != 0)
		word = letter;
	error_set(&err, STATUS_FAILED, "%s: %s; see 'fmprof %s --help'", word, why, argv[0]);
	return cmd_fail(&err);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	struct error err = {0};

	if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(name, "--version") == 0) {
		puts("fmprof " FMPROF_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (argc < 2) {
		print_help(stderr);
		return STATUS_FAILED;
	}
	error_set(&err, STATUS_FAILED, "%s: not a command; see 'fmprof --help'", name);
	return cmd_fail(&err);
}
