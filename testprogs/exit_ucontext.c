/*
 * PURPOSE: coroutines with makecontext and swapcontext. See exit_coroutine.h.
 * TRACE: ex_*
 * ARGUMENTS: [SCENE [PLACING [ROUNDS]]] = 0 0 4. Scenes: 0 one coroutine, 1 four in turn, 2 one resumes another, 3 one
 * is abandoned, 4 two without a traced call between them, 5 one is suspended at the end, 6 one
 * is finished by another thread. Placing: stacks 0 in ascending order, 1 descending, 2 and 3 the same within one mapping.
 */
#include <ucontext.h>

struct machine {
	ucontext_t own, resumer;
};

enum { MACHINE_TELLS_STACKS = 1 }; /* to makecontext */

#include "exit_coroutine.h"

static struct coroutine *starting;

static void start(void)
{
	coroutine_main(starting);
}

static void machine_start(struct coroutine *coroutine)
{
	ucontext_t *own = &coroutine->machine.own;

	require(getcontext(own) == 0, "getcontext");
	own->uc_stack.ss_sp = coroutine->stack;
	own->uc_stack.ss_size = STACK_SIZE;
	own->uc_link = NULL;
	makecontext(own, start, 0);
}

static void machine_resume(struct coroutine *coroutine)
{
	starting = coroutine;
	require(swapcontext(&coroutine->machine.resumer, &coroutine->machine.own) == 0, "swapcontext");
}

static void machine_yield(struct coroutine *self)
{
	require(swapcontext(&self->machine.own, &self->machine.resumer) == 0, "swapcontext");
}

int main(int argc, char **argv)
{
	scenes_run(argc, argv);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
