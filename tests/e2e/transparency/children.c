/*
 * PURPOSE: short-lived children of every kind, each with its own calls, status and output.
 * ARGUMENTS: fork|vfork|spawn|system|vm|vm-files|files|sighand|thread-like|untraced|threads|detached, [TIMES [ROUNDS]] = 100 1: before another
 *            round it says so and waits for a line
 * TRACE: work child_work
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static volatile long shared_count;
static int times = 100;
enum { STACK = 65536 };

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void child_work(int *sum, int number)
{
	work();
	*sum += number;
}

static int child(void *argument)
{
	int sum = 0, number = *(int *)argument;

	for (int i = 0; i < 3; i++)
		child_work(&sum, number);
	shared_count++;
	return sum % 251;
}

static void await(pid_t pid, int number)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, __WALL) != pid)
		printf("child %d: %s\n", number, strerror(errno));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != number * 3 % 251)
		printf("child %d: status 0x%x\n", number, status);
}

static pid_t by_fork(int number)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(child(&number));
	return pid;
}

static char *words[] = {"sh", "-c", NULL, NULL};

static void set_words(int number)
{
	static char text[64];

	snprintf(text, sizeof(text), "exit %d", number * 3 % 251);
	words[2] = text;
}

static pid_t by_vfork(int number)
{
	pid_t pid;

	set_words(number);
	pid = vfork();
	if (pid == 0) {
		work();
		execv("/bin/sh", words);
		_exit(127);
	}
	return pid;
}

static pid_t by_spawn(int number)
{
	pid_t pid;

	set_words(number);
	return posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ) == 0 ? pid : -1;
}

static pid_t by_system(int number)
{
	int status;

	set_words(number);
	status = system(words[2]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != number * 3 % 251)
		printf("system: 0x%x\n", status);
	return 0;
}

static pid_t by_clone(int number, int flags)
{
	static int given;
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	given = number;
	pid = clone(child, stack + STACK, flags, &given);
	await(pid, number);
	munmap(stack, STACK);
	return 0;
}

static void *thread_main(void *argument)
{
	return (void *)(long)child(argument);
}

static void by_thread(int number)
{
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, thread_main, &number);
	pthread_join(thread, &result);
	if ((long)result != number * 3 % 251)
		printf("thread %d: %ld\n", number, (long)result);
}

static void *detached_main(void *argument)
{
	child(argument);
	free(argument);
	return NULL;
}

static void by_detached(int number)
{
	int *given = malloc(sizeof(*given));
	pthread_attr_t attributes;
	pthread_t thread;

	*given = number;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, detached_main, given) != 0)
		printf("thread %d: not created\n", number);
	while (shared_count <= number)
		sched_yield();
}

static const struct {
	const char *name;
	int flags;
} kinds[] = {
	{"vm", CLONE_VM | SIGCHLD},
	{"vm-files", CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD},
	{"files", CLONE_FILES | CLONE_FS | SIGCHLD},
	{"sighand", CLONE_VM | CLONE_SIGHAND | SIGCHLD},
	{"vfork-like", CLONE_VM | CLONE_VFORK | SIGCHLD},
	{"no-signal", CLONE_VM},
	{"copy-no-signal", 0},
	{"io", CLONE_IO | CLONE_SYSVSEM | SIGCHLD},
	{"ptrace", CLONE_PTRACE | SIGCHLD},
	{"vm-ptrace", CLONE_VM | CLONE_PTRACE | SIGCHLD},
};

static void one(const char *kind, int number)
{
	if (strcmp(kind, "fork") == 0)
		await(by_fork(number), number);
	if (strcmp(kind, "vfork") == 0)
		await(by_vfork(number), number);
	if (strcmp(kind, "spawn") == 0)
		await(by_spawn(number), number);
	if (strcmp(kind, "system") == 0)
		by_system(number);
	if (strcmp(kind, "threads") == 0)
		by_thread(number);
	if (strcmp(kind, "detached") == 0)
		by_detached(number);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kind, kinds[i].name) == 0)
			by_clone(number, kinds[i].flags);
}

static void next_round(void)
{
	printf("round\n");
	fflush(stdout);
	while (getchar() != '\n')
		;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	times = argc > 2 ? atoi(argv[2]) : times;
	for (int round = argc > 3 ? atoi(argv[3]) : 1; round > 0; round--) {
		shared_count = 0;
		for (int i = 0; i < times; i++) {
			work();
			one(argv[1], i);
			work();
		}
		if (round > 1)
			next_round();
	}
	printf("%s: %d, shared %ld\n", argv[1], times, shared_count);
	/* No child is left. */
	errno = 0;
	printf("%d %d\n", waitpid(-1, NULL, __WALL | WNOHANG), errno == ECHILD);
}
