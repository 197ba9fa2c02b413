#!/usr/bin/env bats
# Every kind of picture that `fmprof plot` draws: that it is one, that it is safe, and what it costs.

load plot.bash

# kind FILE: by what its first bytes are
kind() {
	case $(head -c 4 "$1" | od -An -tx1 | tr -d ' ') in
	89504e47) echo png ;;
	25504446) echo pdf ;;
	1b50303b | 1b503b3b | 1b50*) echo sixel ;;
	3c3f786d) echo xml ;;
	3c21444f) echo html ;;
	*) echo text ;;
	esac
}

@test "the suffix decides, and --terminal instead of it" {
	local pair
	for pair in png:png svg:xml interactive.svg:xml html:html pdf:pdf six:sixel txt:text PNG:png; do
		plot -o "a.${pair%:*}" demo.dat
		equal "$(kind "a.${pair%:*}")" "${pair#*:}" "$pair"
	done
	for pair in png:png svg:xml interactive:xml html:html pdf:pdf sixel:sixel text:text; do
		plot --terminal "${pair%:*}" -o any.thing demo.dat
		equal "$(kind any.thing)" "${pair#*:}" "$pair"
	done
	not grep -q fmprof-script a.svg
	grep -q fmprof-script a.interactive.svg
	not plot --terminal gif demo.dat 2>err
	grep -q "^fmprof: terminal 'gif': not known; " err
}

@test "sixels go to the terminal" {
	plot --terminal sixel demo.dat >a.six
	equal "$(kind a.six)" sixel
	equal "$(tail -c 2 a.six | od -An -tx1 | tr -d ' \n')" 1b5c "end"
	not plot --terminal png demo.dat 2>err
	grep -q '^fmprof: stdout: only text and sixels' err
}

@test "a gnuplot that lacks a terminal" {
	mkdir bin
	printf '#!/bin/sh\nprintf "set terminal sixelgd\\n   ^\\n  line 2: unknown or ambiguous terminal type; type just x\\n" >&2; exit 1\n' >bin/gnuplot
	chmod +x bin/gnuplot
	not env "PATH=$PWD/bin:$PATH" "$fmprof" plot --terminal sixel demo.dat 2>err
	equal "$(wc -l <err)" 1
	grep -q '^fmprof: gnuplot: this one cannot draw that kind of picture; choose another' err
}

@test "a window needs a display, and a gnuplot that has windows" {
	unset DISPLAY WAYLAND_DISPLAY
	not plot --terminal window demo.dat 2>err
	grep -q '^fmprof: window: no display (neither DISPLAY nor WAYLAND_DISPLAY is set); ' err
	export DISPLAY=:4711
	not plot --terminal window -o a.png demo.dat 2>err
	grep -q '^fmprof: --output: a window is no file; ' err
	if [[ " $(gnuplot -d -e 'print GPVAL_TERMINALS' 2>&1) " != *\ @(qt|wxt|x11)\ * ]]; then
		not plot --terminal window demo.dat 2>err
		grep -q '^fmprof: gnuplot: this one has no windows; ' err
	fi
	# What one that has them is told, and that it is to stay.
	mkdir bin
	printf '#!/bin/sh\ncat >script; echo "$@" >arguments\n' >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH plot --terminal window --size 640x480 demo.dat
	equal "$(cat arguments)" "-d -persist"
	sed "s/GPVAL_TERMINALS/' png qt x11 '/; /^set terminal @WINDOW/,\$d" script >first
	equal "$(printf 'print WINDOW\n' | gnuplot -d first - 2>&1)" qt
	grep -q '^set terminal @WINDOW size 640,480 .*persist' script
}

@test "names are data in every kind of picture" {
	python3 "$BATS_TEST_DIRNAME/hostile.py" hostile.dat
	local output
	for output in a.png a.svg a.interactive.svg a.html a.pdf a.six a.txt; do
		plot -o "$output" hostile.dat
		[ -s "$output" ]
		plot -t "'\`touch HARM\` <script>alert(1)</script> $(printf '\033[31m\342\200\256')" -o "titled$output" hostile.dat
	done
	for output in lanes.svg lanes.txt; do
		plot --children curves --lanes -o "$output" hostile.dat
	done
	plot --children stacked -o stacked.svg hostile.dat
	script -qec "stty cols 100 rows 60; '$fmprof' plot hostile.dat" /dev/null </dev/null >terminal.txt
	equal "$(ls -A | grep -i harm || true)" ""
	is_xml a.svg
	is_xml titleda.svg
	is_xml a.interactive.svg
	is_xml titleda.interactive.svg
	# Nothing but colours steers a terminal, and nothing turns the direction of writing.
	is_xml lanes.svg
	is_xml stacked.svg
	python3 - a.txt titleda.txt terminal.txt lanes.txt lanes.svg stacked.svg a.svg a.interactive.svg a.html <<-'EOF'
	import re, sys
	for path in sys.argv[1:]:
	    words = open(path, encoding="utf-8", newline="").read()
	    words = re.sub("\x1b\\[[0-9;]*m" if path == "terminal.txt" else "$^", "", words)
	    wrong = re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", words)
	    assert not wrong, (path, wrong[:5])
	for path in ("a.svg", "a.interactive.svg", "a.html"):
	    words = open(path, encoding="utf-8").read().split("<script id=", 1)[0]
	    assert "<script>" not in words and "<img" not in words, path
	    script = open(path, encoding="utf-8").read().split("<script id=", 1)[1:]
	    for text in script:
	        assert text.count("</script") == 1 and text.count("]]>") == 1, path
	EOF
}

@test "file names are data" {
	local name="'\`touch HARM\`\$(touch HARM)<script>
@x"
	cp demo.dat "$name.dat"
	local suffix
	for suffix in png svg interactive.svg html pdf six txt; do
		plot -o "$name.$suffix" "$name.dat"
		[ -s "$name.$suffix" ]
	done
	[ ! -e HARM ]
}

# numbers_write SAMPLES CALLS: a recording with a spike of one sample
numbers_write() {
	awk -v samples="$1" -v calls="$2" 'BEGIN {
		print "CMDLINE ./big\nFMPROF 1 start=1700000000.000000000 interval=0.000100000 pid=10 host=h exe=/bin/big metrics=rss"
		for (i = 1; i <= 8; i++) printf "FN %d func%d /bin/big 0x%x big.c:%d func%d\n", i, i, 4096 + 64 * i, i, i
		every = int(samples / calls)
		for (i = 0; i < samples; i++) {
			second = 1700000000 + int(i / 10000); micro = i % 10000 * 100
			mib = i == int(samples / 3) ? 777 : 50 + i % 1000 / 10
			printf "MEM %.6f %d.%06d000\n", mib, second, micro
			if (i % every == 0) {
				n++; f = n % 8 + 1
				printf "ENTER %d %d 10 10 0 %.6f %d.%06d100\n", n, f, mib, second, micro
				printf "FUNC func%d %.6f %d.%06d100 %.6f %d.%06d900 0 call=%d fn=%d pid=10 tid=10 end=return time=exact\n", \
					f, mib, second, micro, mib, second, micro + 50, n, f
			}
		}
		printf "END %d.000000000 exit=0 calls=%d\n", second + 1, n
	}'
}

@test "long recordings cost little and lose no spike" {
	is_sanitized && skip "sanitized"
	numbers_write "$(scaled 1500000 10000000)" "$(scaled 150000 1000000)" >big.dat
	for output in big.png big.svg big.interactive.svg lanes.svg; do
		python3 "$BATS_TEST_DIRNAME/usage.py" used "$fmprof" plot $([ $output != lanes.svg ] || echo --lanes) -o $output big.dat
		. ./used
		echo "$output: $maxrss KiB, $cpu s, $(stat -c %s $output) bytes"
		# Processor time, since others may have the processor; the largest of the two processes, gnuplot needs 25 MiB.
		between 0 "$maxrss" "$(scaled 70000 170000)" "KiB"
		between 0 "$cpu" 3 "seconds"
		between 1 "$(stat -c %s $output)" 2000000 "size"
	done
	plot big.dat | grep -q 'peak 777.0 MiB'
}

@test "interactive pictures stay below 2 MB where every figure is long and every call stands apart" {
	awk 'BEGIN {
		srand(1)
		print "CMDLINE ./w\nFMPROF 1 start=1700000000.000000000 interval=0.000100000 pid=10 host=h exe=/w metrics=rss\nFN 1 f /w 0x1 - f"
		for (i = 0; i < 300000; i++) {
			second = 1700000000 + int(i / 10000); micro = i % 10000 * 100
			printf "MEM %.6f %d.%06d000\n", rand() * 60000, second, micro
			if (i % 24 == 0) {
				n++
				printf "ENTER %d 1 10 10 0 %.6f %d.%06d100\n", n, rand() * 60000, second, micro
				printf "FUNC f %.6f %d.%06d100 %.6f %d.%06d900 0 call=%d fn=1 pid=10 tid=10 end=return time=exact\n", \
					rand() * 60000, second, micro, rand() * 60000, second, micro + 50, n
			}
		}
	}' >worst.dat
	plot -o worst.interactive.svg worst.dat
	# It is the hard case: the calls are there one by one.
	between 1000000 "$(stat -c %s worst.interactive.svg)" 2000000 "size"
}
