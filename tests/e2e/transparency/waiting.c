/*
 * PURPOSE: system calls that wait, one a thread, while a tracer comes and goes. None may be interrupted: each ends by its own event, which
 * comes when a line is read.
 * ARGUMENTS: none
 * TRACE: work
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 15 };

static int event[KINDS], semaphores, queue, word, sockets[2];
static atomic_int waiting;
static pthread_t threads[KINDS];
static struct timespec end_of_sleep;
static pid_t child;
static char answers[KINDS][80];

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static const char *const names[KINDS] = {"read",   "poll",  "select", "epoll_wait", "semop",	   "msgrcv", "sigtimedwait", "futex",
					 "nanosleep", "wait", "recv",   "flock",      "pselect", "ppoll", "accept"};

static long wait_for(int kind)
{
	struct pollfd one = {.fd = event[kind], .events = POLLIN};
	struct timespec minute = {.tv_sec = 60};
	struct sembuf take = {.sem_op = -1};
	struct epoll_event found, wanted = {.events = EPOLLIN};
	struct timeval minute_val = {.tv_sec = 60};
	char text[64];
	sigset_t set;
	fd_set fds;
	int epoll, status;

	FD_ZERO(&fds);
	FD_SET(event[kind], &fds);
	switch (kind) {
	case 0:
		return read(event[kind], text, 8);
	case 1:
		return poll(&one, 1, 60000);
	case 2:
		return select(event[kind] + 1, &fds, NULL, NULL, &minute_val);
	case 3:
		epoll = epoll_create1(0);
		epoll_ctl(epoll, EPOLL_CTL_ADD, event[kind], &wanted);
		return epoll_wait(epoll, &found, 1, 60000);
	case 4:
		return semtimedop(semaphores, &take, 1, &minute);
	case 5:
		return msgrcv(queue, text, 8, 0, 0);
	case 6:
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		return sigtimedwait(&set, NULL, &minute);
	case 7:
		return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &minute, NULL, 0);
	case 8:
		return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end_of_sleep, NULL);
	case 9:
		return waitpid(child, &status, 0) == child ? status : -1;
	case 10:
		return recv(sockets[1], text, 8, 0);
	case 11:
		return flock(open("/proc/self/exe", O_RDONLY), LOCK_EX);
	case 12:
		return pselect(event[kind] + 1, &fds, NULL, NULL, &minute, NULL);
	case 13:
		return ppoll(&one, 1, &minute, NULL);
	default:
		/* A listening socket. */
		return accept(event[kind], NULL, NULL) >= 0 ? 0 : -1;
	}
}

static void *wait_in_thread(void *argument)
{
	int kind = (int)(long)argument;
	long result;

	work();
	waiting++;
	errno = 0;
	result = wait_for(kind);
	snprintf(answers[kind], sizeof(answers[kind]), "%s: %s", names[kind],
		 result >= 0 ? "ended by its event" : strerror(errno));
	work();
	return NULL;
}

static void make_events(int *lock)
{
	struct sockaddr any = {.sa_family = AF_UNIX};

	for (int i = 0; i < KINDS; i++)
		event[i] = eventfd(0, 0);
	event[KINDS - 1] = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(event[KINDS - 1], &any, sizeof(any.sa_family)) != 0 || listen(event[KINDS - 1], 1) != 0)
		exit(3);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
	*lock = open("/proc/self/exe", O_RDONLY);
	flock(*lock, LOCK_EX);
}

/* Asleep in its system call, or about to: a tenth of a second is enough for all but a test of luck. */
static void let_them_wait(void)
{
	while (waiting < KINDS)
		usleep(1000);
	usleep(100000);
}

static void end_them(int lock)
{
	struct sembuf give = {.sem_op = 1};
	struct msgbuf message = {.mtype = 1};
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	uint64_t one = 1;

	for (int i = 0; i < KINDS - 1; i++)
		if (write(event[i], &one, 8) != 8)
			exit(4);
	semop(semaphores, &give, 1);
	msgsnd(queue, &message, 1, 0);
	pthread_kill(threads[6], SIGUSR1);
	word = 1;
	syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	kill(child, SIGTERM);
	if (write(sockets[0], "x", 1) != 1)
		exit(5);
	flock(lock, LOCK_UN);
	getsockname(event[KINDS - 1], (struct sockaddr *)&address, &length);
	connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, length);
}

int main(void)
{
	sigset_t set;
	int lock;

	make_events(&lock);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	clock_gettime(CLOCK_MONOTONIC, &end_of_sleep);
	end_of_sleep.tv_sec += 1;
	for (long i = 0; i < KINDS; i++)
		pthread_create(&threads[i], NULL, wait_in_thread, (void *)i);
	let_them_wait();
	printf("ready\n");
	fflush(stdout);
	while (getchar() != '\n' && !feof(stdin))
		;
	end_them(lock);
	for (int i = 0; i < KINDS; i++) {
		pthread_join(threads[i], NULL);
		puts(answers[i]);
	}
	semctl(semaphores, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
}
