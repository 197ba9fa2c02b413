/*
 * PURPOSE: a library for LD_PRELOAD that rains signals on the first thread of any program. Its handler checks the interrupted pc, and walks the
 * stack from there: both must lie in files' code, as far as each file's code reaches. At the end it tells on stderr how many did not.
 * Every system call that is interrupted is made again (SA_RESTART).
 */
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

enum { TEXTS_MOST = 64 };

static struct text {
	uintptr_t start, end;
} texts[TEXTS_MOST];
static int text_count;
static atomic_long drops, strange;
static _Atomic uintptr_t strange_pc;
static pthread_t main_thread;
static atomic_int ended;

static int add_texts(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size, (void)unused;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && part->p_flags & PF_X && text_count < TEXTS_MOST)
			texts[text_count++] = (struct text){info->dlpi_addr + part->p_vaddr,
							    info->dlpi_addr + part->p_vaddr + part->p_filesz};
	}
	return 0;
}

static int is_known(uintptr_t address)
{
	for (int i = 0; i < text_count; i++)
		if (address >= texts[i].start && address < texts[i].end)
			return 1;
	return 0;
}

static void on_drop(int number, siginfo_t *info, void *context)
{
	uintptr_t pc = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	void *frames[32];
	int depth;

	(void)number, (void)info;
	drops++;
	if (!is_known(pc)) {
		strange++;
		strange_pc = pc;
	}
	/* The unwinder needs to know the pc's function: it stops at hand-written code without unwind tables. */
	depth = backtrace(frames, 32);
	for (int i = 0; i + 1 < depth; i++)
		strange += !is_known((uintptr_t)frames[i]);
}

static void *rain(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!ended) {
		pthread_kill(main_thread, SIGRTMIN + 7);
		usleep(150);
	}
	return unused;
}

__attribute__((constructor)) static void begin(void)
{
	struct sigaction action = {.sa_sigaction = on_drop, .sa_flags = SA_SIGINFO | SA_RESTART};
	pthread_t thread;
	void *frames[4];

	backtrace(frames, 4);
	dl_iterate_phdr(add_texts, NULL);
	sigaction(SIGRTMIN + 7, &action, NULL);
	main_thread = pthread_self();
	pthread_create(&thread, NULL, rain, NULL);
}

__attribute__((destructor)) static void end(void)
{
	ended = 1;
	fprintf(stderr, "rain: %s, strange %ld (%#lx)\n", drops ? "some" : "none", (long)strange, (unsigned long)strange_pc);
}
