#!/usr/bin/env bats
# The figures of a picture are those of a report, of the same part of the recording.

load plot.bash

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

# figures_match FILE WINDOW: calls, time and peak of each function
figures_match() {
	plot --units KiB -w "$2" -o part.svg "$1"
	"$fmprof" report --json -w "$2" "$1" >report.json
	texts part.svg >texts
	python3 - <<-'EOF'
	import json
	texts = open("texts").read().split("\n")
	functions = json.load(open("report.json"))["recordings"][0]["functions"]
	assert functions
	for f in functions:
	    figures = next(b for a, b in zip(texts, texts[1:]) if a == f["function"] and " call" in b)
	    calls = "{:,} call{}, ".format(f["calls"], "" if f["calls"] == 1 else "s")
	    seconds = f["total_ns"] / 1e9
	    assert figures.startswith(calls + ("%.3f s" % seconds if seconds >= 1 else "")), (figures, f)
	    assert figures.endswith("peak %.1f KiB" % (f["peak_bytes"] / 1024)), (figures, f)
	assert sum(" call, " in t or " calls, " in t for t in texts) == len(functions), texts
	EOF
}

@test "figures are those of report for the same window and functions" {
	local window
	for window in 0, ,1 0.4,1.8 1.5,3; do
		figures_match demo.dat $window
	done
}

@test "so are those of a recording of which not all samples are kept" {
	# Calls as short as four samples, with a higher sample behind each.
	awk 'BEGIN {
		print "CMDLINE ./long\nFMPROF 1 start=1700000000.0 interval=0.0001 pid=10 host=h exe=/x metrics=rss"
		for (f = 1; f <= 12; f++) printf "FN %d f%d /x 0x%x - f%d\n", f, f, f, f
		for (i = 0; i < 600000; i++) {
			at = sprintf("%d.%04d", 1700000000 + int(i / 10000), i % 10000)
			if (i % 64 == 0) { n++; f = n % 12 + 1; since = at; printf "ENTER %d %d 10 10 0 5.0 %s10\n", n, f, at }
			if (i % 64 == 4) printf "FUNC f%d 5.0 %s10 6.0 %s10 0 call=%d fn=%d pid=10 tid=10 end=return time=exact\n", f, since, at, n, f
			printf "MEM %d.0 %s20\n", i % 64 == 4 ? 9000 : i % 64 == 2 ? 100 + n * 7919 % 5000 : 7, at
		}
		print "END 1700000060.0 exit=0"
	}' >long.dat
	local window
	for window in 0, 12.3456,13.5 59,; do
		figures_match long.dat $window
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
