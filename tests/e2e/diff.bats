#!/usr/bin/env bats
# `fmprof diff`: what has become worse is found and named, what has not is left alone.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# diff STATUS [OPTION...] FIRST SECOND: says so, into told
diff_is() {
	local wanted=$1
	shift
	status_of limited "$fmprof" diff "$@" >told 2>err
	equal "$status" "$wanted" "exit status of diff $*" || { cat told err && return 1; }
}

# told PYTHON-EXPRESSION: of the JSON in told, d
told() {
	python3 -c 'import json, sys; d = json.load(open("told")); print(eval(sys.argv[1]))' "$1"
}

# is_valid: the JSON in told, by the schema that users get
is_valid() {
	$python - "$TOP/docs/diff.schema.json" told <<-'EOF2'
	import json, sys
	try:
	    import jsonschema
	except ImportError:
	    sys.exit("jsonschema is not installed (Debian: python3-jsonschema)")
	schema, told = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
	jsonschema.Draft202012Validator.check_schema(schema)
	jsonschema.Draft202012Validator(schema).validate(told)
	EOF2
}

# made FILE PEAK GROWTH [CALLS [BOUND [MODULE]]]: in MiB; f grows by GROWTH in its first call, g by nothing
made() {
	local file=$1 peak=$2 growth=$3 calls=${4:-1} bound=${5:-0.5} module=${6:-/bin/prog} i
	{
		echo 'CMDLINE ./prog'
		echo "FMPROF 1 start=1700000000.0 interval=0.01 pid=10 host=h exe=$module metrics=rss peaks=reset peak_bound=$bound"
		echo "FN 1 f $module 0x1000 p.c:3 f(int)"
		echo "FN 2 g $module 0x1040 p.c:9 g"
		echo 'MEM 10.0 1700000000.1'
		for ((i = 1; i <= calls; i++)); do
			echo "ENTER $i 1 10 10 0 10.0 1700000001.$i"
			echo "FUNC f 10.0 1700000001.$i $((i == 1 ? 10 + growth : 10)).0 1700000002.$i 0 call=$i fn=1 pid=10 tid=10 end=return time=exact peak=$peak.0 peak_is=exact"
		done
		echo "ENTER 99 2 10 10 0 10.0 1700000003.0"
		echo "FUNC g 10.0 1700000003.0 10.0 1700000003.5 0 call=99 fn=2 pid=10 tid=10 end=return time=exact peak=10.0 peak_is=exact"
		echo 'MEM 10.0 1700000004.0'
		echo "END 1700000005.0 exit=0 peak=$peak.0 calls=$((calls + 1)) missed=0"
	} >"$file"
}

@test "diff: sqlite3 with a larger cache" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	local run cache rows
	rows=$(scaled 40000 400000)
	for run in small:100 again:100 large:8000; do
		cache=${run#*:} run=${run%:*}
		rm -f db
		record $run sqlite3_prepare_v2 sqlite3_step sqlite3_finalize -- -q sqlite3 db "pragma cache_size=$cache; create table t(a, b);
			with recursive c(x) as (values(1) union all select x + 1 from c where x < $rows)
			insert into t select x, printf('%0100d', x * 7919 % $rows) from c; create index i on t(b); select count(*) from t where b > 'A';"
	done
	diff_is 1 small.dat large.dat
	# The function that took the memory is named first, with what grew.
	grep -q '^worse: peak of the run, sqlite3_step (net growth, largest, peak inside)' told
	equal "$(sed -n '/^function /{n;s/ .*//;p}' told)" sqlite3_step
	diff_is 0 large.dat small.dat
	grep -q '^sqlite3_step .* ▼' told
	# The same again is not worse.
	diff_is 0 small.dat again.dat
	grep -qx 'not worse' told
	# Whatever the figures are, they are those of report.
	diff_is 1 --json small.dat large.dat
	is_valid
	"$fmprof" report --json small.dat large.dat >report.json
	python3 - <<-'EOF2'
	import json
	told, report = json.load(open("told")), json.load(open("report.json"))["recordings"]
	for side, recording in zip(("before", "after"), report):
	    assert told["peak_bytes"][side] == recording["peak"]["bytes"] and told["peak_bytes"][side + "_exact"] == recording["peak"]["exact"]
	    assert told["duration_ns"][side] == recording["end_ns"] - recording["start_ns"]
	    functions = {f["full_name"]: f for f in recording["functions"]}
	    assert len(functions) == len(told["functions"]) == 3
	    for f in told["functions"]:
	        for key in ("calls", "total_ns", "net_growth_bytes", "largest_growth_bytes", "peak_bytes"):
	            assert f[key][side] == functions[f["full_name"]][key], (f, key)
	assert told["noise_bytes"] == sum(r["peak_bound_bytes"] for r in report)
	EOF2
}

@test "diff: two versions of a program" {
	cat >version.c <<-'EOF2'
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	static char *take(size_t mib)
	{
		char *block = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		return memset(block, 1, mib << 20);
	}
	__attribute__((noinline)) void parse(void) { take(VERSION == 1 ? 4 : 16); }
	__attribute__((noinline)) void render(void) { munmap(take(3), 3 << 20); }
	#if VERSION == 2
	__attribute__((noinline)) void cleanup(void) { take(1); }
	#endif
	int main(void)
	{
		render();
		for (int i = 0; i < 3; i++)
			parse();
	#if VERSION == 2
		cleanup();
	#endif
	}
	EOF2
	mkdir old new
	gcc -O1 -g -DVERSION=1 -o old/version version.c
	gcc -O1 -DVERSION=2 -o new/version-2 version.c # without debug information, and of another name
	record old parse render -- -q old/version
	record new parse render cleanup -- -q new/version-2
	diff_is 1 old.dat new.dat
	grep -q '^worse: peak of the run, parse (net growth, largest, peak inside)$' told
	grep -Eq '^parse +3 .* \+12\.[0-9] MiB → \+48\.[0-9] MiB ▲ ' told
	grep -Eq '^only in the second: cleanup: 1 call, .*\+1\.[0-9] MiB net growth' told
	diff_is 0 new.dat old.dat
	grep -Eq '^only in the first: cleanup: 1 call, ' told
	grep -qx 'not worse' told
	# Of chosen functions only; the run itself always.
	diff_is 1 -f render old.dat new.dat
	grep -qx 'worse: peak of the run' told
	not grep -q parse told
	# One over the other, each with its brackets.
	diff_is 1 -o picture.png old.dat new.dat
	is_png picture.png
	diff_is 1 -o picture.svg old.dat new.dat
	grep -q 'old.dat' picture.svg
	grep -q 'cleanup' picture.svg
	diff_is 1 -o picture.html old.dat new.dat
	grep -q 'cleanup' picture.html
	diff_is 1 -o picture.txt old.dat new.dat
	grep -q 'new.dat' picture.txt
	cp new.dat old/s.dat && cp new.dat new/s.dat
	diff_is 0 -o same.svg old/s.dat new/s.dat
	grep -q 'old/s.dat' same.svg
}

@test "diff: tolerance and noise" {
	made a.dat 100 50
	made b.dat 104 52
	diff_is 0 a.dat b.dat
	diff_is 1 --tolerance 3% a.dat b.dat
	diff_is 0 --tolerance 4 a.dat b.dat
	diff_is 0 --tolerance 0 b.dat a.dat
	# 1 MiB is what both can be off by.
	made c.dat 12 1
	made d.dat 13 2
	diff_is 0 c.dat d.dat
	diff_is 1 --floor 0 c.dat d.dat
	diff_is 1 --floor 1023KiB c.dat d.dat
	diff_is 0 --floor 1MiB c.dat d.dat
	made e.dat 13 2 1 0.25
	diff_is 1 c.dat e.dat
	grep -q 'of memory by more than 768 KiB$' told
	# More calls are worse, and more time if times count.
	made f.dat 12 1 3
	diff_is 1 c.dat f.dat
	grep -qx 'worse: f (calls)' told
	sed 's/1700000003.5/1700000003.9/; s/1700000005/1700000009/' c.dat >slow.dat
	diff_is 0 c.dat slow.dat
	diff_is 1 --with-times c.dat slow.dat
	grep -qx 'worse: duration of the run, g (total)' told
	# A peak that was only sampled says so.
	sed 's/peak_is=exact/peak_is=least/' d.dat >least.dat
	diff_is 1 --floor 0 c.dat least.dat
	grep -Eq '^f .* 12.0 MiB → ≥ 13.0 MiB ▲$' told
	grep -q '^≥: the highest that was read' told
}

@test "diff: a recording next to itself is not worse, however small the tolerance" {
	made a.dat 20 5
	diff_is 0 --tolerance 0 --floor 0 a.dat a.dat
	grep -qx 'not worse' told
	grep -Eq '^f +1 .* \+5.0 MiB +\+5.0 MiB +20.0 MiB$' told
	not grep -q ' → ' told
	diff_is 0 -o same.svg a.dat ./a.dat
}

@test "diff: a recording that did not end well says so, since its figures may be low" {
	made a.dat 20 5
	sed 's/ exit=0 / signal=11 /' a.dat >killed.dat
	sed 's/ exit=0 / exit=3 /' a.dat >failed.dat
	sed '/^END/d' a.dat >cut.dat
	diff_is 0 a.dat killed.dat
	grep -qx 'first   a.dat: ./prog' told
	grep -qx 'second  killed.dat: ./prog; killed by signal 11' told
	diff_is 0 failed.dat cut.dat
	grep -qx 'first   failed.dat: ./prog; exit status 3' told
	grep -qx 'second  cut.dat: ./prog; cut short, or still going on' told
}

@test "diff: functions that one of both never called, or does not know" {
	made a.dat 20 5
	grep -v 'call=99\|ENTER 99' a.dat >uncalled.dat
	grep -v 'call=99\|ENTER 99\|^FN 2' a.dat >unknown.dat
	diff_is 1 uncalled.dat a.dat
	grep -qx 'worse: g (calls)' told
	diff_is 0 unknown.dat a.dat
	grep -q '^only in the second: g: 1 call' told
	diff_is 0 --json unknown.dat a.dat
	is_valid
	equal "$(told '[(f["function"], f["in"], f["calls"]["before"], f["calls"]["trend"]) for f in d["functions"]]')" "[('f', 'both', 1, 'same'), ('g', 'after', None, None)]"
	# mprof's files know no modules and no bounds.
	printf '%s\n' 'CMDLINE x' 'MEM 1.0 2.0' 'MEM 9.0 4.0' 'FUNC m.f 1.0 2.5 4.0 4.5 0' >m1.dat
	printf '%s\n' 'CMDLINE x' 'MEM 1.0 2.0' 'MEM 9.0 4.0' 'FUNC m.f 1.0 2.5 5.0 4.5 0' >m2.dat
	diff_is 1 m1.dat m2.dat
	grep -q '^worse: m.f (net growth, largest)$' told
}

@test "diff: of very many functions that are worse ten are named" {
	local side i
	for side in first second; do
		{
			echo 'CMDLINE x'
			echo 'MEM 1.0 2.0'
			for ((i = 10; i < 30; i++)); do
				echo "FUNC m.f$i 1.0 2.$i $([ $side = first ] && echo 1 || echo $((i - 8))).0 2.9 0"
			done
			echo 'MEM 1.0 4.0'
		} >$side.dat
	done
	diff_is 1 --floor 0 first.dat second.dat
	equal "$(grep -c '^m\.f.* ▲' told)" 20
	grep -Eq "^worse: peak of the run, m\.f29 \(net [a-z, ]*\), m\.f28 .*, m\.f20 \(net [a-z, ]*\), and 10 more\$" told
}

@test "diff: CSV has the figures of JSON" {
	made a.dat 20 5
	made b.dat 30 15 2 0.5 /opt/prog
	diff_is 1 --json a.dat b.dat
	is_valid
	cp told told.json
	diff_is 1 --csv a.dat b.dat
	python3 - <<-'EOF2'
	import csv, json
	told = json.load(open("told.json"))
	run, *rows = csv.DictReader(open("told", newline=""), strict=True)
	shown = lambda value: {None: "", True: "true", False: "false"}.get(value, value) if not isinstance(value, int) or isinstance(value, bool) else str(value)
	assert run["function"] == "" and run["peak_bytes_before"] == str(told["peak_bytes"]["before"]) and run["worse"] == "true"
	assert run["total_ns_after"] == str(told["duration_ns"]["after"])
	assert len(rows) == len(told["functions"]) == 2
	for row, function in zip(rows, told["functions"]):
	    assert row["function"] == function["function"] and row["in"] == function["in"] and row["worse"] == shown(function["worse"])
	    for key in ("calls", "total_ns", "net_growth_bytes", "largest_growth_bytes", "peak_bytes"):
	        for side in ("before", "after", "trend"):
	            assert row[f"{key}_{side}"] == shown(function[key][side]), (row, key, side)
	    assert row["peak_exact_before"] == shown(function["peak_bytes"]["before_exact"])
	EOF2
	local change
	for change in 's/"trend":"same"/"trend":"equal"/' 's/"worse":true,//' 's/"fmprof_diff":1/"fmprof_diff":2/'; do
		sed "$change" told.json >told
		not cmp -s told told.json
		not is_valid 2>/dev/null
	done
}

@test "diff: it fits its terminal, and names are data" {
	made a.dat 20 5
	made b.dat 30 15
	local width
	for width in 40 60 80 100 160; do
		diff_is 1 --width $width a.dat b.dat
		python3 - $width <<-'EOF2'
		import sys
		lines = open("told", encoding="utf-8").read().splitlines()
		head = next(i for i, line in enumerate(lines) if line.startswith("function"))
		for line in lines[:2] + lines[head:head + 3]:
		    assert len(line) <= int(sys.argv[1]) or len(line.split("  ")) <= 2, (len(line), line)
		assert "net growth" in lines[head]
		assert (int(sys.argv[1]) >= 100) != any(line.startswith("not shown for want of width: ") for line in lines), lines
		EOF2
	done
	limited python3 "$BATS_TEST_DIRNAME/hostile.py" hostile.dat
	sed 's/^\(FUNC .*\) \([0-9]*\)\.000000 \([0-9.]* 0 call=\)/\1 99.000000 \3/' hostile.dat >other.dat
	diff_is 1 hostile.dat other.dat
	not grep -q $'\xe2\x80\xae' told # turns the direction of writing
	cp told all
	diff_is 1 --csv hostile.dat other.dat
	tr -d '\r' <told >>all
	diff_is 1 --json hostile.dat other.dat
	is_valid
	cat told >>all
	LC_ALL=C tr -d '\n\040-\176\200-\377' <all >control
	[ ! -s control ]
	not grep -q $'\xc2\x9b' all
	diff_is 1 -o hostile.svg hostile.dat other.dat
	[ ! -e HARM ]
}

@test "diff: two batches" {
	local size
	for size in 10 40; do
		cat >suite.ini <<-EOF2
		[demo]
		command = $testprogs/demo $size 10 1
		functions = my_func1 my_func2
		[steady]
		command = $testprogs/recursion 4 4
		functions = fib
		[breaks]
		command = sh -c "exit $((size == 40))"
		EOF2
		[ $size = 10 ] || printf '%s\n' '[added]' "command = $testprogs/recursion 4 4" >>suite.ini
		status_of limited "$fmprof" batch -q -o batch$size suite.ini >out 2>err
	done
	diff_is 1 batch10 batch40
	grep -Eq '^demo +passed .* worse' told
	grep -Eq '^steady +passed .* -$' told
	grep -Eq '^added +only in the second' told
	grep -Eq '^breaks +passed → wrong exit' told
	grep -q '^  peak.my_func1: .* MiB → .* MiB (+' told
	grep -q '^worse: 2 of 4 programs' told
	diff_is 0 batch40/summary.json batch10
	grep -q '^not worse: 4 programs' told
	grep -Eq '^added +only in the first' told
	diff_is 1 --json batch10 batch40
	is_valid
	equal "$(told '[(p["program"], p["in"], p["worse"]) for p in d["programs"]]')" \
		"[('demo', 'both', True), ('steady', 'both', False), ('breaks', 'both', True), ('added', 'after', False)]"
	cp told told.json
	diff_is 1 --csv batch10 batch40
	python3 - <<-'EOF2'
	import csv, json
	told = [(p["program"], f["figure"], f["function"] or "", str(f["before"]), str(f["after"]), f["trend"]) for p in json.load(open("told.json"))["programs"] for f in p["figures"]]
	rows = [row for row in csv.DictReader(open("told", newline=""), strict=True) if row["figure"]]
	assert told == [tuple(row[key] for key in ("program", "figure", "function", "before", "after", "trend")) for row in rows]
	EOF2
	# The tolerance is that of all figures.
	diff_is 1 --tolerance 100000% batch10 batch40
	grep -q '^worse: 1 of 4 programs' told
}

@test "diff: what it says when it cannot" {
	made a.dat 20 5
	made b.dat 20 5
	fails() {
		status_of "$fmprof" diff "$@" >out 2>err
		equal "$status" 125
		[ ! -s out ]
		equal "$(wc -l <err)" 1
		grep -q '^fmprof: .*: ' err
	}
	fails
	fails a.dat
	fails a.dat b.dat a.dat
	fails - - <a.dat
	fails a.dat nothing.dat
	fails 0 1
	fails --nonsense a.dat b.dat
	fails --tolerance much a.dat b.dat
	fails --tolerance -1% a.dat b.dat
	fails --floor 5x a.dat b.dat
	fails --floor -1KiB a.dat b.dat
	fails --width wide a.dat b.dat
	fails -o x.xyz a.dat b.dat
	fails -o nowhere/x.png a.dat b.dat
	[ ! -e x.xyz ]
	mkdir folder
	fails a.dat folder
	fails folder a.dat
	fails folder folder/summary.json
	echo '{}' >x.json
	fails x.json folder
	fails --floor 0 x.json folder
	status_of "$fmprof" diff a.dat b.dat >/dev/full 2>err
	equal "$status" 125
	equal "$("$fmprof" diff --help | grep -c '^usage: ')" 1
	# Indices, and standard input.
	mv a.dat mprofile_20200101000000.dat
	mv b.dat mprofile_20200101000001.dat
	diff_is 0 -2 -1
	fails -o x.png 0 - <mprofile_20200101000001.dat
	diff_is 0 0 - <mprofile_20200101000001.dat
}
