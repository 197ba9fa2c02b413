/*
 * PURPOSE: what a signal does to a system call that waits: EINTR or a restart, as signal(7) says. A helper thread
 * waits until the main thread sleeps in the call, sends it one signal, and later makes the call end.
 * ARGUMENTS: plain|restart|ignored|default (what SIGUSR2, or for the last two SIGWINCH, does)
 * TRACE: work handler_work
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int handled, worked;
static int signal_sent = SIGUSR2;
static int pipe_fds[2], socket_fds[2], word, semaphores;
static pthread_t main_thread;
static pid_t main_tid;

__attribute__((noinline)) void work(void)
{
	worked++;
}

__attribute__((noinline)) void handler_work(void)
{
	handled++;
}

static void handler(int number)
{
	(void)number;
	handler_work();
}

/* ---- the calls ------------------------------------------------------------ */

static long do_nanosleep(void)
{
	struct timespec time = {0, 150000000};

	return nanosleep(&time, NULL);
}

static long do_clock_nanosleep(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_nsec += 150000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
	return errno ? -1 : 0;
}

static long do_read(void)
{
	char byte;

	return read(pipe_fds[0], &byte, 1);
}

static long do_recv(void)
{
	char byte;

	return recv(socket_fds[0], &byte, 1, 0);
}

static long do_poll(void)
{
	return poll(&(struct pollfd){.fd = pipe_fds[0], .events = POLLIN}, 1, 2000);
}

static long do_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipe_fds[0], &set);
	return select(pipe_fds[0] + 1, &set, NULL, NULL, NULL);
}

static long do_futex(void)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL);
}

static long do_futex_timeout(void)
{
	struct timespec time = {2, 0};

	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time);
}

static long do_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	long result;

	epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_fds[0], &event);
	result = epoll_wait(epoll, &event, 1, 2000);
	close(epoll);
	return result;
}

static long do_semop(void)
{
	return semop(semaphores, &(struct sembuf){.sem_op = -1}, 1);
}

static long do_recv_timeout(void)
{
	char byte;
	struct timeval time = {2, 0};

	setsockopt(socket_fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	return recv(socket_fds[0], &byte, 1, 0);
}

static long do_sigtimedwait(void)
{
	sigset_t set;
	struct timespec time = {0, 150000000};

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &time);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{"nanosleep", do_nanosleep},
	{"clock_nanosleep", do_clock_nanosleep},
	{"read", do_read},
	{"recv", do_recv},
	{"poll", do_poll},
	{"select", do_select},
	{"futex", do_futex},
	{"futex with timeout", do_futex_timeout},
	{"epoll_wait", do_epoll},
	{"semop", do_semop},
	{"recv with timeout", do_recv_timeout},
	{"sigtimedwait", do_sigtimedwait},
};

/* ---- the helper ----------------------------------------------------------- */

static volatile int ready, in_call, over;

/* Until the main thread waits in the kernel, or has done so already on a loaded machine; a traced one may be in a stop of its tracer meanwhile. */
static void await_sleep(void)
{
	char path[64], line[512];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", main_tid);
	for (;;) {
		FILE *file = fopen(path, "r");
		char *state = file && fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;

		if (file)
			fclose(file);
		if (over || (state && state[2] == 'S' && in_call))
			return;
		usleep(200);
	}
}

static void *helper(void *argument)
{
	work();
	ready = 1;
	await_sleep();
	usleep(2000);
	await_sleep();
	pthread_kill(main_thread, signal_sent);
	usleep(20000);
	work();
	/* Ends the call if the signal has not. */
	word = 1;
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
	semop(semaphores, &(struct sembuf){.sem_op = 1}, 1);
	if (write(pipe_fds[1], "x", 1) != 1 || write(socket_fds[1], "x", 1) != 1)
		abort();
	return argument;
}

static void one(const char *name, long (*call)(void))
{
	sigset_t set;
	pthread_t thread;
	long result;
	int error, before = handled;

	if (pipe(pipe_fds) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, socket_fds) != 0)
		abort();
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	word = ready = over = 0;
	sigemptyset(&set);
	sigaddset(&set, signal_sent);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, helper, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	work();
	while (!ready)
		sched_yield();
	errno = 0;
	in_call = 1;
	result = call();
	error = errno;
	in_call = 0;
	over = 1;
	pthread_join(thread, NULL);
	printf("%s: %ld %s, handled %d\n", name, result, result < 0 ? strerrorname_np(error) : "-",
	       handled - before);
	close(pipe_fds[0]), close(pipe_fds[1]), close(socket_fds[0]), close(socket_fds[1]);
	semctl(semaphores, 0, IPC_RMID);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = handler};
	const char *what = argc > 1 ? argv[1] : "plain";
	/* Those that the kernel does not go on with once it has been woken. */
	size_t count = sizeof(calls) / sizeof(*calls);

	main_thread = pthread_self();
	main_tid = getpid();
	if (strcmp(what, "restart") == 0)
		action.sa_flags = SA_RESTART;
	if (strcmp(what, "ignored") == 0 || strcmp(what, "default") == 0) {
		signal_sent = SIGWINCH;
		action.sa_handler = strcmp(what, "ignored") == 0 ? SIG_IGN : SIG_DFL;
	}
	sigaction(signal_sent, &action, NULL);
	for (size_t i = 0; i < count; i++)
		one(calls[i].name, calls[i].call);
}
