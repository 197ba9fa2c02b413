/*
 * PURPOSE: faults in the very instructions that a tracer replaces: the first of a function, and the one at a return address. The handler has to find
 * the pc, the address and the code as they are, and can mend the registers, jump out, or throw.
 * ARGUMENTS: [ROUNDS] = 50
 * TRACE: fault_* calls_*, but for fault_trap, which begins with a trap of its own. x86-64 only.
 */
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <execinfo.h>
#include <initializer_list>
#include <ucontext.h>

extern "C" {
long fault_load(volatile long *place);
long fault_store(volatile long *place);
long fault_divide(long number, long divisor);
long fault_illegal(void);
long fault_privileged(void);
long fault_trap(void);
long fault_jump(void (*target)(void));
long fault_call(void (*target)(void));
long fault_push(long *stack);
long calls_then_loads(volatile long *place);
long calls_then_divides(long number, long divisor);
extern const char code_start[], code_end[];
}

/* clang-format off */
__asm__(".text\n"
	".globl code_start, code_end\n"
	"code_start:\n"
	".macro begin name\n"
	".globl \\name\n"
	".type \\name, @function\n"
	"\\name:\n"
	".cfi_startproc\n"
	".endm\n"
	".macro end name\n"
	".cfi_endproc\n"
	".size \\name, . - \\name\n"
	".endm\n"
	"begin fault_load\n mov (%rdi), %rax\n ret\n end fault_load\n"
	"begin fault_store\n movq $7, (%rdi)\n mov $7, %eax\n ret\n end fault_store\n"
	"begin fault_divide\n idiv %rsi\n ret\n end fault_divide\n"
	"begin fault_illegal\n ud2\n mov $5, %eax\n ret\n end fault_illegal\n"
	"begin fault_privileged\n hlt\n mov $5, %eax\n ret\n end fault_privileged\n"
	"begin fault_trap\n int3\n mov $5, %eax\n ret\n end fault_trap\n"
	"begin fault_jump\n jmp *(%rdi)\n end fault_jump\n"
	"begin fault_call\n call *%rdi\n .cfi_def_cfa_offset 8\n mov $6, %eax\n ret\n end fault_call\n"
	"begin fault_push\n push (%rdi)\n .cfi_adjust_cfa_offset 8\n pop %rax\n .cfi_adjust_cfa_offset -8\n ret\n end fault_push\n"
	"begin calls_nothing\n ret\n end calls_nothing\n"
	"begin calls_then_loads\n call calls_nothing\n mov (%rdi), %rax\n ret\n end calls_then_loads\n"
	"begin calls_then_divides\n mov %rdi, %rax\n cqo\n push %rax\n .cfi_adjust_cfa_offset 8\n call calls_nothing\n"
	" idiv %rsi\n pop %rdx\n .cfi_adjust_cfa_offset -8\n ret\n end calls_then_divides\n"
	"code_end:\n");
/* clang-format on */

static sigjmp_buf out;
static enum { MEND, JUMP, THROW } answer;
static volatile long memory = 41;
static const char *where;
static bool tells;

static long offset(const void *address)
{
	const char *at = static_cast<const char *>(address);

	return at >= code_start && at < code_end ? at - where : -1;
}

static void handler(int number, siginfo_t *info, void *context)
{
	greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
	void *frames[20];
	int depth = backtrace(frames, 20), found = -1;

	for (int i = 0; i < depth; i++)
		if (frames[i] == reinterpret_cast<void *>(registers[REG_RIP]))
			found = i;
	if (tells)
		printf("signal %d code %d address %ld pc %ld in the stack %d\n", number, info->si_code,
		       info->si_addr ? offset(info->si_addr) : 0, offset(reinterpret_cast<void *>(registers[REG_RIP])), found >= 0);
	if (answer == JUMP)
		siglongjmp(out, 1);
	if (answer == THROW)
		throw number;
	if (number == SIGFPE) {
		registers[REG_RAX] = 84;
		registers[REG_RDX] = 0;
		registers[REG_RSI] = 2;
	}
	if (number == SIGILL)
		registers[REG_RIP] += 2;
	else if (number == SIGSEGV && where == reinterpret_cast<const char *>(fault_privileged))
		registers[REG_RIP] += 1;
	else if (number == SIGSEGV)
		registers[REG_RDI] = reinterpret_cast<greg_t>(&memory);
}

template <typename Function, typename... Arguments>
static long once(const char *name, Function *function, Arguments... arguments)
{
	where = reinterpret_cast<const char *>(function);
	if (tells)
		printf("%s, answer %d\n", name, answer);
	try {
		if (sigsetjmp(out, 1) != 0)
			return 100;
		return function(arguments...);
	} catch (int number) {
		return 200 + number;
	}
}

static long all()
{
	volatile long *nowhere = nullptr;
	long sum = 0;

	sum = sum * 3 + once("load", fault_load, nowhere);
	sum = sum * 3 + once("store", fault_store, nowhere);
	sum = sum * 3 + once("divide", fault_divide, 84L, 0L);
	sum = sum * 3 + once("illegal", fault_illegal);
	sum = sum * 3 + once("privileged", fault_privileged);
	sum = sum * 3 + once("trap", fault_trap);
	sum = sum * 3 + once("push", fault_push, static_cast<long *>(nullptr));
	sum = sum * 3 + once("load at the return address", calls_then_loads, nowhere);
	sum = sum * 3 + once("divide at the return address", calls_then_divides, 84L, 0L);
	if (answer == MEND)
		return sum;
	/* Nothing is where these go. */
	sum = sum * 3 + once("jump", fault_jump, static_cast<void (*)()>(nullptr));
	return answer == THROW ? sum : sum * 3 + once("call", fault_call, static_cast<void (*)()>(nullptr));
}

int main(int argc, char **argv)
{
	struct sigaction action = {};
	int rounds = argc > 1 ? atoi(argv[1]) : 50;
	void *frames[4];
	long sum = 0;

	backtrace(frames, 4);
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	for (int number : {SIGSEGV, SIGFPE, SIGILL, SIGTRAP})
		sigaction(number, &action, nullptr);
	for (int i = 0; i < rounds; i++) {
		tells = i == 0 || i == rounds - 1;
		for (auto way : {MEND, JUMP, THROW}) {
			answer = way;
			sum = sum * 5 % 100000007 + all() % 1000003;
		}
	}
	printf("%ld\n", sum);
}
