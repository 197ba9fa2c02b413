#!/usr/bin/env bats
# Programs that nobody built for this: Debian's own, stripped. They do exactly what they do untraced, and their calls
# are as many as gdb counts.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	export PYTHONDONTWRITEBYTECODE=1
}

# gdb_counts SYMBOL... -- PROGRAM ARGUMENT...: "SYMBOL HITS" for each that was hit, sorted
gdb_counts() {
	local arguments=(-ex 'set breakpoint pending on' -ex 'set disable-randomization off'
		-ex 'tbreak __libc_start_main' -ex run)
	command -v gdb >/dev/null || skip "gdb is not installed"
	while [ "$1" != -- ]; do
		# Not "break NAME", which is somewhere behind the entry.
		arguments+=(-ex "break *$1" -ex "ignore \$bpnum 1000000000")
		shift
	done
	shift
	limited gdb -nx -q -batch "${arguments[@]}" -ex continue -ex 'info breakpoints' --args "$@" \
		</dev/null >gdb.out 2>gdb.err || { cat gdb.err; return 1; }
	awk '/ breakpoint +keep / { name = $NF; gsub(/[<>]/, "", name) } /already hit/ { print name, $4 }' gdb.out | sort
}

# our_counts FILE.dat: the same of a recording
our_counts() {
	awk '$1 == "FUNC" { calls[$2]++ } END { for (name in calls) print name, calls[name] }' "$1" | sort
}

# same_as_untraced NAME: of a program that was recorded, and run into untraced.out
same_as_untraced() {
	equal "$status" "$untraced" "exit status"
	cmp "$1.out" untraced.out
}

sqlite_script() {
	cat <<-EOF2
	create table t(a integer, b text);
	with recursive c(i) as (select 1 union all select i + 1 from c where i < $1)
	insert into t select i, (i * 7919) % 100003 || ' row' from c;
	select a, b from t order by b, a;
	select count(*) from nothing;
	EOF2
}

@test "real: sqlite3, counted by gdb" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	local rows
	rows=$(scaled 2000 100000)
	sqlite_script "$rows" >script.sql
	local program=(sqlite3 -batch -init script.sql :memory:)
	status_of limited "${program[@]}" </dev/null >untraced.out 2>untraced.err
	untraced=$status
	record sqlite sqlite3_prepare_v2 sqlite3_step -- -q "${program[@]}" </dev/null
	same_as_untraced sqlite
	diff sqlite.err untraced.err
	truth sqlite.dat
	between "$rows" "$(calls_of sqlite.dat sqlite3_step)" $((rows + 1000)) "steps"
	gdb_counts sqlite3_prepare_v2 sqlite3_step -- "${program[@]}" >expected
	equal "$(wc -l <expected)" 2
	diff <(our_counts sqlite.dat) expected
}

@test "real: python3 importing modules, counted by gdb" {
	cat >imports.py <<-'EOF2'
	import argparse, csv, decimal, http.client, json, logging, sqlite3, subprocess, tempfile, unittest, xml.dom, zipfile
	print(json.dumps(sorted(name for name in globals() if name[0] != "_")))
	raise SystemExit(3)
	EOF2
	local functions
	mapfile -t functions < <(nm -D --defined-only $python | awk '$2 == "T" && $3 ~ /^PyImport_/ { print $3 }')
	between 5 ${#functions[@]} 100 "functions of that name"
	status_of limited $python imports.py >untraced.out 2>untraced.err
	untraced=$status
	record python 'PyImport_*' -- -q $python imports.py
	same_as_untraced python
	truth python.dat
	equal "$(count_of FN python.dat)" ${#functions[@]} "functions found"
	gdb_counts "${functions[@]}" -- $python imports.py >expected
	between 5 "$(wc -l <expected)" 100 "functions called"
	diff <(our_counts python.dat) expected
}

# much BYTES: always the same, neither random nor even
much() {
	python3 -c '
import random, sys
numbers = random.Random(1)
left = int(sys.argv[1])
while left > 0:
    block = numbers.randbytes(1 << 15) + b"fmprof " * 4681
    sys.stdout.buffer.write(block[:left])
    left -= len(block)
' "$1"
}

@test "real: gzip in a pipe" {
	local bytes
	bytes=$(scaled 20000000 200000000)
	much "$bytes" | limited "$fmprof" run -q -o gzip.dat -f 'libc.so.6!read' -- gzip -1 >much.gz
	equal "$(gzip -dc much.gz | sha256sum)" "$(much "$bytes" | sha256sum)" "what gzip packed"
	truth gzip.dat
	# A pipe gives at most 64 KiB at once.
	between $((bytes / 65536)) "$(calls_of gzip.dat read)" "$bytes" "reads"
	equal "$(count_of ENTER gzip.dat)" "$(count_of FUNC gzip.dat)" "enters and leaves"
}

@test "real: xz with threads" {
	command -v xz >/dev/null || skip "xz is not installed"
	much 3000000 >much
	record xz 'liblzma*!lzma_code' -- -q xz -0 -T2 --block-size=500000 -c much
	equal "$status" 0
	limited xz -dc xz.out | cmp - much
	truth xz.dat
	between 1 "$(calls_of xz.dat lzma_code)" 10000000 "calls of lzma_code"
}

@test "real: tar with a child that packs" {
	mkdir tree
	for i in {1..50}; do
		seq "$i" 2000 >"tree/$i"
	done
	tar -cf expected.tar tree
	record tar 'libc.so.6!write' -- -q tar -czf - tree
	equal "$status" 0
	gzip -dc tar.out | cmp - expected.tar
	truth tar.dat
	between 1 "$(calls_of tar.dat write)" 100000 "writes"
}

@test "real: bash with many forks" {
	local forks
	forks=$(scaled 50 500)
	cat >forks.sh <<-'EOF2'
	for ((i = 0; i < $1; i++)); do
		(exit $((i % 256)))
		echo "$i $?"
	done
	echo "$(echo inner | /bin/cat)"
	exit 9
	EOF2
	status_of limited bash forks.sh "$forks" >untraced.out 2>untraced.err
	untraced=$status
	record bash 'execute_command*' make_child -- -q bash forks.sh "$forks"
	equal "$status" 9
	same_as_untraced bash
	truth bash.dat
	# One a subshell, and one for $(...), whose child makes its own.
	equal "$(calls_of bash.dat make_child)" $((forks + 1)) "children"
}
