/*
 * PURPOSE: signals that arrive anywhere in traced code. Threads call one function, and a handler is sent to them in
 * turn. It must find the interrupted pc in the text of the program's own files, at the start of an instruction
 * where the program knows them: never in memory that a tracer added, beyond a text's end, or inside an instruction.
 * The handler makes a traced call itself. Prints `signals N` and `bad-pcs N`. x86-64 only.
 * TRACE: signal_hit signal_work
 * ARGUMENTS: [THREADS [CALLS_EACH [SIGNALS_A_SECOND]]] = 8 2000 1000
 */
#include <elf.h>
#include <inttypes.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <ucontext.h>

#include "truth.h"

/* Calls signal_hit(i), which returns i + 1, `calls` times in a chain that begins with 0. */
long signal_caller(long calls);
TRACED void signal_work(void);

/* Every instruction's address is noted in signal_steps. Those at the entry and at the return are several bytes long. */
/* clang-format off */
__asm__(".text\n"
	".globl signal_caller, signal_hit, signal_code_end, signal_steps\n"
	".pushsection .data.rel.local, \"aw\"\n"
	".balign 8\n"
	"signal_steps:\n"
	".popsection\n"
	".macro step instruction:vararg\n"
	"	7: \\instruction\n"
	"	.pushsection .data.rel.local, \"aw\"\n"
	"	.quad 7b\n"
	"	.popsection\n"
	".endm\n"
	".type signal_hit, @function\n"
	"signal_hit:\n"
	"	step lea 1(%rdi), %rax\n"
	"	step mov %rax, %rdx\n"
	"	step ret\n"
	".size signal_hit, . - signal_hit\n"
	".type signal_caller, @function\n"
	"signal_caller:\n"
	"	step push %rbx\n"
	"	step push %r12\n"
	"	step sub $8, %rsp\n"
	"	step mov %rdi, %rbx\n"
	"	step xor %r12d, %r12d\n"
	"1:\n"
	"	step mov %r12, %rdi\n"
	"	step call signal_hit\n"
	"	step mov %rax, %r12\n"
	"	step sub $1, %rbx\n"
	"	step jnz 1b\n"
	"	step mov %r12, %rax\n"
	"	step add $8, %rsp\n"
	"	step pop %r12\n"
	"	step pop %rbx\n"
	"	step ret\n"
	".size signal_caller, . - signal_caller\n"
	"signal_code_end:\n"
	"	.skip 4, 0xcc\n"
	".pushsection .data.rel.local, \"aw\"\n"
	".quad 0\n"
	".popsection\n");
/* clang-format on */

long signal_hit(long n);
extern const char signal_code_end[];
extern const uintptr_t signal_steps[]; /* ends with 0 */

enum { TEXTS_MOST = 64 };

/* The executable segments, as long as the files say: not up to the end of the page. */
static struct text {
	uintptr_t start, end;
} texts[TEXTS_MOST];
static size_t text_count;

static atomic_long work_calls, signal_count, bad_pcs;
static _Atomic uintptr_t bad_pc;
static atomic_long finished;
static sem_t all_finished;
static long calls_each;

void signal_work(void)
{
	atomic_fetch_add(&work_calls, 1);
}

static int pc_is_right(uintptr_t pc)
{
	if (pc >= (uintptr_t)signal_hit && pc < (uintptr_t)signal_code_end) {
		for (const uintptr_t *step = signal_steps; *step != 0; step++) {
			if (*step == pc)
				return 1;
		}
		return 0;
	}
	for (size_t i = 0; i < text_count; i++) {
		if (pc >= texts[i].start && pc < texts[i].end)
			return 1;
	}
	return 0;
}

static void handler(int number, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	uintptr_t pc = (uintptr_t)user->uc_mcontext.gregs[REG_RIP];

	(void)number, (void)info;
	atomic_fetch_add(&signal_count, 1);
	if (!pc_is_right(pc)) {
		atomic_fetch_add(&bad_pcs, 1);
		bad_pc = pc;
	}
	signal_work();
}

static void text_add(uintptr_t base, const ElfW(Phdr) * header)
{
	if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0) {
		require(text_count < TEXTS_MOST, "more texts than expected");
		uintptr_t start = base + header->p_vaddr;
		texts[text_count++] = (struct text){start, start + header->p_memsz};
	}
}

static int texts_add(struct dl_phdr_info *object, size_t size, void *unused)
{
	(void)size, (void)unused;
	for (int i = 0; i < object->dlpi_phnum; i++)
		text_add(object->dlpi_addr, &object->dlpi_phdr[i]);
	return 0;
}

/* A static program's dl_iterate_phdr may leave the vDSO out. */
static uintptr_t vdso_add(void)
{
	uintptr_t base = getauxval(AT_SYSINFO_EHDR);

	if (base != 0) {
		const ElfW(Ehdr) *header = (const void *)base;
		const ElfW(Phdr) *segments = (const void *)(base + header->e_phoff);
		for (int i = 0; i < header->e_phnum; i++)
			text_add(base, &segments[i]);
	}
	return base;
}

/* Each text must lie in an executable mapping of a file: what the handler takes for right is the program's own. */
static void texts_check(uintptr_t vdso)
{
	static int mapped[TEXTS_MOST];
	char line[4352], permissions[5];
	FILE *maps = fopen("/proc/self/maps", "r");

	require(maps != NULL, "/proc/self/maps");
	while (fgets(line, sizeof(line), maps) != NULL) {
		uintptr_t start, end;
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, permissions) != 3 ||
		    permissions[2] != 'x' || (strchr(line, '/') == NULL && start != vdso)) {
			continue;
		}
		for (size_t i = 0; i < text_count; i++)
			mapped[i] |= texts[i].start >= start && texts[i].end <= end;
	}
	fclose(maps);
	for (size_t i = 0; i < text_count; i++)
		require(mapped[i], "a text that is not mapped from a file");
}

static void *worker(void *unused)
{
	require(signal_caller(calls_each) == calls_each, "signal_caller");
	atomic_fetch_add(&finished, 1);
	while (sem_wait(&all_finished) != 0) {
	}
	return unused;
}

/* Sends to the threads in turn until all have made their calls and each has had a signal. */
static void signals_send(const pthread_t *threads, long count, long a_second)
{
	struct timespec next;
	long sent = 0;

	clock_gettime(CLOCK_MONOTONIC, &next);
	while (finished < count || sent < count) {
		next.tv_nsec += 1000000000 / a_second;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		require(pthread_kill(threads[sent++ % count], SIGUSR1) == 0, "pthread_kill");
	}
}

int main(int argc, char **argv)
{
	long count = argument(argc, argv, 1, 1, 8);
	calls_each = argument(argc, argv, 2, 1, 2000);
	long a_second = argument(argc, argv, 3, 2, 1000);
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));

	require(threads != NULL, "out of memory");
	dl_iterate_phdr(texts_add, NULL);
	texts_check(vdso_add());
	sigaction(SIGUSR1, &action, NULL);
	sem_init(&all_finished, 0, 0);
	for (long i = 0; i < count; i++)
		require(pthread_create(&threads[i], NULL, worker, NULL) == 0, "pthread_create");
	signals_send(threads, count, a_second);
	for (long i = 0; i < count; i++)
		sem_post(&all_finished);
	for (long i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);

	printf("signals %ld\n", (long)signal_count);
	printf("bad-pcs %ld\n", (long)bad_pcs);
	if (bad_pcs != 0)
		fprintf(stderr, "the last bad pc: %#lx\n", (unsigned long)bad_pc);
	require(bad_pcs == 0, "a signal handler saw a wrong pc");
	require(signal_count > 0 && work_calls == signal_count, "signal_work's calls");
	truth_calls("signal_hit", count * calls_each);
	truth_end("signal_hit", "return", count * calls_each);
	truth_threads("signal_hit", count);
	truth_calls("signal_work", work_calls);
	truth_end("signal_work", "return", work_calls);
	truth_exit(0);
	return 0;
}
