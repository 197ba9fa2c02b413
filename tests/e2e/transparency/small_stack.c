/*
 * PURPOSE: a coroutine with a stack of 512 bytes, while SIGTRAP is handled or ignored: what lies below it stays as it is.
 * ARGUMENTS: [ignored]
 * TRACE: work
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { BELOW = 1 << 15, STACK = 512 };

static char memory[BELOW + STACK] __attribute__((aligned(4096)));
static ucontext_t main_context, context;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

static void handler(int number)
{
	(void)number;
}

static void coroutine(void)
{
	for (int i = 0; i < 5; i++)
		work();
}

static int count_changed(void)
{
	int changed = 0;

	for (int i = 0; i < BELOW; i++)
		changed += memory[i] != 0x55;
	return changed;
}

int main(int argc, char **argv)
{
	(void)argv;
	signal(SIGTRAP, argc > 1 ? SIG_IGN : handler);
	memset(memory, 0x55, sizeof(memory));
	getcontext(&context);
	context.uc_stack.ss_sp = memory + BELOW;
	context.uc_stack.ss_size = STACK;
	context.uc_link = &main_context;
	makecontext(&context, coroutine, 0);
	swapcontext(&main_context, &context);
	printf("changed below the stack: %d\n", count_changed());
}
