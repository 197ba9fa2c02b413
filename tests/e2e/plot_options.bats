#!/usr/bin/env bats
# Options of `fmprof plot`, scripts, styles, and what it says when it cannot draw.

load plot.bash

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

@test "a script draws in any folder; - is standard output" {
	mkdir scripts elsewhere
	"$fmprof" plot --script scripts/a.gp demo.dat
	(cd elsewhere && gnuplot ../scripts/a.gp)
	[ -s elsewhere/a.gp.png ]
	"$fmprof" plot --terminal png -o - demo.dat >piped.png
	"$fmprof" plot -o direct.png demo.dat
	cmp piped.png direct.png
	"$fmprof" plot -o - demo.dat | grep -q my_func1
	"$fmprof" plot --script - --terminal svg -o - demo.dat | gnuplot | grep -q '</svg>'
	[ ! -e - ]
	fails_in_one_line --terminal png demo.dat
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
	fails_in_one_line --style . -o x.png demo.dat
	grep -q 'cannot be read: Is a directory' err
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
