/*
 * Coroutines for exit_ucontext and exit_switch, which differ in how they switch stacks: scenes, and what the log has to know.
 * A coroutine runs on behalf of who resumes it until it yields back: then its calls are suspended, and neither nested
 * in anything nor counted in a depth. Calls of who resumed it are what its own are nested in. Where a tracer cannot see which it
 * is, depths are not told.
 */
#ifndef TESTPROGS_EXIT_COROUTINE_H
#define TESTPROGS_EXIT_COROUTINE_H

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "exit_log.h"

enum { STACK_SIZE = 1 << 16, STACKS = 4 };

struct coroutine {
	struct exit_calls calls;
	void (*body)(struct coroutine *self);
	struct coroutine *other; /* for the body */
	int finished;
	char *stack;
	struct machine machine; /* the including file's own */
};

/* What the including file has: */
static void machine_start(struct coroutine *coroutine);
static void machine_resume(struct coroutine *coroutine);
static void machine_yield(struct coroutine *self);

static inline void resume(struct coroutine *coroutine)
{
	coroutine->calls.resumer = exit_calls_now();
	exit_calls_running = &coroutine->calls;
	machine_resume(coroutine);
}

static inline void yield(struct coroutine *self)
{
	exit_calls_running = self->calls.resumer;
	self->calls.resumer = NULL;
	machine_yield(self);
}

/* What every coroutine's stack begins with; it must not return. */
static inline void coroutine_main(struct coroutine *self)
{
	self->body(self);
	self->finished = 1;
	yield(self);
	require(0, "a finished coroutine was resumed");
}

static inline struct coroutine coroutine_on(char *stack, void (*body)(struct coroutine *self))
{
	struct coroutine coroutine;

	memset(&coroutine, 0, sizeof(coroutine));
	coroutine.stack = stack;
	coroutine.body = body;
	return coroutine;
}

TRACED void ex_tick(void);
TRACED void ex_work(void);
TRACED void ex_generator(struct coroutine *self, long times);
TRACED void ex_deep(struct coroutine *self, long deeper);
TRACED void ex_scene(void (*scene)(char *const *stacks), char *const *stacks);

/* A call of who resumes: shows which stack runs. */
void ex_tick(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

/* Suspended `times` times. */
void ex_generator(struct coroutine *self, long times)
{
	entered(__func__);
	for (long i = 0; i < times; i++) {
		ex_work();
		yield(self);
	}
	ex_work();
	returns();
}

/* Suspended when it is deep, and again when it is not any more. */
void ex_deep(struct coroutine *self, long deeper)
{
	entered(__func__);
	if (deeper > 0)
		ex_deep(self, deeper - 1);
	yield(self);
	hide(0);
	returns();
}

void ex_scene(void (*scene)(char *const *stacks), char *const *stacks)
{
	entered(__func__);
	scene(stacks);
	returns();
}

/* None of these makes a tail call: a traced call and another body would have one return address. */
static void generate(struct coroutine *self)
{
	ex_generator(self, 3);
	ex_generator(self, 2);
	hide(0);
}

static void dive(struct coroutine *self)
{
	ex_deep(self, 2);
	hide(0);
}

static void drive(struct coroutine *self)
{
	ex_work();
	while (!self->other->finished) {
		resume(self->other);
		ex_tick();
	}
}

static void scene_one(char *const *stacks)
{
	struct coroutine one = coroutine_on(stacks[0], generate);

	machine_start(&one);
	while (!one.finished) {
		ex_tick();
		resume(&one);
		ex_tick();
	}
}

/* In turn, until all have finished. */
static void scene_interleaved(char *const *stacks)
{
	struct coroutine all[STACKS];
	int finished = 0;

	for (int i = 0; i < STACKS; i++) {
		all[i] = coroutine_on(stacks[i], i % 2 ? dive : generate);
		machine_start(&all[i]);
	}
	for (int turn = 0; finished < STACKS; turn = (turn + 1) % STACKS) {
		if (all[turn].finished)
			continue;
		resume(&all[turn]);
		ex_tick();
		finished += all[turn].finished;
	}
}

/* A coroutine resumes another. */
static void scene_nested(char *const *stacks)
{
	struct coroutine inner = coroutine_on(stacks[0], generate);
	struct coroutine outer = coroutine_on(stacks[1], drive);

	outer.other = &inner;
	machine_start(&inner);
	machine_start(&outer);
	while (!outer.finished) {
		resume(&outer);
		ex_tick();
	}
}

/* Suspended, and never resumed: another coroutine gets the stack. */
static void scene_abandoned(char *const *stacks)
{
	struct coroutine abandoned = coroutine_on(stacks[0], dive), next = coroutine_on(stacks[0], generate);

	machine_start(&abandoned);
	resume(&abandoned);
	exit_calls_running = &abandoned.calls;
	abandoned.calls.resumer = &exit_calls_of_thread;
	left("unwound/noticed", 3);
	exit_calls_running = &exit_calls_of_thread;
	ex_tick();
	memset(stacks[0], 0, STACK_SIZE);
	machine_start(&next);
	while (!next.finished) {
		resume(&next);
		ex_tick();
	}
}

/* Nothing happens between two coroutines: what theirs are nested in cannot be seen by calls alone. */
static void scene_unseen(char *const *stacks)
{
	struct coroutine first = coroutine_on(stacks[0], generate),
			 second = coroutine_on(stacks[1], generate);

	machine_start(&first);
	machine_start(&second);
	exit_depth_untold++;
	while (!first.finished) {
		resume(&first);
		resume(&second);
	}
	exit_depth_untold--;
	require(second.finished, "two coroutines of the same length");
}

static void *finish_it(void *argument)
{
	struct coroutine *coroutine = (struct coroutine *)argument;

	while (!coroutine->finished)
		resume(coroutine);
	return NULL;
}

/* Another thread goes on with it, while the one that began it waits and makes no call that would show that. */
static void scene_moved(char *const *stacks)
{
	struct coroutine moved = coroutine_on(stacks[0], generate);
	pthread_t id;

	machine_start(&moved);
	resume(&moved);
	exit_depth_untold += !MACHINE_TELLS_STACKS;
	require(pthread_create(&id, NULL, finish_it, &moved) == 0, "pthread_create");
	pthread_join(id, NULL);
	exit_depth_untold -= !MACHINE_TELLS_STACKS;
	ex_tick();
}

/* Suspended when the process exits. */
static struct coroutine suspended;

static void scene_suspended(char *const *stacks)
{
	suspended = coroutine_on(stacks[0], dive);
	machine_start(&suspended);
	resume(&suspended);
	ex_tick();
}

static inline char *map_stacks(long count, long apart)
{
	char *memory = (char *)mmap(NULL, (size_t)(count * (STACK_SIZE + apart)), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	require(memory != MAP_FAILED, "mmap");
	for (long i = 0; i < count && apart; i++)
		mprotect(memory + i * (STACK_SIZE + apart) + STACK_SIZE, (size_t)apart, PROT_NONE);
	return memory;
}

/* Argument 1 is the number of a scene, argument 2 how the stacks lie, argument 3 rounds. */
static inline void scenes_run(int argc, char **argv)
{
	static void (*const scenes[])(char *const *) = {scene_one,       scene_interleaved, scene_nested,
							scene_abandoned, scene_unseen,      scene_suspended,
							scene_moved};
	long scene = argument(argc, argv, 1, 0, 0), placing = argument(argc, argv, 2, 0, 0);
	long rounds = argument(argc, argv, 3, 1, 4), apart = placing < 2 ? 4096 : 0;
	char *stacks[STACKS], *memory = map_stacks(STACKS, apart);

	/* Where one stack ends and the next begins is for the program alone to know. */
	exit_depth_untold += !MACHINE_TELLS_STACKS && !apart;
	require(scene < (long)(sizeof(scenes) / sizeof(*scenes)), "no such scene");
	for (int i = 0; i < STACKS; i++)
		stacks[placing % 2 ? STACKS - 1 - i : i] = memory + i * (STACK_SIZE + apart);
	if (scenes[scene] == scene_suspended)
		rounds = 1;
	for (long i = 0; i < rounds; i++)
		ex_scene(scenes[scene], stacks);
	exit_calls_running = &suspended.calls;
	left_sometime("exit/exact", suspended.calls.count);
}

#endif
