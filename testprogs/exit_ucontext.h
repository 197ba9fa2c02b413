/* The machine of exit_coroutine.h that libc has: makecontext and swapcontext. */
#ifndef TESTPROGS_EXIT_UCONTEXT_H
#define TESTPROGS_EXIT_UCONTEXT_H

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

#endif
