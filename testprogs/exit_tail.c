/*
 * PURPOSE: chains of tail calls that end in unusual ways: in a loop among themselves, by longjmp, in a function that is
 * not traced, or called again from the same place. Jumps on x86-64, whatever the compiler optimises.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include <setjmp.h>
#include <string.h>

#include "exit_log.h"

TRACED void ex_last(void);
TRACED void ex_jumper(void);
TRACED void ex_to_last(void), ex_to_jumper(void), ex_to_plain(void), ex_to_chain(void), ex_ping(void),
	ex_pong(void), ex_self(void);

static jmp_buf back;
static long loops;

static void chain_left(const char *how, long jumped)
{
	left_sometime(how, 1);
	left_sometime("tail/exact", jumped);
}

void ex_last(void)
{
	entered(__func__);
	hide(0);
	chain_left("return/exact", exit_calls_now()->count - 1);
}

void ex_jumper(void)
{
	entered(__func__);
	longjmp(back, 1);
}

/* Of use: they are called from the assembly only. */
void tail_log(const char *function);
void tail_plain(void);
int tail_loop(const char *function);

/* When a function comes again in a chain, the round that it began is over. */
__attribute__((used, noinline)) void tail_log(const char *function)
{
	const struct exit_calls *calls = exit_calls_now();

	for (long i = 0; i < calls->count; i++)
		if (strcmp(calls->open[i].function, function) == 0)
			left_sometime("tail/exact", calls->count - i);
	entered(function);
}

__attribute__((used, noinline)) int tail_loop(const char *function)
{
	tail_log(function);
	return loops-- > 0;
}

/* Not traced: it returns for the function that jumped here. */
__attribute__((used, noinline)) void tail_plain(void)
{
	left_sometime("return/exact", 1);
}

/* clang-format off */
__asm__(".text\n"
	".macro jumps name, target\n"
	"	.globl \\name\n"
	"	.type \\name, @function\n"
	"\\name:\n"
	"	sub $8, %rsp\n"
	"	lea 9f(%rip), %rdi\n"
	"	call tail_log\n"
	"	add $8, %rsp\n"
	"	jmp \\target\n"
	".size \\name, . - \\name\n"
	".pushsection .rodata\n"
	"9:	.asciz \"\\name\"\n"
	".popsection\n"
	".endm\n"
	"jumps ex_to_last, ex_last\n"
	"jumps ex_to_jumper, ex_jumper\n"
	"jumps ex_to_plain, tail_plain\n"
	"jumps ex_to_chain, ex_to_last\n"
	"jumps ex_pong, ex_ping\n"
	".macro loops name, target\n"
	"	.globl \\name\n"
	"	.type \\name, @function\n"
	"\\name:\n"
	"	sub $8, %rsp\n"
	"	lea 9f(%rip), %rdi\n"
	"	call tail_loop\n"
	"	add $8, %rsp\n"
	"	test %eax, %eax\n"
	"	jnz \\target\n"
	"	jmp ex_last\n"
	".size \\name, . - \\name\n"
	".pushsection .rodata\n"
	"9:	.asciz \"\\name\"\n"
	".popsection\n"
	".endm\n"
	"loops ex_ping, ex_pong\n"
	"loops ex_self, ex_self\n");
/* clang-format on */

static void calls_last(void)
{
	ex_to_last();
	ex_to_chain();
	for (int i = 0; i < 3; i++)
		ex_to_chain();
	ex_to_plain();
	ex_last();
}

static void calls_loops(void)
{
	loops = 5;
	ex_ping();
	loops = 5;
	ex_pong();
	for (int i = 0; i < 2; i++) {
		loops = 5;
		ex_self();
	}
}

static void calls_jumper(void)
{
	if (setjmp(back) == 0)
		ex_to_jumper();
	left("longjmp/exact", 2);
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	for (long i = 0; i < rounds; i++) {
		calls_last();
		calls_loops();
		calls_jumper();
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}
