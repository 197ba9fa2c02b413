/*
 * PURPOSE: coroutines that switch stacks by longjmp, as portable libraries do: no call is left by it. See exit_coroutine.h.
 * TRACE: ex_*
 * ARGUMENTS: as exit_ucontext
 */
#include <setjmp.h>
#include <ucontext.h>

struct machine {
	jmp_buf own, resumer;
	int started;
	ucontext_t first;
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
	coroutine->machine.started = 0;
}

/* The first time by makecontext: its stack is not one yet. */
static void first_resume(struct coroutine *coroutine)
{
	ucontext_t *first = &coroutine->machine.first;

	coroutine->machine.started = 1;
	starting = coroutine;
	require(getcontext(first) == 0, "getcontext");
	first->uc_stack.ss_sp = coroutine->stack;
	first->uc_stack.ss_size = STACK_SIZE;
	first->uc_link = NULL;
	makecontext(first, start, 0);
	setcontext(first);
}

static void machine_resume(struct coroutine *coroutine)
{
	if (_setjmp(coroutine->machine.resumer) != 0)
		return;
	if (!coroutine->machine.started)
		first_resume(coroutine);
	_longjmp(coroutine->machine.own, 1);
}

static void machine_yield(struct coroutine *self)
{
	if (_setjmp(self->machine.own) == 0)
		_longjmp(self->machine.resumer, 1);
}

int main(int argc, char **argv)
{
	scenes_run(argc, argv);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
