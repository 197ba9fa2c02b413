#!/usr/bin/env bats
# What -f can name: [MODULE!][FILE:]PATTERN, PATTERN a name, a glob, a regular expression, a line or an address; and
# what takes functions away again.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# matched FILE.dat: the functions that were found, with their modules, sorted
matched() {
	awk '$1 == "FN" { print $4 "!" $3 }' "$1" | sed 's,.*/\([^/]*!\),\1,' | sort | paste -sd ' '
}

# names_are SPEC... -- NAME...: what the specs match in the program with names of C++
names_are() {
	local specs=()
	while [ "$1" != -- ]; do
		specs+=("$1")
		shift
	done
	shift
	record names "${specs[@]}" -- "$testprogs/names" 2
	equal "$(awk '$1 == "FN" { print $3 }' names.dat | LC_ALL=C sort | paste -sd ' ')" "$*" "matched by ${specs[*]}"
}

# not_recorded PATTERN ARGUMENT...: fmprof run ARGUMENT... is refused before its program says anything
not_recorded() {
	local pattern=$1
	shift
	status_of limited "$fmprof" run -o refused.dat "$@" >out 2>err
	cat err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	grep -q -- "$pattern" err
	[ ! -s out ]
	[ ! -e refused.dat ]
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
	# A pattern that takes the program too may mean one; the program's name does not.
	record plugins 'recur*!start' fib -- -q "$testprogs/recursion" 5 1
	equal "$status" 0
	equal "$(wc -l <plugins.err)" 1
	grep -q "^fmprof: .*recur\*!start" plugins.err
	not_recorded "no function of that name in recursion" -f 'recursion!start' -- "$testprogs/recursion" 5 1
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

@test "specs: a regular expression" {
	record regex '/^op_(add|mul)$/' -- "$testprogs/pointers" 2
	equal "$(matched regex.dat)" "pointers!op_add pointers!op_mul"
	record regex 'libtestlib.so!/^testlib_/' -- "$testprogs/pointers" 2
	between 1 "$(count_of FN regex.dat)" 100
	names_are '/^ns::over/' -- 'ns::over(int)' 'ns::over(long)'
	names_are '/^ns::over\(int/' -- 'ns::over'
}

@test "specs: a qualified name is all overloads and instantiations" {
	names_are ns::over -- 'ns::over(int)' 'ns::over(long)'
	names_are ns::Parser::parse -- 'ns::Parser<int>::parse' 'ns::Parser<long>::parse'
	equal "$(calls_of names.dat 'ns::Parser<long>::parse')" 4
}

@test "specs: template arguments and parameters choose one" {
	names_are 'ns::Parser<int>::parse' -- 'ns::Parser<int>::parse'
	names_are 'ns::Parser<long>::parse(long)' -- 'ns::Parser<long>::parse(long)'
	names_are 'ns::over( int )' -- 'ns::over(int)'
	names_are 'ns::over(long int)' -- 'ns::over(long)'
	names_are 'ns::operator<<(const ns::box &, long)' -- 'ns::operator<<(ns::box%20const&,%20long)'
	names_are _ZN2ns4overEi -- 'ns::over'
}

@test "specs: operators, constructors, anonymous namespaces, tags" {
	names_are 'ns::box::operator()' -- 'ns::box::operator()'
	names_are 'ns::box::operator[]' -- 'ns::box::operator[]'
	names_are 'ns::operator<<' -- 'ns::operator<<'
	names_are 'ns::box::box' 'ns::box::~box' -- 'ns::box::box' 'ns::box::~box'
	names_are ns::tagged -- 'ns::tagged[abi:v2]'
	names_are ns::hidden -- 'ns::(anonymous%20namespace)::hidden'
	names_are 'ns::(anonymous namespace)::hidden' -- 'ns::(anonymous%20namespace)::hidden'
	names_are 'names.cc:ns::hidden' -- 'ns::(anonymous%20namespace)::hidden'
}

@test "specs: globs of qualified names" {
	names_are 'ns::*::parse' -- 'ns::Parser<int>::parse' 'ns::Parser<long>::parse'
	names_are 'ns::Parser<[il]*>::p*' -- 'ns::Parser<int>::parse' 'ns::Parser<long>::parse'
	names_are 'rusty::*' -- rusty::deep::legacy rusty::deep::modern
}

@test "specs: operator new" {
	cat >new.cc <<-'EOF'
	#include <cstdlib>
	#include <new>
	__attribute__((noinline)) void *operator new(std::size_t size) { return std::malloc(size); }
	void operator delete(void *memory) noexcept { std::free(memory); }
	void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
	int *volatile kept;
	int main() { for (int i = 0; i < 5; i++) { kept = new int(i); delete kept; } }
	EOF
	g++ -O1 -o new new.cc
	record new 'operator new' -- ./new
	equal "$(matched new.dat)" 'new!operator%20new'
	equal "$(calls_of new.dat operator%20new)" 5
}

@test "specs: a function of libc alone" {
	compile frees -fno-builtin <<-'EOF'
	#include <stdlib.h>
	int main(void) { for (int i = 0; i < 4; i++) free(malloc(10)); _Exit(0); }
	EOF
	record frees free -- ./frees
	equal "$(calls_of frees.dat free)" 4
	equal "$(matched frees.dat)" 'libc.so.6!free'
}

@test "specs: an IFUNC is the code that was chosen for it" {
	local binding
	for binding in now lazy; do
		compile copies -fno-builtin -Wl,-z,$binding <<-'EOF'
		#include <stdlib.h>
		#include <string.h>
		static char from[5000], to[5000];
		int main(int argc, char **argv)
		{
			(void)argv;
			for (int i = 0; i < 7; i++)
				memcpy(to, from, (size_t)argc * 3000);
			_Exit(to[1]);
		}
		EOF
		record copies 'libc.so.6!memcpy' -- ./copies
		equal "$(calls_of copies.dat memcpy)" 7 "with $binding binding"
		record copies 'libc.so.6!memc[p]y' -- ./copies
		equal "$(count_of FUNC copies.dat)" 7 "by a glob, with $binding binding"
	done
}

@test "specs: an IFUNC whose code is not chosen yet" {
	compile static_copies -static -fno-builtin <<-'EOF'
	#include <stdlib.h>
	#include <string.h>
	int main(int argc, char **argv) { _Exit(strlen(argv[0]) == (size_t)argc); }
	EOF
	not_recorded "'strlen' of static_copies is an IFUNC: .*; name that code" -f strlen -- ./static_copies
	not_recorded "is an IFUNC: .*; name that code" -f 'strle[n]' -- ./static_copies
	# What is suggested is the code of that one, not of another whose name ends in its.
	not_recorded "'memset' of static_copies is an IFUNC: .*; name that code, such as '__memset_" -f memset -- ./static_copies
	not grep -q wmemset err
	# Where there is something to record the rest is a note.
	record some '/^(main|strlen)$/' -- -q ./static_copies
	equal "$(wc -l <some.err)" 1
	grep -q ": not recorded: 'strlen': " some.err
	equal "$(matched some.dat)" 'static_copies!main'
}

@test "specs: a jump of lazy binding is not taken for the code that an IFUNC chooses" {
	cat >lazy.c <<-'EOF'
	static int one(void) { return 1; }
	static int (*choose(void))(void) { return one; }
	int chosen(void) __attribute__((ifunc("choose")));
	int calls_chosen(void) { return chosen() + 1; }
	EOF
	gcc -O1 -fPIC -shared -fno-plt -Wl,-z,lazy -o libnow.so lazy.c
	gcc -O1 -fPIC -shared -fplt -Wl,-z,lazy -o liblazy.so lazy.c
	for library in now lazy; do
		echo 'int calls_chosen(void); int main(void) { for (int i = 0; i < 3; i++) calls_chosen(); return 0; }' |
			compile "uses_$library" -Wl,--no-as-needed -L. "-l$library" '-Wl,-rpath,$ORIGIN'
	done
	record now chosen -- ./uses_now
	equal "$(calls_of now.dat chosen)" 3
	not_recorded "'chosen' of liblazy.so is an IFUNC" -f chosen -- ./uses_lazy
}

@test "specs: clones for several processors are all recorded" {
	compile clones <<-'EOF' || skip "the compiler has no target_clones"
	#include <stdlib.h>
	__attribute__((target_clones("avx2", "default"), noinline)) int sum(const int *a, int n)
	{
		int all = 0;
		for (int i = 0; i < n; i++)
			all += a[i];
		return all;
	}
	volatile int sink;
	int main(int argc, char **argv)
	{
		int numbers[] = {1, 2, argc};
		(void)argv;
		for (int i = 0; i < 6; i++)
			sink = numbers[0] = sum(numbers, 3);
		return 0;
	}
	EOF
	record clones sum -- ./clones
	equal "$(matched clones.dat)" 'clones!sum%2Eavx2 clones!sum%2Edefault'
	equal "$(count_of FUNC clones.dat)" 6
}

@test "specs: a version" {
	not_recorded "'free' of .*libc.so.6 has no version 'GLIBC_9'" -f 'libc.so.6!free@GLIBC_9' -- "$testprogs/demo" 1 1 1
	record version 'libc.so.6!malloc@@GLIBC_2.2.5' -- "$testprogs/demo" 1 1 1
	equal "$(matched version.dat)" 'libc.so.6!malloc'
}

@test "specs: a stripped program's main" {
	echo 'int main(void) { return 0; }' | compile bare -pie -fPIE -s
	not_recorded "'main': bare is stripped and exports no functions; .*0xADDRESS" -f main -- ./bare
	not_recorded 'is stripped' -f ns::main -- ./bare
}

@test "specs: what is near to a name that is not there" {
	not_recorded "did you mean 'ns::Parser::parse'" -f Parser::parse -- "$testprogs/names"
	not_recorded "did you mean 'main'" -f mian -- "$testprogs/names"
	not_recorded "did you mean 'ns::over'" -f NS::over -- "$testprogs/names"
	not_recorded "'ns::over' has other parameters in names .*; did you mean 'ns::over(int)', 'ns::over(long)'" \
		-f 'ns::over(char)' -- "$testprogs/names"
	not_recorded "no function matches" -f '/^nothing$/' -- "$testprogs/names"
	not_recorded "the vDSO is the kernel's code" -f '[vdso]!clock_gettime' -- "$testprogs/names"
	not_recorded "vDSO cannot be traced.*'\*!clock_gettime'" -f '*!__vdso_clock_gettime' -- "$testprogs/names"
}

@test "specs: --exclude takes away again, in every module" {
	record less 'op_*' -- -x op_add --exclude '*_mul' "$testprogs/pointers" 2
	equal "$(matched less.dat)" pointers!op_sub
	record less '*!testlib_*' 'op_*' -- -x '/^(op|testlib)_/' -f visit "$testprogs/pointers" 2
	equal "$(matched less.dat)" pointers!visit
	record less 'libtestplug*!testplug_*' visit -- -x 'testplug_*' "$testprogs/pointers" 2
	equal "$(matched less.dat)" pointers!visit
	names_are 'ns::over' -- 'ns::over(int)' 'ns::over(long)'
	record less 'ns::over' -- -x 'ns::over(long)' "$testprogs/names" 2
	equal "$(matched less.dat)" 'names!ns::over(int)'
}

@test "specs: an --exclude that takes nothing away is told" {
	record idle 'op_*' -- -q -x nothing_such -x 'nolib*!f' "$testprogs/pointers" 2
	equal "$(wc -l <idle.err)" 1
	grep -q "^fmprof: exclude 'nothing_such': takes nothing away; " idle.err
	grep -q "^NOTE .*nothing_such" idle.dat
	equal "$(count_of FN idle.dat)" 3
}

@test "specs: --exclude must leave something" {
	not_recorded 'takes away every function' -f 'op_*' -x '/^op/' -- "$testprogs/pointers" 2
	not_recorded 'nothing to take away' -x op_add -- "$testprogs/pointers" 2
	not_recorded 'function spec' -f 'op_*' -x 0xzz -- "$testprogs/pointers" 2
}

@test "specs: --funcs-from reads them from a file" {
	printf '# a comment\n\n  op_add\t# one # more\n/^op_mul$/ #\r\n' >list
	record listed op_sub -- --funcs-from list "$testprogs/pointers" 2
	equal "$(matched listed.dat)" "pointers!op_add pointers!op_mul pointers!op_sub"
	record listed -- --funcs-from <(echo op_add) "$testprogs/pointers" 2
	equal "$(matched listed.dat)" "pointers!op_add"
	printf 'op_add\n0xzz' >list
	not_recorded "list:2: function spec '0xzz'" --funcs-from list -- "$testprogs/pointers" 2
	: >list
	not_recorded 'no spec in it' --funcs-from list -- "$testprogs/pointers" 2
	not_recorded 'belongs to the program' --funcs-from - -- "$testprogs/pointers" 2
	not_recorded 'No such file' --funcs-from none/such -- "$testprogs/pointers" 2
	printf 'op_add\0\n' >list
	not_recorded 'not a text file' --funcs-from list -- "$testprogs/pointers" 2
}
