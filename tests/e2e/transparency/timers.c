/*
 * PURPOSE: timers fire when they should and as often, under traced calls all the while: each tick is handled or counted
 * as an overrun, and no tick is too many.
 * ARGUMENTS: [MILLISECONDS] = 300
 * TRACE: work tick
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static volatile long ticks, overruns, alarms;
static timer_t timer;

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void tick(int code)
{
	ticks++;
	if (code == SI_TIMER)
		overruns += timer_getoverrun(timer);
}

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (number == SIGALRM)
		alarms++;
	else
		tick(info->si_code);
}

static long now_us(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void tell(const char *what, long expected, long got)
{
	if (got >= expected - 2 && got <= expected + 2)
		printf("%s: right\n", what);
	else
		printf("%s: %ld instead of %ld\n", what, got, expected);
}

int main(int argc, char **argv)
{
	long duration = (argc > 1 ? atol(argv[1]) : 300) * 1000, start, end;
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec each = {{0, 5000000}, {0, 5000000}}, none = {0};
	struct itimerval virtual_each = {{0, 20000}, {0, 20000}}, profile_none = {0};
	uint64_t expirations = 0;
	int fd;

	sigaction(SIGRTMIN, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGPROF, &action, NULL);

	timer_create(CLOCK_MONOTONIC, &event, &timer);
	start = now_us(CLOCK_MONOTONIC);
	timer_settime(timer, 0, &each, NULL);
	do
		work();
	while ((end = now_us(CLOCK_MONOTONIC)) - start < duration);
	timer_settime(timer, 0, &none, NULL);
	work();
	tell("timer_settime", (now_us(CLOCK_MONOTONIC) - start) / 5000, ticks + overruns);

	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	start = now_us(CLOCK_MONOTONIC);
	timerfd_settime(fd, 0, &each, NULL);
	do
		work();
	while ((end = now_us(CLOCK_MONOTONIC)) - start < duration);
	if (read(fd, &expirations, sizeof(expirations)) != sizeof(expirations))
		perror("timerfd");
	tell("timerfd", (now_us(CLOCK_MONOTONIC) - start) / 5000, (long)expirations);

	ticks = 0;
	start = now_us(CLOCK_PROCESS_CPUTIME_ID);
	setitimer(ITIMER_PROF, &virtual_each, NULL);
	do
		work();
	while ((end = now_us(CLOCK_PROCESS_CPUTIME_ID)) - start < duration / 3);
	setitimer(ITIMER_PROF, &profile_none, NULL);
	/* Looked at in the kernel's tick, which a program that stops all the time often is not there for. */
	printf("ITIMER_PROF: %s\n", ticks >= 1 && ticks <= (end - start) / 20000 + 1 ? "right" : "wrong");

	/* One shot: while traced calls go on, in a sleep, and called off. */
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL);
	while (!alarms)
		work();
	printf("alarms %ld\n", alarms);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL);
	errno = 0;
	printf("pause %d EINTR %d\n", pause(), errno == EINTR);
	printf("alarms %ld\n", alarms);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, NULL);
	work();
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	poll(NULL, 0, 80);
	printf("alarms %ld\n", alarms);
}
