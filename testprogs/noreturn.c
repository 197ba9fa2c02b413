/*
 * PURPOSE: calls that never return: exit() is called three calls deep, and a handler of atexit still
 * makes a call inside. On x86-64 the call of never_returns is the last instruction of last_call, so its return
 * address is the entry of next_entry: one address with two roles.
 * TRACE: outer last_call never_returns next_entry at_the_end
 */
#include "truth.h"

enum { STATUS = 7 };

TRACED void outer(void);
TRACED void last_call(void);
TRACED void never_returns(void) __attribute__((noreturn));
TRACED long next_entry(void);
TRACED long at_the_end(void);

void never_returns(void)
{
	exit(STATUS);
}

#ifdef __x86_64__
__asm__(".text\n"
	".globl last_call, next_entry\n"
	".type last_call, @function\n"
	"last_call:\n"
	"	sub $8, %rsp\n"
	"	call never_returns\n"
	".size last_call, . - last_call\n"
	".type next_entry, @function\n"
	"next_entry:\n"
	"	mov $42, %eax\n"
	"	ret\n"
	".size next_entry, . - next_entry\n");
#else
void last_call(void)
{
	never_returns();
}

long next_entry(void)
{
	return hide(42);
}
#endif

void outer(void)
{
	last_call();
	hide(0);
}

long at_the_end(void)
{
	return hide(3);
}

static void handler(void)
{
	require(at_the_end() == 3, "at_the_end");
}

int main(void)
{
	require(next_entry() == 42, "next_entry");
	require(atexit(handler) == 0, "atexit");

	truth_calls("outer", 1);
	truth_calls("last_call", 1);
	truth_calls("never_returns", 1);
	truth_calls("next_entry", 1);
	truth_calls("at_the_end", 1);
	truth_end("outer", "exit", 1);
	truth_end("last_call", "exit", 1);
	truth_end("never_returns", "exit", 1);
	truth_end("next_entry", "return", 1);
	truth_end("at_the_end", "return", 1);
	truth_enter("next_entry", 0);
	truth_enter("outer", 0);
	truth_enter("last_call", 1);
	truth_enter("never_returns", 2);
	truth_enter("at_the_end", 3);
	truth_exit(STATUS);
	outer();
	return 0;
}
