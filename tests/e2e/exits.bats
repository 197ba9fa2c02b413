#!/usr/bin/env bats
# How calls end, when, and what they are nested in: the exit_ programs log it themselves, event by event, and the
# recording must have the same sequence (testprogs/README.md). Their times of leaves must agree in the median of a
# recording, within 50 us at full size, on a quiet machine: a single one says little where other things run too.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	rounds=$(scaled 5 50)
}

# What differs from run to run.
without_times() {
	sed -E 's/^(truth leave .*) [0-9]+\.[0-9]{9}$/\1/' "$1"
}

# bash tells of a command that a signal has ended.
without_shell() {
	grep -v 'common.bash: line .* Aborted ' "$1" || true
}

followed=() # options of fmprof run with which children's calls are recorded

# tells_truth PATH [ARGUMENT...]: traced it does what it does untraced, and the recording is right.
tells_truth() {
	local name untraced specs=('ex_*')
	name=$(basename "$1")
	[ "$name" != exit_library ] || specs+=('libexitlib.so!ex_*')
	status_of limited "$@" >untraced.out 2>untraced.err
	untraced=$status
	record "$name" "${specs[@]}" -- -q "${followed[@]}" "$@" || return 1
	if is_sanitized; then
		without_times "$name.out" >timeless.out
		mv timeless.out "$name.out"
	fi
	equal "$status" "$untraced" "exit status" &&
		diff <(without_shell "$name.err") <(without_shell untraced.err) &&
		diff <(without_times "$name.out") <(without_times untraced.out) &&
		grep -q '^truth leave ' "$name.out" &&
		truth --times "$name.dat" "$name.out"
}

# judged PATH [ARGUMENT...]: as tells_truth, but the next ones are judged too
judged() {
	tells_truth "$@" || {
		echo "^^^ $*"
		wrong=1
	}
}

# in_builds COMMAND PROGRAM [ARGUMENT...]: in each build of it
in_builds() {
	local command=$1 program=$2 path wrong=0
	shift 2
	[ -x "$testprogs/$program" ] || skip "$program is not built"
	for path in "$testprogs/$program" "$testprogs"/exits/*/"$program"; do
		[ ! -x "$path" ] || "$command" "$path" "$@"
	done
	return $wrong
}

scenes_of() {
	case $1 in
	*/exit_switch) echo 0 1 2 3 4 5 6 7 ;;
	*) echo 0 1 2 3 4 5 6 ;;
	esac
}

placings_of() {
	case $1 in
	*/exits/*) scaled 3 '0 3' ;;
	*) echo 0 1 2 3 ;;
	esac
}

# coroutines PATH: all scenes, in ways in which stacks may lie
coroutines() {
	local scene placing
	for scene in $(scenes_of "$1"); do
		for placing in $(placings_of "$1"); do
			judged "$1" "$scene" "$placing"
		done
	done
}

# ---- exceptions

@test "exits: exceptions caught here, in a caller, rethrown, while another waits" {
	in_builds judged exit_throw "$rounds"
}

@test "exits: exceptions between a program and a library" {
	in_builds judged exit_library "$rounds"
}

@test "exits: an exception leaves a noexcept function" {
	in_builds judged exit_terminate 0
}

@test "exits: an exception that nothing catches" {
	in_builds judged exit_terminate 1
}

@test "exits: an exception leaves a destructor while another waits" {
	in_builds judged exit_terminate 2
}

@test "exits: a landing pad at the return address" {
	in_builds judged exit_landing "$((4 * rounds))"
}

# ---- ends of threads

@test "exits: pthread_exit and pthread_cancel in C, the bare system call" {
	in_builds judged exit_thread "$rounds"
}

@test "exits: pthread_exit and pthread_cancel in C++" {
	in_builds judged exit_forced "$rounds"
}

# ---- jumps

@test "exits: longjmp in all forms" {
	in_builds judged exit_longjmp "$rounds"
}

@test "exits: longjmp of another libc" {
	in_builds judged exit_longjmp_own "$rounds"
}

@test "exits: __builtin_longjmp" {
	in_builds judged exit_builtin "$rounds"
}

@test "exits: signal handlers make calls, jump out, end their thread, on the same and on alternate stacks" {
	in_builds judged exit_handler "$rounds"
}

# ---- returns

@test "exits: ret n" {
	in_builds judged exit_retn "$rounds"
}

@test "exits: tail calls" {
	in_builds judged exit_tail "$rounds"
}

# ---- coroutines

@test "exits: coroutines with swapcontext" {
	in_builds coroutines exit_ucontext
}

@test "exits: coroutines by instructions of their own" {
	in_builds coroutines exit_switch
}

@test "exits: coroutines with longjmp" {
	in_builds coroutines exit_longjmp_switch
}

# scenes PATH SCENE...: as the first thread and as another
scenes() {
	local path=$1 scene
	shift
	for scene in "$@"; do
		judged "$path" "$scene" 0
		judged "$path" "$scene" 1
	done
}

@test "exits: stacks that become a thread's, or another coroutine's" {
	in_builds scenes exit_stacks 0 1
}

@test "exits: a coroutine forks, a child uses its parent's signal stack" {
	for followed in -C -M; do in_builds scenes exit_stacks 2 3; done
}

# attached PATH: to a thread that is inside of a coroutine
attached() {
	local threaded program recorder
	for threaded in 0 1; do
		rm -f in a.dat a.out
		mkfifo in
		"$1" 4 $threaded <in >a.out 3>&- &
		program=$!
		exec 9>in
		wait_until grep -qs '^ready$' a.out
		limited "$fmprof" attach -q -f 'ex_*' -o a.dat $program 3>&- 9>&- &
		recorder=$!
		wait_until grep -qs '^MEM ' a.dat
		echo >&9
		exec 9>&-
		wait $program && wait $recorder && truth a.dat a.out || {
			echo "^^^ $1 4 $threaded"
			wrong=1
		}
	done
}

@test "exits: attach to a thread that is inside of a coroutine" {
	in_builds attached exit_stacks
}

@test "exits: an exception is on its way, and a coroutine is resumed" {
	for threaded in 0 1; do in_builds judged exit_resume $threaded "$rounds"; done
}

@test "exits: the same with LLVM's unwinder" {
	local unwinders=(/usr/lib/llvm-*/lib/libunwind.so.1)
	[ -e "${unwinders[0]}" ] && command -v clang++ >/dev/null || skip "no clang++ with LLVM's libunwind"
	clang++ -std=gnu++17 -O2 -g -pthread -o exit_resume "$TOP/testprogs/exit_resume.cc" "${unwinders[0]}"
	for threaded in 0 1; do tells_truth ./exit_resume $threaded "$rounds"; done
}

# ---- truth.py finds what is wrong in a sequence

# recorded TIME: inner is thrown out of, which is known at TIME. A destructor's call is inside of outer.
recorded() {
	cat >r.dat <<-'EOT'
	CMDLINE ./program
	FMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/program metrics=rss
	FN 1 outer /bin/program 0x1000 - outer
	FN 2 inner /bin/program 0x1040 - inner
	FN 3 clean /bin/program 0x1080 - clean
	MEM 1.000000 1700000000.000000001
	ENTER 1 1 10 10 0 1.000000 1700000001.000000000
	MEM 1.000000 1700000001.000000000
	ENTER 2 2 10 10 1 1.000000 1700000002.000000000
	MEM 1.000000 1700000002.000000000
	ENTER 3 3 10 10 1 1.000000 1700000003.000000000
	MEM 1.000000 1700000003.000000000
	FUNC clean 1.000000 1700000003.000000000 1.000000 1700000004.000000000 1 call=3 fn=3 pid=10 tid=10 end=return time=exact
	FUNC inner 1.000000 1700000002.000000000 1.000000 1700000002.900000000 1 call=2 fn=2 pid=10 tid=10 end=unwound time=noticed
	FUNC outer 1.000000 1700000001.000000000 1.000000 1700000005.000000000 0 call=1 fn=1 pid=10 tid=10 end=longjmp time=exact
	END 1700000006.000000000 exit=0 calls=3
	EOT
	cat >r.txt <<-EOT
	truth enter outer 0
	truth enter inner -
	truth leave inner 1 unwound $1
	truth enter clean 1
	truth leave clean 1 return/exact
	truth leave outer 0 longjmp/exact 1700000005.000030000
	EOT
}

# found SED-SCRIPT PATTERN: the truth after the script contradicts the recording
found() {
	sed "$1" r.txt >false.txt
	not cmp -s r.txt false.txt
	status_of truth r.dat false.txt >said.txt
	equal "$status" 1 "exit status"
	grep -q -- "$2" said.txt || {
		cat said.txt
		return 1
	}
}

@test "exits: truth.py compares kinds, order, depths, exactness" {
	recorded 1700000002.900010000
	truth r.dat r.txt
	found 's/unwound/return/' 'event number 3 must be leave of inner at depth 1, return, but is .* unwound, noticed'
	found 's/unwound/unwound\/exact/' 'event number 3 must be'
	found 's/inner 1/inner 0/' 'event number 3 must be'
	found '/enter clean/{h;d};/leave clean/{G}' 'event number 4 must be'
	found '/leave outer/d' '5 events are told, the recording has 6'
}

@test "exits: truth.py compares times" {
	recorded 1700000002.900060000
	truth r.dat r.txt
	found 's/2.9000/2.9600/' 'event number 3, leave of inner at depth 1, unwound, is 60060.0 us before'
	found 's/2.9000/2.8400/' 'is -59940.0 us before'
}

# many COUNT AFTER: so many calls are left, which is known AFTER nanoseconds later
many() {
	local call
	sed '/^MEM/q' r.dat >m.dat
	for call in $(seq "$1"); do
		printf 'ENTER %d 2 10 10 0 1.000000 17000000%02d.000000000\nMEM 1.000000 17000000%02d.000000000\n' "$call" "$call" "$call"
		printf 'FUNC inner 1.000000 17000000%02d.000000000 1.000000 17000000%02d.500000000 0 call=%d fn=2 pid=10 tid=10 %s\n' \
			"$call" "$call" "$call" 'end=unwound time=exact'
		printf 'truth enter inner 0\ntruth leave inner 0 unwound 17000000%02d.5%08d\n' "$call" "$2" >&3
	done >>m.dat 3>m.txt
	echo "END 1700000099.000000000 exit=0 calls=$1" >>m.dat
}

@test "exits: truth.py compares the median of times, where there is one" {
	recorded -
	many 20 51000
	FMPROF_STRESS='' truth m.dat m.txt
	export FMPROF_STRESS=1
	many 20 49000
	truth m.dat m.txt
	many 20 51000
	status_of truth m.dat m.txt >said.txt
	equal "$status" 1 "exit status"
	grep -q 'leaves are 51.0 us away from what the program knew, in the median of 20' said.txt
	many 19 51000
	truth m.dat m.txt
}

@test "exits: truth.py compares depths with what is open, except in coroutines" {
	recorded 1700000002.900000000
	truth r.dat r.txt
	# inner was still open when clean was entered
	sed -i 's/ 1700000002.900000000/ 1700000003.500000000/' r.dat
	status_of truth r.dat >said.txt
	equal "$status" 1 "exit status"
	grep -q 'call 3 has depth 1, but 2 calls' said.txt
	echo 'truth coroutines 1' >co.txt
	truth r.dat co.txt
}
