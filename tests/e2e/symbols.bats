#!/usr/bin/env bats
# fmprof symbols: what specs name, as text, as JSON, and as a list for --funcs-from; what cannot be recorded, and why.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# symbols STATUS ARGUMENT...: into out and err
symbols() {
	local wanted=$1
	shift
	status_of limited "$fmprof" symbols "$@" >out 2>err
	cat err
	equal "$status" "$wanted" "status of symbols $*"
}

# json STATUS ARGUMENT...: into out; it is valid
json() {
	local wanted=$1
	shift
	symbols "$wanted" --json "$@"
	asked valid out
}

asked() {
	limited "$python" "$BATS_TEST_DIRNAME/symbols.py" "$@"
}

# rows: the specs of the table
rows() {
	grep -v '^#' out | grep -v '^$' | sed 's/ *# .*//'
}

# places_by_gdb PROGRAM FUNCTION: at how many places gdb stops
places_by_gdb() {
	limited gdb -q -batch -nx -ex "break -qualified $2" "$1" 2>/dev/null |
		awk '/locations\)/ { sub(/.*\(/, ""); print $1; found = 1 } END { if (!found) print 1 }'
}

sources() {
	cat >inlined.cc <<-'EOF2'
	#include <cstdio>
	namespace ns { static volatile int sink;
	static inline int only(int a) { return a * 3 + 1; }
	namespace { struct hidden { int get(int x) { return x * 7 + 2; } }; }
	struct box { int value; box(int a) : value(a) { if (a > 30) puts("x"); } };
	static int partly(int a) { for (int i = 0; i < 3; i++) a += a; return a; }
	struct kept { int value; kept(int a); }; kept::kept(int a) : value(a) { sink = a * 5; sink = a; }
	}
	volatile int sink;
	__attribute__((noinline)) int other(int a)
	{
		ns::hidden object;
		sink = object.get(sink);
		sink = ns::only(sink);
		return ns::partly(a);
	}
	int (*pointer)(int) = ns::partly;
	int main(int argc, char **)
	{
		ns::box box(argc);
		sink = ns::only(sink);
		return (other(argc) + box.value + pointer(argc) + ns::kept(argc).value) & 1;
	}
	EOF2
}

@test "symbols: the functions of the symbol table, with their sizes, and gdb's lines" {
	local folder program
	for folder in . gcc-O0 gcc-O2-nopie gcc-O2-static gcc-O2-staticpie gcc-O2-cf gcc-O0-dwarf4 clang-O0 clang-O2; do
		for program in recursion same_name names; do
			[ -x "$testprogs/$folder/$program" ] || continue
			json 0 "$testprogs/$folder/$program"
			asked functions out "$testprogs/$folder/$program"
			[ $program = recursion ] && [[ $folder != *static* ]] || continue
			asked lines out "$testprogs/$folder/$program" recursion.c
		done
	done
}

@test "symbols: the functions that Debian's libraries export" {
	local name library
	for name in libsqlite3.so.0 libstdc++.so.6 libpython3.11.so.1.0; do
		library=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
		[ -n "$library" ] || continue
		json 0 "$library"
		# With debug symbols installed there are more.
		if [ ! -e "/usr/lib/debug/.build-id/$(readelf -n "$library" |
			awk '/Build ID/ { print substr($3, 1, 2) "/" substr($3, 3) }').debug" ]; then
			asked functions out "$library"
		fi
	done
}

@test "symbols: a stripped program has what it exports" {
	local program=$testprogs/gcc-O2-stripped/recursion
	[ -x "$program" ] || skip "not built"
	json 0 "$program"
	asked functions out "$program"
	symbols 0 "$program" fib
	grep -q '^recursion!0x[0-9a-f]* *# *[0-9]*  fib  *-$' out
}

@test "symbols: the list given to --funcs-from records the same functions" {
	local program
	for program in "$testprogs/pointers" "$testprogs/gcc-O2-stripped/recursion"; do
		[ -x "$program" ] || continue
		symbols 0 "$program" '/^(op_|visit|fib)/'
		record spec '/^(op_|visit|fib)/' -- "$program" 2 1
		record list -- --funcs-from out "$program" 2 1
		equal "$(awk '$1 == "FN" { print $3, $4, $5 }' list.dat | sort)" "$(awk '$1 == "FN" { print $3, $4, $5 }' spec.dat | sort)"
		between 1 "$(count_of FN list.dat)" 20
		equal "$(count_of FUNC list.dat)" "$(count_of FUNC spec.dat)"
	done
	symbols 0 "$testprogs/names"
	record all -- --funcs-from out "$testprogs/names" 2
	equal "$(count_of FN all.dat)" "$(rows | wc -l)"
}

@test "symbols: -x, --funcs-from, several specs" {
	symbols 0 -x '*_mul' "$testprogs/pointers" 'op_*' op_add
	equal "$(rows | wc -l)" 2
	not grep -q op_mul out
	echo 'op_mul # a comment' >list
	symbols 0 --funcs-from list "$testprogs/pointers"
	equal "$(rows | wc -l)" 1
	grep -q ' op_mul ' out
	symbols 0 "$testprogs/pointers" op_mul nothing_such
	grep -q "^fmprof: function 'nothing_such': no function of that name" err
}

@test "symbols: a process, its program and its libraries" {
	local pid library address
	sleep 60 &
	pid=$!
	wait_until is_another_program "$pid"
	wait_until grep -q libc.so "/proc/$pid/maps"
	json 0 "$pid" malloc
	equal "$(asked get out malloc kind)" undefined
	symbols 0 "$pid" malloc
	address=$(rows)
	library=$(awk '$1 == "#" && $3 == "1" { print $2 }' out | tr -d :)
	equal "$(basename "$library")" libc.so.6
	symbols 0 "$library" malloc
	equal "$(rows)" "$address"
	symbols 0 "$pid"
	rows | grep -q '^ld-linux'
	symbols 1 "$pid" nothing_such
	equal "$(cat out)" "# $(realpath "$(type -P sleep)"): 0 functions"
	kill $pid
	wait $pid || true
	symbols 125 $pid
	grep -q "^fmprof: process $pid: there is none" err
}

@test "symbols: where functions are inlined" {
	sources
	local compiler
	for compiler in g++ clang++; do
		command -v $compiler >/dev/null || continue
		$compiler -g -O2 -o program inlined.cc
		json 1 ./program ns::only
		grep -q "^fmprof: function 'ns::only': 'ns::only' of program is only inlined, at 2 places (inlined.cc:14, inlined.cc:21)" err
		equal "$(asked get out ns::only kind)" inlined
		equal "$(asked get out ns::only inlined | grep -o '"line": [0-9]*' | paste -sd ' ')" '"line": 14 "line": 21'
		equal "$(places_by_gdb ./program ns::only)" 2
		symbols 1 ./program ns::only
		grep -q '^# .* ns::only  inlined.cc:3  only inlined; .*; inlined at 2 places: inlined.cc:14, inlined.cc:21$' out
		json 1 ./program ns::hidden::get
		equal "$(asked get out 'ns::(anonymous namespace)::hidden::get' inlined | grep -c inlined.cc)" 1
		json 0 ./program ns::partly
		equal "$(asked get out ns::partly kind)" function
		# Its entries have several linkage names.
		json 0 ./program ns::kept::kept
		equal "$(asked get out ns::kept::kept inlined | grep -o '"line": [0-9]*')" '"line": 22'
		json 0 ./program ns::partly
		equal "$(($(asked get out ns::partly inlined | grep -o '"line"' | wc -l) + 1))" "$(places_by_gdb ./program ns::partly)"
	done
}

@test "symbols: functions that are inlined by LTO" {
	sources
	g++ -g -O2 -flto -o program inlined.cc
	symbols 1 ./program ns::only
	grep -q '^# .* ns::only  inlined.cc:3  only inlined; .*; inlined at 2 places: inlined.cc:14, inlined.cc:21$' out
	symbols 0 ./program ns::partly
	grep -q 'inlined at 1 place: inlined.cc:15$' out
	record name ns::partly -- -q ./program
	equal "$(cat name.err)" "fmprof: ns::partly: 1 place where it is inlined cannot be bracketed"
}

@test "symbols: a recording tells of places that it cannot bracket, where debug information is read" {
	sources
	g++ -g -O2 -o program inlined.cc
	record file inlined.cc:partly -- -q ./program
	equal "$(cat file.err)" "fmprof: ns::partly: 1 place where it is inlined cannot be bracketed"
	equal "$(grep -c '^NOTE .*cannot.*bracketed' file.dat)" 1
	record name ns::partly -- -q ./program
	equal "$(cat name.err)" "fmprof: ns::partly: 1 place where it is inlined cannot be bracketed"
	equal "$(grep -c '^NOTE .*cannot.*bracketed' name.dat)" 1
	# By a plain name only what is there and read in a moment; a glob says nothing.
	record glob 'ns::part*' -- -q ./program
	equal "$(cat glob.err)" ""
	objcopy --only-keep-debug program program.debug
	objcopy -g --add-gnu-debuglink=program.debug program linked
	record linked ns::partly -- -q ./linked
	equal "$(cat linked.err)" ""
	truncate -s 9M much
	objcopy --add-section .debug_much=much program large
	export XDG_CACHE_HOME=$PWD/cache
	record large ns::partly -- -q ./large
	equal "$(cat large.err)" ""
	# Unless it was asked before.
	symbols 0 ./large ns::partly
	record large ns::partly -- -q ./large
	equal "$(cat large.err)" "fmprof: ns::partly: 1 place where it is inlined cannot be bracketed"
	record excluded '*' -- -q -x ns::partly ./program
	equal "$(cat excluded.err)" ""
	record other inlined.cc:other -- -q ./program
	equal "$(cat other.err)" ""
}

@test "symbols: what cannot be recorded, and why" {
	compile why -O2 -fno-inline -rdynamic <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	int data_object = 3;
	int trapping(void);
	__asm__(".globl trapping, a_label\n.type trapping, @function\ntrapping: int3\nret\n.size trapping, .-trapping\na_label: ret\n");
	int cooler(int a)
	{
		if (__builtin_expect(a > 1000, 0)) {
			puts("never");
			abort();
		}
		return a;
	}
	int main(int argc, char **argv)
	{
		(void)argv;
		return cooler(argc) == 5 ? trapping() : data_object == 4;
	}
	EOF2
	json 1 ./why data_object a_label puts trapping
	equal "$(asked get out data_object kind)" data
	equal "$(asked get out a_label kind)" label
	equal "$(asked get out puts kind)" undefined
	equal "$(asked get out puts address)" None
	asked get out puts obstacle | grep -q "jump to it (PLT); use '\*!puts'"
	equal "$(asked get out trapping kind)" function
	asked get out trapping obstacle | grep -q '^cannot be traced: '
	record trap trapping -- ./why
	grep -q 'function trapping: cannot be traced' trap.err
	if nm why | grep -q 'cooler.cold'; then
		json 0 ./why cooler
		equal "$(asked get out cooler.cold kind)" piece
		equal "$(asked get out cooler cold)" "0x$(nm why | awk '$3 == "cooler.cold" { print $1 }' | sed 's/^0*//')"
		json 1 ./why cooler.cold
	fi
}

@test "symbols: IFUNCs, in a static program too" {
	cat >choice.c <<-'EOF2'
	static int first(void) { return 1; }
	static int (*choose(void))(void) { return first; }
	int chosen(void) __attribute__((ifunc("choose")));
	int main(void) { return chosen() - 1; }
	EOF2
	gcc -O1 -o choice choice.c
	symbols 0 ./choice chosen
	equal "$(rows)" 'choice!chosen'
	record choice -- --funcs-from out ./choice
	equal "$(calls_of choice.dat chosen)" 1
	local kind
	for kind in -static -static-pie; do
		gcc -O1 $kind -o choice choice.c 2>/dev/null || continue
		json 1 ./choice chosen
		equal "$(asked get out chosen kind)" ifunc
		asked get out chosen obstacle | grep -q '^IFUNC of a static program'
	done
}

@test "symbols: clones, weak functions, aliases" {
	compile clones -O2 <<-'EOF2'
	__attribute__((noinline)) static int cloned(int a, int b) { __asm__ volatile(""); return a * b; }
	__attribute__((weak)) int weakly(int a) { return a; }
	int other_name(int a) __attribute__((alias("weakly")));
	int main(int argc, char **argv) { (void)argv; return (cloned(argc, 7) + cloned(argc + 1, 7) + weakly(argc)) & 1; }
	EOF2
	json 0 ./clones weakly cloned
	equal "$(asked get out weakly variant)" '["weak"]'
	equal "$(asked get out weakly aliases)" '["other_name"]'
	if nm clones | grep -q 'cloned.constprop.0'; then
		equal "$(asked get out cloned.constprop.0 variant)" '["constprop"]'
		symbols 0 ./clones cloned
		grep -q ' cloned.constprop.0  clones.c:1  constprop$' out
	fi
}

@test "symbols: hostile names of programs and functions" {
	local name='h!o[s]t #e" operator'
	echo 'int victim(void) { return 0; } int main(void) { return victim(); }' | compile plain -O0
	objcopy --redefine-sym victim="$(printf 'v\t\n"\\\033[31m # x\302\205\377')" plain "$name"
	json 0 "./$name"
	"$python" - <<-'EOF2'
	import json
	names = [entry["name"] for entry in json.load(open("out"))]
	assert "v\t\n\"\\\x1b[31m # x\x85\ufffd" in names, names
	EOF2
	not grep -q "$(printf '\033')" out
	symbols 0 "./$name"
	not grep -q "$(printf '[\033\t]')" out
	grep -q ' v??"\\?\[31m # x???  *plain.c:1$' out
	equal "$(rows | grep -c '^h?o?s?t??e"?operato?!0x')" "$(rows | wc -l)"
	record hostile -- --funcs-from out "./$name"
	equal "$(count_of FN hostile.dat)" "$(rows | wc -l)"
}

@test "symbols: the table fits the terminal" {
	command -v script >/dev/null || skip "no script"
	limited script -qec "env COLUMNS=60 '$fmprof' symbols '$testprogs/names'" /dev/null >wide
	limited "$python" - <<-'EOF2'
	lines = open("wide", encoding="utf8").read().splitlines()
	assert len(lines) > 10 and any("…" in line for line in lines), lines
	assert all(len(line) <= 60 for line in lines[1:]), max(lines, key=len)
	EOF2
	symbols 0 "$testprogs/names"
	not grep -q '…' out
}

@test "symbols: readers that go, disks that are full, what is no program" {
	limited bash -o pipefail -c "trap '' PIPE; '$fmprof' symbols '$testprogs/names' | true" 2>err
	[ ! -s err ]
	status_of limited "$fmprof" symbols "$testprogs/names" >/dev/full 2>err
	equal "$status" 125
	grep -q '^fmprof: standard output: No space left' err
	symbols 125
	grep -q 'symbols: no file; name one' err
	symbols 125 none/such
	symbols 125 "$BATS_TEST_FILENAME"
	grep -q 'is a script' err
	symbols 125 --nothing "$testprogs/names"
	symbols 125 "$testprogs/names" 0xzz
	symbols 1 "$testprogs/names" nothing_such
	grep -q '0 functions$' out
	json 1 "$testprogs/names" nothing_such
	equal "$(tr -d '\n' <out)" '[]'
	symbols 0 --help
	equal "$(wc -l <err)" 0
}
