/*
 * PURPOSE: coroutines that switch stacks by instructions of their own, which no tracer can watch. See exit_coroutine.h.
 * x86-64 only.
 * TRACE: ex_*
 * ARGUMENTS: as exit_ucontext; scene 7: a coroutine that is resumed by threads in turn
 */
#include <pthread.h>
#include <stdint.h>

struct machine {
	void *own, *resumer; /* stack pointers */
};

enum { MACHINE_TELLS_STACKS = 0 };

#include "exit_coroutine.h"

/* clang-format off */
/* Saves what a call must preserve and the stack pointer; goes on where `to` was saved. */
void switch_stack(void **save, void *to);
__asm__(".text\n"
	".type switch_stack, @function\n"
	"switch_stack:\n"
	"	push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n"
	"	ret\n"
	".size switch_stack, . - switch_stack\n"
	".type switch_start, @function\n"
	"switch_start:\n"
	"	mov %r12, %rdi\n"
	"	call switch_main\n"
	"	ud2\n"
	".size switch_start, . - switch_start\n");
/* clang-format on */

void switch_start(void);
void switch_main(struct coroutine *self);

__attribute__((used)) void switch_main(struct coroutine *self)
{
	coroutine_main(self);
}

static void machine_start(struct coroutine *coroutine)
{
	uint64_t *top = (uint64_t *)(void *)(coroutine->stack + STACK_SIZE) - 2;

	*--top = (uint64_t)switch_start;
	top -= 6; /* rbp rbx r12 r13 r14 r15, upwards from r15 */
	memset(top, 0, 6 * sizeof(*top));
	top[3] = (uint64_t)coroutine;
	coroutine->machine.own = top;
}

static void machine_resume(struct coroutine *coroutine)
{
	switch_stack(&coroutine->machine.resumer, coroutine->machine.own);
}

static void machine_yield(struct coroutine *self)
{
	switch_stack(&self->machine.own, self->machine.resumer);
}

TRACED void ex_thread(struct coroutine *coroutine);

/* Calls of a coroutine that another thread began: whether they count in its depths is not told. */
void ex_thread(struct coroutine *coroutine)
{
	entered(__func__);
	exit_depth_untold++;
	resume(coroutine);
	exit_depth_untold--;
	ex_tick();
	returns();
}

static void *thread(void *coroutine)
{
	ex_thread((struct coroutine *)coroutine);
	return NULL;
}

/* Each suspension ends in another thread. */
static void migrate(long rounds)
{
	char *stack = map_stacks(1, 0);

	for (long i = 0; i < rounds; i++) {
		struct coroutine migrant = coroutine_on(stack, generate);

		machine_start(&migrant);
		resume(&migrant);
		ex_tick();
		while (!migrant.finished) {
			pthread_t id;
			require(pthread_create(&id, NULL, thread, &migrant) == 0, "pthread_create");
			pthread_join(id, NULL);
			ex_tick();
		}
	}
}

int main(int argc, char **argv)
{
	if (argument(argc, argv, 1, 0, 0) == 7)
		migrate(argument(argc, argv, 3, 1, 4));
	else
		scenes_run(argc, argv);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
