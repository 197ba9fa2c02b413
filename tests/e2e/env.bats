#!/usr/bin/env bats
# The program finds everything as it would without fmprof.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	traced=("$fmprof" run -q -o x.dat -f 'libc.so.6!read')
}

# same PROGRAM [ARGUMENT...]: its output with and without fmprof, after the words in `before` (a command that starts
# another) and through the filter `cut`
same() {
	limited "${before[@]}" "$@" 2>&1 | "${cut[@]}" >untraced.out
	limited "${before[@]}" "${traced[@]}" "$@" 2>&1 | "${cut[@]}" >traced.out
	[ -s untraced.out ]
	diff untraced.out traced.out
}
before=(env)
cut=(cat)

# Figures that are another process's, or change by themselves.
own='^(Pid|Tgid|Ngid|PPid|TracerPid|NStgid|NSpid|NSpgid|SigQ|Vm[A-Za-z]*|Rss[A-Za-z]*|.*ctxt_switches|HugetlbPages):'

@test "env: signals, capabilities, groups, CPUs" {
	cut=(grep -vE "$own")
	same cat /proc/self/status
	grep -q '^SigIgn:' traced.out && grep -q '^Cpus_allowed_list:' traced.out
}

@test "env: signals that were ignored or blocked stay so" {
	cut=(grep -vE "$own")
	before=(env --ignore-signal=PIPE --ignore-signal=HUP --block-signal=USR1 --block-signal=CHLD --block-signal=TERM)
	same cat /proc/self/status
	before=(env --default-signal=PIPE)
	same cat /proc/self/status
	grep -q '^SigIgn:.*0000$' traced.out
}

@test "env: one CPU stays one" {
	command -v taskset >/dev/null || skip "no taskset"
	cut=(grep '^Cpus_allowed_list:')
	before=(taskset -c "$(awk '/^Cpus_allowed_list:/ { sub(/[-,].*/, "", $2); print $2 }' /proc/self/status)")
	same cat /proc/self/status
	equal "$(wc -l <traced.out)" 1
}

@test "env: CPUs of a program that calls on and on" {
	compile busy <<-'EOF2'
	#include <sched.h>
	#include <stdio.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void)
	{
		cpu_set_t set;
		int count = -1;
		for (int i = 0; i < 2000; i++) {
			work();
			sched_getaffinity(0, sizeof(set), &set);
			if (count >= 0 && CPU_COUNT(&set) != count)
				printf("changed\n");
			count = CPU_COUNT(&set);
		}
		printf("%d\n", count);
	}
	EOF2
	traced=("$fmprof" run -q -o x.dat -f work)
	same ./busy
	equal "$(calls_of x.dat work)" 2000
}

@test "env: limits" {
	same cat /proc/self/limits
	local address_space=4000000
	! is_sanitized || address_space=unlimited # it maps terabytes
	before=(bash -c "ulimit -n 77 -c 0 -s 4096 -v $address_space; exec \"\$@\"" -)
	same cat /proc/self/limits
}

@test "env: nice value, timer slack, personality and the like" {
	before=(nice -n 5)
	cut=(awk '{ print $19 }')
	same cat /proc/self/stat
	before=(env) cut=(cat)
	for file in timerslack_ns personality oom_score_adj coredump_filter autogroup cgroup loginuid; do
		# Not readable on some kernels, empty on others (cgroup in some containers).
		[ -n "$(cat "/proc/self/$file" 2>/dev/null)" ] || continue
		same cat "/proc/self/$file"
	done
}

@test "env: variables" {
	before=(env 'odd=a b'$'\n''c' empty= LD_BIND_NOW=1)
	cut=(grep -v '^_=')
	same env
	before=(env -i A=1)
	cut=(cat)
	same /usr/bin/env
}

@test "env: descriptors" {
	exec 17<"$BATS_TEST_FILENAME"
	same ls /proc/self/fd
	grep -qx 17 traced.out
	# Each reader shares its position with the next.
	same bash -c 'cat /dev/fd/17 | wc -c'
}

@test "env: descriptors that are closed" {
	for closed in '<&-' '2>&-' '<&- 2>&-'; do
		before=(bash -c "exec \"\$@\" $closed" -)
		same ls /proc/self/fd
	done
	local list='ls /proc/self/fd >listed; cat listed >&2'
	before=(bash -c 'exec "$@" >&-' -)
	same sh -c "$list"
}

@test "env: folder and umask" {
	mkdir 'a folder'
	before=(bash -c 'umask 027; cd "a folder"; exec "$@"' -)
	traced=("$fmprof" run -q -o "$PWD/x.dat")
	same bash -c 'pwd -P; umask'
	grep -q '/a folder$' traced.out
}

@test "env: arguments" {
	same printf '<%s>' '' 'a b' $'\n' '*' '$HOME' $'\xff' -- -x
}

@test "env: process group and session" {
	local words='own = os.getpid(); parent = os.getppid()
print(os.getpgrp() == os.getpgid(parent), os.getsid(0) == os.getsid(parent), os.getpgrp() == own, os.getsid(0) == own)'
	same $python -c "import os; $words"
}

@test "env: a terminal, in the foreground" {
	command -v script >/dev/null || skip "no script(1)"
	local words='import os; print(os.isatty(0), os.ttyname(0) != "", os.tcgetpgrp(0) == os.getpgrp())'
	script -qec "$python -c '$words'" /dev/null </dev/null >untraced.out
	script -qec "'$fmprof' run -q -o x.dat $python -c '$words'" /dev/null </dev/null >traced.out
	grep -q 'True True True' untraced.out
	diff untraced.out traced.out
}

@test "env: ^C at the terminal comes once, and ^Z stops and goes on" {
	compile counter <<-'EOF2'
	#include <signal.h>
	#include <stdio.h>
	#include <unistd.h>
	static volatile int interrupts, continues, ended;
	/* Waiting in sigsuspend or Python's own handlers would make two into one. */
	static void handler(int n)
	{
		if (n == SIGINT) {
			dprintf(1, "SIGINT %d\n", ++interrupts);
			ended = continues > 0;
		} else {
			dprintf(1, "SIGCONT %d\n", ++continues);
		}
	}
	int main(void)
	{
		signal(SIGINT, handler);
		signal(SIGCONT, handler);
		alarm(60);
		dprintf(1, "ready\n");
		/* Busy, it takes a signal at once, before another of the same kind is there to be one with it. */
		while (!ended)
			;
		dprintf(1, "end\n");
	}
	EOF2
	limited python3 "$BATS_TEST_DIRNAME/terminal.py" ./counter
	limited python3 "$BATS_TEST_DIRNAME/terminal.py" "$fmprof" run -q -o x.dat ./counter
	truth x.dat
}

@test "env: addresses are as random, and the program's file is its own" {
	same readlink /proc/self/exe
	same cat /proc/self/comm
	cut=(wc -l)
	limited "${traced[@]}" grep -m1 libc /proc/self/maps >first
	limited "${traced[@]}" grep -m1 libc /proc/self/maps >second
	not cmp -s first second
}

# What a program does with SIGTRAP itself.
traps_program() {
	compile traps <<-'EOF2'
	#include <signal.h>
	#include <stdio.h>
	#include <string.h>
	static volatile int seen, code;
	static void handler(int n, siginfo_t *info, void *context) { (void)n, (void)context; seen++; code = info->si_code; }
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	static void tell(const char *what)
	{
		struct sigaction action;
		sigset_t set;
		sigaction(SIGTRAP, NULL, &action);
		sigprocmask(SIG_BLOCK, NULL, &set);
		printf("%s: seen %d code %d blocked %d %s\n", what, seen, code, sigismember(&set, SIGTRAP),
		       action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handled");
		fflush(stdout);
	}
	int main(int argc, char **argv)
	{
		struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
		sigset_t set;
		const char *what = argv[argc - 1];
		sigfillset(&set); /* SIGTRAP alone cannot be kept blocked: docs/transparency.md */
		if (strcmp(what, "ignored") == 0)
			signal(SIGTRAP, SIG_IGN);
		else
			sigaction(SIGTRAP, &action, NULL);
		if (strcmp(what, "blocked") == 0)
			sigprocmask(SIG_BLOCK, &set, NULL);
		work();
		tell("after a call");
		if (strcmp(what, "blocked") != 0) /* see docs/transparency.md */
			raise(SIGTRAP);
		if (strcmp(what, "int3") == 0)
			__asm__ volatile("int3");
		work();
		tell("at the end");
	}
	EOF2
	traced=("$fmprof" run -q -o x.dat -f work)
}

@test "env: SIGTRAP that the program handles" {
	traps_program
	same ./traps handled
	grep -q '^at the end: seen 1 code -6 blocked 0 handled' traced.out
	equal "$(calls_of x.dat work)" 2
}

@test "env: the program's own int3" {
	traps_program
	same ./traps int3
	grep -q '^at the end: seen 2 code 128 ' traced.out
	equal "$(calls_of x.dat work)" 2
}

@test "env: SIGTRAP that the program blocks with everything else" {
	traps_program
	same ./traps blocked
	equal "$(calls_of x.dat work)" 2
}

@test "env: SIGTRAP that the program ignores" {
	traps_program
	same ./traps ignored
	equal "$(calls_of x.dat work)" 2
}
