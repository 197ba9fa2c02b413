/*
 * PURPOSE: a parent sees its child stop and go on as often as that happened, in all forms of wait, and a stopped
 * program does not run. The parent's functions are traced.
 * TRACE: work see
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int children;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void see(pid_t child, int options)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	waitid(P_PID, (id_t)child, &info, options);
	printf("signal %d code %d status %d child %d\n", info.si_signo, info.si_code, info.si_status,
	       info.si_pid == child);
}

static void on_child(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	work();
	children++;
	dprintf(1, "SIGCHLD code %d status %d\n", info->si_code, info->si_status);
}

static void await_children(int count)
{
	while (children < count)
		usleep(200);
}

int main(void)
{
	static const int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO};
	int seen = 0;
	pid_t child;

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child == 0) {
		for (;;) {
			work();
			usleep(500);
		}
	}
	setpgid(child, child); /* an orphaned group would not be stopped by SIGTSTP */
	for (int i = 0; i < 4; i++) {
		kill(child, stops[i]);
		await_children(++seen);
		see(child, WSTOPPED | WNOWAIT);
		see(child, WSTOPPED);
		kill(child, SIGCONT);
		await_children(++seen);
		see(child, WCONTINUED);
		see(child, WSTOPPED | WCONTINUED | WEXITED | WNOHANG);
	}
	kill(child, SIGTERM);
	await_children(++seen);
	see(child, WEXITED);
}
