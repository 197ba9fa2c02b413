/*
 * PURPOSE: signal handlers on the interrupted stack and on an alternate one, above and below it in memory: they make
 * traced calls, which are nested in what was interrupted, are interrupted themselves, and jump out.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 5
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "exit_log.h"

/* What _FORTIFY_SOURCE calls instead of longjmp; it lets alternate stacks pass. */
void __longjmp_chk(struct __jmp_buf_tag *buffer, int value) __attribute__((noreturn));

enum { STACK_SIZE = 1 << 17, GAP = 1 << 16 };

TRACED void ex_work(void);
TRACED void ex_handler(void);
TRACED void ex_interrupted(int number);
TRACED void ex_catcher(int number);
TRACED void ex_direct_catcher(int number);
TRACED void ex_jumper(void);
TRACED void ex_fault(void);
TRACED void ex_fault_catcher(void);

/* SAME is handled on the stack that it finds; BOTH, on the alternate one, is interrupted by the others. */
enum { SAME = SIGUSR1, ALTERNATE = SIGUSR2, BOTH = SIGURG };

static sigjmp_buf back;
static volatile int jumps;
static volatile char *volatile nowhere;

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_handler(void)
{
	entered(__func__);
	ex_work();
	returns();
}

void ex_jumper(void)
{
	static long times;

	entered(__func__);
	if (times++ % 2)
		__longjmp_chk(back, 1);
	siglongjmp(back, 1);
}

static void handle(int number)
{
	ex_handler();
	if (number == BOTH) {
		raise(SAME);
		raise(ALTERNATE);
	}
	if (number == SIGSEGV || jumps)
		ex_jumper();
}

void ex_interrupted(int number)
{
	entered(__func__);
	ex_work();
	raise(number);
	ex_work();
	returns();
}

void ex_catcher(int number)
{
	entered(__func__);
	jumps = 1;
	if (sigsetjmp(back, 1) == 0)
		ex_interrupted(number);
	left("longjmp/exact", 2);
	jumps = 0;
	ex_work();
	returns();
}

/* Nothing was called on the stack that the handler jumps back to. */
void ex_direct_catcher(int number)
{
	entered(__func__);
	jumps = 1;
	if (sigsetjmp(back, 1) == 0)
		raise(number);
	left("longjmp/exact", 1);
	jumps = 0;
	ex_work();
	returns();
}

void ex_fault(void)
{
	entered(__func__);
	*nowhere = 0;
	returns();
}

void ex_fault_catcher(void)
{
	entered(__func__);
	if (sigsetjmp(back, 1) == 0)
		ex_fault();
	left("longjmp/exact", 2);
	returns();
}

static void rounds_with(void *alternate_stack, long rounds)
{
	stack_t stack = {.ss_sp = alternate_stack, .ss_size = STACK_SIZE};

	require(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	for (long i = 0; i < rounds; i++) {
		ex_interrupted(SAME);
		ex_interrupted(ALTERNATE);
		ex_interrupted(BOTH);
		ex_catcher(SAME);
		ex_catcher(ALTERNATE);
		ex_catcher(ALTERNATE);
		ex_fault_catcher();
		ex_direct_catcher(SAME);
		ex_direct_catcher(ALTERNATE);
		raise(ALTERNATE);
		ex_interrupted(ALTERNATE);
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
}

static char *stacks;
static long rounds_each;

static void *thread(void *unused)
{
	rounds_with(stacks, rounds_each);
	rounds_with(stacks + 2 * (STACK_SIZE + GAP), rounds_each);
	return unused;
}

static void handle_with(int number, int flags)
{
	struct sigaction action = {.sa_handler = handle, .sa_flags = flags};

	require(sigaction(number, &action, NULL) == 0, "sigaction");
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t id;

	rounds_each = argument(argc, argv, 1, 1, 5);
	handle_with(SAME, 0);
	handle_with(ALTERNATE, SA_ONSTACK);
	handle_with(BOTH, SA_ONSTACK);
	handle_with(SIGSEGV, SA_ONSTACK);
	stacks = mmap(NULL, 3 * (STACK_SIZE + GAP), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	require(stacks != MAP_FAILED, "mmap");
	/* One mapping each. */
	for (int i = 0; i < 3; i++)
		mprotect(stacks + i * (STACK_SIZE + GAP) + STACK_SIZE, GAP, PROT_NONE);

	rounds_with(stacks, rounds_each);
	/* A thread between the two. */
	pthread_attr_init(&attributes);
	require(pthread_attr_setstack(&attributes, stacks + STACK_SIZE + GAP, STACK_SIZE) == 0, "setstack");
	require(pthread_create(&id, &attributes, thread, NULL) == 0, "pthread_create");
	pthread_join(id, NULL);

	exit_log_print();
	truth_exit(0);
	return 0;
}
