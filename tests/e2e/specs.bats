#!/usr/bin/env bats
# What -f can name: [MODULE!][FILE:]PATTERN, PATTERN a name, a glob, a line or an address.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# matched FILE.dat: the functions that were found, with their modules, sorted
matched() {
	awk '$1 == "FN" { print $4 "!" $3 }' "$1" | sed 's,.*/\([^/]*!\),\1,' | sort | paste -sd ' '
}

@test "specs: FILE:FUNC is the static function of that file alone" {
	record a same_name_a.c:helper -- "$testprogs/same_name" 3 5
	equal "$(calls_of a.dat helper)" 3
	record b same_name_b.c:helper -- "$testprogs/same_name" 3 5
	equal "$(calls_of b.dat helper)" 5
}

@test "specs: a bare name is all functions of that name" {
	record both helper -- "$testprogs/same_name" 3 5
	equal "$(count_of FUNC both.dat)" 8
	equal "$(count_of FN both.dat)" 2
}

@test "specs: a glob" {
	record glob 'op_*' -- "$testprogs/pointers" 2
	equal "$(matched glob.dat)" "pointers!op_add pointers!op_mul pointers!op_sub"
	record glob 'my_func?' -- "$testprogs/demo" 4 4 1
	equal "$(matched glob.dat)" "demo!my_func1 demo!my_func2"
	record glob 'my_func[1]' -- "$testprogs/demo" 4 4 1
	equal "$(matched glob.dat)" "demo!my_func1"
}

@test "specs: MODULE! is that library, also one that is loaded later" {
	record lib 'libtestlib.so!testlib_*' -- "$testprogs/pointers" 2
	between 1 "$(count_of FN lib.dat)" 100
	not grep -q '^FN .* op_' lib.dat
	record plug 'libtestplug*!testplug_*' -- "$testprogs/pointers" 2
	between 1 "$(count_of FUNC plug.dat)" 10000
	equal "$(awk '$1 == "FN" { print $4 }' plug.dat | grep -vc libtestplug.so)" 0
}

@test "specs: a library that never comes is told at the end, and costs nothing" {
	record never 'nolib*!f' fib -- -q "$testprogs/recursion" 5 1
	equal "$status" 0
	equal "$(wc -l <never.err)" 1
	grep -q "^fmprof: .*nolib\*!f" never.err
	between 1 "$(calls_of never.dat fib)" 1000
}

@test "specs: an address in the file" {
	local program address
	for program in "$testprogs/recursion" "$testprogs/gcc-O2-nopie/recursion"; do
		[ -x "$program" ] || continue
		address=0x$(nm "$program" | awk '$3 == "fib" { print $1 }' | sed 's/^0*//')
		record name fib -- "$program" 8 1
		record address "$address" -- "$program" 8 1
		equal "$(calls_of address.dat fib)" "$(calls_of name.dat fib)" "calls at $address"
		between 1 "$(calls_of address.dat fib)" 1000
	done
}

@test "specs: FILE:LINE is the function around that line" {
	local line
	line=$(grep -n '^long linear(long' "$TOP/testprogs/recursion.c" | cut -d: -f1 | tail -n 1)
	record line "recursion.c:$((line + 2))" -- "$testprogs/recursion" 3 20
	equal "$(matched line.dat)" "recursion!linear"
	equal "$(calls_of line.dat linear)" 21
}

@test "specs: the program is searched first, then libraries of its start" {
	record libc malloc -- "$testprogs/demo" 4 4 1
	grep -q '^FN 1 malloc .*libc\.so\.6 ' libc.dat
	between 1 "$(calls_of libc.dat malloc)" 10000
}

@test "specs: two that name one function record it once" {
	record twice fib 'fi*' -- "$testprogs/recursion" 8 1
	equal "$(calls_of twice.dat fib)" 67
	truth twice.dat
}

@test "specs: none at all, only memory is recorded" {
	record none -- "$testprogs/demo" 8 8 50
	equal "$status" 0
	equal "$(count_of ENTER none.dat)" 0
	between 5 "$(count_of MEM none.dat)" 10000
	truth none.dat
}
