#!/usr/bin/env bats
# `fmprof export`: all that is in a recording, in forms that other programs read, as another reading of its lines finds it.

setup() {
	load common
	load long
	cd "$BATS_TEST_TMPDIR"
}

exports() {
	limited python3 "$BATS_TEST_DIRNAME/exports.py" "$@"
}

# agrees FILE.dat: every format has every call and sample, and their sums are those of fmprof report
agrees() {
	local value
	limited "$fmprof" export -o trace.json "$1"
	exports perfetto "$1" trace.json
	limited "$fmprof" export -o calls.csv --what calls "$1"
	limited "$fmprof" report --json "$1" >told.json
	exports calls "$1" calls.csv told.json
	limited "$fmprof" export -o samples.csv "$1"
	exports samples "$1" samples.csv
	limited "$fmprof" export -o events.jsonl "$1"
	limited "$fmprof" export --format json "$1" >events.json
	exports objects "$1" events.jsonl events.json
	for value in self net time calls; do
		limited "$fmprof" export --format folded --value $value -o $value.txt "$1"
	done
	exports folded events.jsonl self.txt net.txt time.txt calls.txt
}

# Calls in calls and in two threads, one that is never left, one of which it was noticed late that it had ended
known() {
	cat >known.dat <<-'EOF2'
	CMDLINE ./prog 'a b'
	FMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/prog metrics=rss,pss peaks=mark peak_bound=0.500000
	FN 1 f /bin/prog 0x1000 p.c:3 f(int)
	FN 2 g /bin/prog 0x1040 p.c:9 g
	TASK 10 10 1700000000.000100000 start prog
	MEM 10.000000 1700000000.100000000 pss=9.500000
	ENTER 1 1 10 10 0 10.000000 1700000000.500000000
	ENTER 2 2 10 10 1 11.000000 1700000000.600000001
	MEM 50.000000 1700000000.700000000 peak=51.000000
	FUNC g 11.000000 1700000000.600000001 13.000000 1700000000.800000000 1 call=2 fn=2 pid=10 tid=10 end=return time=exact peak=51.000000 peak_is=exact
	ENTER 3 2 10 10 1 13.000000 1700000000.810000000
	ENTER 4 2 10 10 1 13.000000 1700000000.850000000
	FUNC g 13.000000 1700000000.850000000 13.000000 1700000000.900000000 1 call=4 fn=2 pid=10 tid=10 end=return time=exact
	FUNC g 13.000000 1700000000.810000000 13.000000 1700000000.860000000 1 call=3 fn=2 pid=10 tid=10 end=unwound time=noticed
	FUNC f 10.000000 1700000000.500000000 14.000000 1700000001.000000000 0 call=1 fn=1 pid=10 tid=10 end=return time=exact
	NOTE 1700000001.500000000 a library was loaded
	ENTER 5 1 10 11 0 13.000000 1700000002.000000000
	MEM 14.000000 1700000003.000000000 pss=12.000000
	EOF2
}

@test "export: sqlite3, in every format" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	record sqlite sqlite3_prepare_v2 sqlite3_step 'sqlite3_malloc*' -- -q -T 1ms -m pss,swap sqlite3 :memory: "create table t(a, b);
		with recursive c(x) as (values(1) union all select x + 1 from c where x < $(scaled 1000 100000))
		insert into t select x, hex(randomblob(8)) from c; select a from t order by b;"
	agrees sqlite.dat
}

@test "export: recursion, threads, children" {
	record recursion fib linear -- -q "$testprogs/recursion" 8 20
	record threads work -- -q "$testprogs/threads" 4 100
	record separate work fork_inside -- -q -M "$testprogs/fork" 4 10
	record sum work fork_inside -- -q -C "$testprogs/fork" 4 10
	local name
	for name in recursion threads separate sum; do
		agrees $name.dat
		equal "$(exports perfetto $name.dat trace.json | cut -d' ' -f2)" 0 "calls that are not nested in $name"
	done
	# Each child is a process with a name and a counter of its own.
	limited "$fmprof" export separate.dat | python3 -c 'import json, sys
events = json.load(sys.stdin)["traceEvents"]
named = {e["pid"] for e in events if e["name"] == "process_name" and e["args"]["name"] == "fork"}
counted = {e["pid"] for e in events if e["ph"] == "C"}
assert len(named) >= 5 and counted <= named, (named, counted)'
}

@test "export: coroutines, longjmp, calls that are noticed late" {
	local name nested others
	record switch '[a-df-z]*' -- -q "$testprogs/exit_switch"
	record builtin '[a-df-z]*' -- -q "$testprogs/exit_builtin"
	record longjmp '[a-df-z]*' -- -q "$testprogs/exit_longjmp"
	for name in switch builtin longjmp; do
		agrees $name.dat
	done
	# What coroutines are resumed by stays nested; their own calls have tracks of their own.
	limited "$fmprof" export -o trace.json switch.dat
	read -r nested others < <(exports perfetto switch.dat trace.json)
	between 1 "$others" 1000
	between 1 "$nested" 1000
	limited python3 -c 'import json
assert any(e["ph"] == "X" and e["name"] == "main" for e in json.load(open("trace.json"))["traceEvents"])'
}

@test "export: files that are cut, damaged, without a header, or mprof's" {
	known
	agrees known.dat
	# Its metrics are nameless without the header.
	grep -v '^FMPROF\|^CMDLINE\|^TASK' known.dat | sed 's/ pss=[0-9.]*//' >headless.dat
	agrees headless.dat
	# The last line is not whole.
	head -c -20 known.dat >cut.dat
	head -n -1 known.dat >whole.dat
	local format
	for format in perfetto csv jsonl json folded; do
		"$fmprof" export --format $format cut.dat >cut.out
		"$fmprof" export --format $format whole.dat >whole.out
		cmp cut.out whole.out
		"$fmprof" export --format $format - <known.dat >stdin.out
		"$fmprof" export --format $format known.dat | cmp - stdin.out
	done
	printf '%s\n' 'CMDLINE python3 x.py' 'MEM 1.0 2.0' 'MEM 9.0 4.0' 'CHLD 0 3.0 4.0' 'MEM 3.0 5.0' 'FUNC m.g 1.0 3.0 2.0 4.0 1' \
		'FUNC m.f 1.0 2.5 4.0 4.5 0' >mprof.dat
	agrees mprof.dat
	equal "$(exports perfetto mprof.dat trace.json)" "" || equal "$("$fmprof" export mprof.dat | grep -c '"ph":"X"')" 2
	echo damaged >>mprof.dat
	"$fmprof" export mprof.dat >out 2>err
	grep -q 'mprof.dat: 1 damaged line left out, the first is line 8' err
	grep -q '"damaged_lines":1' out
}

@test "export: a recording of mprof's own" {
	local mprof
	mprof=$(command -v python3-mprof || command -v mprof) || skip "mprof is not installed (Debian: python3-memory-profiler)"
	cat >prog.py <<-'EOF2'
	@profile
	def inner(n):
	    return [0] * n
	@profile
	def outer():
	    return [inner(1000000) for _ in range(3)]
	outer()
	EOF2
	limited "$mprof" run -o own.dat -T 0.02 prog.py >out 2>&1
	grep -q '^FUNC ' own.dat
	agrees own.dat
	equal "$("$fmprof" export own.dat | grep -c '"ph":"X"')" 4 "nested calls"
}

@test "export: what a viewer is told of a call" {
	known
	"$fmprof" export -o trace.json known.dat
	limited python3 - <<-'EOF2'
	import json
	told = json.load(open("trace.json"))
	events = told["traceEvents"]
	slices = {e["args"]["call"]: e for e in events if e["ph"] == "X"}
	assert set(slices) == {1, 2, 4, 5}, slices
	assert (slices[2]["ts"], slices[2]["dur"]) == (600000.001, 199999.999), slices[2]
	assert slices[2]["args"]["peak_bytes"] == 51 << 20 and "unfinished" not in slices[2]["args"]
	assert slices[5]["args"]["unfinished"] is True and slices[5]["args"]["end"] == "unfinished" and slices[5]["tid"] == 11
	late = [e for e in events if e["ph"] in "be"]
	assert [(e["ph"], e["args"]["call"] if "args" in e else None, e["ts"]) for e in late] == [("b", 3, 810000.0), ("e", None, 860000.0)], late
	assert late[0]["args"]["end_approximate"] is True
	assert [(e["ts"], e["args"]["bytes"]) for e in events if e["ph"] == "C" and e["name"] == "pss"] == [(100000.0, 9961472), (3000000.0, 12582912)]
	assert [e["name"] for e in events if e["ph"] == "i"] == ["a library was loaded"]
	assert told["otherData"]["command"] == "./prog 'a b'" and told["otherData"]["complete"] is False
	assert told["otherData"]["peak_at_least_bytes"] == 51 << 20 and told["otherData"]["start_ns"] == 1700000000 * 10**9
	EOF2
}

@test "export: the rules of the format are kept by what is checked" {
	known
	"$fmprof" export -o trace.json known.dat
	exports perfetto known.dat trace.json
	local change
	for change in 's/"dur":199999.999/"dur":999999.999/' 's/"ts":600000.001/"ts":600000.000/' 's/"ph":"b"/"ph":"e"/' 's/"ts":3000000.000,"args"/"ts":0.000,"args"/' \
		's/"ts":500000.000/"ts":NaN/' 's/"name":"process_name"/"name":"thread_name"/' 's/,"cat":"call"//' 's/"unfinished":true/"unfinished":false/' \
		's/"bytes":9961472/"bytes":9961472.5/' 's/"growth_bytes":2097152/"growth_bytes":2097153/'; do
		sed "$change" trace.json >changed.json
		not cmp -s trace.json changed.json
		not exports perfetto known.dat changed.json 2>/dev/null
	done
}

@test "export: names are data" {
	limited python3 "$BATS_TEST_DIRNAME/hostile.py" hostile.dat
	agrees hostile.dat
	# Nothing in a table or a stack steers a terminal or ends a line.
	cat calls.csv samples.csv self.txt trace.json events.jsonl | LC_ALL=C tr -d '\r\n\040-\176\200-\377' >control
	[ ! -s control ]
	not grep -q $'\xc2\x9b' calls.csv self.txt trace.json
	equal "$(wc -l <calls.csv)" "$(($(count_of FUNC hostile.dat) + 1))"
	[ ! -e HARM ]
}

@test "export: samples only, calls only" {
	known
	equal "$("$fmprof" export --what samples --format jsonl known.dat | cut -d, -f1 | sort -u)" '{"kind":"sample"'
	equal "$("$fmprof" export --what calls --format json known.dat | grep -c '{"kind":"call"')" 5
	equal "$("$fmprof" export --what samples known.dat | grep -c '"ph":"[Xbei]"' || true)" 0
	equal "$("$fmprof" export --what calls known.dat | grep -c '"ph":"[Ci]"' || true)" 0
	equal "$("$fmprof" export --what calls known.dat | grep -c '"ph":"[Xb]"')" 5
	equal "$("$fmprof" export -o x.csv --what samples known.dat && head -n 1 x.csv | tr -d '\r')" seconds,time_ns,pid,rss_bytes,peak_bytes,pss_bytes
}

@test "export: memory does not grow with the length of a recording" {
	local format small large
	usage_program
	long_recording 100000 small.dat
	long_recording "$(scaled 1000000 10000000)" large.dat
	for format in perfetto 'csv --what calls' folded; do
		limited ./usage small.usage "$fmprof" export --format $format small.dat >small.out
		limited ./usage large.usage "$fmprof" export --format $format large.dat >large.out
		small=$(sed -n 's/^maxrss=//p' small.usage) large=$(sed -n 's/^maxrss=//p' large.usage)
		echo "$format: $small and $large KiB"
		is_sanitized || between $((small - 500)) "$large" $((small + 500)) "KiB of $format"
	done
	# Calls that are all noticed late cost nothing either.
	sed 's/time=exact/time=noticed/; s/^\(FUNC fn[0-9]* [0-9.]* [0-9.]* [0-9.]* [0-9.]*\)[0-9]\{4\} /\10000 /' small.dat >late.dat
	limited ./usage large.usage "$fmprof" export late.dat >large.out
	is_sanitized || between $((small - 500)) "$(sed -n 's/^maxrss=//p' large.usage)" $((small + 500)) "KiB of late calls"
}

@test "export: a call that has lost its number is on no track of those that are nested" {
	known
	sed -i 's/^FUNC f .*/FUNC f 10.000000 1700000000.550000000 14.000000 1700000000.700000000 0 fn=1 pid=10 tid=10 end=return time=exact/' known.dat
	"$fmprof" export -o lost.json known.dat
	equal "$(grep -c '"ph":"X","name":"f"' lost.json)" 2 # unfinished
	equal "$(grep -c '"ph":"b","name":"f"' lost.json)" 1
}

@test "export: damaged recordings are exported or refused" {
	record source work main -- -q -T 1ms "$testprogs/threads" 4 20
	limited python3 - "$fmprof" "$(scaled 40 2000)" <<-'EOF2'
	import decimal, json, random, subprocess, sys
	fmprof, rounds = sys.argv[1], int(sys.argv[2])
	original = open("source.dat", "rb").read()
	lines = original.splitlines(keepends=True)
	source = random.Random(11)
	for number in range(rounds):
	    data = bytearray(original)
	    way = number % 3
	    if way == 0:
	        del data[source.randrange(len(data)):]
	    elif way == 1:
	        data = bytearray(b"".join(source.sample(lines, source.randrange(1, len(lines)))))
	    else:
	        for _ in range(source.randint(1, 30)):
	            data[source.randrange(len(data))] = source.choice(b"0123456789 \n=.%\0Aa-")
	    with open("case.dat", "wb") as file:
	        file.write(data)
	    for format in ("perfetto", "csv", "jsonl", "json", "folded"):
	        run = subprocess.run([fmprof, "export", "--format", format, "case.dat"], capture_output=True, timeout=60)
	        assert run.returncode in (0, 125), (number, format, run)
	        if run.returncode:
	            assert run.stderr.startswith(b"fmprof: "), (number, format, run)
	            continue
	        if format in ("perfetto", "json"):
	            told = json.loads(run.stdout, parse_float=decimal.Decimal)
	        for line in run.stdout.splitlines() if format == "jsonl" else ():
	            json.loads(line)
	        if format != "perfetto":
	            continue
	        threads = {}
	        for e in told["traceEvents"]:
	            if e["ph"] == "X":
	                threads.setdefault((e["pid"], e["tid"]), []).append((e["ts"], -e["ts"] - e["dur"]))
	        for slices in threads.values():
	            ends = []
	            for begin, end in sorted(slices):
	                while ends and ends[-1] <= begin:
	                    ends.pop()
	                assert not ends or -end <= ends[-1], (number, begin, end)
	                ends.append(-end)
	EOF2
}

@test "export: what it says when it cannot" {
	known
	fails() {
		status_of "$fmprof" "$@" >out 2>err
		equal "$status" 125
		[ ! -s out ]
		equal "$(wc -l <err)" 1
		grep -q '^fmprof: .*: ' err
	}
	fails export
	fails export nothing.dat
	fails export .
	fails export 0
	fails export --nonsense known.dat
	fails export --format nothing known.dat
	fails export --what nothing known.dat
	fails export --value net known.dat
	fails export --format folded --value nothing known.dat
	fails export --format folded --what calls known.dat
	fails export --format csv --what all known.dat
	fails export -o nowhere/x.json known.dat
	cp known.dat other.dat
	fails export known.dat other.dat
	# The recording itself is not written over.
	fails export -o known.dat known.dat
	ln -s known.dat link.csv
	fails export -o link.csv known.dat
	cmp known.dat other.dat
	# What was there stays as long as nothing could be read; what is not whole is taken back.
	echo kept >x.json
	fails export -o x.json nothing.dat
	equal "$(cat x.json)" kept
	status_of "$fmprof" export known.dat >/dev/full 2>err
	equal "$status" 125
	grep -q '^fmprof: standard output: No space left' err
	long_recording 20000 long.dat
	sed -i '19000s/.*/FMPROF 2 start=1.0 interval=0.01 pid=1 host=h exe=x metrics=rss/' long.dat
	status_of "$fmprof" export -o y.json long.dat 2>err
	equal "$status" 125
	[ ! -e y.json ]
	equal "$("$fmprof" export --help | grep -c '^usage: ')" 1
}
