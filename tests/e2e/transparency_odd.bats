#!/usr/bin/env bats
# Programs that do to themselves what few do: sandboxes, single steps, generated code, debuggers.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	build odd -O1
	specs=(work other)
	before=(sh -c 'ulimit -c 0; exec "$@"' -)
}

scene() {
	twice ./odd "$1"
	[ -s traced.out ]
	truth x.dat
}

@test "odd: a program that steps through itself" { scene step; }
@test "odd: a program that steps through functions that begin with a call" {
	specs=(calls_first calls_table calls_stack work)
	scene step-calls
	grep -q '^steps .* strange 0 ' traced.out
}
@test "odd: functions whose first instruction is at fault" {
	specs=(divides undefined work)
	scene faults
	equal "$(grep -c ' at 0$' traced.out)" 10
}
@test "odd: a seccomp filter that kills at mmap and sigaction" {
	scene seccomp
	equal "$(cat traced.status)" 159
}
@test "odd: seccomp's strict mode" {
	scene strict
	equal "$(cat traced.status)" 3
}
@test "odd: a program that may not be dumped" {
	scene undumpable
	if [ "$(id -u)" -eq 0 ]; then
		chmod -R a+rX given
		chmod a+rwx .
		rm -f x.dat
		before=(setpriv --reuid 65534 --regid 65534 --clear-groups)
		as_nobody test -x "$fmprof" && as_nobody test -x "$PWD/given/odd" || return 0
		scene undumpable
	fi
}
@test "odd: stack overflow, handled on another stack" { scene altstack; }
@test "odd: coroutines" { scene coroutines; }
@test "odd: limits of nothing" { scene limits; }
@test "odd: all descriptors closed" { scene closes; }
@test "odd: generated code that calls traced functions" { scene jit; }
@test "odd: a debugger of its own child" { scene own-tracer; }
@test "odd: a signal at the parent's death" { scene deathsig; }
