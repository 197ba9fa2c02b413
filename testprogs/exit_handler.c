/*
 * PURPOSE: signal handlers on the interrupted stack and on an alternate one, above and below it in memory: they make
 * traced calls, which are nested in what was interrupted, are interrupted themselves, and jump out, by longjmp and
 * by setcontext, which cannot be watched. The alternate stack is set by libc's function, or by the bare system call.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 5
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "exit_log.h"

/* What _FORTIFY_SOURCE calls instead of longjmp; it lets alternate stacks pass. */
void __longjmp_chk(struct __jmp_buf_tag *buffer, int value) __attribute__((noreturn));

enum { STACK_SIZE = 1 << 17, GAP = 1 << 16 };

TRACED void ex_work(void);
TRACED void ex_handler(void);
TRACED void ex_first(int number);
TRACED void ex_interrupted(int number);
TRACED void ex_catcher(int number);
TRACED void ex_direct_catcher(int number);
TRACED void ex_jumper(void);
TRACED void ex_fault(void);
TRACED void ex_fault_catcher(void);
TRACED void ex_context(int number);
TRACED void ex_first_catcher(int number);

/* SAME is handled on the stack that it finds; BOTH, on the alternate one, is interrupted by the others. */
enum { SAME = SIGUSR1, ALTERNATE = SIGUSR2, BOTH = SIGURG };

/* Their handler is a traced function itself. */
enum { FIRST_SAME = SIGIO, FIRST_ALTERNATE = SIGWINCH };

/* Whether a tracer that watches libc sees where the alternate stack lies. */
enum told { TOLD, UNTOLD };

enum way { BY_SETCONTEXT, BY_SIGLONGJMP, BY_THREAD_EXIT };

static sigjmp_buf back;
static ucontext_t context;
static volatile enum way way_out;
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

/* With the handler's call and the interrupted one. */
static void end_thread(void)
{
	left_sometime("thread-exit/exact", 2);
	syscall(SYS_exit, 0);
}

void ex_jumper(void)
{
	static long times;

	entered(__func__);
	if (way_out == BY_THREAD_EXIT)
		end_thread();
	if (times++ % 2)
		__longjmp_chk(back, 1);
	siglongjmp(back, 1);
}

/* What the kernel calls: at the same place and with the same return address each time. */
void ex_first(int number)
{
	entered(__func__);
	(void)number;
	ex_work();
	if (way_out == BY_SETCONTEXT) {
		left_sometime("unwound/noticed", 2);
		setcontext(&context);
	}
	if (way_out == BY_THREAD_EXIT)
		end_thread();
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

/* Again at once, so that the second handler's call lies where the first one's was left. */
void ex_context(int number)
{
	volatile int times = 0;

	entered(__func__);
	way_out = BY_SETCONTEXT;
	require(getcontext(&context) == 0, "getcontext");
	ex_work();
	if (times < 3) {
		times = times + 1;
		ex_interrupted(number);
	}
	returns();
}

/* The handler's call is the only one on its stack. */
void ex_first_catcher(int number)
{
	entered(__func__);
	way_out = BY_SIGLONGJMP;
	for (volatile int times = 0; times < 3; times = times + 1) {
		if (sigsetjmp(back, 1) == 0)
			raise(number);
		left("longjmp/exact", 1);
		ex_work();
	}
	returns();
}

static void set_signal_stack(stack_t *stack, enum told told)
{
	require((told == TOLD ? sigaltstack(stack, NULL) : (int)syscall(SYS_sigaltstack, stack, NULL)) == 0,
		"sigaltstack");
}

static void rounds_with(void *alternate_stack, long rounds)
{
	stack_t stack = {.ss_sp = alternate_stack, .ss_size = STACK_SIZE};

	set_signal_stack(&stack, TOLD);
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
}

/* An alternate stack that was not told is known by the handler's own call. */
static void rounds_of_first(void *alternate_stack, enum told told, long rounds)
{
	stack_t stack = {.ss_sp = alternate_stack, .ss_size = STACK_SIZE};

	set_signal_stack(&stack, told);
	for (long i = 0; i < rounds; i++) {
		ex_context(FIRST_SAME);
		ex_context(FIRST_ALTERNATE);
		ex_first_catcher(FIRST_SAME);
		ex_first_catcher(FIRST_ALTERNATE);
	}
	stack.ss_flags = SS_DISABLE;
	set_signal_stack(&stack, told);
}

static void all_rounds_with(void *alternate_stack, long rounds)
{
	rounds_of_first(alternate_stack, UNTOLD, rounds);
	rounds_with(alternate_stack, rounds);
	rounds_of_first(alternate_stack, TOLD, rounds);
}

static char *stacks;
static long rounds_each;

static void *thread(void *unused)
{
	all_rounds_with(stacks, rounds_each);
	all_rounds_with(stacks + 2 * (STACK_SIZE + GAP), rounds_each);
	return unused;
}

struct ending {
	enum told told;
	int number;
};

/* By the bare system call, inside of the handler. */
static void *ending_thread(void *argument)
{
	const struct ending *ending = argument;
	stack_t stack = {.ss_sp = stacks, .ss_size = STACK_SIZE};

	set_signal_stack(&stack, ending->told);
	way_out = BY_THREAD_EXIT;
	jumps = 1;
	ex_interrupted(ending->number);
	return NULL;
}

static void run_thread(void *(*body)(void *), void *argument, const pthread_attr_t *attributes)
{
	pthread_t id;

	require(pthread_create(&id, attributes, body, argument) == 0, "pthread_create");
	pthread_join(id, NULL);
}

static void handle_with(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	require(sigaction(number, &action, NULL) == 0, "sigaction");
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	struct ending endings[] = {{TOLD, ALTERNATE}, {TOLD, FIRST_ALTERNATE}, {UNTOLD, FIRST_ALTERNATE}};
	char inside[STACK_SIZE];

	rounds_each = argument(argc, argv, 1, 1, 5);
	handle_with(SAME, handle, 0);
	handle_with(ALTERNATE, handle, SA_ONSTACK);
	handle_with(BOTH, handle, SA_ONSTACK);
	handle_with(SIGSEGV, handle, SA_ONSTACK);
	handle_with(FIRST_SAME, ex_first, 0);
	handle_with(FIRST_ALTERNATE, ex_first, SA_ONSTACK);
	stacks = mmap(NULL, 3 * (STACK_SIZE + GAP), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	require(stacks != MAP_FAILED, "mmap");
	/* One mapping each. */
	for (int i = 0; i < 3; i++)
		mprotect(stacks + i * (STACK_SIZE + GAP) + STACK_SIZE, GAP, PROT_NONE);

	all_rounds_with(stacks, rounds_each);
	/* In the midst of the interrupted stack. */
	rounds_of_first(inside, TOLD, rounds_each);
	/* A thread between the two. */
	pthread_attr_init(&attributes);
	require(pthread_attr_setstack(&attributes, stacks + STACK_SIZE + GAP, STACK_SIZE) == 0, "setstack");
	run_thread(thread, NULL, &attributes);
	for (long i = 0; i < 3 * rounds_each; i++)
		run_thread(ending_thread, &endings[i % 3], NULL);

	exit_log_print();
	truth_exit(0);
	return 0;
}
