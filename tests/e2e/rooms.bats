#!/usr/bin/env bats
# The house: include directions, and a reading half without ptrace.

load common

@test "includes point downward only" {
	run "$TOP/tests/check-rooms"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "an include that points up is found" {
	cp -r "$TOP/src" "$TOP/include" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	echo '#include "fmprof/record.h"' >>src/trace/encode.c
	echo '#include <sys/ptrace.h>' >>src/plot/style.c
	run "$TOP/tests/check-rooms"
	[ "$status" -eq 1 ]
	[[ $output == *"src/trace/encode.c"*"trace/ must not use record/"* ]]
	[[ $output == *"src/plot/style.c"*"ptrace outside of target/"* ]]
}

@test "the reading half and its tests link no ptrace call" {
	run nm -u "$BUILD/libfmprof-read.a"
	[ "$status" -eq 0 ]
	[[ $output == *write* ]] # nm did list something
	[[ $output != *ptrace* ]]
	for test in util trace trace_cut analyze plot plot_draw export; do
		run nm -D --undefined-only "$BUILD/unit/test_$test"
		[ "$status" -eq 0 ]
		[[ $output != *ptrace* ]]
	done
}
