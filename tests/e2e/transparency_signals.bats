#!/usr/bin/env bats
# Signals: each once, in order, with its siginfo, and the program's own SIGTRAP.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
}

# own_trap DISPOSITION MASK [SOURCE...]: whoever sends it
own_trap() {
	local sources=("${@:3}")
	[ $# -gt 2 ] || sources=(none raise kill child thread queue int3 int3-long)
	build traps
	specs=(work)
	before=(sh -c 'ulimit -c 0; exec "$@"' -)
	for source in "${sources[@]}"; do
		echo "SIGTRAP $1, mask $2, from $source"
		twice ./traps "$1" "$2" "$source"
	done
}

@test "signals: the program's own SIGTRAP, by default deadly" {
	own_trap default open
	equal "$(cat traced.status)" 133
}

@test "signals: the program's own SIGTRAP, handled" {
	own_trap handled open
	grep -q '^handler: signal 5' traced.out
}

@test "signals: the program's own SIGTRAP, ignored" {
	own_trap ignored open
}

# SIGTRAP blocked alone, or sent while it is blocked, is in docs/transparency.md: it cannot be kept.
@test "signals: SIGTRAP stays blocked and keeps its action where all signals are blocked" {
	own_trap default all none
	own_trap handled all none
	own_trap ignored all none
}

@test "signals: queued ones in order, with their values" {
	build queued
	specs=(work log_one)
	twice ./queued "$(scaled 100 800)"
	equal "$(grep -c 'own 1' traced.out)" "$(scaled 300 2400)"
	truth x.dat
}

@test "signals: what interrupts which system call" {
	build interrupted
	specs=(work handler_work)
	for kind in plain restart; do
		twice ./interrupted $kind
		equal "$(grep -c 'handled 1$' traced.out)" 12
	done
}

@test "signals: one that is ignored interrupts nothing" {
	build interrupted
	specs=(work handler_work)
	for kind in ignored default; do twice ./interrupted $kind; done
}

@test "signals: timers" {
	build timers
	specs=(work tick)
	twice ./timers "$(scaled 300 3000)"
	equal "$(grep -c ': right$' traced.out)" 3
}

@test "signals: a storm on threads that call, sleep and read" {
	build storm
	specs=(work handler_work)
	least_calls=$(scaled 100 1000)
	twice ./storm "$(scaled 300 10000)"
	grep -qx 'strange 0' traced.out
	truth x.dat
}

@test "signals: a storm, with libc's functions traced" {
	build storm
	specs=('libc.so*!*sleep*' 'libc.so*!read' 'libc.so*!sem_*' 'libc.so*!pthread_kill' 'libc.so*!write' 'libc.so*!*alloc*')
	least_calls=$(scaled 100 1000)
	twice ./storm "$(scaled 100 3000)"
	grep -qx 'strange 0' traced.out
}
