#!/usr/bin/env bats
# `fmprof plot`: PNG, SVG and PDF of one recording, and names in them.

load plot.bash

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
