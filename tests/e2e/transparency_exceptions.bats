#!/usr/bin/env bats
# C++ programs that throw through traced frames.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	mkdir given
}

# build_throws COMPILER FLAG...
build_throws() {
	local compiler=$1
	shift
	command -v "$compiler" >/dev/null || skip "no $compiler"
	"$compiler" -pthread "$@" -o given/throws "$programs/throws.cc"
}

own=('*leaf*' '*middle*' '*rethrows*' '*nested*' '*top*' '*many*' '*leaves*' '*guard*' '*refuses*')

@test "exceptions: through every function of the program" {
	build_throws g++ -O2 -g
	specs=("${own[@]}")
	least_calls=$(scaled 20000 500000)
	twice ./throws "$(scaled 3000 100000)"
	equal "$(cat traced.status)" 6
	grep -qx terminate traced.out
	truth x.dat
}

@test "exceptions: through the unwinder's and libstdc++'s functions" {
	build_throws g++ -O1
	specs=('libgcc_s*!_Unwind_*' 'libstdc++*!__cxa_*' 'libstdc++*!*throw*' 'libc.so*!*alloc*' 'libc.so*!free' middle)
	specs[5]='*middle*'
	least_calls=2000
	twice ./throws "$(scaled 100 3000)"
}

@test "exceptions: in a static program, and one that is not position-independent" {
	for flags in '-static' '-no-pie -O2' '-static-pie -O1'; do
		build_throws g++ $flags
		specs=("${own[@]}" '_Unwind_*' '__cxa_*')
		twice ./throws "$(scaled 100 3000)"
	done
}

@test "exceptions: compiled by clang" {
	build_throws clang++ -O2 -g
	specs=("${own[@]}")
	twice ./throws "$(scaled 500 10000)"
	truth x.dat
}
