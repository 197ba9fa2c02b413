/*
 * PURPOSE: longjmp of another libc than glibc, whose jmp_buf holds the plain registers, stack pointer and pc last, as
 * musl's does: what it says in the terms of glibc's is an address that nothing is mapped at. The calls are gone, and when is
 * the next thing that happens. x86-64 only.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include "exit_log.h"

enum { RECURSION = 20 };

TRACED void ex_jumper(long deeper);
TRACED void ex_work(void);
TRACED void ex_catcher(long deeper);
TRACED void ex_here(void);

/* clang-format off */
int plain_setjmp(void **to) __attribute__((returns_twice));
/* A name that libc's has too: its functions are known by their names. */
void _longjmp(void **to, int value) __attribute__((noreturn));
__asm__(".text\n"
	".globl plain_setjmp, _longjmp\n"
	".type plain_setjmp, @function\n"
	"plain_setjmp:\n"
	"	mov %rbx, (%rdi)\n mov %rbp, 8(%rdi)\n mov %r12, 16(%rdi)\n"
	"	mov %r13, 24(%rdi)\n mov %r14, 32(%rdi)\n mov %r15, 40(%rdi)\n"
	"	lea 8(%rsp), %rdx\n mov %rdx, 48(%rdi)\n"
	"	mov (%rsp), %rdx\n mov %rdx, 56(%rdi)\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	".size plain_setjmp, . - plain_setjmp\n"
	".type _longjmp, @function\n"
	"_longjmp:\n"
	"	mov %esi, %eax\n"
	"	mov (%rdi), %rbx\n mov 8(%rdi), %rbp\n mov 16(%rdi), %r12\n"
	"	mov 24(%rdi), %r13\n mov 32(%rdi), %r14\n mov 40(%rdi), %r15\n"
	"	mov 48(%rdi), %rsp\n"
	"	jmp *56(%rdi)\n"
	".size _longjmp, . - _longjmp\n");
/* clang-format on */

static void *back[8];

void ex_jumper(long deeper)
{
	entered(__func__);
	if (deeper > 0)
		ex_jumper(deeper - 1);
	if (hide(1))
		_longjmp(back, 1);
	returns();
}

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_catcher(long deeper)
{
	volatile long left_calls = deeper + 1;

	entered(__func__);
	if (plain_setjmp(back) == 0) {
		ex_jumper(deeper);
		require(0,
			"ex_jumper has returned"); /* or it would look like that: jumped to is the return address */
	}
	left("unwound/noticed", left_calls);
	ex_work();
	returns();
}

/* Within one function: nothing is left. */
void ex_here(void)
{
	entered(__func__);
	if (plain_setjmp(back) == 0)
		_longjmp(back, 1);
	ex_work();
	returns();
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	for (long i = 0; i < rounds; i++) {
		ex_catcher(0);
		ex_catcher(RECURSION);
		ex_here();
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}
