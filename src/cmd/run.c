#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "cmd.h"
#include "record_options.h"

static void print_help(void)
{
	printf("usage: fmprof run [options] [--] PROGRAM [ARGUMENT...]\n"
	       "Runs PROGRAM, unchanged, and records its memory (RSS) over time and every call of\n"
	       "the functions that are named.\n\n"
	       "%s%s"
	       "  -h, --help\n\n"
	       "SPEC is [MODULE!][FILE:]PATTERN, PATTERN a name, a glob, a /regular expression/, a line or "
	       "an address:\n"
	       "  parse   'parse_*'   '/^parse_(a|b)$/'   ns::Class::method   'ns::f(int, char)'   "
	       "parser.c:parse\n"
	       "  parser.c:120   'libsqlite3*!sqlite3_step'   '*!free_tree'   0x1234\n"
	       "Without MODULE! the program is searched, then the libraries loaded at its start.\n\n"
	       "Exit status: PROGRAM's own; 125 fmprof failed, 126 PROGRAM cannot be executed, 127 not "
	       "found.\n",
	       record_options_help, source_options_help);
}

/* Ends as the program did, so that whoever started us cannot tell the difference. */
static int end_as(int wait_status)
{
	const struct rlimit no_core = {0, 0};
	sigset_t one;

	if (!WIFSIGNALED(wait_status))
		return WEXITSTATUS(wait_status);
	setrlimit(RLIMIT_CORE, &no_core); /* the program has written its own */
	signal(WTERMSIG(wait_status), SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, WTERMSIG(wait_status));
	sigprocmask(SIG_UNBLOCK, &one, NULL); /* whoever started us may have blocked it */
	raise(WTERMSIG(wait_status));
	return 128 + WTERMSIG(wait_status);
}

int cmd_run(int argc, char **argv)
{
	struct record_options options;
	struct record_plan plan = {0};
	struct record_result result;
	struct error err = {0};
	int status;

	record_options_init(&options);
	status = record_options_parse(&options, argc, argv, print_help, &err);
	if (status > 0 && optind == argc)
		status = error_set(&err, STATUS_FAILED,
				   "run: no program; name one: fmprof run -f FUNCTION -- PROGRAM");
	if (status > 0) {
		plan.argv = argv + optind;
		record_options_plan(&options, &plan);
		if (afterwards_check(&options.afterwards, plan.output, &err) < 0 ||
		    record_run(&plan, &result, &err) < 0)
			status = -1;
		else /* whatever becomes of the picture, the exit status is the program's */
			record_options_finish(&options, &result, plan.output);
	}
	progress_clear(&options.progress);
	record_options_free(&options);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return status ? end_as(result.wait_status) : 0;
}
