#!/usr/bin/env bats
# Where symbols come from: tables, debug files, servers, the cache; in all forms that compilers and tools make.
# What fmprof finds is compared with nm and gdb.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	unset DEBUGINFOD_URLS
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	cat >a.c <<-'C'
		volatile int sink;
		static __attribute__((noinline)) int parse(int n) { sink = n; return n + sink; }
		int work(int n);
		int main(int argc, char **argv) { (void)argv; sink = parse(argc) + parse(argc + 1) + work(argc); return 0; }
	C
	cat >b.c <<-'C'
		#include <stdlib.h>
		extern volatile int sink;
		static inline __attribute__((always_inline)) int tiny(int n) { return n * 3; }
		static __attribute__((noinline)) int parse(int n) { sink = n * 7; return sink; }
		__attribute__((noinline)) int work(int n)
		{
			sink = n;
			if (__builtin_expect(n > 1000, 0)) { sink = n * 9; abort(); }
			return parse(tiny(n)) + 1;
		}
	C
}

# addresses FILE.dat: of the functions that were found
addresses() {
	awk '$1 == "FN" { print $5 }' "$1" | sort | paste -sd ' '
}

# look PROGRAM SPEC [OPTION...]: records it; fmprof's own lines are in look.err
look() {
	local program=$1 spec=$2
	shift 2
	rm -f look.dat
	status_of limited "$fmprof" run -q -f "$spec" -o look.dat "$@" -- "./$program" 2>look.err
	touch look.dat
}

# finds PROGRAM SPEC CALLS ADDRESS...: exactly these, called so often in all, without a word
finds() {
	local program=$1 spec=$2 calls=$3
	shift 3
	look "$program" "$spec" ${options:-}
	cat look.err
	equal "$status" 0 "$program $spec: status"
	equal "$(addresses look.dat)" "$(printf '%s\n' "$@" | sort | paste -sd ' ')" "$program $spec: found"
	equal "$(count_of FUNC look.dat)" "$calls" "$program $spec: calls"
	equal "$(cat look.err)" '' "$program $spec: said"
}

# by_nm PROGRAM NAME: the addresses of the symbols of that name
by_nm() {
	nm "$1" | awk -v name="$2" '$3 == name { sub(/^0*/, "", $1); print "0x" $1 }'
}

# by_gdb PROGRAM FILE NAME: where gdb says that file's function is
by_gdb() {
	limited gdb -q -batch -nx -ex "print &'$2'::$3" "$1" 2>/dev/null | grep -o '0x[0-9a-f]*' | head -n 1
}

# sure PROGRAM: every form of FILE: finds what gdb and nm find
sure() {
	local of_a of_b
	of_a=$(by_gdb "$1" a.c parse) of_b=$(by_gdb "$1" b.c parse)
	[ -n "$of_a" ]
	[ -n "$of_b" ]
	not [ "$of_a" = "$of_b" ]
	finds "$1" a.c:parse 2 "$of_a"
	finds "$1" b.c:parse 1 "$of_b"
	finds "$1" b.c:4 1 "$of_b"
	finds "$1" b.c:work 1 "$(by_nm "$1" work)"
	finds "$1" parse 3 "$of_a" "$of_b"
	look "$1" tiny
	grep -q "'tiny' of $1 is only inlined, at 1 place (b.c:9)" look.err
}

build_id() {
	readelf -n "$1" | awk '/Build ID/ { print $3 }'
}

# stripped NAME: NAME without symbols, NAME.full as built, NAME.debug the rest
stripped() {
	gcc -g -O1 -o "$1.full" a.c b.c
	objcopy --only-keep-debug "$1.full" "$1.debug"
	objcopy --strip-all "$1.full" "$1"
}

@test "symbols: compilers, versions of DWARF, hot and cold" {
	local compiler form
	for compiler in gcc clang; do
		for form in -gdwarf-5 -gdwarf-4 '-gdwarf-5 -no-pie' '-gdwarf-5 -static' '-gdwarf-4 -ffunction-sections -fdebug-types-section'; do
			# shellcheck disable=SC2086
			$compiler -O2 $form -o program a.c b.c
			echo "$compiler $form"
			sure program
		done
	done
	gcc -g -O2 -freorder-blocks-and-partition -o program a.c b.c
	nm program | grep -q ' work\.cold'
	finds program b.c:work 1 "$(by_nm program work)"
}

@test "symbols: compressed debug sections; of zstd it says that it cannot" {
	local form
	gcc -gdwarf-5 -O2 -o program a.c b.c
	for form in zlib-gnu zlib-gabi; do
		objcopy --compress-debug-sections=$form program packed
		sure packed
	done
	objcopy --compress-debug-sections=zlib-gabi program packed
	"$python" - packed <<-'P'
		# The type of compression, the first word of every compressed section: zstd is 2.
		import struct, sys
		data = bytearray(open(sys.argv[1], 'rb').read())
		table, size, count = struct.unpack_from('<Q', data, 40)[0], *struct.unpack_from('<HH', data, 58)
		for at in range(table, table + size * count, size):
		    flags, _, offset = struct.unpack_from('<QQQ', data, at + 8)
		    if flags & 0x800:
		        data[offset:offset + 4] = struct.pack('<I', 2)
		open(sys.argv[1], 'wb').write(data)
	P
	look packed b.c:work
	equal "$status" 125
	grep -q 'compressed by zstd, which .*objcopy --decompress-debug-sections' look.err
	equal "$(wc -l <look.err)" 1
	look packed work
	equal "$(addresses look.dat)" "$(by_nm packed work)"
}

@test "symbols: split debug information in .dwo and .dwp files" {
	local compiler version address dwp packages=0
	for compiler in gcc clang; do
		for version in 4 5; do
			rm -f ./*.dwo ./*.dwp
			$compiler -gdwarf-$version -O2 -gsplit-dwarf -c a.c b.c
			$compiler -gdwarf-$version -o split a.o b.o
			echo "$compiler $version"
			sure split
			address=$(by_gdb split a.c parse) # it cannot read packages of version 5
			# binutils' dwp crashes at version 5, and llvm-dwp 14 never ends at some signatures.
			if [ $version = 4 ]; then dwp=dwp; else dwp=llvm-dwp; fi
			timeout 5 $dwp -e split -o split.dwp || continue
			packages=$((packages + 1))
			mkdir away && mv ./*.dwo away
			finds split a.c:parse 2 "$address"
			finds split b.c:work 1 "$(by_nm split work)"
			rm -r away
		done
	done
	between 1 $packages 4 "forms of .dwp files"
}

@test "symbols: a .dwo file that is missing, or of another build, is told by name" {
	gcc -g -O2 -gsplit-dwarf -c a.c b.c
	gcc -o split a.o b.o
	finds split b.c:work 1 "$(by_nm split work)"
	echo 'int more(int n) { return n; }' >>b.c
	gcc -g -O2 -gsplit-dwarf -c b.c
	look split b.c:work
	grep -q 'b.dwo is not from the same build' look.err
	mkdir elsewhere && mv b.dwo elsewhere
	look split b.c:work
	equal "$status" 125
	grep -q "part of it is in $PWD/b.dwo: No such file" look.err
	finds split a.c:parse 2 "$(by_gdb split a.c parse)"
	# The symbol table still has its static functions.
	look split b.c:parse
	equal "$(count_of FN look.dat)" 1
	grep -q 'b.dwo: No such file' look.err
}

@test "symbols: .gnu_debugdata has what .dynsym has not" {
	gcc -O1 -rdynamic -o full a.c b.c
	nm -D full --format=posix --defined-only | awk '{ print $1 }' | sort >exported
	nm full --format=posix --defined-only | awk '$2 ~ /[Tt]/ { print $1 }' | sort | comm -13 exported - >keep
	objcopy -S --keep-symbols=keep full mini
	xz -k mini
	objcopy -S full program
	objcopy --add-section .gnu_debugdata=mini.xz program
	# shellcheck disable=SC2046
	finds program parse 3 $(by_nm full parse)
	finds program work 1 "$(by_nm full work)"
	printf 'wrong' | dd of=mini.xz bs=1 seek=100 conv=notrunc status=none
	objcopy -S full broken
	objcopy --add-section .gnu_debugdata=mini.xz broken
	look broken parse
	equal "$status" 125
	grep -q '\.gnu_debugdata cannot be read: damaged' look.err
	look broken work
	equal "$status" 0
	grep -q "^NOTE .*\.gnu_debugdata" look.dat
	equal "$(addresses look.dat)" "$(by_nm full work)"
}

@test "symbols: a debug file by build id, below --debug-dir" {
	local id folder
	stripped program
	id=$(build_id program) folder="dir/.build-id/${id:0:2}"
	look program b.c:work
	equal "$status" 125
	mkdir -p "$folder"
	cp program.debug "$folder/${id:2}.debug"
	options='--debug-dir dir' finds program b.c:work 1 "$(by_nm program.full work)"
	options='--debug-dir . --debug-dir dir' finds program a.c:parse 2 "$(by_gdb program.full a.c parse)"
	# One that was put under a name that is not its own.
	gcc -g -O2 -o other a.c b.c
	cp other "$folder/${id:2}.debug"
	look program work --debug-dir dir
	equal "$status" 125
	grep -q "${id:2}.debug: has another build id than it is looked up by; the debug symbols of program are not used" look.err
	look program work --debug-dir nowhere
	equal "$(cat look.err)" "fmprof: --debug-dir 'nowhere': No such file or directory; name a folder of debug files"
}

@test "symbols: a debug file by .gnu_debuglink, whose checksum must be right" {
	local place
	stripped program
	objcopy --add-gnu-debuglink=program.debug program
	mkdir .debug "dir"
	mkdir -p "dir$PWD"
	finds program work 1 "$(by_nm program.full work)"
	for place in .debug "dir$PWD"; do
		mv program.debug "$place"
		options='--debug-dir dir' finds program b.c:work 1 "$(by_nm program.full work)"
		mv "$place/program.debug" .
	done
	echo more >>program.debug
	look program work
	equal "$status" 125
	grep -q 'program.debug: is not what .gnu_debuglink means: its checksum differs' look.err
}

@test "symbols: what dwz moved into a file that programs share" {
	local number
	command -v dwz >/dev/null || skip "no dwz"
	for number in 1 2; do
		gcc -g -O2 -DNUMBER=$number -o program$number a.c b.c
	done
	dwz -m shared.debug -M "$PWD/shared.debug" program1 program2
	readelf -S program1 | grep -q gnu_debugaltlink
	sure program1
	mv shared.debug elsewhere
	look program1 tiny
	not grep -q 'only inlined' look.err
	look program1 a.c:parse
	equal "$status" 0
	grep -q "part of it is in $PWD/shared.debug: no such file" look.err
}

# stand_in: a libdebuginfod that has one file, writes down that it was asked, and does as told
stand_in() {
	mkdir -p lib
	gcc -shared -fPIC -o lib/libdebuginfod.so.1 -x c - <<-'C'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		void *debuginfod_begin(void) { static int client; return &client; }
		int debuginfod_find_debuginfo(void *client, const unsigned char *id, int length, char **path)
		{
			FILE *log = fopen(getenv("STAND_IN_LOG"), "a");
			(void)client;
			fprintf(log, "%s %d\n", (const char *)id, length);
			fclose(log);
			puts("this must not be seen");
			if (getenv("STAND_IN_CRASH"))
				abort();
			*path = strdup(getenv("STAND_IN_FILE"));
			return open(*path, O_RDONLY | O_CLOEXEC);
		}
	C
	export LD_LIBRARY_PATH=$PWD/lib STAND_IN_LOG=$PWD/asked STAND_IN_FILE=$PWD/program.debug
}

@test "symbols: debuginfod is asked if DEBUGINFOD_URLS is set, and only then" {
	stripped program
	mkdir away && mv program.debug away
	stand_in
	export STAND_IN_FILE=$PWD/away/program.debug
	look program work
	equal "$status" 125
	not [ -e asked ]
	DEBUGINFOD_URLS=' ' look program work
	not [ -e asked ]
	export DEBUGINFOD_URLS=http://127.0.0.1:9
	finds program b.c:work 1 "$(by_nm program.full work)"
	equal "$(cat asked)" "$(build_id program) 0"
	# What a program has itself is not asked for.
	rm asked
	finds program.full b.c:work 1 "$(by_nm program.full work)"
	not [ -e asked ]
	# A file of another build, none at all, a library that crashes.
	gcc -g -O2 -o other a.c b.c
	STAND_IN_FILE=$PWD/other look program 'program!work'
	equal "$status" 125
	grep -q 'has another build id' look.err
	STAND_IN_FILE=$PWD/nothing look program 'program!work'
	equal "$(wc -l <look.err)" 1
	STAND_IN_CRASH=1 look program 'program!work'
	grep -q 'program: debuginfod failed to look for its debug symbols' look.err
}

@test "symbols: the program sees nothing of it" {
	compile mirror -DNO <<-'C'
		#include <dirent.h>
		#include <stdio.h>
		#include <unistd.h>
		__attribute__((noinline)) int traced(int n) { return n; }
		int main(void)
		{
			char link[512];
			for (int fd = 0; fd < 100; fd++) {
				char path[64];
				ssize_t length;
				snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
				if ((length = readlink(path, link, sizeof(link) - 1)) > 0)
					printf("%d %.*s\n", fd, (int)length, link);
			}
			for (char **word = environ; *word; word++)
				puts(*word);
			return traced(0);
		}
	C
	objcopy --only-keep-debug mirror program.debug
	objcopy --strip-all mirror
	stand_in
	export DEBUGINFOD_URLS=http://127.0.0.1:9
	limited ./mirror >seen 2>look.err </dev/null
	mv seen expected
	limited "$fmprof" run -q -f mirror.c:traced -o look.dat -- ./mirror >seen 2>look.err </dev/null
	equal "$(count_of FUNC look.dat)" 1
	diff expected seen
}

@test "symbols: damaged tables cost a line, and what is left serves" {
	gcc -g -O1 -rdynamic -o program a.c b.c
	"$python" - program <<-'P'
		# .symtab reaches beyond the end of the file.
		import struct, sys
		data = bytearray(open(sys.argv[1], 'rb').read())
		table, size, count = struct.unpack_from('<Q', data, 40)[0], *struct.unpack_from('<HH', data, 58)
		for at in range(table, table + size * count, size):
		    if struct.unpack_from('<I', data, at + 4)[0] == 2:
		        struct.pack_into('<Q', data, at + 24, 1 << 40)
		open('symtab', 'wb').write(data)
		data = bytearray(open(sys.argv[1], 'rb').read())
		struct.pack_into('<Q', data, 40, 1 << 40)
		open('headers', 'wb').write(data)
		# .debug_abbrev is all zeros.
		data = bytearray(open(sys.argv[1], 'rb').read())
		names = struct.unpack_from('<Q', data, table + size * struct.unpack_from('<H', data, 62)[0] + 24)[0]
		for at in range(table, table + size * count, size):
		    name = names + struct.unpack_from('<I', data, at)[0]
		    if data[name:].startswith(b'.debug_abbrev\0'):
		        offset, length = struct.unpack_from('<QQ', data, at + 24)
		        data[offset:offset + length] = bytes(length)
		open('dwarf', 'wb').write(data)
	P
	chmod +x symtab headers dwarf
	look symtab work
	equal "$status" 0
	equal "$(addresses look.dat)" "$(by_nm program work)"
	grep -q '^NOTE .*symtab: damaged: a symbol table reaches beyond its end' look.dat
	look headers "$(by_nm program work)"
	equal "$status" 0
	equal "$(count_of FUNC look.dat)" 1
	grep -q 'headers: damaged: its section headers lie beyond its end' look.err
	look dwarf a.c:parse
	equal "$status" 0
	equal "$(addresses look.dat)" "$(by_gdb program a.c parse)"
	grep -q 'dwarf: its debug information cannot be read in full: ' look.err
	equal "$(wc -l <look.err)" 1
}

@test "symbols: a Go program is recorded, with one warning" {
	gcc -g -O1 -o program a.c b.c
	head -c 64 /dev/zero >table
	objcopy --add-section .gopclntab=table program like_go
	record one work parse -- -q ./like_go
	equal "$(wc -l <one.err)" 1
	grep -q '^fmprof: like_go: made by Go' one.err
	equal "$(grep -c '^NOTE .*made by Go' one.dat)" 1
	# Nothing of it is traced: nothing to warn of.
	record libc 'libc.so*!exit' -- -q ./like_go
	equal "$(cat libc.err)" ''
	command -v go >/dev/null || skip "no go compiler for a real one"
	cat >h.go <<-'GO'
		package main

		import (
			"fmt"
			"runtime"
			"sync"
		)

		//go:noinline
		func grow(n int) int {
			var pad [256]byte
			pad[n%256] = 1
			if n == 0 {
				return int(pad[0])
			}
			return grow(n-1) + int(pad[n%256])
		}

		func main() {
			var group sync.WaitGroup
			results := make(chan int, 64)
			for i := 0; i < 64; i++ {
				group.Add(1)
				go func() {
					defer group.Done()
					runtime.Gosched()
					results <- grow(200)
				}()
			}
			group.Wait()
			close(results)
			sum := 0
			for result := range results {
				sum += result
			}
			fmt.Println(sum)
		}
	GO
	GOCACHE=$PWD/gocache go build -o h h.go
	record go main.grow -- -q ./h
	equal "$(cat go.out)" "$(./h)"
	equal "$(wc -l <go.err)" 1
	grep -q '^fmprof: h: made by Go' go.err
	between 1 "$(count_of FUNC go.dat)" 100000
}

# large: a program whose debug information is worth to be kept in the cache
large() {
	"$BATS_TEST_DIRNAME/big_program.py" big "$(scaled 400 6400)"
	mv big/big large
}

entries() {
	find "$XDG_CACHE_HOME" -name '*.answer' 2>/dev/null | wc -l
}

@test "symbols: what a large file was asked is kept, used again, and left alone by --no-cache" {
	gcc -g -O1 -o small a.c b.c
	finds small b.c:work 1 "$(by_nm small work)"
	not [ -e "$XDG_CACHE_HOME/fmprof" ]
	large
	options=--no-cache finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	not [ -e "$XDG_CACHE_HOME/fmprof" ]
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	equal "$(entries)" 1
	# Used again: what is in there now is what is found.
	cp "$XDG_CACHE_HOME"/fmprof/*.answer kept
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	cmp "$XDG_CACHE_HOME"/fmprof/*.answer kept
	finds large u00000.c:parse 1 "$(by_gdb large u00000.c parse)"
	finds large u00007.c:u00007_work_3 0 "$(by_nm large u00007_work_3)"
	equal "$(entries)" 2
	equal "$(stat -c %a "$XDG_CACHE_HOME/fmprof")" 700
	# The same build id, another file.
	touch -d '2020-01-01' large
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	equal "$(entries)" 3
	# What is not found is not kept.
	look large u00007.c:nothing
	equal "$status" 125
	equal "$(entries)" 3
	# What is shown of functions, and that they are inlined, is kept as well.
	limited "$fmprof" symbols --json --no-cache large u00007.c:parse >shown
	grep -q '"line": [1-9]' shown
	equal "$(entries)" 3
	limited "$fmprof" symbols --json large u00007.c:parse | cmp - shown
	equal "$(entries)" 4
	limited "$fmprof" symbols --json large u00007.c:parse | cmp - shown
	equal "$(entries)" 4
}

@test "symbols: a damaged or foreign cache is as good as none, without a word" {
	local entry place
	large
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	entry=$(echo "$XDG_CACHE_HOME"/fmprof/*.answer)
	cp "$entry" kept
	for place in 0 9 20 40 200 1000; do
		cp kept "$entry"
		printf '\377\376' | dd of="$entry" bs=1 seek=$place conv=notrunc status=none
		finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
		cmp "$entry" kept
	done
	for place in 0 10 100 1000; do
		head -c $place kept >"$entry"
		finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
		cmp "$entry" kept
	done
	ln -sf /dev/zero "$entry"
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	cmp "$entry" kept
	# No folder to write to, none at all, a name that says nothing.
	echo >file
	XDG_CACHE_HOME=$PWD/file finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	XDG_CACHE_HOME=relative finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	not [ -e relative ]
	unset XDG_CACHE_HOME
	HOME=$PWD/file finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	HOME='' finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	HOME=$PWD/home
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	mkdir home
	finds large u00007.c:parse 0 "$(by_gdb large u00007.c parse)"
	equal "$(find home -name '*.answer' | wc -l)" 1
}

@test "symbols: runs at the same time share the cache" {
	local number address
	large
	address=$(by_gdb large u00007.c parse)
	for number in 1 2 3 4 5 6 7 8; do
		limited "$fmprof" run -q -f u00007.c:parse -o run$number.dat -- ./large >/dev/null 2>run$number.err &
	done
	wait
	for number in 1 2 3 4 5 6 7 8; do
		equal "$(cat run$number.err)" ''
		equal "$(addresses run$number.dat)" "$address"
	done
	equal "$(ls "$XDG_CACHE_HOME/fmprof" | wc -l)" 1
}

# used NAME SPEC: CPU time and memory of recording it; waiting for the machine is not counted
used() {
	limited "$python" "$BATS_TEST_DIRNAME/usage.py" "$1.txt" "$fmprof" run -q -f "$2" -o x.dat -- ./large >/dev/null
	cat "$1.txt"
	. "./$1.txt"
}

@test "symbols: time and memory that large debug information costs" {
	is_sanitized && skip "sanitizers cost more"
	large
	# Beside the child that is measured, fmprof itself has some 14 MiB.
	used first u00042.c:parse
	between 0 "$cpu" 3 seconds
	between 0 "$maxrss" 270000 KiB
	used again u00042.c:parse
	between 0 "$cpu" 0.15 seconds
	between 0 "$maxrss" 50000 KiB
	used plain u00042_work_1
	between 0 "$cpu" 0.15 seconds
	# A header that all units include: all of them are read.
	used header shared.h:shared
	between 0 "$maxrss" 270000 KiB
}
