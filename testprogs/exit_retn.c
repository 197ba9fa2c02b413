/*
 * PURPOSE: `ret n`: calls that take their arguments off the stack when they return, from none to very many, nested, in a loop
 * from one place, and left by longjmp. x86-64 only.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include <setjmp.h>
#include <string.h>

#include "exit_log.h"

/* clang-format off */
/* ex_pops_N leaves with `ret N`; call_pops_N(function, argument) calls it so, which calls function(argument). */
__asm__(".text\n"
	".macro pops bytes\n"
	"	.globl ex_pops_\\bytes, call_pops_\\bytes\n"
	"	.type ex_pops_\\bytes, @function\n"
	"	.type call_pops_\\bytes, @function\n"
	"ex_pops_\\bytes:\n"
	"	.cfi_startproc\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	.cfi_def_cfa rbp, 16\n"
	"	.cfi_offset rbp, -16\n"
	"	and $-16, %rsp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	call *%rax\n"
	"	leave\n"
	"	.cfi_def_cfa rsp, 8\n"
	"	ret $\\bytes\n"
	"	.cfi_endproc\n"
	".size ex_pops_\\bytes, . - ex_pops_\\bytes\n"
	"call_pops_\\bytes:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	sub $\\bytes, %rsp\n"
	"	call ex_pops_\\bytes\n"
	"	cmp %rsp, %rbp\n"
	"	je 1f\n"
	"	ud2\n"
	"1:	pop %rbp\n"
	"	ret\n"
	".size call_pops_\\bytes, . - call_pops_\\bytes\n"
	".endm\n"
	"pops 0\n"
	"pops 8\n"
	"pops 16\n"
	"pops 4096\n"
	"pops 65528\n");
/* clang-format on */

typedef void callback(long argument);
typedef void call_pops(callback *function, long argument);

call_pops call_pops_0, call_pops_8, call_pops_16, call_pops_4096, call_pops_65528;

TRACED void ex_work(long argument);

static const struct {
	const char *name;
	call_pops *call;
} pops[] = {
	{"ex_pops_0", call_pops_0},       {"ex_pops_8", call_pops_8},         {"ex_pops_16", call_pops_16},
	{"ex_pops_4096", call_pops_4096}, {"ex_pops_65528", call_pops_65528},
};

enum { POPS = sizeof(pops) / sizeof(*pops) };

static jmp_buf back;
static int jumps;

void ex_work(long argument)
{
	entered(__func__);
	hide(argument);
	returns();
}

/* Runs inside of pops[which], which has just been entered and returns right after. */
static void inside(long which)
{
	entered(pops[which].name);
	ex_work(which);
	if (which > 0)
		pops[which - 1].call(inside, which - 1);
	else if (jumps)
		longjmp(back, 1);
	ex_work(which);
	returns();
}

static void round_of_all(void)
{
	for (long which = 0; which < POPS; which++)
		pops[which].call(inside, which);
	jumps = 1;
	if (setjmp(back) == 0)
		pops[POPS - 1].call(inside, POPS - 1);
	left("longjmp/exact", POPS);
	jumps = 0;
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	for (long i = 0; i < rounds; i++)
		round_of_all();
	exit_log_print();
	truth_exit(0);
	return 0;
}
