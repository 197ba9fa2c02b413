#include "dwarf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CPU_SECONDS = 30,
	WALL_SECONDS = 60, /* a disk may be slow; nobody waits longer */
};
static const uint64_t memory_room = UINT64_C(2) << 30; /* beyond what we have already */
static const size_t answer_limit = (size_t)1 << 30;    /* a bigger one comes from a child gone wild */

/* ---- the child --------------------------------------------------------- */

static void limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
		return;
	if (hard < now.rlim_max)
		now.rlim_max = hard;
	now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &now);
}

static uint64_t own_address_space(void)
{
	char line[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, line, sizeof(line) - 1) < 0)
		line[0] = '\0';
	close(fd);
	return strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit_child(uint64_t file_size)
{
	const rlim_t memory = own_address_space() + memory_room + 8 * file_size;

	limit(RLIMIT_AS, memory, memory);
	limit(RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 1);
	limit(RLIMIT_CORE, 0, 0);
}

/* The parent's handlers would act on the parent's behalf. */
static void reset_signals(void)
{
	struct sigaction action;
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void run_child(const struct sym_elf *elf, const struct sym_spec *spec,
						enum sym_dwarf_question question, int out)
{
	int nowhere;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	reset_signals();
	/* What libdwarf and the allocator say is not for the user; our exit status tells. */
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere >= 0) {
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
	}
	limit_child(elf->size);
	_exit(sym_dwarf_child(elf->fd, spec, question, out));
}

/* ---- the parent: what came through the pipe ---------------------------- */

struct cursor {
	const char *at;
	size_t left;
	bool broken;
};

static uint64_t take_number(struct cursor *cursor)
{
	uint64_t number = 0;

	if (cursor->left < sizeof(number)) {
		cursor->broken = true;
		return 0;
	}
	memcpy(&number, cursor->at, sizeof(number));
	cursor->at += sizeof(number);
	cursor->left -= sizeof(number);
	return number;
}

static char *take_string(struct cursor *cursor)
{
	uint64_t length = take_number(cursor);
	char *string;

	if (cursor->broken || length > cursor->left) {
		cursor->broken = true;
		return mem_strdup("");
	}
	string = mem_strndup(cursor->at, (size_t)length);
	cursor->at += length;
	cursor->left -= (size_t)length;
	return string;
}

static void take_function(struct cursor *cursor, const struct sym_module *module,
			  struct sym_dwarf_answer *answer)
{
	struct sym_dwarf_function function = {0};

	function.address = take_number(cursor);
	function.size = take_number(cursor);
	function.line = (unsigned)take_number(cursor);
	function.name = take_string(cursor);
	function.linkage_name = take_string(cursor);
	function.file = take_string(cursor);
	/* Functions that the linker dropped keep their entry, at address 0 or so. */
	if (cursor->broken || !function.address || !sym_module_executes(module, function.address)) {
		free(function.name);
		free(function.linkage_name);
		free(function.file);
		return;
	}
	answer->functions = array_reserve(answer->functions, &answer->capacity, answer->count + 1,
					  sizeof(*answer->functions));
	answer->functions[answer->count++] = function;
}

static void take_file(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	answer->files = array_reserve(answer->files, &answer->file_capacity, answer->file_count + 1,
				      sizeof(*answer->files));
	answer->files[answer->file_count++] = take_string(cursor);
}

static void take_place(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	char *file = take_string(cursor);
	uint64_t line = take_number(cursor);

	text_printf(&answer->places, "%s%s:%llu", answer->places.length ? ", " : "", sym_path_last(file),
		    (unsigned long long)line);
	free(file);
}

/* Returns whether the answer is complete. */
static bool take_records(const struct text *bytes, const struct sym_module *module,
			 struct sym_dwarf_answer *answer)
{
	struct cursor cursor = {.at = bytes->data, .left = bytes->length};

	while (cursor.left && !cursor.broken) {
		cursor.left--;
		switch (*cursor.at++) {
		case SYM_DWARF_FUNCTION:
			take_function(&cursor, module, answer);
			break;
		case SYM_DWARF_FILE:
			take_file(&cursor, answer);
			break;
		case SYM_DWARF_KNOWN:
			answer->file_known = true;
			break;
		case SYM_DWARF_PLACES:
			answer->inlined = take_number(&cursor);
			break;
		case SYM_DWARF_PLACE:
			take_place(&cursor, answer);
			break;
		case SYM_DWARF_TROUBLE:
			free(answer->trouble);
			answer->trouble = take_string(&cursor);
			break;
		case SYM_DWARF_END:
			return cursor.left == 0;
		default:
			return false;
		}
	}
	return false;
}

/* Reads until the child closes its end. False if it took too long or wrote
 * too much. */
static bool drain(int fd, struct text *bytes)
{
	const uint64_t deadline = clock_monotonic_ns() + WALL_SECONDS * UINT64_C(1000000000);
	char block[16384];

	for (;;) {
		struct pollfd waiting = {.fd = fd, .events = POLLIN};
		const uint64_t now = clock_monotonic_ns();
		ssize_t got;

		if (now >= deadline || bytes->length > answer_limit)
			return false;
		if (poll(&waiting, 1, (int)((deadline - now) / 1000000) + 1) <= 0)
			continue;
		got = read(fd, block, sizeof(block));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return true;
		text_put(bytes, block, (size_t)got);
	}
}

static int child_failed(const struct sym_module *module, bool in_time, int status, struct error *err)
{
	const char *why = "it is damaged";

	if (!in_time || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)))
		why = "it takes too long";
	else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
		why = "interrupted";
	else if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FAILED)
		why = "it needs too much memory";
	return error_set(
		err, STATUS_FAILED,
		"%s: its debug information cannot be read: %s; name the function without its source file",
		module->name, why);
}

static int by_address(const void *left, const void *right)
{
	const struct sym_dwarf_function *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static int listen_to(int fd, pid_t child, const struct sym_module *module, struct sym_dwarf_answer *answer,
		     struct error *err)
{
	struct text bytes = {0};
	const bool in_time = drain(fd, &bytes);
	bool complete;
	int status = 0;

	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	complete = in_time && take_records(&bytes, module, answer);
	text_free(&bytes);
	if (!complete) {
		sym_dwarf_answer_free(answer);
		return child_failed(module, in_time, status, err);
	}
	if (answer->count)
		qsort(answer->functions, answer->count, sizeof(*answer->functions), by_address);
	return 1;
}

int sym_dwarf_ask(struct sym_module *module, const struct sym_spec *spec, enum sym_dwarf_question question,
		  struct sym_dwarf_answer *answer, struct error *err)
{
	const struct sym_elf *elf = module->elf;
	sigset_t all, before;
	pid_t child;
	int ends[2], result;

	memset(answer, 0, sizeof(*answer));
	if (!elf->has_dwarf)
		elf = sym_module_debug(module);
	if (!elf || !elf->has_dwarf)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, STATUS_FAILED,
				 "%s: its debug information cannot be read: %s; close other programs",
				 module->name, strerror(errno));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child == 0)
		run_child(elf, spec, question, ends[1]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (child < 0)
		result = error_set(err, STATUS_FAILED,
				   "%s: its debug information cannot be read: %s; close other programs",
				   module->name, strerror(errno));
	else
		result = listen_to(ends[0], child, module, answer, err);
	close(ends[0]);
	return result;
}

void sym_dwarf_answer_free(struct sym_dwarf_answer *answer)
{
	for (size_t at = 0; at < answer->count; at++) {
		free(answer->functions[at].name);
		free(answer->functions[at].linkage_name);
		free(answer->functions[at].file);
	}
	for (size_t at = 0; at < answer->file_count; at++)
		free(answer->files[at]);
	free(answer->functions);
	free(answer->files);
	free(answer->trouble);
	text_free(&answer->places);
	memset(answer, 0, sizeof(*answer));
}
