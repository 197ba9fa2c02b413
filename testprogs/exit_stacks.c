/*
 * PURPOSE: what is known of stacks when something else happens to them: they are freed and become a thread's, they are given
 * up while another thread has calls there, the process forks, a tracer comes late.
 * TRACE: ex_*
 * ARGUMENTS: [SCENE [THREADED]] = 0 0. Scenes: 0 a thread's stack where coroutines' lay before, 1 a coroutine begins where
 * one of another thread waits, 2 a coroutine forks, 3 a signal stack is used after fork, 4 a coroutine says "ready", and
 * reads a character before its first traced call. THREADED 1: the scene is played by a second thread.
 * What children do is in the truth: they are to be recorded.
 */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_ucontext.h"

enum { FORMER_STACKS = 32, ROOM = STACK_SIZE - 4096 };

TRACED void ex_dive(long deeper);
TRACED void ex_handler(int number);
TRACED void ex_raiser(void);

static pid_t first_process;

/* What the child tells has its place between what is told before and after it. */
static pid_t fork_in_turn(void)
{
	pid_t child;

	exit_log_print();
	exit_event_count = 0;
	fflush(stdout);
	child = fork();
	require(child >= 0, "fork");
	return child;
}

static void wait_for(pid_t child)
{
	int status;

	require(waitpid(child, &status, 0) == child && status == 0, "a child");
}

static void run_thread(void *(*body)(void *), void *argument, const pthread_attr_t *attributes)
{
	pthread_t id;

	require(pthread_create(&id, attributes, body, argument) == 0, "pthread_create");
	pthread_join(id, NULL);
}

/* ---- a thread's stack where coroutines' lay before ----------------------- */

/* Each call lies where another coroutine's stack was, or between two. */
void ex_dive(long deeper)
{
	volatile char room[ROOM];

	entered(__func__);
	room[0] = 0;
	if (deeper > 0)
		ex_dive(deeper - 1);
	hide(room[0]);
	returns();
}

static void *diving(void *unused)
{
	ex_dive(2 * FORMER_STACKS - 8);
	return unused;
}

static void work_once(struct coroutine *self)
{
	(void)self;
	ex_work();
	hide(0);
}

static void scene_former(void)
{
	const size_t size = 2 * FORMER_STACKS * STACK_SIZE;
	char *memory = map_stacks(2 * FORMER_STACKS + 1, 0);
	pthread_attr_t attributes;

	/* A mapping of its own. */
	mprotect(memory + size, STACK_SIZE, PROT_NONE);
	for (int i = 0; i < FORMER_STACKS; i++) {
		struct coroutine one = coroutine_on(memory + 2 * i * STACK_SIZE, work_once);

		machine_start(&one);
		resume(&one);
	}
	pthread_attr_init(&attributes);
	require(pthread_attr_setstack(&attributes, memory, size) == 0, "setstack");
	run_thread(diving, NULL, &attributes);
}

/* ---- a coroutine begins where one of another thread waits ------------------ */

static sem_t is_begun, is_over;

static void *begin_it(void *coroutine)
{
	resume((struct coroutine *)coroutine);
	sem_post(&is_begun);
	/* Nothing here tells that it is on its own stack again. */
	while (sem_wait(&is_over) != 0)
		continue;
	return NULL;
}

/* Overwrites nothing of the calls that were made there before. */
static void generate_deeper(struct coroutine *self)
{
	volatile char room[STACK_SIZE / 4];

	room[0] = 0;
	generate(self);
	hide(room[0]);
}

static void scene_taken(void)
{
	char *stack = map_stacks(1, 4096);
	struct coroutine old = coroutine_on(stack, dive), next = coroutine_on(stack, generate_deeper);
	struct exit_calls *own = exit_calls_now();
	pthread_t id;

	sem_init(&is_begun, 0, 0);
	sem_init(&is_over, 0, 0);
	machine_start(&old);
	require(pthread_create(&id, NULL, begin_it, &old) == 0, "pthread_create");
	while (sem_wait(&is_begun) != 0)
		continue;
	exit_calls_running = &old.calls;
	left("unwound/noticed", 3);
	exit_calls_running = own;
	machine_start(&next);
	while (!next.finished) {
		resume(&next);
		ex_tick();
	}
	sem_post(&is_over);
	pthread_join(id, NULL);
}

/* ---- a coroutine forks ----------------------------------------------------- */

static void fork_and_generate(struct coroutine *self)
{
	pid_t child = fork_in_turn();

	if (child)
		wait_for(child);
	generate(self);
	hide(0);
}

/* In one mapping: where they lie the child has to know. By addresses the other's calls would be inside of the first one's. */
static void scene_fork(void)
{
	char *memory = map_stacks(2, 0);
	struct coroutine forking = coroutine_on(memory + STACK_SIZE, fork_and_generate);
	struct coroutine other = coroutine_on(memory, generate);

	machine_start(&forking);
	machine_start(&other);
	while (!forking.finished) {
		resume(&forking);
		ex_tick();
		resume(&other);
		ex_tick();
	}
	require(other.finished, "two coroutines of the same length");
}

/* ---- a signal stack is used after fork --------------------------------------- */

static sigjmp_buf back;

void ex_handler(int number)
{
	entered(__func__);
	(void)number;
	ex_work();
	siglongjmp(back, 1);
}

void ex_raiser(void)
{
	entered(__func__);
	raise(SIGUSR1);
	returns();
}

static void scene_signal_stack(void)
{
	char inside[STACK_SIZE];
	struct sigaction action = {.sa_handler = ex_handler, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_sp = inside, .ss_size = sizeof(inside)};
	pid_t child;

	require(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
	require(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	child = fork_in_turn();
	if (child)
		wait_for(child);
	for (volatile int times = 0; times < 3; times = times + 1) {
		if (sigsetjmp(back, 1) == 0)
			ex_raiser();
		left("longjmp/exact", 2);
		ex_work();
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
}

/* ---- a tracer comes late ------------------------------------------------------- */

static void wait_and_generate(struct coroutine *self)
{
	puts("ready");
	fflush(stdout);
	getchar();
	generate(self);
	hide(0);
}

static void scene_late(void)
{
	char *memory = map_stacks(2, 4096);
	struct coroutine late = coroutine_on(memory, wait_and_generate);
	struct coroutine other = coroutine_on(memory + STACK_SIZE + 4096, dive);

	machine_start(&late);
	machine_start(&other);
	while (!late.finished) {
		resume(&late);
		ex_tick();
		if (!other.finished)
			resume(&other);
		ex_tick();
	}
}

static void *play(void *argument)
{
	static void (*const scenes[])(void) = {scene_former, scene_taken, scene_fork, scene_signal_stack,
					       scene_late};
	long scene = *(long *)argument;

	require(scene < (long)(sizeof(scenes) / sizeof(*scenes)), "no such scene");
	scenes[scene]();
	/* A child has no other thread that could go on. */
	if (getpid() != first_process) {
		exit_log_print();
		exit(0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long scene = argument(argc, argv, 1, 0, 0);

	first_process = getpid();
	if (argument(argc, argv, 2, 0, 0))
		run_thread(play, &scene, NULL);
	else
		play(&scene);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
