#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t answer_limit = (size_t)1 << 30; /* a bigger one comes from a child gone wild */

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

static void limit_child(const struct sym_child_limits *limits)
{
	const rlim_t memory = own_address_space() + limits->memory;

	limit(RLIMIT_AS, memory, memory);
	limit(RLIMIT_CPU, limits->cpu_seconds, limits->cpu_seconds + 1);
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

static void silence(void)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere < 0)
		return;
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
}

/* ---- the parent -------------------------------------------------------- */

/* Reads until the child closes its end. False if it took too long or wrote
 * too much. */
static bool drain(int fd, unsigned seconds, struct text *bytes)
{
	const uint64_t deadline = clock_monotonic_ns() + seconds * UINT64_C(1000000000);
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

static enum sym_child_end end_of(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return SYM_CHILD_ENDED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FAILED)
		return SYM_CHILD_TOO_LARGE; /* mem_alloc ends so */
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return SYM_CHILD_TOO_LONG;
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
		return SYM_CHILD_INTERRUPTED;
	return SYM_CHILD_CRASHED;
}

enum sym_child_end sym_child_run(int (*work)(void *context, int out), void *context,
				 const struct sym_child_limits *limits, struct text *bytes)
{
	sigset_t all, before;
	pid_t child;
	int ends[2], status = 0;
	bool in_time;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return SYM_CHILD_NONE;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		reset_signals();
		silence();
		limit_child(limits);
		_exit(work(context, ends[1]));
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return SYM_CHILD_NONE;
	}
	in_time = drain(ends[0], limits->wall_seconds, bytes);
	close(ends[0]);
	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return in_time ? end_of(status) : SYM_CHILD_TOO_LONG;
}
