#!/usr/bin/env bats
# --max-overhead: functions that are called too often are let go of, and everything says so.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# json EXPRESSION FILE.dat: of the functions in `report --json`, by name
json() {
	limited "$fmprof" report --json "$2" | limited python3 -c '
import json, sys
f = {row["function"]: row for row in json.load(sys.stdin)["recordings"][0]["functions"]}
print(eval(sys.argv[1]))' "$1"
}

@test "overhead: a hot function is let go of, the others are not" {
	record h hot main -- --max-overhead 10 "$testprogs/hot" 100000
	truth h.dat
	# A second's worth at 20 us a call, unless this machine took longer than that over them.
	between 5000 "$(calls_of h.dat hot)" 99999
	equal "$(calls_of h.dat main)" 1
	equal "$(grep -c '^FNEND 1 ' h.dat)" 1
	equal "$(sed -n 's/^FNEND 1 .* calls=//p' h.dat)" "$(calls_of h.dat hot)"
	grep -q '^NOTE .* function hot: [0-9,]* calls in [0-9.]* m*s cost more than --max-overhead 10 allows: it is no longer recorded$' h.dat
	equal "$(grep -c '^fmprof: function hot: [0-9,]* calls in .*: it is no longer recorded$' h.err)" 1
	# The program did all of its calls.
	grep -qx 'truth calls hot 100000' h.out
	limited "$fmprof" report h.dat >text
	grep -Eq '^hot +≥ [0-9,]+ ' text
	grep -Eq '^hot: recorded until [0-9.]+ m?s only: its calls cost too much \(--max-overhead\)$' text
	not grep -q '^main.*≥' text
	equal "$(limited "$fmprof" report --by thread h.dat | grep -c '^hot: recorded until ')" 1
	equal "$(json 'f["hot"]["recorded_until_ns"] > f["hot"]["last_leave_ns"] - 10**9 and f["main"]["recorded_until_ns"]' h.dat)" None
	# Of a time in which it was not recorded nobody is to think that it was not called.
	limited "$fmprof" report -w "$(json '(f["hot"]["recorded_until_ns"] - f["main"]["first_enter_ns"]) / 1e9 + 0.1' h.dat)," h.dat >later
	grep -q '^hot: recorded until ' later
	not grep -Eq '^hot +' later
	limited "$fmprof" report -f main h.dat | not grep '^hot'
	limited "$fmprof" info h.dat >about
	grep -qx 'functions  2, 2 called, 1 let go of (--max-overhead)' about
	grep -Eqx 'calls      ≥ [0-9,]+' about
	limited "$fmprof" report --json h.dat >told.json
	limited python3 "$BATS_TEST_DIRNAME/figures.py" h.dat told.json
	limited "$fmprof" report --csv h.dat | grep -q '^"h.dat","hot",.*,[0-9]\{19\}.$'
	equal "$(json 'f["hot"]["peak_exact"] or not f["main"]["peak_exact"]' h.dat)" False
	# With twice as many calls allowed it is not worse: nobody knows.
	record more hot main -- -q --max-overhead 20 "$testprogs/hot" 100000
	limited "$fmprof" diff -f hot h.dat more.dat
	limited "$fmprof" plot --script h.gp h.dat
	grep -q '≥ [0-9,]* calls' h.gp
	limited python3-mprof peak h.dat >/dev/null
}

@test "overhead: what stays below it is recorded whole" {
	record h hot -- -q --max-overhead 10% "$testprogs/hot" 4000
	truth h.dat h.out
	not grep -q '^FNEND ' h.dat
	equal "$(json 'f["hot"]["recorded_until_ns"]' h.dat)" None
}

@test "overhead: calls that are open then end as ever" {
	record r fib -- -q --max-overhead 1 "$testprogs/recursion" 20 1
	truth r.dat
	equal "$(calls_of r.dat fib)" "$(grep -c '^FUNC fib .* end=return time=exact ' r.dat)"
	between 501 "$(calls_of r.dat fib)" 10000
	record t work -- -q --max-overhead 2 "$testprogs/threads" 8 1000
	truth t.dat
	equal "$(calls_of t.dat work)" "$(grep -c '^FUNC work .* end=return time=exact ' t.dat)"
}

@test "overhead: in every process, and in those to come" {
	limited "$fmprof" run -q -M -f work -f linear --max-overhead 1 -o m.dat -- \
		bash -c '"$1"/threads 2 1000 >/dev/null; "$1"/recursion 3 5; "$1"/threads 2 1000' bash "$testprogs" >out
	truth m.dat
	grep -qx 'truth calls work 2000' out
	equal "$(grep -c '^FNEND ' m.dat)" 1
	equal "$(awk '$1 == "ENTER" && $3 == 1 { print $4 }' m.dat | sort -u | wc -l)" 1 "processes with calls of work"
	equal "$(calls_of m.dat linear)" 6
}

@test "overhead: what is no percentage" {
	local word
	for word in 0 -1 x 101 1e1 nan '' 5%% 1.2.3; do
		status_of limited "$fmprof" run -f hot --max-overhead "$word" -o x.dat touch ran 2>err
		equal "$status" 125 "'$word'"
		equal "$(cat err)" "fmprof: --max-overhead '$word': not a percentage above 0 and up to 100; write 10 or 2.5"
	done
	not test -e ran
}
