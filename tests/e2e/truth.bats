#!/usr/bin/env bats
# Every test program says itself what a right recording of it has to show (testprogs/README.md).

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# specs_of PROGRAM: the functions to trace, in the array specs
specs_of() {
	case $1 in
	demo) specs=(my_func1 my_func2) ;;
	recursion) specs=(fib linear) ;;
	mutual) specs=(is_even is_odd) ;;
	tail) specs=(tail_a tail_b tail_c) ;;
	deep) specs=(dive) ;;
	threads) specs=(work) ;;
	hot) specs=(hot) ;;
	peaks) specs=('pk_*') ;;
	noreturn) specs=(outer last_call never_returns next_entry at_the_end) ;;
	exit_inside) specs=(outer middle inner sleeper runner) ;;
	fork) specs=(fork_inside work) ;;
	vfork_exec) specs=(launch prepare) ;;
	exec_self) specs=(outer exec_inside step) ;;
	signals) specs=(signal_hit signal_work) ;;
	pointers) specs=('op_*' visit 'libtestlib.so!testlib_*' 'libtestplug.so!testplug_*') ;;
	same_name) specs=(same_name_a.c:helper same_name_b.c:helper) ;;
	names) specs=(ns::Parser::parse ns::over 'ns::box::box' 'ns::box::~box' 'ns::box::operator[]' 'ns::box::operator()'
		'ns::operator<<' ns::tagged ns::hidden rusty::deep::legacy rusty::deep::modern) ;;
	first_insn) specs=('first_*') ;;
	return_site) specs=('site_*') ;;
	esac
}

# Times and signals differ from run to run.
steady() {
	grep -v -e '^ns-per-call ' -e '^spike-us ' -e '^signals ' -e '^truth .* signal_work ' "$1" || true
}

# tells_truth PATH [ARGUMENT...]: traced it does what it does untraced, and the recording is right
tells_truth() {
	local name specs untraced
	name=$(basename "$1")
	[ -x "$1" ] || skip "$1 is not built"
	specs_of "$name"
	status_of limited "$@" >untraced.out 2>untraced.err
	untraced=$status
	# One chain: it also has to fail where a caller asks for its result.
	record "$name" "${specs[@]}" -- -q "$@" &&
		equal "$status" "$untraced" "exit status" &&
		diff "$name.err" untraced.err &&
		diff <(steady "$name.out") <(steady untraced.out) &&
		truth "$name.dat" "$name.out"
}

@test "truth: demo" {
	tells_truth "$testprogs/demo" 40 80 200
}

@test "truth: peaks" {
	tells_truth "$testprogs/peaks" "$(scaled 2 20)"
}

@test "truth: recursion" {
	tells_truth "$testprogs/recursion" "$(scaled 12 20)" "$(scaled 500 5000)"
}

@test "truth: mutual" {
	tells_truth "$testprogs/mutual" 100 20
}

@test "truth: tail" {
	tells_truth "$testprogs/tail" 50
}

@test "truth: threads" {
	tells_truth "$testprogs/threads" 8 "$(scaled 1000 50000)"
}

@test "truth: hot" {
	tells_truth "$testprogs/hot" "$(scaled 20000 1000000)"
}

@test "truth: noreturn" {
	tells_truth "$testprogs/noreturn"
}

@test "truth: exit_inside" {
	tells_truth "$testprogs/exit_inside" 8 2
}

@test "truth: fork" {
	tells_truth "$testprogs/fork" "$(scaled 20 500)" 10
}

@test "truth: vfork_exec" {
	tells_truth "$testprogs/vfork_exec" "$(scaled 10 200)"
}

@test "truth: exec_self" {
	tells_truth "$testprogs/exec_self"
}

@test "truth: signals" {
	tells_truth "$testprogs/signals" 8 1000
}

@test "truth: pointers, MODULE! for libraries that come later" {
	tells_truth "$testprogs/pointers" 20
}

@test "truth: names" {
	tells_truth "$testprogs/names" 5
}

@test "truth: same_name, FILE:FUNC" {
	tells_truth "$testprogs/same_name" 30 50
}

@test "truth: first_insn" {
	[ -x "$testprogs/first_insn" ] || skip "only on x86-64"
	tells_truth "$testprogs/first_insn"
}

@test "truth: return_site" {
	[ -x "$testprogs/return_site" ] || skip "only on x86-64"
	tells_truth "$testprogs/return_site"
}

# ---- the same programs as other compilers, options and linkers make them ----

# variant_tells_truth VARIANT: all its programs, each judged on its own
variant_tells_truth() {
	local program wrong=0
	[ -d "$testprogs/$1" ] || skip "$1 is not built"
	for program in "$testprogs/$1"/*; do
		case $(basename "$program") in
		*.*) continue ;;
		# Functions of theirs are static: a stripped program has no name for them.
		same_name | names) [ "$1" != gcc-O2-stripped ] || continue ;;
		esac
		tells_truth "$program" || {
			echo "^^^ $program"
			wrong=1
		}
	done
	return $wrong
}

@test "truth: variant gcc-O0" {
	variant_tells_truth gcc-O0
}

@test "truth: variant gcc-O2-nopie" {
	variant_tells_truth gcc-O2-nopie
}

@test "truth: variant gcc-O2-static" {
	variant_tells_truth gcc-O2-static
}

@test "truth: variant gcc-O2-staticpie" {
	variant_tells_truth gcc-O2-staticpie
}

@test "truth: variant gcc-O2-stripped" {
	variant_tells_truth gcc-O2-stripped
}

@test "truth: variant gcc-O2-cf" {
	variant_tells_truth gcc-O2-cf
}

@test "truth: variant gcc-O0-dwarf4" {
	variant_tells_truth gcc-O0-dwarf4
}

@test "truth: variant clang-O0" {
	variant_tells_truth clang-O0
}

@test "truth: variant clang-O2" {
	variant_tells_truth clang-O2
}
