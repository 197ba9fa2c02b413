#!/usr/bin/env bats
# No handler and no unwinder sees that an instruction runs elsewhere.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	[ "$(uname -m)" = x86_64 ] || skip "instructions of x86-64"
}

@test "pcs: faults in instructions that run elsewhere tell their address, are mended, jumped out of, thrown out of" {
	mkdir -p given
	g++ -O1 -g -pthread -fnon-call-exceptions -o given/faults "$programs/faults.cc"
	specs=('fault_[b-s]*' 'calls_*')
	least_calls=300
	twice ./faults "$(scaled 30 1000)"
	[ "$(grep -c '^signal .* in the stack 1$' traced.out)" -ge 50 ]
	truth x.dat
}

# rain_on SPEC... -- PROGRAM...
rain_on() {
	build rain -shared -fPIC
	local options=()
	while [ "$1" != -- ]; do
		options+=(-f "$1")
		shift
	done
	shift
	echo "$*"
	LD_PRELOAD=$PWD/given/rain limited "$fmprof" run -q -o x.dat "${options[@]}" "$@" >out 2>err || {
		cat err
		return 1
	}
	cat err
	grep -q '^rain: some, strange 0 (0)$' err
	not grep -q '^harmed' err
	grep -vE "^truth [a-z-]+ $without" out >told
	truth x.dat told
}
without=' ' # functions whose truth is left out, as they are not traced

# Loaded into a sanitized fmprof too, it would be in its way.
not_sanitized() {
	! is_sanitized || skip "a sanitizer wants to be the first library"
}

@test "pcs: a rain of signals on unusual first instructions" {
	not_sanitized
	# Without those that are a system call.
	without=first_s
	rain_on 'first_[!s]*' -- "$testprogs/first_insn" "$(scaled 800 20000)"
}

@test "pcs: a rain of signals on unusual return addresses, and on system calls that run elsewhere" {
	not_sanitized
	rain_on 'first_*' -- "$testprogs/first_insn" "$(scaled 3000 20000)"
	rain_on 'site_*' -- "$testprogs/return_site" "$(scaled 3000 20000)"
}

@test "pcs: a rain of signals on recursion, exceptions, jumps and tail calls" {
	not_sanitized
	local size=$(scaled 10 100)
	rain_on fib linear -- "$testprogs/recursion" 14 500
	for program in exit_throw exit_longjmp exit_tail exit_forced; do rain_on 'ex_*' -- "$testprogs/$program" $size; done
}
