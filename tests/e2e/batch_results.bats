#!/usr/bin/env bats
# What `fmprof batch` makes of its results: files for CI, a page for people, and comparison with a baseline.

load common.bash

results=$BATS_TEST_DIRNAME/results.py

setup() {
	cd "$BATS_TEST_TMPDIR"
}

batch() {
	limited "$fmprof" batch --quiet "$@"
}

# A suite of every kind of end that takes no time. SIZE: MiB in the second function of the demo.
suite() {
	cat >suite.ini <<-EOF
	[demo]
	command = $testprogs/demo 20 ${1:-60} 10
	functions = my_func1 my_func2
	max-rss = 400M
	max-growth.my_func1 = 60M
	
	[over]
	command = $testprogs/demo 30 10 10
	max-peak.my_func1 = 20M
	max-calls.my_func2 = 5
	
	[crash]
	command = sh -c 'echo "<going> & down" >&2; kill -SEGV \$\$'
	
	[exit]
	command = sh -c 'exit 3'
	
	[missing]
	command = ./nothing-here
	EOF
}

# One program, whose memory and whose time are as asked. demo MIB HOLD_MS [NAME]
demo() {
	cat >suite.ini <<-EOF
	[${3:-demo}]
	command = $testprogs/demo 20 $1 $2
	functions = my_func1 my_func2
	EOF
}

field() {
	python3 -c 'import json, sys; print(eval(sys.argv[2], {"s": json.load(open(sys.argv[1]))}))' "$@"
}

@test "JUnit XML, TAP, annotations and the page say what the summary says" {
	suite
	status_of batch -o out --junit results.xml --tap results.tap --github --pictures all suite.ini >said
	[ "$status" = 1 ]
	"$results" summary out/summary.json
	xmllint --noout --schema "$BATS_TEST_DIRNAME/junit.xsd" results.xml
	"$results" junit results.xml out/summary.json
	"$results" annotations said out/summary.json
	grep -x '::error file=suite.ini,line=12,title=crash%3A crashed::SIGSEGV.*' said
	"$results" page out/index.html out/summary.json
	# What a program said last is there.
	[ "$(xmllint --xpath 'string(//testsuite[@name="crash"]//error)' results.xml | grep -c '<going> & down')" = 1 ]
	grep -q '&#60;going&#62; &#38; down' out/index.html
}

@test "prove reads the TAP, and fails what failed" {
	suite
	status_of batch -o out --tap - suite.ini >results.tap
	[ "$status" = 1 ]
	"$BATS_TEST_DIRNAME/tap_as_json.pl" results.tap >results.json
	"$results" tap results.json out/summary.json
	status_of prove -e cat results.tap >proved
	[ "$status" != 0 ]
	grep -F 'Tests: 5 Failed: 4' proved
	printf '[demo]\ncommand = true\n' >good.ini
	batch -o good --tap good.tap good.ini
	prove -e cat good.tap
}

@test "standard output holds the file alone, if that is asked for" {
	printf '[one]\ncommand = true\n' >suite.ini
	batch -o out --junit - --github suite.ini >out.xml 2>said
	xmllint --noout --schema "$BATS_TEST_DIRNAME/junit.xsd" out.xml
	grep -q '1 of 1 program' said
}

@test "what is ended early: skipped, and the protocol says so" {
	suite
	status_of batch -o out --fail-fast --tap results.tap --junit results.xml --github suite.ini >said
	[ "$status" = 1 ]
	[ "$(tail -n 1 results.tap)" = 'Bail out! interrupted' ]
	grep -q '^ok 5 - missing # SKIP not run' results.tap
	[ "$(xmllint --xpath 'count(//testsuite[@name="missing"]/testcase/skipped)' results.xml)" = 1 ]
	"$results" junit results.xml out/summary.json
	grep -q '^::warning title=fmprof batch was interrupted::' said
}

@test "names that try to break out do no harm" {
	"$results" hostile out
	"$results" summary out/summary.json
	status_of batch --from out --junit results.xml --tap results.tap --github >said
	[ "$status" = 1 ]
	xmllint --noout --schema "$BATS_TEST_DIRNAME/junit.xsd" results.xml
	"$results" junit results.xml out/summary.json
	"$results" annotations said out/summary.json
	"$BATS_TEST_DIRNAME/tap_as_json.pl" results.tap >results.json
	"$results" tap results.json out/summary.json
	"$results" page out/index.html out/summary.json
	# Nothing that steers a terminal.
	not grep -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' results.xml results.tap out/index.html
	[ ! -e HARM ]
}

@test "the page in a browser: pictures are seen, nothing is asked for, it fits a phone" {
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || skip "no chromium"
	suite
	status_of batch -o out --pictures all suite.ini >said
	[ "$status" = 1 ]
	local seen='[...document.images].filter(i => i.closest("details").open).every(i => i.complete && i.naturalWidth > 300)'
	limited python3 "$BATS_TEST_DIRNAME/browser.py" --beside out/index.html \
		'js Promise.all([...document.images].map(i => { i.loading = "eager"; return i.decode(); })).then(all => all.length)' \
		"js $seen" 'js getComputedStyle(document.body).backgroundColor' 'as dark' \
		'js getComputedStyle(document.body).backgroundColor' 'as phone' \
		'js document.documentElement.scrollWidth <= innerWidth' >shown
	printf '%s\n' 4 True 'rgb(244, 246, 247)' 'rgb(20, 25, 29)' True >expected
	diff expected shown
	"$results" hostile bad
	status_of batch --from bad >said
	limited python3 "$BATS_TEST_DIRNAME/browser.py" --beside bad/index.html 'as phone' \
		'js document.documentElement.scrollWidth <= innerWidth' 'js document.scripts.length' >shown
	printf '%s\n' True 0 >expected
	diff expected shown
}

@test "a baseline: made, kept, exceeded, and moved on" {
	demo 40 10
	status_of batch -o none --baseline base suite.ini 2>err
	[ "$status" = 125 ]
	grep -q -- '--update-baseline' err
	[ ! -e none ] && [ ! -e base ]
	batch -o first --baseline base --update-baseline suite.ini
	[ "$(ls base)" = summary.json ]
	"$results" summary base/summary.json
	batch -o same --baseline base suite.ini
	[ "$(field same/summary.json 's["results"][0]["new"]')" = False ]

	demo 80 10
	status_of batch -o worse --baseline base --github --junit worse.xml suite.ini >said
	[ "$status" = 1 ]
	"$results" summary worse/summary.json
	"$results" junit worse.xml worse/summary.json
	"$results" annotations said worse/summary.json
	"$results" page worse/index.html worse/summary.json
	[ "$(field worse/summary.json 's["results"][0]["verdict"]')" = 'worse than baseline' ]
	# The function that did it is named, the other is not.
	[ "$(field worse/summary.json '{c["function"] for c in s["results"][0]["changes"] if c["trend"] == "worse" and c["counts"]} - {None}')" = "{'my_func2'}" ]
	# The same figures are within a wider tolerance, and are accepted if that is wished for.
	batch --from worse --baseline base --tolerance 150% >/dev/null
	[ "$(field worse/summary.json 's["results"][0]["verdict"]')" = passed ]
	status_of batch --from worse --baseline base --tolerance 5 --update-baseline
	[ "$status" = 1 ]
	batch -o after --baseline base/summary.json suite.ini
}

@test "times count only if they are to" {
	demo 20 10
	batch -o first --baseline base.json --update-baseline suite.ini
	sed -i -E 's/("(wall|total)_ns": )[0-9]+/\11000/' base.json
	batch -o same --baseline base.json suite.ini
	status_of batch --from same --baseline base.json --with-times
	[ "$status" = 1 ]
	field same/summary.json 's["results"][0]["reason"]' | grep -q '^time'
}

@test "programs that are new, gone, or not chosen" {
	demo 20 10 old
	batch -o first --baseline base --update-baseline suite.ini
	demo 20 10 new
	batch -o second --baseline base --github suite.ini >said
	grep -qx '::warning title=only in the baseline::old' said
	[ "$(field second/summary.json 's["results"][0]["new"], s["baseline"]["gone"]')" = "(True, ['old'])" ]
	# Part of a suite takes nothing away.
	demo 20 10 old
	cat suite.ini >both.ini
	demo 20 10 new
	cat suite.ini >>both.ini
	batch -o third --baseline base --update-baseline both.ini new
	[ "$(field base/summary.json 'sorted(r["name"] for r in s["results"])')" = "['new', 'old']" ]
	batch -o fourth --baseline base both.ini
	[ "$(field fourth/summary.json 's["baseline"]["gone"], any(r["new"] for r in s["results"])')" = '([], False)' ]
}

@test "what cannot be written or read is told before anything is run" {
	printf '[one]\ncommand = touch ran\n' >suite.ini
	printf '{"fmprof_summary": 1}' >half.json
	mkdir folder
	local options
	for options in '--junit no/such/folder/x.xml' '--tap folder' '--junit - --tap -' '--baseline half.json' '--baseline none' \
		'--baseline folder' '--baseline out --update-baseline' '--baseline no/such/x.json --update-baseline' '--baseline no/such/folder --update-baseline' '--tolerance 5%' '--update-baseline' '--with-times' \
		'--baseline half.json --tolerance x' '--baseline half.json --tolerance -1' '--from none' '--from folder -o out'; do
		# shellcheck disable=SC2086 # words
		status_of batch -o out $options suite.ini 2>err
		[ "$status" = 125 ] || { echo "$options: $status"; false; }
		[ "$(wc -l <err)" = 1 ]
		[ ! -e ran ] && [ ! -e out ] || { echo "$options: something was run"; false; }
	done
	# What cannot be written in the end is told, with all else done.
	status_of batch -o out --junit /dev/full suite.ini >said 2>err
	[ "$status" = 125 ]
	grep -q '/dev/full: cannot be written' err
	grep -q '1 of 1 program' said
	[ -e out/index.html ]
}
