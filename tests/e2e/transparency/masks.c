/*
 * PURPOSE: SIGTRAP in the mask of a thread, however it came there and however it goes, with traced calls in between.
 * ARGUMENTS: handler|nested|thread|jump|exec|others|suspend|fork|kept|often|waits, or storm N: a thread is sent SIGTRAP N times while
 * it calls on and on
 * TRACE: work tiny
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int worked;
static char **arguments;

__attribute__((noinline)) void work(void)
{
	worked++;
}

/* Its first instruction is as long as a trap. */
long tiny(long value);
__asm__(".text\n"
	".type tiny, @function; tiny: push %rbx; lea 1(%rdi), %rbx; mov %rbx, %rax; pop %rbx; ret\n"
	".size tiny, . - tiny\n");

static void tell(const char *what)
{
	sigset_t mask, pending;

	work();
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigpending(&pending);
	dprintf(1, "%s: worked %d mask", what, worked);
	for (int i = 1; i < 32; i++)
		if (sigismember(&mask, i))
			dprintf(1, " %d", i);
	dprintf(1, "%s\n", sigismember(&pending, SIGTRAP) ? " pending" : "");
}

static void change(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(how, &set, NULL);
	tell(how == SIG_BLOCK ? "after block" : "after unblock");
}

static void on_trap(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	dprintf(1, "trap code %d\n", info->si_code);
	tell("in the handler of SIGTRAP");
}

static void on_signal(int number)
{
	dprintf(1, "signal %d\n", number);
	tell("in the handler");
	raise(SIGTRAP);
	tell("in the handler, sent");
}

static void on_nested(int number)
{
	change(number == SIGUSR1 ? SIG_BLOCK : SIG_UNBLOCK, SIGTRAP);
}

static void handle(int signal, void (*handler)(int), int also)
{
	struct sigaction action = {.sa_handler = handler};

	sigemptyset(&action.sa_mask);
	if (also)
		sigaddset(&action.sa_mask, also);
	sigaction(signal, &action, NULL);
}

static void play_handler(void)
{
	handle(SIGUSR1, on_signal, SIGTRAP);
	handle(SIGUSR2, on_signal, 0);
	for (int i = 0; i < 3; i++) {
		raise(SIGUSR1);
		tell("returned");
		raise(SIGUSR2);
		tell("returned");
	}
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGUSR2);
	tell("returned");
	change(SIG_UNBLOCK, SIGTRAP);
}

static void play_nested(void)
{
	handle(SIGUSR1, on_nested, 0);
	handle(SIGUSR2, on_nested, 0);
	for (int i = 0; i < 2; i++) {
		raise(SIGUSR1);
		tell("returned");
	}
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGUSR2);
	tell("returned");
	raise(SIGTRAP);
	tell("sent");
	raise(SIGUSR1);
	tell("returned");
}

static void *in_thread(void *argument)
{
	tell("thread");
	raise(SIGTRAP);
	tell("thread, sent");
	change(SIG_UNBLOCK, SIGTRAP);
	return argument;
}

static void play_thread(void)
{
	pthread_t thread;

	change(SIG_BLOCK, SIGTRAP);
	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, NULL);
	tell("joined");
}

static void play_jump(void)
{
	sigjmp_buf place;

	if (sigsetjmp(place, 1) == 0) {
		change(SIG_BLOCK, SIGTRAP);
		raise(SIGTRAP);
		tell("sent");
		siglongjmp(place, 1);
	}
	tell("landed");
}

static void play_exec(void)
{
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGTRAP);
	execl(arguments[0], arguments[0], "went", NULL);
}

static void play_fork(void)
{
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGTRAP);
	if (fork() == 0) {
		tell("child");
		raise(SIGTRAP);
		tell("child, sent");
		change(SIG_UNBLOCK, SIGTRAP);
		_exit(0);
	}
	wait(NULL);
	tell("parent");
}

static void play_others(void)
{
	change(SIG_BLOCK, SIGUSR1);
	change(SIG_BLOCK, SIGTRAP);
	change(SIG_UNBLOCK, SIGUSR1);
	raise(SIGTRAP);
	tell("sent");
	change(SIG_BLOCK, SIGUSR2);
	change(SIG_UNBLOCK, SIGTRAP);
	change(SIG_UNBLOCK, SIGUSR2);
}

static void do_nothing(int number)
{
	(void)number;
}

static void play_suspend(void)
{
	sigset_t none;

	handle(SIGALRM, do_nothing, 0);
	change(SIG_BLOCK, SIGALRM);
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGALRM);
	sigemptyset(&none);
	sigsuspend(&none);
	tell("suspended");
}

/* Many changes that do not concern it. */
static void play_kept(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	change(SIG_BLOCK, SIGTRAP);
	for (int i = 0; i < 500; i++) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	tell("changed");
	raise(SIGTRAP);
	tell("sent");
	change(SIG_UNBLOCK, SIGTRAP);
}

static void play_often(void)
{
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 20000; i++)
		sigprocmask(SIG_BLOCK, NULL, NULL);
	getrusage(RUSAGE_SELF, &after);
	dprintf(1, "it was stopped %s\n", after.ru_nvcsw - before.ru_nvcsw < 2000 ? "seldom" : "each time");
}

/* Until somebody has attached, for instance. */
static void play_waits(void)
{
	change(SIG_BLOCK, SIGTRAP);
	raise(SIGTRAP);
	dprintf(1, "waits\n");
	while (getchar() != EOF)
		tell("went on");
}

/* ---- a storm ------------------------------------------------------------------ */

static atomic_long handled, wrong, ended, calls;

static void on_storm(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_code != SI_TKILL)
		wrong++;
	handled++;
}

static void *call_on(void *argument)
{
	for (; !ended; calls++)
		if (tiny(tiny(calls)) != calls + 2)
			wrong++;
	return argument;
}

static void storm(long count)
{
	struct sigaction action = {.sa_sigaction = on_storm, .sa_flags = SA_SIGINFO};
	pthread_t thread;

	sigaction(SIGTRAP, &action, NULL);
	pthread_create(&thread, NULL, call_on, NULL);
	for (long i = 0; i < count; i++) {
		long handled_before = handled, calls_before = calls;

		pthread_kill(thread, SIGTRAP);
		/* One that is lost does not come any more. Without a call in between it would be one storm in one call. */
		while (calls == calls_before || (handled == handled_before && calls < calls_before + 5))
			sched_yield();
	}
	ended = 1;
	pthread_join(thread, NULL);
	dprintf(1, "handled %s wrong %ld\n", handled && handled <= count ? "some" : "none", (long)wrong);
}

/* ---- which one ---------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*play)(void);
} plays[] = {
	{"handler", play_handler}, {"nested", play_nested}, {"thread", play_thread},   {"jump", play_jump},
	{"exec", play_exec},       {"others", play_others}, {"suspend", play_suspend}, {"fork", play_fork},
	{"kept", play_kept},       {"often", play_often},   {"waits", play_waits},
};

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

	if (argc > 2) {
		storm(atol(argv[2]));
		return 0;
	}
	arguments = argv;
	sigaction(SIGTRAP, &action, NULL);
	tell("start");
	for (size_t i = 0; i < sizeof(plays) / sizeof(*plays); i++)
		if (argc > 1 && strcmp(argv[1], plays[i].name) == 0)
			plays[i].play();
	change(SIG_UNBLOCK, SIGTRAP);
	tell("end");
}
