#!/usr/bin/env bats
# The same with -C and -M, where children stay traced and their calls are recorded.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	specs=(work child_work)
	recording=(-C)
}

# each_way COMMAND...: with -C, and with -M
each_way() {
	local option
	for option in -C -M; do
		recording=("$option")
		twice "$@"
	done
}

# followed KIND TIMES CALLS: TIMES children, CALLS calls of child_work in each
followed() {
	least_calls=$((2 * $2))
	each_way ./children "$1" "$2"
	grep -q "^$1: $2," traced.out
	equal "$(calls_of x.dat child_work)" $(($2 * $3)) "calls in $1 children"
	truth x.dat
}

@test "followed: short-lived children by fork" {
	build children
	followed fork "$(scaled 200 10000)" 3
}

@test "followed: children by vfork, posix_spawn and system" {
	build children
	for kind in vfork spawn system; do followed $kind "$(scaled 30 1000)" 0; done
}

@test "followed: clone with what it can share" {
	build children
	for kind in copy-no-signal io files; do followed $kind "$(scaled 20 1000)" 3; done
	for kind in vm vm-files sighand vfork-like no-signal; do
		least_calls=1
		each_way ./children $kind "$(scaled 20 1000)"
		truth x.dat
	done
}

@test "followed: threads" {
	build children
	for kind in threads detached; do followed $kind "$(scaled 200 10000)" 3; done
}

@test "followed: exec by a thread that is not the first" {
	build exec_thread
	specs=(work inside)
	each_way ./exec_thread "$(scaled 10 300)"
	truth x.dat
}

@test "followed: exec of another program looks the functions up anew" {
	compile second <<-'EOF2'
	#include <stdio.h>
	static volatile long sum;
	__attribute__((noinline)) void padding(void) { sum += 5; }
	__attribute__((noinline)) void work(void) { sum++; }
	int main(void) { padding(); for (int i = 0; i < 30; i++) work(); printf("%ld\n", sum); return 4; }
	EOF2
	compile first <<-'EOF2'
	#include <stdio.h>
	#include <sys/wait.h>
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void)
	{
		int status;
		work();
		if (fork() == 0) {
			work();
			execl("./second", "second", (char *)0);
		}
		wait(&status);
		printf("%x\n", status);
		fflush(stdout);
		work();
		execl("./second", "second", (char *)0);
	}
	EOF2
	mkdir -p given
	mv first second given
	each_way ./first
	# 2 of the first program, 1 of its child before its exec, 30 of each of the second.
	equal "$(calls_of x.dat work)" 63
	truth x.dat
}

@test "followed: shells with traps and children" {
	cut=(no_numbers)
	ignored_files=(-x ready)
	specs=('libc.so*!*fork*' 'libc.so*!*wait*' 'libc.so*!*exec*' 'libc.so*!*sig*' 'libc.so*!read' 'libc.so*!write')
	each_way bash "$programs/traps.sh" 10
	each_way dash "$programs/traps.sh" 10
}

@test "followed: make, the compiler, the assembler and the linker" {
	mkdir given
	printf 'int twice(int n) { return 2 * n; }\n' >given/twice.c
	printf 'int twice(int);\nint main(void) { return twice(21); }\n' >given/main.c
	printf 'main: main.o twice.o\n\t$(CC) -o $@ $^\n%%.o: %%.c\n\t$(CC) -O2 -c -o $@ $<\n' >given/Makefile
	cut=(sort)
	before=(env -u MAKEFLAGS -u MAKELEVEL)
	specs=('libc.so*!*fork*' 'libc.so*!*exec*' 'libc.so*!*wait*' 'libc.so*!*open*' 'libc.so*!*close*')
	least_calls=500
	each_way make -j2 CC=gcc
	equal "$(traced/main || echo $?)" 42
	between 5 "$(awk '$1 == "ENTER" { print $4 }' x.dat | sort -u | wc -l)" 100 "programs with calls"
}

@test "followed: exceptions, signals and libraries in children" {
	mkdir -p given
	g++ -O1 -pthread -o given/throws "$programs/throws.cc"
	build storm
	build plugins
	build plugin -shared -fPIC
	mv given/plugin given/libplugin.so
	specs=('*leaf*' '*middle*' '*guard*' handler_work work 'libplugin*!plugin_*' 'libc.so*!*fork*')
	least_calls=500
	each_way sh -c './throws 100; echo $?; ./storm 50; echo $?; ./plugins 20 ./libplugin.so; echo $?'
	grep -qx 'strange 0' traced.out
	equal "$(calls_of x.dat plugin_step)" 60
}

@test "followed: a child's core file" {
	ulimit -c unlimited 2>/dev/null || skip "core files cannot be allowed here"
	[[ $(cat /proc/sys/kernel/core_pattern) == core ]] || skip "core files are not written as 'core'"
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}disable_coredump=0
	build crash
	before=(sh -c 'echo 0x3f >/proc/self/coredump_filter; exec "$@"' -)
	ignored_files=(-x 'core*')
	specs=(outer middle inner waits)
	for how in segv abort quit int3; do
		each_way sh -c "$PWD/given/crash $how; echo \$?; :"
		for run in untraced traced; do
			limited python3 "$programs/core_text.py" $run/core* >$run.core || {
				cat $run.core
				return 1
			}
		done
		diff untraced.core traced.core
	done
}

@test "followed: a daemon lives on after fmprof, without its traps" {
	build daemon
	given/daemon go untraced.result
	limited "$fmprof" run -q -C -o x.dat -f work given/daemon go traced.result
	[ ! -e traced.result ]
	touch go
	wait_until test -s traced.result
	wait_until test -s untraced.result
	diff untraced.result traced.result
}
