#!/usr/bin/env bats
# Very many open calls, and threads with signals arriving everywhere: nothing is lost, nothing grows out of hand.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# dive CALLS: records that many nested calls; maxrss (KiB, fmprof's own) and cpu (s) as it used them
dive() {
	limited python3 "$BATS_TEST_DIRNAME/usage.py" usage "$fmprof" run -q -o "deep$1.dat" -f dive -- \
		"$testprogs/deep" "$1" >"deep$1.out"
	truth "deep$1.dat" "deep$1.out"
	eval "$(cat usage)"
}

@test "stress: 100000 open calls, memory and time grow with their number" {
	if is_sanitized; then skip "sanitizers use memory of their own"; fi
	dive 25000
	local quarter=$maxrss quarter_cpu=$cpu
	dive 100000
	between 1 "$maxrss" 100000 "KiB used"
	# Four times as much, and what growing arrays hold in reserve; if each call cost more the deeper it
	# is, it would be 16 times.
	between 0 "$maxrss" $((quarter * 5)) "KiB used"
	between 0 "$cpu" "$(awk "BEGIN { print $quarter_cpu * 8 }")" "CPU seconds"
}

@test "stress: threads under a rain of signals lose no call" {
	[ -x "$testprogs/signals" ] || skip "signals is only on x86-64"
	local calls sent
	calls=$(scaled 5000 250000)
	record rain signal_hit signal_work -- -q "$testprogs/signals" 4 "$calls" 1000
	equal "$status" 0 "exit status"
	truth rain.dat rain.out
	equal "$(calls_of rain.dat signal_hit)" $((4 * calls)) "calls of signal_hit"
	sent=$(awk '$1 == "signals" { print $2 }' rain.out)
	between 4 "$sent" 100000000 "signals"
	equal "$(calls_of rain.dat signal_work)" "$sent" "calls out of the handler"
	grep -qx 'bad-pcs 0' rain.out
	equal "$(count_of ENTER rain.dat)" "$(count_of FUNC rain.dat)" "enters and leaves"
}

@test "stress: threads that do nothing but call" {
	local calls
	calls=$(scaled 5000 250000)
	record threads work -- -q "$testprogs/threads" 4 "$calls"
	equal "$status" 0 "exit status"
	truth threads.dat threads.out
	equal "$(calls_of threads.dat work)" $((4 * calls)) "calls of work"
}
