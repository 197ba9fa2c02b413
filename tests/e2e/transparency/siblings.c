/*
 * PURPOSE: children and threads by the bare clone and clone3, with flags that libc does not use: CLONE_PARENT, CLONE_PIDFD, CLONE_SETTLS,
 * CLONE_CHILD_CLEARTID, CLONE_CLEAR_SIGHAND, new namespaces. Each tells through a pipe what it worked out.
 * ARGUMENTS: TIMES
 * TRACE: work
 */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/futex.h>

enum { STACK = 65536 };

static int fds[2];

__attribute__((noinline)) int work(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number + 1;
}

static int child(void *argument)
{
	int number = 0;

	for (int i = 0; i < 5; i++)
		number = work(number);
	number += (int)(long)argument;
	if (write(fds[1], &number, sizeof(number)) != sizeof(number))
		return 9;
	return number;
}

static int told(void)
{
	int number;

	return read(fds[0], &number, sizeof(number)) == sizeof(number) ? number : -1;
}

/* Its parent is our own: we get neither its status nor SIGCHLD. */
static int by_parent(char *stack)
{
	pid_t pid = clone(child, stack + STACK, CLONE_PARENT | SIGCHLD, (void *)10);
	int number = told();

	return pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == ECHILD ? number : -1;
}

static int by_pidfd(char *stack)
{
	int fd = -1;
	pid_t pid = clone(child, stack + STACK, CLONE_PIDFD | SIGCHLD, (void *)20, &fd);
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	siginfo_t info = {0};
	int number = told();

	if (poll(&ended, 1, 20000) != 1 || waitid(P_PIDFD, (id_t)fd, &info, WEXITED) != 0 || info.si_pid != pid)
		return -1;
	close(fd);
	return info.si_status == number && info.si_code == CLD_EXITED ? number : -1;
}

static int by_clone3(unsigned long long flags, int signal)
{
	struct clone_args args = {.flags = flags, .exit_signal = (unsigned)signal};
	int status;
	pid_t pid;

	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(child((void *)30));
	if (pid < 0)
		return -errno;
	return waitpid(pid, &status, __WALL) == pid && WEXITSTATUS(status) == told() ? WEXITSTATUS(status) : -1;
}

/* A thread that libc knows nothing of. Without its own TLS it may not use libc, so it calls and sets a word. */
static atomic_int cleared, worked;

static int raw_thread_main(void *unused)
{
	(void)unused;
	for (int i = 0; i < 5; i++)
		atomic_fetch_add(&worked, work(0));
	return 0;
}

static int by_raw_thread(char *stack)
{
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_SETTID |
		    CLONE_CHILD_CLEARTID;
	int before = worked;

	cleared = 1;
	if (clone(raw_thread_main, stack + STACK, flags, NULL, NULL, NULL, &cleared) < 0)
		return -1;
	for (int value; (value = cleared) != 0;)
		syscall(SYS_futex, &cleared, FUTEX_WAIT, value, NULL, NULL, 0);
	return worked - before;
}

static int by_namespace(char *stack)
{
	int status;
	pid_t pid = clone(child, stack + STACK, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, (void *)40);

	if (pid < 0)
		return -errno;
	return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == told() ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int times = argc > 1 ? atoi(argv[1]) : 1;
	int sums[6] = {0};

	if (pipe(fds) != 0)
		return 2;
	for (int i = 0; i < times; i++) {
		work(0);
		sums[0] += by_parent(stack);
		sums[1] += by_pidfd(stack);
		sums[2] += by_clone3(0, SIGCHLD);
		sums[3] += by_clone3(CLONE_CLEAR_SIGHAND | CLONE_FILES, 0);
		sums[4] += by_raw_thread(stack);
		sums[5] += by_namespace(stack);
	}
	printf("parent: %d\npidfd: %d\nclone3: %d\nclear-sighand: %d\nraw-thread: %d\nnamespace: %d\n", sums[0], sums[1],
	       sums[2], sums[3], sums[4], sums[5]);
}
