#!/usr/bin/env bats
# `fmprof plot` on recordings written here: every kind of picture, and what it says when it cannot draw.

setup() {
	fmprof="$(realpath "${FMPROF:-$BATS_TEST_DIRNAME/../../build/fmprof}")"
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	cat >demo.dat <<-'EOF'
	CMDLINE ./demo 10 480
	FMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/demo metrics=rss
	FN 1 my_func1 /bin/demo 0x1000 demo.c:3 my_func1
	FN 2 my_func2 /bin/demo 0x1040 demo.c:9 my_func2
	MEM 10.000000 1700000000.100000000
	ENTER 1 1 10 10 0 10.000000 1700000000.500000000
	MEM 160.000000 1700000001.000000000
	MEM 160.000000 1700000001.600000000
	FUNC my_func1 10.000000 1700000000.500000000 12.000000 1700000001.704000000 0 call=1 fn=1 pid=10 tid=10 end=return time=exact
	MEM 12.000000 1700000001.710000000
	ENTER 2 2 10 10 0 12.000000 1700000002.000000000
	MEM 480.000000 1700000002.500000000
	MEM 480.000000 1700000003.400000000
	FUNC my_func2 12.000000 1700000002.000000000 14.000000 1700000003.500000000 0 call=2 fn=2 pid=10 tid=10 end=return time=exact
	MEM 14.000000 1700000004.000000000
	END 1700000004.000000000 exit=0 peak=480.200000 calls=2
	EOF
}

# One line on stderr that begins with "fmprof: ", status 125, nothing on stdout.
fails_in_one_line() {
	local status=0
	"$fmprof" plot "$@" >out 2>err || status=$?
	[ "$status" -eq 125 ]
	[ ! -s out ]
	[ "$(wc -l <err)" -eq 1 ]
	grep -q '^fmprof: .*: ' err
}

# `! command` would not fail a test.
not() {
	if "$@"; then return 1; fi
}

@test "png" {
	"$fmprof" plot -o demo.png demo.dat
	[ "$(head -c 8 demo.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
	[ "$(stat -c %s demo.png)" -gt 10000 ]
	# Width and height in the header.
	[ "$(head -c 24 demo.png | tail -c 8 | od -An -tx1 | tr -d ' ')" = 000004b0000002bc ]
}

@test "png of another size" {
	"$fmprof" plot --size 640x400 --output=small.png demo.dat
	[ "$(head -c 24 small.png | tail -c 8 | od -An -tx1 | tr -d ' ')" = 0000028000000190 ]
}

@test "svg is XML and holds names, figures and title" {
	"$fmprof" plot -t 'a <title> & more' -o demo.svg demo.dat
	python3 - demo.svg <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	texts = ["".join(e.itertext()).strip() for e in tree.parse(sys.argv[1]).iter() if e.tag.endswith("}text")]
	for wanted in ("my_func1", "my_func2", "1 call, 1.204 s, +150.0 MiB, peak 160.0 MiB", "peak 480.2 MiB", "a <title> & more"):
	    assert wanted in texts, (wanted, texts)
	EOF
}

@test "pdf" {
	"$fmprof" plot -o demo.pdf demo.dat
	[ "$(head -c 4 demo.pdf)" = %PDF ]
	[ "$(stat -c %s demo.pdf)" -gt 3000 ]
}

@test "fonts of an svg have a substitute, and bold is a weight" {
	"$fmprof" plot -o demo.svg demo.dat
	grep -q 'font-family="DejaVu Sans,Verdana,sans-serif" font-weight="bold"' demo.svg
	not grep -q 'Sans:Bold' demo.svg
	not grep -q 'font-family="DejaVu Sans"' demo.svg
}

# Pictures of demo.dat with a title, by fonts that have no Chinese.
titled() {
	"$fmprof" plot -t "$1" -o "$2" demo.dat
}

@test "characters without a font are question marks" {
	folder=$(dirname "$(fc-list : file | grep -m1 '/DejaVuSans\.ttf')")
	printf '<fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n' "$folder" "$PWD/cache" >fonts.conf
	export FONTCONFIG_FILE=$PWD/fonts.conf
	titled 'a ? b' ascii.png
	titled 'a 日 b' han.png
	cmp ascii.png han.png
	titled 'a → b' arrow.png
	not cmp -s ascii.png arrow.png
	sed 's/my_func1/日_func1/g' demo.dat >han.dat
	sed 's/my_func1/?_func1/g' demo.dat >ascii.dat
	"$fmprof" plot -o ascii.png ascii.dat
	"$fmprof" plot -o han.png han.dat
	# The cut in the strip is measured with the name as it is, and no name is cut here.
	cmp ascii.png han.png
	# Who reads these has other fonts.
	titled 'a 日 b' han.svg
	grep -q 日 han.svg
	titled 'a 日 b' han.txt
	grep -q 日 han.txt

	# Without fontconfig's program only what every font has.
	mkdir bin
	ln -s "$(command -v gnuplot)" bin/gnuplot
	PATH=$PWD/bin titled 'a ? b' ascii.png
	PATH=$PWD/bin titled 'a → b' arrow.png
	cmp ascii.png arrow.png
	PATH=$PWD/bin titled 'a ł b' latin.png
	not cmp -s ascii.png latin.png
}

@test "nothing of the user's own gnuplot changes the picture" {
	"$fmprof" plot -o plain.png demo.dat
	printf 'system("touch canary")\n' >.gnuplot
	mkdir gnuplot
	cp .gnuplot gnuplot/gnuplotrc
	HOME=$PWD XDG_CONFIG_HOME=$PWD GNUTERM=qt GNUPLOT_DRIVER_DIR=/nowhere "$fmprof" plot -o own.png demo.dat
	cmp plain.png own.png
	[ ! -e canary ]
}

@test "the title is the command on one line" {
	printf '%s\n' "CMDLINE sqlite3 'create t;'\$'\\012''     select'" >lines.dat
	sed 1d demo.dat >>lines.dat
	"$fmprof" plot lines.dat >text
	[ "$(head -n 1 text)" = "  sqlite3 'create t; select'" ]
}

@test "a file's name does not steer the terminal" {
	{ cat demo.dat; echo "MEM x"; echo "MEM 1.0 1700000004.1"; } >"$(printf 'a\033[31m.dat')"
	"$fmprof" plot "$(printf 'a\033[31m.dat')" >text 2>err
	grep -q '^fmprof: a?\[31m.dat: 1 damaged line left out, the first is line 17$' err
}

@test "text on stdout has brackets, legend and no colours" {
	"$fmprof" plot demo.dat >text
	grep -q '\[my_func1-*\].*\[my_func2-*\]' text
	grep -q 'a my_func1  1 call, 1.204 s, +150.0 MiB' text
	grep -q 'b my_func2  1 call, 1.500 s, +468.0 MiB' text
	grep -q 'peak 480.2 MiB' text
	[ "$(wc -l <text)" -eq 30 ]
	not grep -q "$(printf '\033')" text
	"$fmprof" plot -o text.txt demo.dat
	cmp text text.txt
}

@test "text on a terminal has its size, and colours unless NO_COLOR" {
	command -v script >/dev/null || skip "no script(1)"
	script -qec "stty cols 90 rows 25; '$fmprof' plot demo.dat" /dev/null </dev/null | tr -d '\r' >text
	grep -q "$(printf '\033')" text
	[ "$(wc -l <text)" -eq 24 ]
	NO_COLOR=1 script -qec "stty cols 90 rows 25; '$fmprof' plot demo.dat" /dev/null </dev/null | tr -d '\r' >text
	not grep -q "$(printf '\033')" text
	grep -q 'my_func2' text
}

@test "the newest recording of the folder is the default" {
	sed s/my_func1/old_func/ demo.dat >mprofile_20240101000000.dat
	sed s/my_func1/new_func/ demo.dat >mprofile_20240102000000.dat
	"$fmprof" plot >text 2>err
	grep -q new_func text
	grep -q 'fmprof: .*mprofile_20240102000000.dat' err
}

@test "a cut recording shows open calls" {
	sed '/^FUNC my_func2/,$d' demo.dat >cut.dat
	printf 'MEM 480.0000' >>cut.dat
	"$fmprof" plot cut.dat >text
	grep -q '\[my_func2-*>' text
	grep -q '1 call (1 unfinished)' text
	grep -q 'recording was cut' text
	"$fmprof" plot -o cut.png cut.dat
	[ "$(stat -c %s cut.png)" -gt 10000 ]
}

@test "a file of mprof's is drawn" {
	printf 'CMDLINE python3 x.py\nMEM 1.5 1700000000.1\nFUNC f 1.5 1700000000.2 3.5 1700000001.2 0\nMEM 3.5 1700000001.3\n' >py.dat
	"$fmprof" plot py.dat >text
	grep -q 'python3 x.py' text
	grep -q 'a f  1 call, 1.000 s, +2.0 MiB' text
}

@test "names run nothing" {
	printf '%s\n' \
		"CMDLINE \`touch canary\` \$(touch canary) 'x' \"\`touch canary\`\"" \
		"FMPROF 1 start=1700000000.000000000 interval=0.01 pid=1 host=h exe=/x metrics=rss" \
		"FN 1 '\`touch%20canary\`' /x 0x1 - '\`touch canary\`'" \
		"FN 2 ';%20system('touch%20canary');'' /x 0x2 - '; system('touch canary');''" \
		"FN 3 @x^{2}_3%0Asystem('touch%20canary')%0A<script>\\ /x 0x3 - @x^{2}_3<script>\\" \
		"MEM 1.000000 1700000000.000000000" \
		"ENTER 1 1 1 1 0 1.000000 1700000001.000000000" \
		"MEM 2.000000 1700000001.500000000" \
		"FUNC '\`touch%20canary\`' 1.000000 1700000001.000000000 2.000000 1700000002.000000000 0 call=1 fn=1 pid=1 tid=1 end=return time=exact" \
		"ENTER 2 2 1 1 0 2.000000 1700000003.000000000" \
		"MEM 3.000000 1700000003.500000000" \
		"FUNC ;%20system('touch%20canary');'' 2.000000 1700000003.000000000 3.000000 1700000004.000000000 0 call=2 fn=2 pid=1 tid=1 end=return time=exact" \
		"ENTER 3 3 1 1 0 3.000000 1700000005.000000000" \
		"MEM 4.000000 1700000005.500000000" \
		"FUNC @x 3.000000 1700000005.000000000 4.000000 1700000006.000000000 0 call=3 fn=3 pid=1 tid=1 end=return time=exact" \
		"END 1700000007.000000000 exit=0 peak=4.000000 calls=3" >hostile.dat
	for output in hostile.png hostile.svg hostile.pdf hostile.txt; do
		"$fmprof" plot -t "'\`touch canary\`" -o "$output" hostile.dat
		[ -s "$output" ]
	done
	python3 -c 'import xml.etree.ElementTree as t; t.parse("hostile.svg")'
	[ ! -e canary ]
}

@test "file names are data" {
	cp demo.dat "\$(touch canary) '\`touch canary\`.dat"
	"$fmprof" plot -o "'\`touch canary\`.png" "\$(touch canary) '\`touch canary\`.dat"
	[ -s "'\`touch canary\`.png" ]
	[ ! -e canary ]
}

# The texts of an SVG, one a line.
texts() {
	python3 - "$1" <<-'EOF'
	import sys, xml.etree.ElementTree as tree
	for e in tree.parse(sys.argv[1]).iter():
	    if e.tag.endswith("}text"):
	        print("".join(e.itertext()).strip())
	EOF
}

has() {
	grep -qxF -- "$1" <<<"$found" || { printf 'no "%s" in:\n%s\n' "$1" "$found"; return 1; }
}

@test "a window has its own axis, peak and figures, in pictures and in text" {
	"$fmprof" plot -w 1.9,3 -o part.svg demo.dat
	found=$(texts part.svg)
	has 'peak 480.0 MiB · 1.100 s from 1.900 s · 1 call'
	has '1 call, 1.500 s, +468.0 MiB, peak 480.0 MiB'
	not has my_func1
	"$fmprof" plot -w 1.9,3 demo.dat >text
	grep -q 'a my_func2  1 call, 1.500 s, +468.0 MiB, peak 480.0 MiB' text
	grep -q '2.2 s' text
	grep -q '\[my_func2-*>' text # it ends later
	not grep -q ' 1 s' text
	# What began before is there, in no figure.
	"$fmprof" plot -w 1, -o part.svg demo.dat
	found=$(texts part.svg)
	has 'began before'
	fails_in_one_line -w 9,10 demo.dat
	grep -q 'the recording has only 4 s' err
	fails_in_one_line -w 3,2 demo.dat
}

@test "figures are those of report for the same window and functions" {
	for window in 0, ,1 0.4,1.8 1.5,3; do
		"$fmprof" plot --units KiB -w $window -o part.svg demo.dat
		"$fmprof" report --json -w $window demo.dat >report.json
		texts part.svg >texts
		python3 - <<-'EOF'
		import json
		texts = open("texts").read().split("\n")
		functions = json.load(open("report.json"))["recordings"][0]["functions"]
		for f in functions:
		    figures = next(b for a, b in zip(texts, texts[1:]) if a == f["function"] and " call" in b)
		    calls = "%d call%s, " % (f["calls"], "" if f["calls"] == 1 else "s")
		    assert figures.startswith(calls + "%.3f s" % (f["total_ns"] / 1e9)), (figures, f)
		    assert figures.endswith("peak %.1f KiB" % (f["peak_bytes"] / 1024)), (figures, f)
		assert sum(" call, " in t or " calls, " in t for t in texts) == len(functions), texts
		EOF
	done
}

@test "functions, short calls, all calls can be left out" {
	"$fmprof" plot -F 'my_*1' demo.dat >text
	grep -q my_func1 text
	not grep -q my_func2 text
	"$fmprof" plot --functions my_func2 --functions my_func1 demo.dat >text
	grep -q my_func1 text
	"$fmprof" plot --min-duration 1.3 demo.dat >text
	grep -q my_func2 text
	not grep -q my_func1 text
	"$fmprof" plot -n demo.dat >text
	not grep -q my_func text
	grep -q 'peak 480.2 MiB' text
	fails_in_one_line -F nobody demo.dat
	grep -q "no function 'nobody'" err
	fails_in_one_line --min-duration soon demo.dat
}

@test "several recordings are laid over each other, by index too" {
	sed s/my_func1/other/ demo.dat >mprofile_20240101000000.dat
	cp demo.dat mprofile_20240102000000.dat
	"$fmprof" plot -o two.svg 0 -1
	found=$(texts two.svg)
	has '2 recordings: mprofile_20240101000000.dat, mprofile_20240102000000.dat'
	has mprofile_20240102000000.dat
	has other
	has my_func1
	has 'peak 480.2 MiB, 4.000 s'
	"$fmprof" plot --align my_func2 -o aligned.svg demo.dat mprofile_20240101000000.dat
	fails_in_one_line --align nobody -o two.png demo.dat mprofile_20240101000000.dat
	grep -q "align 'nobody'" err
	fails_in_one_line demo.dat mprofile_20240101000000.dat
	grep -q 'in pictures only' err
}

@test "lanes, flame, trend, a logarithmic axis, the clock" {
	for format in png svg pdf; do
		"$fmprof" plot --lanes --slope --log --time absolute -o all.$format demo.dat
		"$fmprof" plot --flame --legend bottom --theme dark -o flame.$format demo.dat
	done
	TZ=UTC "$fmprof" plot --lanes --slope --log --time absolute -o all.svg demo.dat
	found=$(texts all.svg)
	has 'time (2023-11-14, UTC)'
	has '22:13:21'
	has 'tid 10'
	grep -q 'trend +' <<<"$found"
	for option in --lanes --flame --slope --log '--time absolute' '--children curves' '--stack anon'; do
		fails_in_one_line $option demo.dat
		grep -q 'in pictures only' err
		fails_in_one_line $option -o all.html demo.dat
		grep -q 'stand still only' err
	done
	for kind in text interactive html window; do
		fails_in_one_line --script all.gp --terminal $kind demo.dat
		grep -q -e '--script: for png' err
	done
}

@test "children and metrics in layers" {
	python3 - >family.dat <<-'EOF'
	print("CMDLINE ./family\nFMPROF 1 start=1700000000.000000000 interval=0.1 pid=10 host=h exe=/x metrics=rss,anon,file peaks=reset")
	print("TASK 11 11 1700000000.000000001 start kid")
	for i in range(50):
	    t = "1700000000.%09d" % (i * 10000000 + 1000)
	    print(f"MEM {20 + i}.000000 {t} peak={21 + i}.000000 anon={15 + i}.000000 file=5.000000")
	    if 10 < i < 40:
	        print(f"CHLD 11 {60 - i}.000000 {t}")
	print("END 1700000000.500000000 exit=0 peak=70.000000 calls=0 missed=0")
	EOF
	"$fmprof" plot --children curves -o family.svg family.dat
	found=$(texts family.svg)
	has 'kid 11'
	has 'peak 49.0 MiB'
	has 'first process'
	"$fmprof" plot --children stacked --script family.gp family.dat
	# Together they are highest while both are there: 20 + i + 60 - i.
	grep -q '^[0-9.]* [0-9.]* 80$' family.gp
	grep -q "^set label 'together 80.0 MiB' " family.gp
	"$fmprof" plot --stack file,anon -o family.svg family.dat
	found=$(texts family.svg)
	has anon
	has 'peak 64.0 MiB'
	fails_in_one_line --stack anon,swap -o family.svg family.dat
	grep -q "no metric 'swap'; record it with -m swap" err
	fails_in_one_line --children curves -o demo.svg demo.dat
	grep -q 'record them with -M' err
	fails_in_one_line --stack anon -o family.svg family.dat demo.dat
}

@test "poor and damaged recordings in every layout" {
	printf 'MEM 1.5 1700000000.1\n' >one.dat
	printf 'MEM 2 0.1\nMEM 3 0.2\nFUNC f 1 0.1 2 0.2 0\n' >early.dat
	printf '%s\n' 'CMDLINE x' 'FMPROF 1 start=1.0 interval=0.01 pid=10 host=h exe=/x metrics=rss,anon peaks=reset' \
		'MEM 5 10.0 peak=9 anon=3' 'FMPROF 1 start=1.0 interval=0.01 pid=10 host=h exe=/x metrics=rss' \
		'MEM 5 9.0 peak=3' 'ENTER 1 1 10 10 4294967295 5 9.0' 'ENTER 2 1 77 77 2 5 9.0' \
		'MEM 7 11 peak=99 anon=4' 'CHLD 77 4 10.5' >damaged.dat
	for file in one early damaged; do
		for options in --lanes --flame '--log -s' '--time absolute --legend bottom --size 200x150'; do
			"$fmprof" plot $options -o poor.png $file.dat
		done
	done
	for options in '--children curves' '--children stacked' '--stack anon' '-w 8,9.5'; do
		"$fmprof" plot $options -o poor.png damaged.dat
	done
	"$fmprof" plot -o poor.png one.dat early.dat damaged.dat
}

@test "a script runs as it is" {
	"$fmprof" plot -t "it's" --script demo.gp demo.dat
	[ ! -e demo.gp.png ]
	gnuplot -d demo.gp
	[ "$(head -c 8 demo.gp.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
	"$fmprof" plot -t "it's" -o direct.png demo.dat
	cmp direct.png demo.gp.png
	"$fmprof" plot --script "it's.gp" -o other.svg demo.dat
	[ ! -e other.svg ]
	gnuplot -d "it's.gp"
	texts other.svg | grep -q my_func1
	fails_in_one_line --script x.gp -o x.txt demo.dat
	fails_in_one_line --script none/x.gp demo.dat
}

@test "options from a file; the command line goes before it" {
	printf '%s\n' '# ours' '' 'size = 640x400' '  theme=dark ' 'lanes' 'slope = no' 'title = a = b' 'functions = my_func2' >our.style
	"$fmprof" plot --script style.gp --style our.style demo.dat
	grep -q 'size 640,400 .*#1b2126' style.gp
	grep -q '^\$bars' style.gp
	grep -q "'a = b'" style.gp
	not grep -q my_func1 style.gp
	not grep -q '^\$trend' style.gp
	"$fmprof" plot --size 800x500 --script style.gp --style our.style --theme light demo.dat
	grep -q 'size 800,500 .*#ffffff' style.gp
	echo 'nonsense = 1' >wrong.style
	fails_in_one_line --style wrong.style demo.dat
	grep -q "wrong.style:1: 'nonsense'" err
	printf '\ntheme = green\n' >wrong.style
	fails_in_one_line --style wrong.style demo.dat
	grep -q "wrong.style:2: --theme 'green': write light or dark" err
	fails_in_one_line --style missing.style demo.dat
}

@test "wrong options" {
	fails_in_one_line --theme green demo.dat
	fails_in_one_line --units miles demo.dat
	fails_in_one_line --legend above demo.dat
	fails_in_one_line --dpi 1 demo.dat
	fails_in_one_line --font "x' y" -o x.png demo.dat
	fails_in_one_line --time noon demo.dat
	fails_in_one_line --nonsense demo.dat
	fails_in_one_line -Z demo.dat
	fails_in_one_line -o
	fails_in_one_line --size 10 demo.dat
	fails_in_one_line --size 0x0 demo.dat
	fails_in_one_line --size 99999999999999999999x3 demo.dat
	"$fmprof" plot --help | grep -q -- --output
	"$fmprof" plot --help | grep -q 'the most that memory rose'
	fails_in_one_line -o '' demo.dat
	grep -q '^fmprof: --output: ' err
}

@test "unknown kind of picture" {
	fails_in_one_line -o demo.gif demo.dat
	grep -q '\.png, \.svg' err
	fails_in_one_line -o demo demo.dat
	[ ! -e demo.gif ] && [ ! -e demo ]
}

@test "missing, empty and foreign files" {
	fails_in_one_line missing.dat
	grep -q missing.dat err
	: >empty.dat
	fails_in_one_line empty.dat
	head -c 4096 /dev/urandom >foreign.dat
	fails_in_one_line foreign.dat
	fails_in_one_line .
	fails_in_one_line
	grep -q 'mprofile_' err
}

@test "an output that cannot be written" {
	fails_in_one_line -o none/demo.png demo.dat
	grep -q none/demo.png err
	mkdir folder.png
	fails_in_one_line -o folder.png demo.dat
	ln -s /dev/full full.png
	fails_in_one_line -o full.png demo.dat
	[ -L full.png ]
	not "$fmprof" plot demo.dat >full.png 2>err
	grep -q '^fmprof: standard output: ' err
}

@test "without gnuplot" {
	not env PATH=/nowhere "$fmprof" plot -o demo.png demo.dat 2>err
	grep -q '^fmprof: gnuplot: not found; install it (Debian: apt install gnuplot-nox)$' err
	[ ! -e demo.png ]
}
