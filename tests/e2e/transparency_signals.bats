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
	[ $# -gt 2 ] || sources=(none raise kill child thread queue both int3 int3-long)
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

@test "signals: the program's own SIGTRAP, blocked, by default deadly" {
	own_trap default blocked
	own_trap default all
}

@test "signals: the program's own SIGTRAP, blocked, handled" {
	own_trap handled blocked
	own_trap handled all
}

@test "signals: the program's own SIGTRAP, blocked, ignored" {
	own_trap ignored blocked
	own_trap ignored all
}

@test "signals: SIGTRAP in masks that handlers, threads, jumps and programs take over" {
	build masks
	specs=(work)
	for what in handler nested thread jump exec others suspend fork kept often; do
		echo "$what"
		twice ./masks $what
	done
}

# masks_in RUN: what it prints, with a line of input each time that it has printed what was to be expected of the last
masks_in() {
	local lines=3
	for i in 1 2 3; do
		wait_until has_lines "$1.out" $lines
		[ "$1.$i" != traced.1 ] || attach
		[ "$1.$i" != traced.3 ] || let_go
		echo >&9
		lines=$((lines + 1))
	done
	wait_until has_lines "$1.out" $lines
	exec 9>&-
	wait "$program"
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

attach() {
	"$fmprof" attach -q -o x.dat -f work "$program" 3>&- 9>&- &
	tracer=$!
	wait_until grep -qs '^MEM' x.dat
}

# With a SIGTRAP pending that is not a trap of ours.
let_go() {
	kill -INT "$tracer"
	wait "$tracer"
}

@test "signals: SIGTRAP blocked, handled and pending in a process that is attached to" {
	build masks
	mkfifo in
	for run in untraced traced; do
		./given/masks waits <in >$run.out 3>&- &
		program=$!
		exec 9>in
		masks_in $run
	done
	diff untraced.out traced.out
	[ "$(count_of FUNC x.dat)" -ge 2 ]
}

@test "signals: with their values, each time that a tracer comes and goes" {
	build values
	often_attached "$(scaled 25 300)" 'libc.so.6!*' given/values
}

@test "signals: SIGTRAP blocked, or ignored, in many threads, each time that a tracer comes and goes" {
	build mute
	often_attached "$(scaled 10 300)" work given/mute blocked
	often_attached "$(scaled 10 300)" work given/mute ignored
}

@test "signals: SIGTRAP handled in one thread and blocked in many, each time that a tracer comes and goes" {
	build mute
	often_attached "$(scaled 15 300)" work given/mute raised
}

@test "signals: SIGTRAP in two threads at once, whose handler calls traced functions" {
	build raised
	specs=(work)
	for ((i = 0; i < $(scaled 2 20); i++)); do
		twice ./raised "$(scaled 1000 5000)"
	done
}

@test "signals: SIGCONT is the end of a stop, while SIGTRAP is ignored" {
	build continued
	specs=(work)
	twice ./continued "$(scaled 1500 10000)"
}

@test "signals: what lies below a small stack stays as it is" {
	build small_stack
	specs=(work)
	least_calls=5
	twice ./small_stack
	twice ./small_stack ignored
}

# One may be lost: docs/transparency.md.
@test "signals: SIGTRAP sent just when a traced function is called" {
	build masks
	specs=(tiny)
	least_calls=10
	twice ./masks storm "$(scaled 3000 20000)"
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
