/*
 * keeper: stands between batch and a recorder. It is the reaper of all that the program leaves behind, so that what
 * has left the program's process group and session is found too when the tree is to be killed; and it is
 * in another group than the program, which may kill its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fmprof/util.h"
#include "task.h"

/* Between two looks at what is left of a tree. */
static const struct timespec look_again = {0, 10000000};

/* How long a recorder may take for its last lines, figures and picture once its program was killed. */
#define GRACE_NS UINT64_C(60000000000)

struct keeper {
	pid_t recorder;
	bool recorder_is_gone, recorder_was_killed, program_is_over;
	enum task_outcome outcome;
	uint64_t deadline_ns; /* of CLOCK_MONOTONIC; 0: none */
};

static void reap(struct keeper *keeper)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == keeper->recorder) {
			keeper->recorder_is_gone = true;
			keeper->recorder_was_killed = WIFSIGNALED(status);
		}
}

static struct timespec time_left(uint64_t deadline_ns)
{
	uint64_t now = clock_monotonic_ns(), left = deadline_ns > now ? deadline_ns - now : 0;

	return (struct timespec){.tv_sec = (time_t)(left / 1000000000), .tv_nsec = (long)(left % 1000000000)};
}

static void note_end(struct keeper *keeper, const siginfo_t *info)
{
	keeper->program_is_over |= info->si_pid == keeper->recorder;
}

/*
 * Once its program is over, what is below the recorder is its own, gnuplot for instance. It says so before it starts any,
 * so this is asked after the tree was read.
 */
static bool program_is_over(struct keeper *keeper)
{
	static const struct timespec at_once = {0, 0};
	sigset_t ended;
	siginfo_t info;

	sigemptyset(&ended);
	sigaddset(&ended, TASK_ENDED);
	if (sigtimedwait(&ended, &info, &at_once) == TASK_ENDED)
		note_end(keeper, &info);
	return keeper->program_is_over;
}

/* Until it is all gone; what may not be killed (another user's) is given up with the grace. */
static void kill_all(struct keeper *keeper)
{
	const uint64_t grace_ns = clock_monotonic_ns() + GRACE_NS;
	struct tree tree = {0};
	size_t left;

	do {
		if (!keeper->recorder_is_gone)
			kill(keeper->recorder, SIGCONT); /* its program may have stopped it */
		tree_read(&tree);
		left = tree_kill(&tree, keeper->recorder, !program_is_over(keeper));
		reap(keeper);
		if (left > 0)
			nanosleep(&look_again, NULL);
	} while (left > 0 && clock_monotonic_ns() < grace_ns);
	tree_free(&tree);
	keeper->deadline_ns = grace_ns;
}

static void end_early(struct keeper *keeper, enum task_outcome outcome)
{
	if (keeper->outcome == TASK_BY_ITSELF) {
		keeper->outcome = outcome;
	} else { /* the grace is over, or batch cannot wait for it */
		kill(keeper->recorder, SIGKILL);
	}
	kill_all(keeper);
}

static enum task_outcome keep(struct keeper *keeper)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, TASK_STOP);
	sigaddset(&signals, TASK_ENDED);
	while (!keeper->recorder_is_gone) {
		bool waits = keeper->deadline_ns && !(keeper->program_is_over && !keeper->outcome);
		const struct timespec left = time_left(keeper->deadline_ns);
		siginfo_t info;
		int signal = sigtimedwait(&signals, &info, waits ? &left : NULL);

		if (signal == SIGCHLD)
			reap(keeper);
		else if (signal == TASK_ENDED)
			note_end(keeper, &info);
		else if (signal == TASK_STOP)
			end_early(keeper, TASK_INTERRUPTED);
		else if (signal < 0 && errno == EAGAIN)
			end_early(keeper, TASK_TIMED_OUT);
	}
	/* What it had itself, gnuplot for instance; or the rest of a program whose first process died with it. */
	if (keeper->outcome != TASK_BY_ITSELF || keeper->recorder_was_killed)
		kill_all(keeper);
	return keeper->outcome;
}

/*
 * A program in the background that reads from the terminal would be stopped for good. Not setsid: the kernel shares CPUs out
 * among sessions (sched_autogroup), and on a busy machine a program in one of its own waits for its share: 500 short ones took
 * 1.3 times as long.
 */
static void leave_terminal(void)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (terminal < 0)
		return;
	ioctl(terminal,
	      TIOCNOTTY); /* of one who does not lead the session: for this process, and those it makes */
	close(terminal);
}

static int keeper_main(const struct task *task, pid_t batch, int result_fd)
{
	struct keeper keeper = {0};
	pid_t self = getpid();

	/* Without batch nobody waits for it; asked after, since batch may be gone by now. */
	prctl(PR_SET_PDEATHSIG, TASK_STOP);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setpgid(0, 0);
	leave_terminal();
	if (getppid() != batch)
		return TASK_INTERRUPTED;
	if (task->program->timeout_ns)
		keeper.deadline_ns = clock_monotonic_ns() + task->program->timeout_ns;
	keeper.recorder = fork();
	if (keeper.recorder == 0) {
		recorder_run(task, self, result_fd);
		_exit(0);
	}
	close(result_fd);
	if (keeper.recorder < 0)
		return TASK_BY_ITSELF;
	return (int)keep(&keeper);
}

pid_t keeper_start(const struct task *task, int result_fd)
{
	pid_t batch = getpid(), pid = fork();

	if (pid == 0)
		_exit(keeper_main(task, batch, result_fd));
	return pid;
}
