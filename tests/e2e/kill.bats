#!/usr/bin/env bats
# fmprof is killed in the middle: the program goes with it, and what was recorded is there and can be drawn.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# Of a program that calls on and on and logs each call's end itself, as "NUMBER EPOCH-SECONDS". It ends by itself in the end.
steady_program() {
	compile steady <<-'EOF2'
	#include <stdio.h>
	#include <time.h>
	#include <unistd.h>
	static volatile long done;
	__attribute__((noinline)) void step(void) { done++; }
	__attribute__((noinline)) void outer(FILE *log)
	{
		for (;;) {
			struct timespec now;
			step();
			clock_gettime(CLOCK_REALTIME, &now);
			fprintf(log, "%ld %lld.%09ld\n", done, (long long)now.tv_sec, now.tv_nsec);
			usleep(500);
		}
	}
	int main(void)
	{
		FILE *log = fopen("log", "w");
		setvbuf(log, NULL, _IOLBF, 0);
		alarm(60);
		fprintf(log, "pid %ld\n", (long)getpid());
		outer(log);
	}
	EOF2
}

has_lines() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# gone PID: ended, though perhaps nobody has asked for its status
gone() {
	! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null
}

# killed_in_the_middle CALLS OPTION...: records it with these into cut.dat until it has made about so many calls; its
# pid is in $target
killed_in_the_middle() {
	local calls=$1
	shift
	rm -f log
	steady_program
	"$fmprof" run -o cut.dat "$@" ./steady >out 2>err 3>&- &
	local recorder=$!
	wait_until has_lines log "$calls"
	kill -KILL "$recorder"
	wait "$recorder" || true
	target=$(awk '$1 == "pid" { print $2 }' log)
	wait_until gone "$target"
}

@test "kill: the program dies with fmprof" {
	# Without a traced call to come: no trap that is left in it must be what ends it.
	killed_in_the_middle 1000 -f outer
	local lines
	lines=$(wc -l <log)
	gone "$target"
	equal "$(wc -l <log)" "$lines" "lines of the log, later"
}

@test "kill: all but the last quarter of a second is in the file" {
	# Wherever the kill falls between two writes.
	for calls in 700 1000 1300; do
		killed_in_the_middle $calls -f outer -f step
		truth cut.dat --cut
		not grep -q '^END' cut.dat
		python3 - <<-'EOF2'
		with open("log") as log:
		    ends = [float(line.split()[1]) for line in log.read().splitlines()[1:-1]]
		with open("cut.dat") as recording:
		    steps = sum(line.startswith("FUNC step ") and line.endswith("\n") for line in recording)
		due = sum(end <= ends[-1] - 0.25 for end in ends)
		print(f"{len(ends)} calls, {due} of them must be in the file, {steps} are")
		assert due >= 100 and steps >= due
		EOF2
	done
}

@test "kill: the file is drawn, with the open call marked" {
	killed_in_the_middle 1000 -f outer -f step
	limited "$fmprof" plot -o cut.png cut.dat
	is_png cut.png
	limited "$fmprof" plot cut.dat >text
	grep -q '\[outer-*>' text
	grep -q 'outer  1 call (1 unfinished)' text
	grep -q 'recording was cut' text
}

@test "kill: while threads call as fast as they can" {
	"$fmprof" run -o cut.dat -f work "$testprogs/threads" 4 100000000 >out 2>err 3>&- &
	local recorder=$!
	wait_until has_lines cut.dat 5000
	target=$(pgrep -P "$recorder" threads)
	kill -KILL "$recorder"
	wait "$recorder" || true
	wait_until gone "$target"
	truth cut.dat --cut
}

# Without calls nothing of ours stops it, only the kernel ends it (PTRACE_O_EXITKILL).
@test "a program that calls nothing traced goes with it too" {
	"$fmprof" run -q -o idle.dat -- sleep 1000 3>&- &
	local recorder=$!
	wait_until has_lines idle.dat 5
	local target=$(sed -n 's/^FMPROF .* pid=\([0-9]*\) .*/\1/p' idle.dat)
	kill -0 "$target"
	kill -KILL "$recorder"
	wait "$recorder" || true
	wait_until gone "$target"
}
