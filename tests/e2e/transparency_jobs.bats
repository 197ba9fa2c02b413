#!/usr/bin/env bats
# Stops and job control: a program at a terminal, and one that watches its children.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
}

# session SHELL...: typed at a shell, with the program untraced and traced; $scene is --suspend or nothing
session() {
	local run="'$fmprof' run -q -o x.dat -f work -f answer --"
	build job
	limited python3 "$programs/jobcontrol.py" $scene "$@" -- "given/job ${scene#--}" >untraced.out
	limited python3 "$programs/jobcontrol.py" $scene "$@" -- "$run given/job ${scene#--}" >traced.out
	diff untraced.out traced.out
	truth x.dat
	[ "$(count_of FUNC x.dat)" -ge 2 ]
}
scene=

@test "jobs: ^Z, jobs, fg, bg and ^C in bash" {
	session bash --norc --noprofile --noediting -i
	equal "$(grep -c '^interrupted 1' traced.out)" 1
}

@test "jobs: ^Z, jobs, fg, bg and ^C in dash" {
	session dash -i
}

@test "jobs: a program that stops itself gives the terminal back" {
	scene=--suspend
	session bash --norc --noprofile --noediting -i
	grep -q '^continued' traced.out
}

@test "jobs: an interactive bash that is traced itself" {
	build job
	limited python3 "$programs/jobcontrol.py" bash --norc --noprofile --noediting -i -- given/job >untraced.out
	limited python3 "$programs/jobcontrol.py" "$fmprof" run -q -o x.dat -f '*wait*' -f '*job*' -f '*sig*' -f 'libc.so*!*fork*' \
		-f 'libc.so*!*tc*pgrp*' -f 'libc.so*!*sig*' bash --norc --noprofile --noediting -i -- given/job >traced.out
	diff untraced.out traced.out
	[ "$(count_of FUNC x.dat)" -ge 100 ]
}

@test "jobs: a traced parent sees its child stop, go on and end" {
	build stopped
	specs=(work see)
	twice ./stopped
	grep -q '^SIGCHLD code 6 status 18' traced.out
	truth x.dat
}

@test "jobs: SIGSTOP from outside stops every thread, SIGCONT lets them go on" {
	compile counters <<-'EOF2'
	#include <pthread.h>
	#include <signal.h>
	#include <stdio.h>
	#include <unistd.h>
	static volatile long counts[4];
	static volatile int continued, ended;
	__attribute__((noinline)) void work(volatile long *count) { ++*count; }
	static void *count(void *place) { while (!ended) work(place); return 0; }
	static void on_continue(int n) { (void)n; dprintf(1, "continued %d\n", ++continued); }
	static void on_end(int n) { (void)n; ended = 1; }
	int main(void)
	{
		pthread_t threads[4];
		signal(SIGCONT, on_continue);
		signal(SIGUSR1, on_end);
		for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, count, (void *)&counts[i]);
		dprintf(1, "%d\n", getpid());
		for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
		dprintf(1, "end\n");
	}
	EOF2
	limited python3 - "$fmprof" <<-'EOF2'
	import os, signal, subprocess, sys, time
	run = subprocess.Popen([sys.argv[1], "run", "-q", "-o", "x.dat", "-f", "work", "./counters"], stdout=subprocess.PIPE, text=True)
	pid = int(run.stdout.readline())
	def tasks():
	    return os.listdir(f"/proc/{pid}/task")
	def fields(tid):
	    return open(f"/proc/{pid}/task/{tid}/stat").read().rsplit(")", 1)[1].split()
	def used():
	    return [fields(tid)[11:13] for tid in tasks()]
	for number in range(1, 6):
	    os.kill(pid, signal.SIGSTOP)
	    while any(fields(tid)[0] not in "tT" for tid in tasks()):
	        time.sleep(0.001)
	    # A trap that was on its way may still be served; then nothing moves.
	    time.sleep(0.05)
	    before = used(), os.stat("x.dat").st_size
	    time.sleep(0.1)
	    assert used() == before[0], (before, used())
	    os.kill(pid, signal.SIGCONT)
	    line = run.stdout.readline()
	    assert line == f"continued {number}\n", line
	    calls = os.stat("x.dat").st_size
	    while os.stat("x.dat").st_size == calls:
	        time.sleep(0.01)
	os.kill(pid, signal.SIGUSR1)
	assert run.stdout.read() == "end\n"
	assert run.wait() == 0
	EOF2
	truth x.dat
}
