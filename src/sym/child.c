#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const size_t answer_limit = (size_t)1 << 30; /* a bigger one comes from a child gone wild */

/* ---- the child --------------------------------------------------------- */

/* The hard limit stays as it is, so that the child can raise its own. */
static void limit(int resource, rlim_t soft)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
		return;
	now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	setrlimit((__rlimit_resource_t)resource, &now);
}

static void raise_limit(int resource, rlim_t by)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_cur < RLIM_INFINITY - by)
		limit(resource, now.rlim_cur + by);
}

void sym_child_raise_limits(const struct sym_child_limits *before, const struct sym_child_limits *now)
{
	raise_limit(RLIMIT_AS, now->memory - before->memory);
	raise_limit(RLIMIT_CPU, now->cpu_seconds - before->cpu_seconds);
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
	limit(RLIMIT_AS, own_address_space() + limits->memory);
	limit(RLIMIT_CPU, limits->cpu_seconds);
	limit(RLIMIT_CORE, 0);
	/* A core_pattern with a pipe does not mind that limit, and a child that crashes waits for what is at its end. */
	prctl(PR_SET_DUMPABLE, 0);
}

/* The parent's handlers would act on the parent's behalf. The limit of CPU time ends us by a signal. */
static void reset_signals(void)
{
	struct sigaction action;
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number == SIGXCPU ||
		    (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN))
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

static uint64_t cpu_time_ns(pid_t child)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(child, &clock) != 0 || clock_gettime(clock, &used) < 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* Reads until the child closes its end. False if it stalled or wrote too much. */
static bool drain(int fd, pid_t child, unsigned stalled_seconds, struct text *bytes)
{
	const uint64_t stretch = stalled_seconds * UINT64_C(1000000000);
	uint64_t deadline = clock_monotonic_ns() + stretch, used = 0;
	char block[16384];

	for (;;) {
		struct pollfd waiting = {.fd = fd, .events = POLLIN};
		const uint64_t now = clock_monotonic_ns();
		ssize_t got;

		if (bytes->length > answer_limit)
			return false;
		if (now >= deadline) {
			const uint64_t before = used;

			used = cpu_time_ns(child);
			if (used < before + stretch / 100)
				return false;
			deadline = now + stretch;
		}
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
	in_time = drain(ends[0], child, limits->stalled_seconds, bytes);
	close(ends[0]);
	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return in_time ? end_of(status) : SYM_CHILD_TOO_LONG;
}
