#!/usr/bin/env bats
# `fmprof plot` as text: what is written, and where.

load plot.bash

# lines FROM TO FILE
lines() {
	sed -n "$1,$2p" "$3"
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

@test "text without room for all figures has whole ones" {
	plot --size 60x24 demo.dat >text
	grep -q 'my_func1  1 call, 1.204 s, +150.0 MiB, peak 160.0 MiB$' text
	plot --size 48x24 demo.dat >text
	grep -q 'my_func1  1 call, 1.204 s, peak 160.0 MiB$' text
	plot --size 40x24 demo.dat >text
	grep -q 'my_func1  1 call, 1.204 s$' text
	not grep -q '…' text
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

@test "lanes are rows below the time axis, one for each thread and depth" {
	threads_write threads.dat
	plot --lanes --size 70x24 threads.dat >text
	cat text
	equal "$(wc -l <text)" 24
	equal "$(lines 17 20 text)" "\
         0 s           1 s            2 s           3 s           4 s
   tid 10        [load---------]
   tid 11                              [work----------------]
                                              [load-----]"
	equal "$(lines 21 21 text)" "   tid 12                                      [wait_for----------->" "the call that never ends"
	# No strip at the top; brackets on the curve all the same.
	not grep -q load <(lines 3 16 text)
	equal "$(lines 3 16 text | tr -cd '[>' | wc -c)" 5 "brackets"
	plot --flame --size 70x24 threads.dat >text
	grep -q '^   tid 11 *\[work-*\]$' text
	equal "$(lines 3 16 text | tr -cd '[>' | wc -c)" 0 "brackets of a flame"
	# What has no room is told.
	plot --lanes --size 60x12 threads.dat >text
	cat text
	equal "$(grep -c '^   tid' text)" 1
	grep -q '^           … 2 more threads$' text
	equal "$(wc -l <text)" 12
}

@test "dots above the curve are what memory was at most" {
	sed 's/^MEM 160.000000 1700000001.6.*/& peak=400.000000/; s/^MEM .*/&/' demo.dat >high.dat
	sed -i 's/^MEM 160.000000 1700000001.000000000$/& peak=161.000000/; s/metrics=rss/& peaks=mark/' high.dat
	plot --size 70x24 demo.dat >text
	not grep -q '\.\.' text
	plot --size 70x24 high.dat >text
	cat text
	# From 1.0 s to 1.6 s, up to 400 of 480 MiB: the columns 24 to 34.
	local dots
	dots=$(grep -c '^.\{24\}\.\{10,11\}' text)
	between 5 "$dots" 9 "rows of dots"
	not grep -q '^.\{36\}\.' text
}

@test "several recordings have a character each" {
	sed 's/480\.0/240.0/g; s/peak=480.2/peak=240.0/' demo.dat >other.dat
	plot --size 80x24 demo.dat other.dat >text
	cat text
	equal "$(lines 1 1 text)" "  2 recordings: demo.dat, other.dat"
	grep -q '^  \* demo.dat  peak 480.2 MiB, 4.000 s$' text
	grep -q '^  # other.dat  peak 240.0 MiB, 4.000 s$' text
	grep -q '##########' text
	equal "$(lines 3 4 text | sed 's/ *\[my_func1-*\] *\[my_func2-*\]$//')" " demo.dat
other.dat" "rows of calls"
	plot --lanes --size 80x24 demo.dat other.dat >lanes
	grep -q '^ demo.dat *\[my_func1-*\] *\[my_func2-*\]$' lanes
	grep -q '^other.dat *\[my_func1-*\] *\[my_func2-*\]$' lanes
	plot --size 80x24 --align my_func2 demo.dat other.dat | grep -q '^  # other.dat'
	plot --size 80x24 --legend none demo.dat other.dat >text
	not grep -q 'other.dat  peak' text
	equal "$(wc -l <text)" 24
}

@test "children have curves, and brackets on them only" {
	family_write family.dat
	python3 - >child.dat <<-'EOF'
	for line in open("family.dat"):
	    if line.startswith("END"):
	        print("FUNC work 31.0 1700000000.200001 41.0 1700000000.300001 0 call=1 fn=1 pid=11 tid=11 end=return time=exact")
	    print(line, end="")
	    if line.startswith("FMPROF"):
	        print("FN 1 work /x 0x1 - work")
	EOF
	plot --size 80x24 child.dat >text
	cat text
	grep -q '\[work-*\]' <(lines 3 3 text)
	equal "$(lines 4 22 text | tr -cd ']' | wc -c)" 0 "brackets"
	plot --size 80x24 --children curves child.dat >text
	cat text
	grep -q '^  # kid 11  peak 49.0 MiB$' text
	grep -q '^  \* first process  peak 70.0 MiB$' text
	equal "$(lines 4 20 text | tr -cd ']' | wc -c)" 1 "brackets"
	grep -q '###' text
}
