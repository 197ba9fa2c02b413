#!/usr/bin/env bats
# truth.py must find what is wrong in a recording: each test damages a good one in one way.

setup() {
	truth_py="$BATS_TEST_DIRNAME/truth.py"
	dat="$BATS_TEST_TMPDIR/good.dat"
	truth="$BATS_TEST_TMPDIR/truth.txt"
	# outer calls leaf twice; then a thread of its own calls leaf.
	cat >"$dat" <<-'EOF'
	CMDLINE ./program 'an argument'
	FMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/program metrics=rss
	TASK 10 10 1700000000.000000001 start program
	FN 1 outer /bin/program 0x1000 a.c:3 outer
	FN 2 leaf /bin/program 0x1040 a.c:9 leaf
	MEM 1.000000 1700000000.000000002
	ENTER 1 1 10 10 0 1.000000 1700000001.000000000
	ENTER 2 2 10 10 1 1.000000 1700000002.000000000
	MEM 5.000000 1700000002.500000000
	FUNC leaf 1.000000 1700000002.000000000 2.000000 1700000003.000000000 1 call=2 fn=2 pid=10 tid=10 end=return time=exact
	ENTER 3 2 10 10 1 2.000000 1700000004.000000000
	MEM 3.000000 1700000005.000000000
	FUNC leaf 2.000000 1700000004.000000000 3.000000 1700000005.000000000 1 call=3 fn=2 pid=10 tid=10 end=return time=exact
	TASK 10 11 1700000005.000000000 start program
	ENTER 4 2 10 11 0 3.000000 1700000005.100000000
	FUNC outer 1.000000 1700000001.000000000 3.000000 1700000006.000000000 0 call=1 fn=1 pid=10 tid=10 end=return time=exact
	NOTE 1700000006.000000000 a note
	MEM 3.000000 1700000007.000000000
	FUNC leaf 3.000000 1700000005.100000000 3.000000 1700000007.000000000 0 call=4 fn=2 pid=10 tid=11 end=exit time=exact
	TASK 10 10 1700000007.000000000 exit program
	END 1700000008.000000000 exit=3 peak=5.000000 calls=4
	EOF
	cat >"$truth" <<-'EOF'
	something else
	truth calls outer 1
	truth calls leaf 3
	truth calls program!a.c:leaf 3
	truth calls absent 0
	truth max-depth leaf 1
	truth threads leaf 2
	truth end leaf return 2
	truth end leaf exit 1
	truth enter outer 0
	truth enter leaf 1
	truth enter leaf 1
	truth enter leaf 0
	truth rise outer 4 0
	truth net outer 2 0
	truth exit 3
	EOF
}

# damaged SED-SCRIPT: the good recording after it
damaged() {
	sed "$1" "$dat" >"$BATS_TEST_TMPDIR/bad.dat"
	! cmp -s "$dat" "$BATS_TEST_TMPDIR/bad.dat"
}

# refused PATTERN: truth.py fails with it in what it prints
refused() {
	run python3 "$truth_py" "$BATS_TEST_TMPDIR/bad.dat" "$truth"
	[ "$status" -eq 1 ]
	grep -q -- "$1" <<<"$output"
}

# false_truth LINE PATTERN: the good recording does not have this
false_truth() {
	echo "$1" >"$truth"
	run python3 "$truth_py" "$dat" "$truth"
	[ "$status" -eq 1 ]
	grep -q -- "$2" <<<"$output"
}

@test "truth: a right recording passes" {
	run python3 "$truth_py" "$dat" "$truth"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run python3 "$truth_py" "$dat"
	[ "$status" -eq 0 ]
}

@test "truth: a missing call" {
	damaged '/^ENTER 3/d; /call=3/d; s/calls=4/calls=3/'
	refused 'truth calls leaf 3: the recording has 2'
	refused 'truth end leaf return 2: the recording has 1'
}

@test "truth: a call that does not end, or ends twice" {
	damaged '/call=3/d'
	refused "call 3 .*has no FUNC"
	damaged '/call=3/p'
	refused "call 3 was not entered, or has ended before"
}

@test "truth: a wrong depth" {
	damaged 's/^\(ENTER 3 2 10 10\) 1/\1 0/; s/ 1 call=3/ 0 call=3/'
	refused "call 3 has depth 0, but 1 calls"
	refused "truth enter"
}

@test "truth: leave with other figures than enter" {
	damaged 's/ 1 call=3/ 2 call=3/'
	refused "call 3 ends with other figures"
	damaged 's/FUNC leaf 2.000000/FUNC leaf 2.000001/'
	refused "call 3 ends with other figures"
}

@test "truth: wrong order of times" {
	damaged 's/^MEM 5.000000 1700000002.5/MEM 5.000000 1700000001.5/'
	refused "law 'order'"
	damaged 's/^\(ENTER 3 .*\)1700000004/\11700000002/; s/\(FUNC leaf 2.000000 \)1700000004/\11700000002/'
	refused "law 'order'"
}

@test "truth: wrong order of calls" {
	echo 'truth enter leaf 0' >>"$truth"
	sed -i '0,/truth enter leaf 1/{/truth enter leaf 1/d}' "$truth"
	run python3 "$truth_py" "$dat" "$truth"
	[ "$status" -eq 1 ]
	grep -q 'enter number 3 must be leaf at depth 0, but is leaf at depth 1' <<<"$output"
}

@test "truth: a call that outlives the one it was made in, unless that was only noticed" {
	damaged '/call=1 /d; s/^FUNC leaf 2.000000.*/FUNC outer 1.000000 1700000001.000000000 3.000000 1700000004.500000000 0 call=1 fn=1 pid=10 tid=10 end=return time=exact\n&/; s/^MEM 3.000000 1700000005.000000000/MEM 3.000000 1700000004.100000000/'
	refused "call 3 ends after the call that it was made in"
	sed -i 's/\(call=3 .*\)time=exact/\1time=noticed/' "$BATS_TEST_TMPDIR/bad.dat"
	run python3 "$truth_py" "$BATS_TEST_TMPDIR/bad.dat"
	[ "$status" -eq 0 ]
}

@test "truth: a cut line, in the middle and at the end" {
	damaged 's/^\(ENTER 3 2 10\).*/\1/'
	refused "law 'line'"
	head -c -5 "$dat" >"$BATS_TEST_TMPDIR/bad.dat"
	refused "law 'line'"
	refused "END is missing"
	damaged '3a\\'
	refused "law 'line'"
}

@test "truth: --cut allows what a killed recorder leaves, and no more" {
	for percent in 30 45 60 75 90; do
		head -c $(($(wc -c <"$dat") * percent / 100)) "$dat" >"$BATS_TEST_TMPDIR/bad.dat"
		refused "END is missing"
		run python3 "$truth_py" --cut "$BATS_TEST_TMPDIR/bad.dat" "$truth"
		[ "$status" -eq 0 ]
	done
	sed -i 's/^\(ENTER 2 2 10 10\) 1/\1 0/' "$BATS_TEST_TMPDIR/bad.dat"
	run python3 "$truth_py" --cut "$BATS_TEST_TMPDIR/bad.dat" "$truth"
	[ "$status" -eq 1 ]
}

@test "truth: a bracket without a sample" {
	damaged '/^MEM 3.000000 1700000005/d'
	refused "no MEM line within call 3"
}

@test "truth: an END with another number of calls, or not at the end" {
	damaged 's/calls=4/calls=5/'
	refused "END says calls=5, but there are 4"
	damaged '$a NOTE 1700000009.000000000 more'
	refused "lines follow END"
}

@test "truth: names and functions" {
	damaged 's/leaf/le.af/'
	refused "the name le.af is not encoded"
	damaged '/^FN 2/d'
	refused "no FN 2 so far"
	damaged 's/^FUNC outer/FUNC leaf/'
	refused "leaf is not the name in FN 1"
}

@test "truth: processes, and functions that are let go of" {
	local start='PROC 12 1700000006.000000000 start parent=10 how=fork' end='PROC 12 1700000006.000000000 end exit=0 peak=2.000000 peak_is=exact'
	damaged "/^NOTE/i $start\nCHLD 12 2.000000 1700000006.000000000\n$end\nFNEND 2 1700000006.000000000 calls=3"
	run python3 "$truth_py" "$BATS_TEST_TMPDIR/bad.dat" "$truth"
	[ "$status" -eq 0 ]
	damaged "/^NOTE/i $start\n$start"
	refused "12 has a second start"
	damaged "/^NOTE/i $start\n$end\n$end"
	refused "12 has a second end"
	damaged "/^NOTE/i $start\nCHLD 12 2.000001 1700000006.000000000\n$end"
	refused "12 ends with a lower peak than a sample of it"
	damaged "/^NOTE/i PROC 12 1700000006.000000000 start how=else"
	refused "cut, damaged or unknown"
	damaged "/^NOTE/i FNEND 2 1700000006.000000000 calls=2"
	refused "FNEND says calls=2, there were 3"
	damaged "/^ENTER 4/i FNEND 2 1700000005.000000000 calls=2"
	refused "call 4 begins after FNEND 2"
}

@test "truth: header" {
	damaged 1d
	refused "law 'header'"
	damaged 's/^FMPROF 1/FMPROF 2/'
	refused "law 'header'"
}

@test "truth: each kind of truth can be found false" {
	false_truth 'truth calls leaf 2' 'has 3'
	false_truth 'truth calls other.c:leaf 3' 'no FN line has that name'
	false_truth 'truth max-depth leaf 0' 'has 1'
	false_truth 'truth threads leaf 1' 'has 2'
	false_truth 'truth end leaf tail 1' 'has 0'
	false_truth 'truth enter outer 0
truth enter outer 0' '2 enters are told, the recording has 1'
	false_truth 'truth rise outer 6 1' '\[4.0\]'
	false_truth 'truth net outer 0 1' '\[2.0\]'
	false_truth 'truth exit 0' 'END says otherwise'
	false_truth 'truth signal 3' 'END says otherwise'
}

@test "truth: nothing to compare is no success" {
	echo 'no truths' >"$truth"
	run python3 "$truth_py" "$dat" "$truth"
	[ "$status" -eq 2 ]
	echo 'truth unknown 1' >"$truth"
	run python3 "$truth_py" "$dat" "$truth"
	[ "$status" -eq 2 ]
	run python3 "$truth_py" "$BATS_TEST_TMPDIR/absent.dat" "$truth"
	[ "$status" -eq 2 ]
}
