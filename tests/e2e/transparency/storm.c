/*
 * PURPOSE: a rain of signals on threads that call, sleep, read and wait: with SA_RESTART and retries nothing is lost, and no
 * handler, and no unwinder in it, sees a pc that is not in a file.
 * ARGUMENTS: [SIGNALS] = 500
 * TRACE: work handler_work
 */
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static int count = 500, fds[2];
static atomic_long handled[3], strange;
static atomic_int ended;
static sem_t done;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void handler_work(int which)
{
	handled[which]++;
}

struct search {
	uintptr_t address;
	int found;
};

static int in_segment(struct dl_phdr_info *info, size_t size, void *context)
{
	struct search *search = context;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X &&
		    search->address - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr <
			    info->dlpi_phdr[i].p_filesz)
			search->found = 1;
	return search->found;
}

static void check(void *address)
{
	struct search search = {(uintptr_t)address, 0};

	dl_iterate_phdr(in_segment, &search);
	if (!search.found)
		strange++;
}

static void handler(int number, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	void *frames[64];
	int depth;

	(void)info;
	handler_work(number - SIGRTMIN);
	check((void *)interrupted->uc_mcontext.gregs[REG_RIP]);
	depth = backtrace(frames, 64);
	for (int i = 0; i < depth; i++)
		check(frames[i]);
	sem_post(&done);
}

static void *calls(void *argument)
{
	while (!ended)
		work();
	return argument;
}

static void *sleeps(void *argument)
{
	while (!ended) {
		work();
		usleep(300);
	}
	return argument;
}

static void *reads(void *argument)
{
	char byte;
	long got = 0;

	/* SA_RESTART: read never says EINTR. */
	while (read(fds[0], &byte, 1) == 1) {
		work();
		got++;
	}
	printf("read %ld\n", got);
	return argument;
}

int main(int argc, char **argv)
{
	static void *(*const mains[3])(void *) = {calls, sleeps, reads};
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
	pthread_t threads[3];
	void *frames[4];

	count = argc > 1 ? atoi(argv[1]) : count;
	backtrace(frames, 4); /* loads libgcc now, not in a handler */
	sem_init(&done, 0, 0);
	if (pipe(fds) != 0)
		return 2;
	for (int i = 0; i < 3; i++) {
		sigaction(SIGRTMIN + i, &action, NULL);
		pthread_create(&threads[i], NULL, mains[i], NULL);
	}
	for (int i = 0; i < count; i++) {
		for (int j = 0; j < 3; j++)
			if (pthread_kill(threads[j], SIGRTMIN + j) != 0)
				return 3;
		if (i % 10 == 0 && write(fds[1], "x", 1) != 1)
			return 4;
		for (int j = 0; j < 3; j++)
			while (sem_wait(&done) != 0)
				;
	}
	ended = 1;
	close(fds[1]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("handled %ld %ld %ld\n", (long)handled[0], (long)handled[1], (long)handled[2]);
	printf("strange %ld\n", (long)strange);
}
