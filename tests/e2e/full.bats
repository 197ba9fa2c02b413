#!/usr/bin/env bats
# The recording cannot be written any more: that ends the recording and nothing else.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	compile worker <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	static volatile long calls;
	__attribute__((noinline)) void work(void) { calls++; }
	int main(int argc, char **argv)
	{
		long wanted = argc > 1 ? atol(argv[1]) : 0;
		for (long i = 0; i < wanted; i++)
			work();
		for (long i = 0; i < 1000; i++)
			printf("line %ld of 1000\n", i);
		fflush(stdout);
		FILE *done = fopen("done", "w");
		fprintf(done, "%ld\n", calls);
		fclose(done);
		return 3;
	}
	EOF2
}

teardown() {
	if mountpoint -q "$BATS_TEST_TMPDIR/small" 2>/dev/null; then umount "$BATS_TEST_TMPDIR/small"; fi
}

# Calls that need more than small files have room for.
calls=20000

# told_once: the program did all it had to, and fmprof says one line and fails
told_once() {
	cat err
	equal "$status" 125 "exit status"
	equal "$(wc -l <err)" 1 "lines on stderr"
	grep -q "^fmprof: .*$1" err
	equal "$(cat done)" "$calls" "calls that the program made"
}

output_is_complete() {
	equal "$(wc -l <out)" 1000 "lines of the program's output"
	equal "$(tail -n 1 out)" "line 999 of 1000"
}

@test "full: a disk that fills" {
	mkdir small
	mount -t tmpfs -o size=256k tmpfs small 2>/dev/null || skip "cannot mount a small file system"
	status_of limited "$fmprof" run -o small/x.dat -f work ./worker $calls >out 2>err
	told_once 'small/x.dat: No space left on device'
	output_is_complete
	truth small/x.dat --cut
	equal "$(tail -c 1 small/x.dat | od -An -tx1)" " 0a" "last byte"
	between 100 "$(calls_of small/x.dat work)" $calls "calls in the file"
}

@test "full: a limit on the size of files" {
	status_of limited bash -c 'ulimit -f 200; exec "$@"' - "$fmprof" run -o x.dat -f work ./worker $calls >out 2>err
	told_once 'x.dat: File too large'
	output_is_complete
	truth x.dat --cut
	equal "$(tail -c 1 x.dat | od -An -tx1)" " 0a" "last byte"
	between 100 "$(calls_of x.dat work)" $calls "calls in the file"
}

@test "full: a device that is always full" {
	[ -c /dev/full ] || skip "/dev/full is not a device here"
	status_of limited "$fmprof" run -o /dev/full -f work ./worker $calls >out 2>err
	told_once '/dev/full: No space left on device'
	output_is_complete
}

@test "full: a pipe whose reader is satisfied" {
	# The program's own output goes the same way; it is told by SIGPIPE as it would be untraced.
	trap '' PIPE
	{ status_of limited "$fmprof" run -o - -f work ./worker $calls 2>err; echo "$status" >status; } | head -n 1 >out
	status=$(cat status)
	told_once 'Broken pipe'
	grep -q '^CMDLINE ' out
}

@test "full: a FIFO whose reader goes away" {
	mkfifo fifo
	limited head -n 20 fifo >head 3>&- &
	status_of limited "$fmprof" run -o fifo -f work ./worker $calls >out 2>err
	told_once 'fifo: Broken pipe'
	output_is_complete
	wait
	equal "$(wc -l <head)" 20
}

@test "full: a FIFO whose reader stays" {
	mkfifo fifo
	limited cat fifo >x.dat 3>&- &
	status_of limited "$fmprof" run -q -o fifo -f work ./worker 1000 >out 2>err
	equal "$status" 3
	wait
	truth x.dat
	equal "$(calls_of x.dat work)" 1000
}
