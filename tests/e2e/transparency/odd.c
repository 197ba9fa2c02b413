/*
 * PURPOSE: programs that do to themselves what few do: each must come out the same.
 * ARGUMENTS: step|step-calls|faults|seccomp|strict|undumpable|altstack|coroutines|limits|closes|jit|own-tracer|deathsig
 * TRACE: work other calls_first calls_table calls_stack divides undefined
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile long worked;

__attribute__((noinline)) void work(void)
{
	worked++;
}

__attribute__((noinline)) void other(void)
{
	work();
	worked += 10;
}

/* ---- single steps ---------------------------------------------------------- */

static volatile long steps, strange;
static volatile unsigned long trail, stack_start; /* where it went, with its stack */
static volatile int stepping_on;

static void on_step(int number, siginfo_t *info, void *context)
{
	ucontext_t *at = context;
	extern char __executable_start[], etext[];
	char *pc = (char *)at->uc_mcontext.gregs[REG_RIP];

	(void)number;
	steps++;
	if (info->si_code != TRAP_TRACE || info->si_addr != pc || pc < __executable_start || pc >= etext)
		strange++;
	trail = trail * 31 + (unsigned long)(pc - __executable_start) +
		(stack_start - (unsigned long)at->uc_mcontext.gregs[REG_RSP]) * 7;
	if (!stepping_on)
		at->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
}

static void step_through(void (*play)(void))
{
	struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};

	sigaction(SIGTRAP, &action, NULL);
	stack_start = (unsigned long)__builtin_frame_address(0);
	stepping_on = 1;
	__asm__ volatile("pushf; orq $0x100, (%%rsp); popf" ::: "memory", "cc");
	play();
	stepping_on = 0;
	__asm__ volatile("nop; nop");
	printf("steps %ld strange %ld trail %lx\n", steps, strange, trail);
}

static void step(void)
{
	step_through(other);
}

/* Functions whose first instruction is a call: direct, through memory, through the stack. */
static void (*const volatile table[])(void) = {work};

__asm__(".text\n"
	".type calls_first, @function; calls_first: call work; ret; .size calls_first, . - calls_first\n"
	".type calls_table, @function; calls_table: call *table(%rip); call *%rbx; ret\n"
	".size calls_table, . - calls_table\n"
	".type calls_stack, @function; calls_stack: call *8(%rsp); ret; .size calls_stack, . - calls_stack\n");

static void play_calls(void)
{
	for (int i = 0; i < 20; i++)
		__asm__ volatile("lea work(%%rip), %%rbx; push %%rbx; push %%rbx\n"
				 "call calls_first; call calls_table; call calls_stack\n"
				 "pop %%rbx; pop %%rbx" ::: "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8",
				 "r9", "r10", "r11", "memory", "cc");
}

static void step_calls(void)
{
	step_through(play_calls);
	printf("worked %ld\n", worked);
}

/* ---- faults ------------------------------------------------------------------ */

void divides(void), undefined(void);
static sigjmp_buf after_fault;
static void (*faulty)(void);

__asm__(".text\n"
	".type divides, @function; divides: div %rcx; ret; .size divides, . - divides\n"
	".type undefined, @function; undefined: ud2; ret; .size undefined, . - undefined\n");

static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *at = context;

	if ((char *)at->uc_mcontext.gregs[REG_RIP] != (char *)info->si_addr)
		printf("elsewhere\n");
	printf("signal %d code %d at %d\n", number, info->si_code, (int)((char *)info->si_addr - (char *)faulty));
	work();
	siglongjmp(after_fault, 1);
}

static void faults(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	for (volatile int i = 0; i < 10; i++) {
		faulty = i % 2 ? divides : undefined;
		if (sigsetjmp(after_fault, 1) == 0)
			__asm__ volatile("xor %%ecx, %%ecx; call *%0" ::"b"(faulty) : "rcx", "rax", "rdx", "memory", "cc");
	}
}

/* ---- sandboxes -------------------------------------------------------------- */

static void seccomp(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 2),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTNAM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	work();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	printf("filter %d\n", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	for (int i = 0; i < 100; i++)
		other();
	errno = 0;
	printf("getppid %d %d\n", (int)syscall(SYS_getppid), errno == ENOTNAM);
	fflush(stdout);
	syscall(SYS_mmap, NULL, 4096, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("mmap was not forbidden\n");
}

static void strict(void)
{
	printf("%ld\n", worked);
	fflush(stdout);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	for (int i = 0; i < 100; i++)
		other();
	if (write(1, worked == 1100 ? "right\n" : "wrong\n", 6) != 6)
		work();
	syscall(SYS_exit, 3);
}

static void undumpable(void)
{
	printf("%d\n", prctl(PR_SET_DUMPABLE, 0));
	for (int i = 0; i < 100; i++)
		other();
	if (fork() == 0) {
		other();
		_exit(4);
	}
	int status = 0;
	wait(&status);
	printf("child %d, dumpable %d\n", WEXITSTATUS(status), prctl(PR_GET_DUMPABLE));
}

/* ---- stacks ------------------------------------------------------------------ */

static sigjmp_buf back;

static void on_overflow(int number)
{
	other();
	siglongjmp(back, number);
}

__attribute__((noinline)) int overflow(int depth)
{
	volatile char place[4096];

	place[0] = (char)depth;
	work();
	return overflow(depth + 1) + place[0];
}

static void altstack(void)
{
	static char memory[1 << 16];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
	struct sigaction action = {.sa_handler = on_overflow, .sa_flags = SA_ONSTACK};
	struct rlimit limit = {1 << 20, 1 << 20};

	setrlimit(RLIMIT_STACK, &limit);
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 5; i++) {
		int number = sigsetjmp(back, 1);
		if (!number)
			overflow(0);
		printf("signal %d\n", number);
	}
}

static ucontext_t contexts[4];
static int turns;

static void coroutine(int number)
{
	while (turns < 200) {
		turns++;
		other();
		swapcontext(&contexts[number], &contexts[(number + 1) % 3]);
	}
}

static void coroutines(void)
{
	static char stacks[3][1 << 16];

	for (int i = 0; i < 3; i++) {
		getcontext(&contexts[i]);
		contexts[i].uc_stack = (stack_t){.ss_sp = stacks[i], .ss_size = sizeof(stacks[i])};
		contexts[i].uc_link = &contexts[3];
		makecontext(&contexts[i], (void (*)(void))coroutine, 1, i);
	}
	swapcontext(&contexts[3], &contexts[0]);
	printf("turns %d worked %ld\n", turns, worked);
}

/* ---- the rest ---------------------------------------------------------------- */

static void deathsig(void)
{
	int signal = -1;

	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	prctl(PR_GET_PDEATHSIG, &signal);
	other();
	printf("%d\n", signal);
}

static void limits(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_NOFILE, &none);
	setrlimit(RLIMIT_AS, &none);
	for (int i = 0; i < 100; i++)
		other();
	printf("open %d\n", open("/dev/null", O_RDONLY));
}

static void closes(void)
{
	syscall(SYS_close_range, 3, ~0U, 0);
	other();
	printf("next %d\n", dup(0));
}

/* Code that is written at run time calls traced functions, is written anew, and goes away. */
static void jit(void)
{
	for (int i = 0; i < 50; i++) {
		unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		unsigned char call[] = {0x48, 0x83, 0xec, 0x08, 0x48, 0xb8, 0,    0,    0,    0,   0,
					0,    0,    0,    0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xc3};
		void (*function)(void) = i % 2 ? work : other;

		memcpy(call + 6, &function, 8);
		for (int j = 0; j < 3; j++) {
			memset(code, 0x90, 4096);
			memcpy(code + j * 64, call, sizeof(call));
			((void (*)(void))code)();
		}
		munmap(code, 4096);
	}
	printf("worked %ld\n", worked);
}

/* A debugger of its own child. */
static void own_tracer(void)
{
	int status, stops = 0;
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
			_exit(9);
		raise(SIGSTOP);
		other();
		raise(SIGTRAP);
		_exit(5);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		work();
		printf("stop %d\n", WSTOPSIG(status));
		stops++;
		ptrace(PTRACE_CONT, child, 0, 0);
	}
	printf("stops %d exit %d\n", stops, WEXITSTATUS(status));
}

static const struct {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{"step", step},
	{"step-calls", step_calls},
	{"faults", faults},
	{"seccomp", seccomp},
	{"strict", strict},
	{"undumpable", undumpable},
	{"altstack", altstack},
	{"coroutines", coroutines},
	{"limits", limits},
	{"closes", closes},
	{"jit", jit},
	{"own-tracer", own_tracer},
	{"deathsig", deathsig},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
		if (argc > 1 && strcmp(argv[1], scenes[i].name) == 0) {
			setvbuf(stdout, NULL, _IOLBF, 0);
			scenes[i].play();
			printf("end\n");
			return 0;
		}
	}
	return 2;
}
