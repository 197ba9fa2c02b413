#!/usr/bin/env bats
# Core files are the program's own: no trap bytes, no slots, the same signal and threads.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	ulimit -c unlimited 2>/dev/null || skip "core files cannot be allowed here"
	[[ $(cat /proc/sys/kernel/core_pattern) == core ]] || skip "core files are not written as 'core'"
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}disable_coredump=0 # the limit would be inherited
	build crash
	# Code is in core files only where it was written to, unless one asks for it.
	before=(sh -c 'echo 0x3f >/proc/self/coredump_filter; exec "$@"' -)
	specs=(outer middle inner waits)
	ignored_files=(-x 'core*')
}

# one_core RUN: it left exactly one
one_core() {
	local files=("$1"/core*)
	equal "${#files[@]}" 1 "core files"
	[ -s "${files[0]}" ]
	echo "$1: ${files[0]}"
	limited python3 "$programs/core_text.py" "${files[0]}" >"$1.core"
}

same_core() {
	echo "crash $*"
	twice "$PWD/given/crash" "$@"
	one_core untraced
	one_core traced || {
		cat traced.core
		return 1
	}
	diff untraced.core traced.core
	truth x.dat
}

@test "cores: of a program that crashes inside calls" {
	for how in segv abort fpe; do same_core $how; done
	grep -q ' 3 threads$' traced.core
}

@test "cores: of a program whose other thread crashes" {
	for how in segv abort; do same_core $how thread; done
	grep -q ' 4 threads$' traced.core
}

# The threads stand at any place: many cores, since few would show it.
@test "cores: of a program whose other threads are busy with traced calls" {
	build crowd
	specs=(long_entry)
	for how in segv abort trap quit; do
		for i in $(seq "$(scaled 5 50)"); do
			run_in traced "$fmprof" run -q -o "$PWD/x.dat" -f long_entry -- "$PWD/given/crowd" "$how" 20
			between 128 "$status" 140 "status"
			one_core traced || {
				cat traced.core
				return 1
			}
			between 80 "$(count_of FUNC x.dat)" 1e9 "recorded calls"
		done
	done
}

@test "cores: of a program that dies of its own SIGTRAP" {
	for how in trap int3; do same_core $how; done
	grep -q '^signal 5 ' traced.core
}

@test "cores: of a program that is sent SIGQUIT" {
	same_core quit
}

@test "cores: with functions of libc traced as well" {
	specs=('libc.so*!*abort*' 'libc.so*!*raise*' 'libc.so*!*sig*' 'libc.so*!*alloc*' 'libc.so*!str*' 'libc.so*!pause' outer inner)
	for how in segv abort; do same_core $how; done
}

@test "cores: debuggers see the same stack" {
	command -v gdb >/dev/null || skip "no gdb"
	twice "$PWD/given/crash" segv
	for run in untraced traced; do
		limited gdb -nx -batch -ex 'frame function middle' -ex 'bt 4' given/crash $run/core* 2>/dev/null |
			grep "^#" | no_numbers >$run.bt
		grep -q '^#2 .*outer' $run.bt
	done
	diff untraced.bt traced.bt
}

@test "cores: none where the limit is 0, and none of fmprof's" {
	before=(sh -c 'ulimit -c 0; exec "$@"' -)
	twice ./crash abort
	[ -z "$(ls traced | grep core)" ]
}
