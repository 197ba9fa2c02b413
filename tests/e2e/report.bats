#!/usr/bin/env bats
# `fmprof report`, `peak` and `info`: figures that another computation over the same lines finds too, in forms that
# people and programs can read.

setup() {
	load common
	load long
	cd "$BATS_TEST_TMPDIR"
}

# agrees FILE.dat: to the last digit with figures.py, for each way to tell calls apart, and in windows
agrees() {
	local by window
	for by in function process thread; do
		limited "$fmprof" report --json --leaks --by "$by" "$1" >told.json
		limited python3 "$BATS_TEST_DIRNAME/figures.py" "$1" told.json
	done
	for window in ,0.01 0.01, 0.002,0.05; do
		limited "$fmprof" report --json --window "$window" "$1" >told.json
		limited python3 "$BATS_TEST_DIRNAME/figures.py" --window "$window" "$1" told.json
	done
}

# is_valid FILE.json: by the schema that users get
is_valid() {
	$python - "$TOP/docs/report.schema.json" "$1" <<-'EOF2'
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

# told PYTHON-EXPRESSION [FILE.json]: of the recordings r
told() {
	python3 -c 'import json, sys; r = json.load(open(sys.argv[2]))["recordings"]; print(eval(sys.argv[1]))' "$1" "${2:-told.json}"
}

# A recording with known figures: f calls itself; memory in MiB; no peaks in it
known() {
	cat >known.dat <<-'EOF2'
	CMDLINE ./prog 'a b'
	FMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/prog metrics=rss
	FN 1 f /bin/prog 0x1000 p.c:3 f(int)
	FN 2 a_function_with_a_rather_long_name_in_it /bin/prog 0x1040 p.c:9 a_function_with_a_rather_long_name_in_it
	MEM 10.000000 1700000000.100000000
	ENTER 1 1 10 10 0 10.000000 1700000000.500000000
	ENTER 2 1 10 10 1 11.000000 1700000000.600000000
	MEM 50.000000 1700000000.700000000
	FUNC f 11.000000 1700000000.600000000 13.000000 1700000000.800000000 1 call=2 fn=1 pid=10 tid=10 end=return time=exact
	FUNC f 10.000000 1700000000.500000000 13.000000 1700000001.000000000 0 call=1 fn=1 pid=10 tid=10 end=unwound time=exact
	ENTER 3 2 10 11 0 13.000000 1700000002.000000000
	MEM 14.000000 1700000003.000000000
	EOF2
}

@test "report: sqlite3, to the last digit" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
	record sqlite sqlite3_prepare_v2 sqlite3_step 'sqlite3_malloc*' -- -q -T 1ms sqlite3 :memory: "create table t(a, b);
		with recursive c(x) as (values(1) union all select x + 1 from c where x < $(scaled 2000 100000))
		insert into t select x, hex(randomblob(8)) from c; select a from t order by b;"
	agrees sqlite.dat
	is_valid told.json
}

@test "report: python3, to the last digit" {
	record python 'PyImport_*' PyObject_Call -- -q -T 1ms $python -c 'import json, decimal, argparse; x = [str(i) for i in range(1000)]'
	between 500 "$(count_of FUNC python.dat)" 10000000
	agrees python.dat
	is_valid told.json
}

@test "report: gcc's cc1, to the last digit" {
	local compiler i
	compiler=$(gcc -print-prog-name=cc1)
	for i in $(seq "$(scaled 20 400)"); do
		echo "int f$i(int a, int b) { int c[$i]; for (int i = 0; i < $i; i++) c[i] = a + b * i; return c[a % $i] + b; }"
	done >t.c
	record cc1 '*c_parse_file*' '*ggc_collect*' '*finalize_function*' '*execute_one_pass*' -- -q "$compiler" -quiet -O2 t.c -o t.s
	equal "$status" 0 "exit status"
	between 1000 "$(count_of FUNC cc1.dat)" 10000000
	agrees cc1.dat
	is_valid told.json
}

@test "report: recursion, threads, children" {
	record recursion fib linear -- -q "$testprogs/recursion" 8 20
	record threads work -- -q "$testprogs/threads" 4 100
	record separate work fork_inside -- -q -M "$testprogs/fork" 4 10
	record sum work fork_inside -- -q -C "$testprogs/fork" 4 10
	local name
	for name in recursion threads separate sum; do
		agrees $name.dat
	done
	# Where children are, each is a process of its own.
	between 5 "$(told 'len(r[0]["processes"])')" 100
}

@test "report: coroutines and calls that are noticed late" {
	record switch '[a-df-z]*' -- -q "$testprogs/exit_switch"
	record builtin '[a-df-z]*' -- -q "$testprogs/exit_builtin"
	between 1 "$(cat switch.dat builtin.dat | grep -c ' time=noticed')" 1000
	agrees switch.dat
	agrees builtin.dat
}

@test "report: a call that was noticed late, after what came in between" {
	known
	# As if the inner call had been left at once, and that was seen at the end only.
	{ grep -v 'call=2' known.dat; grep 'call=2' known.dat | sed 's/1700000000.800000000 1 call/1700000000.650000000 1 call/; s/exact/noticed/'; } >late.dat
	agrees late.dat
	# What comes through a pipe cannot be read twice.
	"$fmprof" report --json - <late.dat >told.json
	cat late.dat | status_of "$fmprof" report - >out 2>err || true
	cat known.dat | "$fmprof" report --json - >told.json
	equal "$(told 'r[0]["calls"]')" 3
	status_of "$fmprof" report <(cat late.dat) >out 2>err
	equal "$status" 125
	grep -q 'can be read only once; name a file' err
	[ ! -s out ]
}

@test "report: files of mprof, cut files, files without a header" {
	known
	agrees known.dat
	grep -v '^FMPROF\|^CMDLINE' known.dat >headless.dat
	"$fmprof" report --json headless.dat >told.json
	is_valid told.json
	equal "$(told '[f["total_ns"] for f in r[0]["functions"]]')" '[500000000, 1000000000]'
	equal "$(told 'r[0]["ended"]')" None
	printf '%s\n' 'CMDLINE python3 x.py' 'MEM 1.0 2.0' 'MEM 9.0 4.0' 'CHLD 0 3.0 4.0' 'MEM 3.0 5.0' 'FUNC m.g 1.0 3.0 2.0 4.0 1' \
		'FUNC m.f 1.0 2.5 4.0 4.5 0' 'damaged' >mprof.dat
	"$fmprof" report --json mprof.dat >told.json 2>err
	is_valid told.json
	grep -q 'mprof.dat: 1 damaged line left out' err
	equal "$(told '[(f["function"], f["total_ns"], f["self_ns"], f["peak_bytes"], f["peak_exact"]) for f in r[0]["functions"]]')" \
		"[('m.f', 2000000000, 1000000000, 9437184, False), ('m.g', 1000000000, 1000000000, 9437184, False)]"
}

@test "report: JSON of several recordings, CSV with the same figures" {
	known
	record recursion fib linear -- -q "$testprogs/recursion" 4 8
	"$fmprof" report --json --leaks --by thread known.dat recursion.dat known.dat >told.json
	is_valid told.json
	equal "$(told 'len(r)')" 2 "recordings"
	"$fmprof" report --csv --leaks --by thread known.dat recursion.dat >told.csv
	python3 - <<-'EOF2'
	import csv, json
	rows = list(csv.DictReader(open("told.csv", newline="")))
	functions = [dict(row, file=r["file"]) for r in json.load(open("told.json"))["recordings"] for row in r["functions"]]
	assert len(rows) == len(functions) == 4
	for row, function in zip(rows, functions):
	    for key, value in row.items():
	        if key.startswith("leak_"):
	            continue
	        wanted = function[key]
	        wanted = {None: "", True: "true", False: "false"}.get(wanted, str(wanted)) if not isinstance(wanted, int) or isinstance(wanted, bool) else str(wanted)
	        assert value == wanted, (key, value, wanted)
	EOF2
}

@test "report: the schema finds what does not belong" {
	known
	"$fmprof" report --json known.dat >told.json
	is_valid told.json
	local change
	for change in 's/"calls":2/"calls":"2"/' 's/"peak_exact":false,//' 's/"self_ns"/"own_ns"/' 's/"fmprof_report":1/"fmprof_report":2/'; do
		sed "$change" told.json >changed.json
		not cmp -s told.json changed.json
		not is_valid changed.json 2>/dev/null
	done
}

@test "report: a table for people" {
	known
	"$fmprof" report known.dat >text
	grep -q "^known.dat: ./prog 'a b'$" text
	grep -q '^3.000 s, peak ≥ 50.0 MiB, 3 calls of 2 functions; cut short' text
	# Of the two calls of f one is inside of the other.
	grep -Eq '^f +2 +1 +0 +500 ms +500 ms +500 ms +500 ms +\+3.0 MiB +\+3.0 MiB +\+3.0 MiB +≥ 50.0 MiB +10.0 MiB +13.0 MiB$' text
	grep -Eq '^a_function_with_a_rather_long_name_in_it +1 +0 +1 +1.000 s .* ≥ 14.0 MiB ' text
	grep -q '^≥: the highest that was read' text
	"$fmprof" report --leaks known.dat | grep -Eq '^f +1 .*too few calls$'
	"$fmprof" report -f nothing known.dat | grep -qx 'no calls'
}

@test "report: it fits its terminal" {
	known
	sed -i 's/a_function_with_a_rather_long_name_in_it/eine_sehr_länglich_benannte_Funktion_日本語/g' known.dat
	local width
	for width in 40 60 80 100 132; do
		"$fmprof" report --width $width known.dat >text
		python3 - $width <<-'EOF2'
		import sys
		lines = open("text", encoding="utf-8").read().splitlines()
		head = next(i for i, line in enumerate(lines) if line.startswith("function"))
		for line in lines[head:head + 3]:
		    assert len(line) <= int(sys.argv[1]), (len(line), line)
		    assert "calls" in lines[head] and "net growth" in lines[head]
		if int(sys.argv[1]) < 100:
		    assert "…" in lines[head + 2], lines
		    assert any(line.startswith("not shown for want of width: ") for line in lines), lines
		EOF2
	done
	"$fmprof" report known.dat >text
	grep -q 'eine_sehr_länglich_benannte_Funktion_日本語' text
	not grep -q 'not shown' text
	# A terminal tells its width.
	limited $python - "$fmprof" <<-'EOF2'
	import fcntl, os, pty, struct, sys, termios
	pid, fd = pty.fork()
	if pid == 0:
	    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
	    os.execv(sys.argv[1], [sys.argv[1], "report", "known.dat"])
	text = b""
	while True:
	    try:
	        more = os.read(fd, 4096)
	    except OSError:
	        break
	    if not more:
	        break
	    text += more
	os.waitpid(pid, 0)
	lines = text.decode().splitlines()
	assert any(line.startswith("eine") and "…" in line and len(line) <= 70 for line in lines), lines
	EOF2
}

@test "report: names that would steer a terminal" {
	known
	sed -i 's/FUNC f /FUNC f%1B[31m%0A /; s/^FN 1 f /FN 1 f%1B[31m%0A"%FF /' known.dat
	"$fmprof" report known.dat >text
	"$fmprof" report --csv known.dat | tr -d '\r' >told.csv
	"$fmprof" peak --func '*' known.dat >peak
	"$fmprof" info known.dat >info
	"$fmprof" report --json known.dat >told.json
	cat text told.csv peak info told.json | LC_ALL=C tr -d '\n\t\040-\176\200-\377' >control
	[ ! -s control ]
	is_valid told.json
	equal "$(told 'ascii(r[0]["functions"][0]["function"])')" "'f\\x1b[31m\\n\"\\ufffd'"
	equal "$(wc -l <told.csv)" 3
}

@test "report: sorted, cut, filtered" {
	record recursion fib linear -- -q "$testprogs/recursion" 8 20
	order() {
		"$fmprof" report --csv "$@" recursion.dat | cut -d, -f2 | tail -n +2 | tr -d '"' | tr '\n' ' '
	}
	equal "$(order --sort calls)" 'fib linear '
	equal "$(order --sort calls --reverse)" 'linear fib '
	equal "$(order --sort name)" 'fib linear '
	equal "$(order -s name -r -n 1)" 'linear '
	equal "$(order -n 1 -s calls)" 'fib '
	equal "$(order --func 'lin*')" 'linear '
	equal "$(order -f 'recursion!f*' -f nothing)" 'fib '
	equal "$(order -f 'other!f*')" ''
	local column
	for column in calls returned unwound unfinished noticed outermost total self mean max net largest percall peak start first end last; do
		equal "$(order --sort $column | wc -w)" 2 $column
		"$fmprof" report --help | grep -qw $column
	done
}

@test "report: a window" {
	known
	"$fmprof" report --json --window 0.55,1 known.dat >told.json
	is_valid told.json
	equal "$(told '[(f["calls"], f["outermost"], f["mean_ns"]) for f in r[0]["functions"]]')" '[(1, 0, None)]'
	"$fmprof" report --json -w ,1 known.dat >told.json
	equal "$(told '[f["calls"] for f in r[0]["functions"]]')" '[2]'
	"$fmprof" report --json -w 1, known.dat >told.json
	equal "$(told '[f["calls"] for f in r[0]["functions"]]')" '[1]'
	local window
	for window in 1 2,1 1,1 x,y 1,2,3 -1,2 1e3,2e3 nan,inf ''; do
		status_of "$fmprof" report -w "$window" known.dat >out 2>err
		equal "$status" 125
		grep -q "^fmprof: window '$window': not two times" err
	done
}

@test "report: a function that leaks, one that does not, one that is called too seldom" {
	compile leaks <<-'EOF2'
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	enum { SIZE = 64 << 10 };
	static char *take(void)
	{
		char *block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(block, 1, SIZE);
		return block;
	}
	__attribute__((noinline)) void leaking(int i) { if (i % 2) take(); }
	__attribute__((noinline)) void steady(void) { munmap(take(), SIZE); }
	__attribute__((noinline)) void seldom(void) { take(); }
	int main(void)
	{
		for (int i = 0; i < 400; i++) {
			leaking(i);
			steady();
			if (i % 50 == 0)
				seldom();
		}
	}
	EOF2
	record leaks leaking steady seldom -- -q ./leaks
	agrees leaks.dat
	"$fmprof" report --leaks leaks.dat >text
	grep -E '^leaking +400 .* grows$' text
	grep -E '^steady +400 .* (may be none|none)$' text
	grep -E '^seldom +8 .* too few calls$' text
	"$fmprof" report --json --leaks leaks.dat >told.json
	is_valid told.json
	# Half of the calls leave 64 KiB.
	local slope margin
	slope=$(told '[f["leak"]["bytes_per_call"]["slope"] for f in r[0]["functions"] if f["function"] == "leaking"][0]')
	margin=$(told '[f["leak"]["bytes_per_call"]["margin"] for f in r[0]["functions"] if f["function"] == "leaking"][0]')
	between 30000 "$slope" 36000 "slope"
	between 1000 "$margin" 5000 "margin"
}

@test "report: memory does not grow with the length of a recording" {
	local command small large
	usage_program
	long_recording 100000 small.dat
	long_recording "$(scaled 1000000 10000000)" large.dat
	for command in 'report --leaks' 'report --by thread --json' peak info; do
		limited ./usage small.usage "$fmprof" $command small.dat >small.out
		limited ./usage large.usage "$fmprof" $command large.dat >large.out
		small=$(sed -n 's/^maxrss=//p' small.usage) large=$(sed -n 's/^maxrss=//p' large.usage)
		echo "$command: $small and $large KiB"
		is_sanitized || between $((small - 500)) "$large" $((small + 500)) "KiB of $command"
		is_sanitized || between 0 "$(sed -n 's/^cpu=//p' large.usage)" "$(scaled 5 50)" "seconds of $command"
	done
	agrees small.dat
}

@test "report: damaged recordings are read or refused" {
	record source work main -- -q -T 1ms "$testprogs/threads" 4 20
	python3 - "$fmprof" "$(scaled 60 2000)" <<-'EOF2'
	import json, random, subprocess, sys
	fmprof, rounds = sys.argv[1], int(sys.argv[2])
	original = open("source.dat", "rb").read()
	lines = original.splitlines(keepends=True)
	source = random.Random(7)
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
	    for command in (["report", "--json", "--leaks", "--by", "thread"], ["report"], ["report", "-w", "0.001,"], ["peak"], ["peak", "--func", "*"], ["info"]):
	        run = subprocess.run([fmprof, *command, "case.dat"], capture_output=True, timeout=60)
	        assert run.returncode in (0, 125), (number, command, run)
	        if run.returncode == 125:
	            assert run.stderr.startswith(b"fmprof: ") and run.stderr.count(b"\n") <= 2 and not run.stdout or command[0] == "peak", (number, command, run)
	        elif "--json" in command:
	            json.loads(run.stdout)
	EOF2
}

@test "report: what it says when it cannot" {
	known
	fails() {
		status_of "$fmprof" "$@" >out 2>err
		equal "$status" 125
		[ ! -s out ]
		equal "$(wc -l <err)" 1
		grep -q '^fmprof: .*: ' err
	}
	local command
	for command in report peak info; do
		fails $command
		fails $command nothing.dat
		fails $command .
		fails $command 0
		fails $command -7
		fails $command --nonsense known.dat
		: >empty.dat
		fails $command empty.dat
		echo 'CMDLINE x' >none.dat
		fails $command none.dat
		equal "$("$fmprof" $command --help | grep -c '^usage: ')" 1
	done
	fails report --sort nothing known.dat
	fails report --by nothing known.dat
	fails report --top 0 known.dat
	fails report --width wide known.dat
	fails peak --func nothing known.dat
	status_of "$fmprof" report known.dat >/dev/full 2>err
	equal "$status" 125
	grep -q '^fmprof: standard output: No space left' err
}

@test "peak: as mprof tells it, and never less" {
	local mprof
	mprof=$(command -v python3-mprof || command -v mprof) || skip "mprof is not installed"
	record demo my_func1 my_func2 -- -q "$testprogs/demo" 40 80 100
	record separate work -- -q -M "$testprogs/fork" 4 10
	"$fmprof" peak demo.dat >ours
	"$mprof" peak demo.dat >theirs
	equal "$(wc -l <ours)" 1
	grep -Eqx $'demo\\.dat\t[0-9]+\\.[0-9]{3} MiB' ours
	between "$(awk '{ print $(NF - 1) - 0.001 }' theirs)" "$(awk '{ print $(NF - 1) }' ours)" 200
	"$fmprof" peak --func my_func1 demo.dat >ours
	between 41 "$(cut -f2 ours | sed 's/ MiB//')" 46
	equal "$(cut -f3 ours)" my_func1
	equal "$("$fmprof" peak --func 'my_func*' demo.dat | wc -l)" 2
	# Children have lines of their own, in both.
	equal "$("$fmprof" peak separate.dat | grep -c '^  Child ')" "$("$mprof" peak separate.dat | grep -c '^  Child ')"
	# What was only sampled says so.
	sed 's/ peaks=[a-z]*//; s/ peak[_a-z]*=[^ ]*//g' demo.dat >old.dat
	"$fmprof" peak old.dat demo.dat | head -n 1 | grep -q $'^old.dat\t≥ '
}

@test "info: what a recording is of" {
	record demo my_func1 my_func2 -- -q "$testprogs/demo" 10 20 100
	"$fmprof" info demo.dat >text
	local name
	for name in recording command program host start duration ended samples peak functions calls overhead processes file; do
		equal "$(grep -c "^$name  *[^ ]" text)" 1 "$name"
	done
	grep -q '^ended  *with exit status 0$' text
	grep -q '^functions  *2, 2 called$' text
	grep -q '^calls  *2$' text
	grep -q '^file  *whole$' text
	grep -q '^overhead .*: an estimate, from ' text
	grep -Eq '^peak  *[0-9.]+ MiB, off by no more than [0-9.]+ [KM]iB; highest sample' text
	known
	echo damaged >>known.dat
	"$fmprof" info demo.dat known.dat >text
	grep -q '^file  *without an end, 1 damaged line, the first is line 13$' text
	grep -q '^calls  *3, 1 still open where the file ends$' text
	grep -q '^samples  *3, one each 10.0 ms; how many were missed is not known$' text
	grep -q '^peak  *≥ 50.0 MiB: the highest that was read; highest sample 50.0 MiB, at 700 ms$' text
	record separate work -- -q -M "$testprogs/fork" 4 10
	"$fmprof" info separate.dat >text
	between 5 "$(sed -n 's/^processes  *//p' text)" 100
	equal "$(grep -c '^  *[0-9][0-9]* fork' text)" "$(sed -n 's/^processes  *//p' text)"
}
