#!/usr/bin/env bats
# Whoever starts fmprof gets what the program itself would have given: status, stdin, stdout, stderr.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# returncode COMMAND...: as a parent sees it: n, or -n for signal n
returncode() {
	limited python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:], stdout=2).returncode)' "$@" 2>err
}

@test "status: of a program that exits" {
	for code in 0 1 3 124 126 127 255; do
		equal "$(returncode "$fmprof" run -q -o x.dat sh -c "exit $code")" "$code"
		tail -n 1 x.dat | grep -q "^END .* exit=$code "
		[ ! -s err ]
	done
}

@test "status: of a program that a signal kills" {
	for signal in TERM:15 SEGV:11 KILL:9 INT:2 PIPE:13 ABRT:6 TRAP:5; do
		equal "$(returncode "$fmprof" run -q -o x.dat sh -c "ulimit -c 0; kill -${signal%:*} \$\$")" "-${signal#*:}"
		tail -n 1 x.dat | grep -q "^END .* signal=${signal#*:} "
		[ ! -s err ]
	done
}

@test "status: a shell shows 128 + n" {
	status_of limited "$fmprof" run -q -o x.dat sh -c 'kill -TERM $$'
	equal "$status" 143
}

@test "status: a crash inside a traced call" {
	compile crash <<-'EOF2'
	__attribute__((noinline)) void inner(volatile int *place) { *place = 1; }
	__attribute__((noinline)) void outer(volatile int *place) { inner(place); *place = 2; }
	int main(void) { outer(0); }
	EOF2
	equal "$(returncode "$fmprof" run -q -o x.dat -f outer -f inner ./crash)" -11
	truth x.dat
	equal "$(grep -c '^FUNC .* end=killed ' x.dat)" 2 "calls that were killed"
}

@test "status: killed from outside with SIGKILL inside a traced call" {
	compile sleeper <<-'EOF2'
	#include <unistd.h>
	__attribute__((noinline)) void sleeps(void) { write(1, "x", 1); sleep(60); }
	int main(void) { sleeps(); }
	EOF2
	limited python3 - "$fmprof" <<-'EOF2'
	import os, subprocess, sys
	run = subprocess.Popen([sys.argv[1], "run", "-q", "-o", "x.dat", "-f", "sleeps", "./sleeper"], stdout=subprocess.PIPE)
	run.stdout.read(1)
	target = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True).stdout
	os.kill(int(target), 9)
	assert run.wait() == -9, run.returncode
	EOF2
	truth x.dat
	equal "$(grep -c '^FUNC sleeps .* end=killed ' x.dat)" 1
	tail -n 1 x.dat | grep -q '^END .* signal=9 '
}

@test "status: a signal sent to fmprof reaches the program" {
	compile waiter <<-'EOF2'
	#include <signal.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <unistd.h>
	static void handler(int signal) { printf("got %d\n", signal); fflush(stdout); exit(7); }
	int main(void) { signal(SIGTERM, handler); signal(SIGHUP, handler); write(1, "x\n", 2); for (;;) pause(); }
	EOF2
	for signal in TERM:15 HUP:1; do
		limited python3 - "$fmprof" "${signal#*:}" <<-'EOF2'
		import os, subprocess, sys
		run = subprocess.Popen([sys.argv[1], "run", "-q", "-o", "x.dat", "./waiter"], stdout=subprocess.PIPE, text=True)
		assert run.stdout.readline() == "x\n"
		os.kill(run.pid, int(sys.argv[2]))
		told = run.stdout.read()
		assert told == f"got {sys.argv[2]}\n", told
		assert run.wait() == 7, run.returncode
		EOF2
		truth x.dat
	done
}

@test "status: stdin, stdout and stderr are the program's alone" {
	head -c 300000 /dev/urandom >bytes
	limited "$fmprof" run -q -o x.dat sh -c 'cat; cat bytes >&2' <bytes >out 2>err
	cmp bytes out
	cmp bytes err
}

@test "status: fmprof says one line at the end, on stderr, and none with -q" {
	limited "$fmprof" run -o x.dat echo word >out 2>err
	equal "$(cat out)" word
	equal "$(wc -l <err)" 1
	grep -q '^fmprof: .*x\.dat.*fmprof plot x\.dat$' err
	limited "$fmprof" run --quiet -o x.dat echo word >out 2>err
	equal "$(cat out)" word
	[ ! -s err ]
}

@test "status: the recording's name is one that mprof finds" {
	limited "$fmprof" run -q true
	[[ $(echo mprofile_*.dat) =~ ^mprofile_20[0-9]{12}\.dat$ ]]
}

@test "status: the recording on stdout" {
	limited "$fmprof" run -q -o - true >x.dat
	truth x.dat
}

@test "status: a script is run by its interpreter" {
	printf '#!/bin/sh\necho "$0 $1"; exit 4\n' >script
	chmod +x script
	status_of limited "$fmprof" run -q -o x.dat ./script word >out
	equal "$status" 4
	equal "$(cat out)" "./script word"
	head -n 1 x.dat | grep -qx 'CMDLINE ./script word'
	status_of limited "$fmprof" run -q -o x.dat -f main ./script word >out 2>err
	[ "$status" -eq 4 ] || grep -q "^fmprof: function 'main': " err
}

@test "status: a program is found in PATH, and its own options are its own" {
	mkdir bin
	printf '#!/bin/sh\necho "$*"\n' >bin/in_path
	chmod +x bin/in_path
	PATH=$PWD/bin:$PATH limited "$fmprof" run -q -o x.dat in_path -o y -q --help -- z >out
	equal "$(cat out)" "-o y -q --help -- z"
}

@test "status: --help and --version" {
	for words in --help -h help 'run --help' 'run -h' 'plot --help'; do
		limited "$fmprof" $words >out 2>err
		grep -q '^usage: fmprof ' out
		[ ! -s err ]
	done
	for option in func interval output quiet; do
		limited "$fmprof" run --help | grep -q -- "--$option"
	done
	limited "$fmprof" --version | grep -qE '^fmprof [0-9]+\.[0-9]+'
	status_of limited "$fmprof" --help >/dev/full 2>err
	equal "$(find . -name '*.dat')" ""
}

@test "status: two recordings in one second are two files" {
	for run in 1 2 3; do limited "$fmprof" run -q true; done
	[ "$(ls mprofile_??????????????.dat | wc -l)" -eq 3 ]
}

@test "status: fmprof leaves no core file of its own when it ends as the program did" {
	ulimit -c unlimited 2>/dev/null || skip "core files cannot be allowed here"
	[[ $(cat /proc/sys/kernel/core_pattern) != '|'* ]] || skip "core files go to a program"
	mkdir cores && cd cores
	status_of limited "$fmprof" run -q -o ../core.dat -- sh -c 'ulimit -c 0; kill -SEGV $$'
	[ "$status" -eq 139 ]
	[ -z "$(ls -A)" ]
}

@test "status: names with control characters reach no terminal" {
	limited "$fmprof" run -o $'a\nb\e[31m\xc2\x9b.dat' true 2>err
	[ "$(wc -l <err)" -eq 1 ]
	not grep -q $'[\x01-\x08\x0b-\x1f]' err
	not grep -q $'\xc2\x9b' err
}
