/*
 * PURPOSE: longjmp in each form that libc has, _FORTIFY_SOURCE's checked one included: out of one call and of many, to
 * traced functions and others, again and again from the same place, from within what was jumped to.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 5
 */
#include <setjmp.h>

#include "exit_log.h"

/* What _FORTIFY_SOURCE calls instead of longjmp, at -O0 too. */
void __longjmp_chk(struct __jmp_buf_tag *buffer, int value) __attribute__((noreturn));

enum form { PLAIN, UNDERSCORE, SIGNAL, CHECKED, FORMS };

enum { RECURSION = 20 };

TRACED void ex_jumper(struct __jmp_buf_tag *to, enum form form, long deeper);
TRACED void ex_work(void);
TRACED void ex_catcher(enum form form, long deeper);
TRACED void ex_to_caller(struct __jmp_buf_tag *to, enum form form);
TRACED void ex_both(enum form form);
TRACED void ex_loop(enum form form, long times);
TRACED void ex_here(enum form form);

static void __attribute__((noreturn)) jump(struct __jmp_buf_tag *to, enum form form)
{
	if (form == UNDERSCORE)
		_longjmp(to, 1);
	if (form == SIGNAL)
		siglongjmp(to, 1);
	if (form == CHECKED)
		__longjmp_chk(to, 1);
	longjmp(to, 1);
}

void ex_jumper(struct __jmp_buf_tag *to, enum form form, long deeper)
{
	entered(__func__);
	if (deeper > 0)
		ex_jumper(to, form, deeper - 1);
	if (hide(1))
		jump(to, form);
	returns();
}

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_catcher(enum form form, long deeper)
{
	sigjmp_buf here;

	entered(__func__);
	if (sigsetjmp(here, 1) == 0)
		ex_jumper(here, form, deeper);
	left("longjmp/exact", deeper + 1);
	ex_work();
	returns();
}

void ex_to_caller(struct __jmp_buf_tag *to, enum form form)
{
	entered(__func__);
	ex_catcher(form, 2);
	ex_jumper(to, form, 2);
	returns();
}

/* Jumped to twice, from different depths. */
void ex_both(enum form form)
{
	jmp_buf here;
	volatile int times = 0;

	entered(__func__);
	if (setjmp(here) != 0)
		left("longjmp/exact", times == 1 ? 1 : 4);
	if (times == 0) {
		times = 1;
		ex_jumper(here, form, 0);
	}
	if (times == 1) {
		times = 2;
		ex_to_caller(here, form);
	}
	returns();
}

void ex_loop(enum form form, long times)
{
	volatile long i = 0;
	jmp_buf here;

	entered(__func__);
	if (setjmp(here) != 0)
		left("longjmp/exact", 1);
	if (i < times) {
		i = i + 1;
		ex_jumper(here, form, 0);
	}
	returns();
}

/* Within one function: nothing is left. */
void ex_here(enum form form)
{
	jmp_buf here;

	entered(__func__);
	if (setjmp(here) == 0)
		jump(here, form);
	ex_work();
	returns();
}

static void outside(enum form form, long deeper)
{
	jmp_buf here;

	if (_setjmp(here) == 0)
		ex_jumper(here, form, deeper);
	left("longjmp/exact", deeper + 1);
	ex_work();
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 5);

	for (long i = 0; i < rounds; i++) {
		for (enum form form = PLAIN; form < FORMS; form++) {
			outside(form, 0);
			outside(form, RECURSION);
			ex_catcher(form, 0);
			ex_catcher(form, RECURSION);
			ex_both(form);
			ex_loop(form, 10);
			ex_here(form);
		}
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}
