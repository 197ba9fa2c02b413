#!/usr/bin/env bats
# `fmprof batch`: suites, verdicts, budgets, and that nothing stays behind, whatever the programs do.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	ln -s "$BUILD" build
}

# batch OPTION...: into the folder out; table in `table`, what is told in `told`; sets $status
batch() {
	status_of limited "$fmprof" batch -o out "$@" >table 2>told
	if [ $status -gt 1 ]; then
		cat told
		return 1
	fi
}

# of NAME FILTER: a value out of the result of that program in out/summary.json
of() {
	$python - "$1" "$2" <<-'EOF2'
	import json, sys
	summary = json.load(open("out/summary.json", encoding="utf-8"))
	result = next(r for r in summary["results"] if r["name"] == sys.argv[1])
	value = eval(sys.argv[2], {"result": result, "run": result["runs"][0], "len": len, "sum": sum,
	                           "median": result["median"], "budget": (result["median"]["budgets"] or [None])[0]})
	print(value if isinstance(value, str) else json.dumps(value))
	EOF2
}

# verdict NAME WORDS: what came of it, in summary.json and in the table
verdict() {
	equal "$(of "$1" 'result["verdict"]')" "$2" "$1"
	grep -q "^$1  *$2" table
}

# By the schema that users get.
is_valid() {
	$python - "$TOP/docs/summary.schema.json" out/summary.json <<-'EOF2'
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

# wrong LINE WORDS <SUITE: the suite is refused with one line that names that line and says that
wrong() {
	cat >wrong.ini
	status_of limited "$fmprof" batch -o out wrong.ini >table 2>told
	equal "$status" 125 "exit status"
	equal "$(wc -l <told)" 1 "lines"
	grep -q "^fmprof: wrong.ini:$1: .*$2" told || { cat told; return 1; }
	not [ -e out ]
}

gone() {
	local pid
	for pid in $(cat pids); do
		if [ -e "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status"; then return 1; fi
	done
}

# A shell, a child, one whose parent is gone, and one in a session of its own; nobody listens to SIGTERM. Each
# writes its pid, and the last one makes the file "ready".
tree() {
	cat >tree.sh <<-'EOF2'
	trap '' TERM HUP INT
	echo $$ >>pids
	sh -c 'echo $$ >>pids; while :; do sleep 1; done' &
	(sh -c 'echo $$ >>pids; while :; do sleep 1; done' &)
	(setsid sh -c 'echo $$ >>pids; : >ready; while :; do sleep 1; done' &)
	while :; do sleep 1; done
	EOF2
}

@test "batch: the suite of the project's own programs: each way to fail is told apart, the others pass" {
	cp "$TOP/testprogs/suite.ini" .
	mkdir testprogs
	cp "$TOP/testprogs/README.md" testprogs
	batch -j2 suite.ini
	equal "$status" 1 "exit status"
	is_valid
	for name in recursion mutual demo tail threads fork exec-self noreturn terminate peaks; do
		verdict $name passed
	done
	verdict too-high 'over budget'
	verdict too-many-calls 'over budget'
	verdict wrong-exit 'wrong exit'
	verdict hangs 'timed out'
	verdict crashes crashed
	verdict missing 'not found'
	verdict no-program 'not executable'
	verdict no-such-function 'recording failed'
	grep -q 'max-calls.fib: 67, limit 66' table
	grep -q 'exit status 7, expected 0' table
	grep -q "no function of that name" table
	grep -q '^10 of 18 programs passed, 8 did not' table
	# Recordings, output and pictures, of what failed only.
	truth out/recursion/recursion.dat out/recursion/stdout
	truth out/threads/threads.dat out/threads/stdout
	is_png out/too-high/too-high.png
	is_png out/hangs/hangs.png
	not [ -e out/demo/demo.png ]
	equal "$(ls out/peaks)" "$(printf '1\n2\n3')"
	equal "$(of peaks 'len(result["runs"])')" 3
	equal "$(of recursion 'result["runs"][0]["files"]["data"]')" recursion/recursion.dat
	# A run that was killed has a whole recording, too.
	grep -q '^END .* signal=9 ' out/hangs/hangs.dat
}

@test "batch: all passed is 0; figures are those of fmprof report" {
	cp "$TOP/testprogs/suite.ini" .
	batch suite.ini demo recursion
	equal "$status" 0 "exit status"
	equal "$(of demo 'len(result["median"]["functions"])')" 2
	"$fmprof" report --json out/demo/demo.dat >report.json
	$python - <<-'EOF2'
	import json
	mine = json.load(open("out/summary.json"))["results"]
	mine = next(r for r in mine if r["name"] == "demo")["median"]
	theirs = json.load(open("report.json"))["recordings"][0]
	assert mine["peak"] == theirs["peak"], (mine["peak"], theirs["peak"])
	for a, b in zip(sorted(mine["functions"], key=lambda f: f["function"]), sorted(theirs["functions"], key=lambda f: f["function"])):
	    for key in ("function", "calls", "total_ns", "max_ns", "net_growth_bytes", "largest_growth_bytes", "outermost"):
	        assert a[key] == b[key], (key, a[key], b[key])
	    assert a["peak"]["bytes"] == b["peak_bytes"]
	EOF2
}

@test "batch: every kind of budget, within it and over it" {
	rm build
	mkdir build
	ln -s "$testprogs" build/testprogs
	compile build/rises <<-'EOF2'
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>
	int main(void) { for (int i = 0; i < 20; i++) { memset(malloc(1 << 20), 1, 1 << 20); usleep(20000); } return 0; }
	EOF2
	cat >s.ini <<-'EOF2'
	[fine]
	command = build/testprogs/demo 8 24 300
	max-rss = 60 MB
	max-peak.my_func2 = 60 MiB
	max-growth.my_func1 = 100%
	max-retained.my_func1 = 4 MiB
	max-calls.my_func1 = 1
	max-time.my_func1 = 5 minutes
	max-slope = 10 GiB/s
	[rss]
	command = build/testprogs/demo 8 24 10
	max-rss = 1 MB
	[peak]
	command = build/testprogs/demo 8 24 10
	max-peak.my_func* = 20 MiB
	[growth]
	command = build/testprogs/demo 8 24 10
	max-growth.my_func1 = -1 MiB
	[percent]
	command = build/testprogs/demo 8 24 10
	max-growth.my_func2 = 0.000001%
	max-retained.my_func1 = -10 KiB
	[calls]
	command = build/testprogs/recursion 8 20
	max-calls.fib = 1
	[time]
	command = build/testprogs/demo 1 1 50
	max-time.my_func1 = 1us
	[short]
	command = true
	max-slope = 0 B/s
	[slope]
	command = build/rises
	max-slope = 1 KiB/min
	EOF2
	batch -q --pictures none s.ini
	equal "$status" 1
	verdict fine passed
	equal "$(of fine 'len([1 for b in median["budgets"] if b["measured"] is not None and b["ok"]])')" 7
	verdict short passed
	equal "$(of short 'budget["note"]')" 'fewer than 10 samples'
	for name in rss peak growth percent calls time slope; do
		verdict $name 'over budget'
	done
	# The one that is worst is named.
	equal "$(of peak 'budget["measured_function"]')" my_func2
	equal "$(of rss 'budget["limit"]')" 1000000
	equal "$(of calls '[budget["measured"], budget["limit"], budget["unit"]]')" '[67, 1, "calls"]'
	equal "$(of time 'budget["limit"]')" 1000
}

@test "batch: a function that is never called is within its budgets, one that is not recorded is not" {
	cat >s.ini <<-'EOF2'
	[never]
	command = build/testprogs/recursion 8 20
	functions = fib main tail_nothing
	exclude = tail_nothing
	[uncalled]
	command = build/uncalled
	max-calls.spare = 0
	max-peak.spare = 1 B
	[unnamed]
	command = build/uncalled
	functions = used
	max-calls.sp* = 5
	EOF2
	rm build
	mkdir build
	compile build/uncalled <<-'EOF2'
	__attribute__((noinline)) int spare(int x) { __asm__ volatile(""); return x + 1; }
	__attribute__((noinline)) int used(int x) { __asm__ volatile(""); return x + 2; }
	int main(int argc, char **argv) { (void)argv; return argc > 5 ? spare(argc) : used(argc) - 3; }
	EOF2
	batch -q s.ini uncalled unnamed
	equal "$status" 1
	verdict uncalled passed
	equal "$(of uncalled '[b["measured"] for b in median["budgets"]]')" '[0, null]'
	equal "$(of uncalled 'median["budgets"][1]["note"]')" 'never called'
	verdict unnamed 'over budget'
	grep -q 'no such function was recorded' table
}

@test "batch: working folder, environment, standard input, words and shells" {
	mkdir place
	echo from-file >input
	cat >s.ini <<-'EOF2'
	[defaults]
	env = COMMON=1
	[words]
	command = sh -c 'printf "%s\n" "$@"' x "a  b" c\ d 'e"f' "" g;h
	  next	line
	[place]
	command = sh -c 'pwd; cat; echo "$COMMON$MINE"'
	cwd = place
	stdin = input
	env = MINE=a b
	  LATER=2
	env = MORE=;3
	[shell]
	command = echo $((6*7)); cat | wc -c; exit 3
	shell = yes
	exit = 3
	EOF2
	sed -i 's/ g;h$/ g\\;h/; s/wc -c; exit/wc -c;exit/' s.ini
	batch -q s.ini
	cat table
	equal "$status" 0
	diff out/words/stdout <(printf '%s\n' 'a  b' 'c d' 'e"f' '' 'g;h' next line)
	diff out/place/stdout <(printf '%s\n' "$PWD/place" from-file '1a b')
	diff out/shell/stdout <(printf '%s\n' 42 0)
}

@test "batch: standard input is a file, not a pipe that nobody may write to" {
	mkfifo pipe
	batch -q -s stdin=pipe -- cat
	verdict cat 'recording failed'
	grep -q "stdin 'pipe': a named pipe" table
	batch -q -s stdin=<(echo from a shell) -- cat
	verdict cat passed
	equal "$(cat out/cat/stdout)" 'from a shell'
}

@test "batch: a picture is drawn whatever the program's environment is, and its working folder is not that of options" {
	local id
	id=$(readelf -n "$testprogs/recursion" | sed -n 's/.*Build ID: //p')
	mkdir -p elsewhere "debug/.build-id/${id:0:2}"
	objcopy --only-keep-debug "$testprogs/recursion" "debug/.build-id/${id:0:2}/${id:2}.debug"
	objcopy --strip-all "$testprogs/recursion" stripped
	cat >s.ini <<-EOF2
	[sh]
	command = /bin/sh -c 'exit 1'
	env = PATH=/nowhere
	[elsewhere]
	command = $PWD/stripped 8
	cwd = elsewhere
	functions = fib
	EOF2
	batch -q --debug-dir debug s.ini
	equal "$status" 1
	is_png out/sh/sh.png
	verdict elsewhere passed
}

@test "batch: what is wrong in a suite: one line, with its number" {
	wrong 2 'no such key' <<<$'[a]\ncomand = true'
	wrong 1 'has no command' <<<$'[a]\n\n[b]\ncommand = true'
	wrong 3 'not a number' <<<$'[a]\ncommand = true\nrepeat = many'
	wrong 2 'not an amount of memory' <<<$'[defaults]\nmax-rss = 12\n[a]\ncommand = true'
	wrong 3 'of which function' <<<$'[a]\ncommand = true\nmax-peak = 1 MiB'
	wrong 3 'takes no function' <<<$'[a]\ncommand = true\nmax-rss.f = 1 MiB'
	wrong 3 'without a file' <<<$'[a]\ncommand = true\nmax-calls.x.c:f = 1'
	wrong 3 'a name or a glob' <<<$'[a]\ncommand = true\nmax-calls./x/ = 1'
	wrong 3 'not a slope' <<<$'[a]\ncommand = true\nmax-slope = 1 MiB'
	wrong 3 'not a positive time' <<<$'[a]\ncommand = true\ntimeout = soon'
	wrong 4 'already' <<<$'[a]\ncommand = true\n# again\n[a]\ncommand = true'
	wrong 3 'twice' <<<$'[a]\ncommand = true\ncommand = false'
	wrong 1 'before the first' <<<$'command = true'
	wrong 2 'neither \[section\] nor' <<<$'[a]\nfoo'
	wrong 2 'for a shell' <<<$'[a]\ncommand = true | false'
	wrong 2 'nothing closes' <<<$'[a]\ncommand = echo "a'
	wrong 2 'begins a comment' <<<$'[a]\ncommand = a ; b'
	wrong 3 'NAME=value' <<<$'[a]\ncommand = true\nenv = A'
	wrong 3 'neither an exit status' <<<$'[a]\ncommand = true\nexit = 256'
	wrong 2 'for the section of a program' <<<$'[defaults]\ncommand = true\n[a]\ncommand = true'
	wrong 1 "'\[' without '\]'" <<<$'[a\ncommand = true'
	wrong 3 'without a name' <<<$'[a]\ncommand = true\n[]\ncommand = true'
	wrong 1 "after '\]' stands x" <<<$'[a] x\ncommand = true'
	wrong 1 'too long a name' <<<"[$(printf '%0240d' 1)]"$'\ncommand = true'
	# A line is as long as it wants to be, and numbers stay right behind it.
	wrong 4 'no such key' < <(printf '[a]\ncommand = echo %s end\nenv = A=%s\nx = 1\n' "$(seq -s ' ' 1 400)" "$(head -c 5000 /dev/zero | tr '\0' y)")
	sed '$d' wrong.ini >long.ini
	batch -q long.ini
	diff out/a/stdout <(echo "$(seq -s ' ' 1 400) end")
	status_of limited "$fmprof" batch -o out none.ini 2>told
	equal "$status" 125
	grep -q '^fmprof: none.ini: cannot be read' told
	status_of limited "$fmprof" batch -o out "$TOP/testprogs" 2>told
	equal "$status" 125
	grep -q 'testprogs: cannot be read: Is a directory' told
}

@test "batch: keys with colons, lists over several lines, none" {
	cat >s.ini <<-'EOF2'
	[defaults]
	max-rss = 1 B
	[names]
	command = build/testprogs/names 3
	functions = ns::Parser::parse
	  'ns::over(int)'
	max-calls.ns::Parser::parse = 100
	max-calls.ns::over(int) = 200
	max-rss = none
	EOF2
	[ -x "$testprogs/names" ] || skip "names is not built"
	batch -q s.ini
	cat table
	equal "$status" 0
	equal "$(of names '[budget["budget"], budget["function"], budget["ok"]]')" '["max-calls", "ns::Parser::parse", true]'
}

@test "batch: commands without a suite" {
	batch -q -s max-calls.fib=67 -f linear -- "$testprogs/recursion" 8 20 -- "$testprogs/recursion" 9
	equal "$status" 1
	verdict recursion passed
	verdict recursion-2 'over budget'
	equal "$(of recursion 'sum(f["calls"] for f in median["functions"])')" 88
	# In whatever order they are set, a glob is recorded where no functions are named, and what is taken away is not.
	batch -q -s max-calls.fib=67 -s 'max-calls.lin*=21' -s max-calls.nowhere=1 -s max-calls.nowhere=none \
		-- "$testprogs/recursion" 8 20
	equal "$status" 0
	equal "$(of recursion 'sum(f["calls"] for f in median["functions"])')" 88
	batch -q -- sh -c 'echo "$1"' x $'a\tb $c'
	equal "$status" 0
	equal "$(cat out/sh/stdout)" $'a\tb $c'
}

@test "batch: commands from standard input, one a line" {
	printf '%s\n' '# a comment' '' 'echo "a b"  c' "sh -c 'exit 3'" >lines
	batch -q - <lines
	equal "$status" 1
	verdict echo passed
	verdict sh 'wrong exit'
	equal "$(cat out/echo/stdout)" 'a b c'
	printf 'echo $((1+1)) | cat\n' | { status_of limited "$fmprof" batch -q --shell -o out - >table; }
	equal "$(cat out/echo/stdout)" 2
	status_of limited "$fmprof" batch -q -o out - 2>told <<<'echo $x'
	equal "$status" 125
	grep -q 'standard input, line 1: .*for a shell' told
	printf 'true\r\nfalse\0 x\n' >lines
	status_of limited "$fmprof" batch -q -o out - <lines 2>told
	equal "$status" 125
	grep -q 'standard input, line 2: a byte 0' told
	batch -q - < <(head -n1 lines)
	equal "$status" 0
}

@test "batch: names, tags and --list choose" {
	cp "$TOP/testprogs/suite.ini" .
	equal "$(limited "$fmprof" batch --list suite.ini | wc -l)" 18
	equal "$(limited "$fmprof" batch --list --tags broken suite.ini | wc -l)" 8
	limited "$fmprof" batch --list suite.ini 'ta*' demo >list
	diff <(awk '{ print $1 }' list) <(printf 'demo\ntail\n')
	not [ -e out ]
	status_of limited "$fmprof" batch --list suite.ini nothing 2>told
	equal "$status" 125
	grep -q 'is called so' told
	status_of limited "$fmprof" batch --list --tags nothing suite.ini 2>told
	equal "$status" 125
}

@test "batch: a timeout kills all there is, deaf to SIGTERM or in another session" {
	tree
	cat >s.ini <<-'EOF2'
	[tree]
	command = sh tree.sh
	timeout = 2 s
	[bystander]
	command = sh -c 'while ! [ -e stop ]; do sleep 0.1; done'
	EOF2
	(wait_until grep -q . told && : >stop) &
	batch -j2 s.ini
	wait
	equal "$status" 1
	verdict tree 'timed out'
	verdict bystander passed
	gone
	tail -n 1 out/tree/tree.dat | grep -q '^END .* signal=9 '
}

@test "batch: a program that stops itself is continued by whoever likes, or ends with its time" {
	local name
	cat >s.ini <<-'EOF2'
	[continued]
	command = sh -c '(while [ ! -e back ]; do kill -CONT $$; sleep 0.05; done) & kill -STOP $$; touch back'
	[stopped]
	command = sh -c 'kill -STOP $$'
	timeout = 1 s
	[stops-its-parent]
	command = sh -c 'kill -STOP $PPID; sleep 1000'
	timeout = 1 s
	[stops-its-keeper]
	command = sh -c 'read -r pid name state parent rest </proc/$PPID/stat && kill -STOP $parent && exec sleep 1000'
	timeout = 1 s
	EOF2
	batch -q -j4 s.ini
	verdict continued passed
	# Their recorders were there to see the end.
	for name in stopped stops-its-parent stops-its-keeper; do
		verdict $name 'timed out'
		grep -q '^END .* signal=9 ' out/$name/$name.dat
		is_png out/$name/$name.png
	done
}

@test "batch: ^C in the middle: nothing goes on, files are whole, the summary tells what ran" {
	tree
	cat >s.ini <<-'EOF2'
	[first]
	command = true
	[tree]
	command = sh tree.sh
	[later]
	command = true
	EOF2
	# Signals of a background job of a shell that is no terminal's are ignored, unless they are set back.
	env --default-signal=INT "$fmprof" batch -o out s.ini >table 2>told &
	wait_until [ -e ready ]
	kill -INT $!
	status_of wait $!
	equal "$status" 1
	gone
	verdict first passed
	verdict tree interrupted
	verdict later 'not run'
	is_valid
	tail -n 1 out/tree/tree.dat | grep -q '^END .* signal=9 '
	grep -q 'ended early' table
	equal "$($python -c 'import json; print(json.load(open("out/summary.json"))["interrupted"])')" True
}

@test "batch: killed itself, it leaves nothing running" {
	tree
	"$fmprof" batch -q -o out -- sh tree.sh &
	wait_until [ -e ready ]
	kill -KILL $!
	status_of wait $!
	wait_until gone
	wait_until grep -q '^END .* signal=9 ' out/sh/sh.dat
}

@test "batch: a program that kills its own process group ends alone" {
	batch -q -- sh -c 'kill -KILL 0' -- sh -c 'kill -TERM 0' -- true
	verdict sh crashed
	verdict sh-2 crashed
	verdict true passed
	equal "$(of sh 'run["signal"]')" 9
	equal "$(of sh-2 'run["signal"]')" 15
	tail -n 1 out/sh/sh.dat | grep -q '^END .* signal=9 '
}

@test "batch: --fail-fast ends what runs and starts nothing more" {
	cat >s.ini <<-'EOF2'
	[long]
	command = sleep 1000
	[bad]
	command = false
	[more]
	command = true
	EOF2
	batch -q -j2 --fail-fast s.ini
	equal "$status" 1
	verdict long interrupted
	verdict bad 'wrong exit'
	verdict more 'not run'
}

@test "batch: another attempt; what came of the one before stays" {
	cat >s.ini <<-'EOF2'
	[flaky]
	command = sh -c 'echo try; [ -e been ] || { : >been;exit 1; }'
	retry = 2
	[never]
	command = false
	EOF2
	batch -q --retry 1 s.ini never
	equal "$(of never 'run["attempts"]')" 2
	batch -q s.ini
	equal "$status" 1
	verdict flaky passed
	equal "$(of flaky 'run["attempts"]')" 2
	equal "$(cat out/flaky/attempt-1/stdout)" try
	[ -s out/flaky/attempt-1/flaky.dat ]
	[ -s out/flaky/flaky.dat ]
}

@test "batch: repeated runs are judged by their median" {
	cat >s.ini <<-'EOF2'
	[once-high]
	command = sh -c 'if [ -e been ]; then exec build/testprogs/demo 1 2 1; else : >been; exec build/testprogs/demo 40 40 1; fi'
	max-rss = 20 MiB
	repeat = 3
	EOF2
	batch -q s.ini
	equal "$status" 0
	equal "$(of once-high '[r["verdict"] for r in result["runs"]]')" '["over budget", "passed", "passed"]'
	equal "$(of once-high 'sorted(r["measures"]["peak"]["bytes"] for r in result["runs"])[1] == median["peak"]["bytes"]' 2>&1 | tail -n 1)" true
}

@test "batch: strange names are no paths" {
	cat >s.ini <<-'EOF2'
	[../../up/x]
	command = true
	[.hidden]
	command = true
	[summary.json]
	command = true
	[naïve name]
	command = true
	EOF2
	batch -q s.ini
	equal "$status" 0
	not [ -e ../up ]
	diff <(ls -A out | LC_ALL=C sort) <(printf '%s\n' '%2E.%2F..%2Fup%2Fx' %2Ehidden index.html naïve%20name summary%2Ejson summary.json | LC_ALL=C sort)
}

@test "batch: a folder is of one batch at a time" {
	"$fmprof" batch -q -o out -- sh -c 'until [ -e go ]; do sleep 0.05; done' >table 2>told &
	wait_until [ -e out/sh/sh.dat ]
	status_of limited "$fmprof" batch -o out -- sh -c : 2>told
	equal "$status" 125
	grep -q '^fmprof: out: another batch writes there' told
	touch go
	status_of wait $!
	equal "$status" 0
	grep -q '^END ' out/sh/sh.dat
	batch -q -- true
	equal "$status" 0
}

@test "batch: what batch itself cannot do is 125, and costs nothing that is there" {
	status_of limited "$fmprof" batch 2>told
	equal "$status" 125
	equal "$(wc -l <told)" 1
	: >file
	status_of limited "$fmprof" batch -o file/x -- true 2>told
	equal "$status" 125
	grep -q '^fmprof: file.*choose another folder' told
	limited "$fmprof" batch --help | grep -q '^usage: fmprof batch'
}

@test "batch: on a terminal a bar, and what failed" {
	status_of limited $python -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' \
		"$fmprof" batch -o out -- true -- false -- sleep 0.5 >screen
	equal "$status" 1
	grep -q '\[#*\.*\] [0-9]/3' screen
	grep -q 'wrong exit false: exit status 1, expected 0' screen
	grep -q '2 of 3 programs passed, 1 did not' screen
}

@test "batch: a program finds no terminal that would stop it" {
	status_of limited $python -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' \
		"$fmprof" batch -q -o out -- sh -c 'cat /dev/tty; stty -F /dev/tty sane; echo on' >screen
	equal "$status" 0
	equal "$(cat out/sh/stdout)" on
	grep -q '/dev/tty: No such device' out/sh/stderr
}

@test "batch: a narrow terminal has how far it is, a wider one the bar, and what fits of names" {
	local columns until_seen="sh -c 'until grep -q 1/3 screen; do sleep 0.05; done'"
	printf '[%s]\ncommand = %s\n' a-program-of-a-long-name "$until_seen" another-one-éà-of-a-long-name "$until_seen" fails false >s.ini
	for columns in 40 70 5; do
		status_of limited $python -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' \
			sh -c "stty cols $columns; exec \"\$@\"" sh "$fmprof" batch -j3 -o out s.ini >screen
		equal "$status" 1
		# What is drawn again and again, each time over the one before.
		$python - "$columns" >drawn <<-'EOF2'
		import re, sys
		for line in open("screen", encoding="utf-8", newline="").read().split("\r\x1b[K"):
		    if re.match(r"(\[[#.]*\] )?1", line) and "\n" not in line:
		        assert len(line) < int(sys.argv[1]), line
		        print(line)
		EOF2
		case $columns in
		40) grep -Eqx '1/3, 1 failed, about [0-9:]+ left' drawn ;;
		70) grep -Eqx '\[######\.{14}\] 1/3, 1 failed, about [0-9:]+ left: .*…?.*' drawn ;;
		5) grep -qx '1/3,' drawn ;;
		esac
	done
}

@test "batch: very many short programs, two at a time, and nothing is lost" {
	local count
	count=$(scaled 60 500)
	for ((i = 1; i <= count; i++)); do
		echo "sh -c 'echo $i'"
	done >lines
	batch -q -j2 - <lines
	equal "$status" 0
	is_valid
	equal "$(cat out/*/stdout | sort -n | uniq | wc -l)" "$count" "outputs"
	equal "$(cat out/*/*.dat | grep -c '^END .* exit=0 ')" "$count" "whole recordings"
	grep -q "^$count of $count programs passed" table
	diff <(cat out/sh-7/stdout) <(echo 7)
}

@test "batch: ^C in the middle of very many: files are whole, the summary tells what ran and what did not" {
	local count
	count=$(scaled 60 500)
	seq "$count" | sed "s/.*/sh -c 'echo &'/" >lines
	env --default-signal=INT "$fmprof" batch -j2 -o out - <lines >table 2>told &
	wait_until grep -q '^\[5/' told
	kill -INT $!
	status_of wait $!
	equal "$status" 1
	is_valid
	$python - "$count" <<-'EOF2'
	import json, os, sys
	summary = json.load(open("out/summary.json"))
	totals = {k: n for k, n in summary["totals"].items() if n}
	assert summary["interrupted"] and sum(totals.values()) == len(summary["results"]) == int(sys.argv[1]), totals
	assert totals["passed"] >= 5 and totals["not run"] > 0 and set(totals) <= {"passed", "interrupted", "not run"}, totals
	for result in summary["results"]:
	    files = result["runs"][0]["files"]
	    if result["verdict"] == "not run":
	        assert not os.path.exists("out/" + result["name"]) and files["data"] is None
	    elif files["data"]:
	        assert open("out/" + files["data"]).read().splitlines()[-1].startswith("END "), files
	    else:
	        assert result["verdict"] == "interrupted", result
	EOF2
}

@test "batch: programs find signals, descriptors and limits as under fmprof run" {
	cat >look.py <<-'EOF2'
	import os, resource, signal
	print([line for line in open("/proc/self/status") if line.startswith(("SigIgn", "SigBlk", "SigCgt"))])
	print(sorted(int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)))
	print(resource.getrlimit(resource.RLIMIT_NOFILE), os.getpgrp() == os.getpid(), os.umask(0))
	EOF2
	trap '' USR2
	"$fmprof" run -q -o run.dat -- $python look.py </dev/null >run.out 2>run.err
	batch -q -j2 -- $python look.py -- $python look.py
	# Of its group only this differs: it does not lead that of whoever started it.
	diff <(sed 's/True\|False/-/' run.out) <(sed 's/True\|False/-/' out/python3/stdout)
	cmp out/python3/stdout out/python3-2/stdout
}

@test "batch: a recorder that is killed takes all of its program with it, and no other run" {
	cat >s.ini <<-'EOF2'
	[killer]
	command = sleep 1000 & echo $! >pids;kill -KILL $PPID;sleep 1000
	shell = yes
	[other]
	command = true
	EOF2
	batch -q s.ini
	equal "$status" 1
	verdict killer 'recording failed'
	verdict other passed
	gone
}

@test "batch: memory and calls of all that a shell starts" {
	cat >s.ini <<-'EOF2'
	[defaults]
	shell = yes
	[alone]
	command = build/testprogs/demo 30 30 1 && true
	max-rss = 16 MiB
	[tree]
	command = build/testprogs/demo 30 30 1 && true
	children = sum
	max-rss = 16 MiB
	EOF2
	batch -q s.ini
	verdict alone passed
	verdict tree 'over budget'
}

@test "batch: a summary that cannot be written is 125, and what ran is told all the same" {
	mkdir -p out/summary.json/x
	status_of limited "$fmprof" batch -q -o out -- true -- false >table 2>told
	equal "$status" 125
	grep -q '^true  *passed' told
	grep -q '^false  *wrong exit' told
	tail -n 1 told | grep -q '^fmprof: out/summary.json'
	grep -q '^END .* exit=0 ' out/true/true.dat
	not [ -e out/summary.json.part ]
}

@test "batch: the table fits, words are cut before figures go away, and what is gone is told" {
	local width
	for width in 140 70 48 44 30; do
		batch -q --width $width -s max-rss=60MiB -- sh -c 'exit 3' -- ./no-such-program-at-all
		sed '/programs passed/,$d' table >"fits.$width"
		$python -c 'import sys; sys.exit(any(len(line) > int(sys.argv[1]) for line in open(sys.argv[2]).read().split("\n") if "not shown" not in line))' \
			$width "fits.$width"
	done
	grep -q 'no-such-program-at-all: program not found' fits.140
	grep -q '…' fits.70
	grep -q 'wrong exit  .*MiB  ' fits.70
	# Why a program has not passed stays longest.
	grep -qx 'not shown for want of width: time, peak' fits.48
	grep -q 'wrong exit  .*exi.*…' fits.48
	grep -q 'not shown for want of width: .*nearest budget' fits.30
	not grep -q ' $' fits.140
}
