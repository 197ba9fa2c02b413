# What the tests of `fmprof plot` share: recordings written by hand, and asking pictures.

load common.bash

setup() {
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

plot() {
	limited "$fmprof" plot "$@"
}

# family_write FILE: a process with a child from 0.11 s to 0.39 s, metrics, and marks between samples
family_write() {
	python3 - >"$1" <<-'EOF'
	print("CMDLINE ./family\nFMPROF 1 start=1700000000.000000000 interval=0.1 pid=10 host=h exe=/x metrics=rss,anon,file peaks=reset")
	print("TASK 11 11 1700000000.000000001 start kid")
	for i in range(50):
	    t = "1700000000.%09d" % (i * 10000000 + 1000)
	    print(f"MEM {20 + i}.000000 {t} peak={21 + i}.000000 anon={15 + i}.000000 file=5.000000")
	    if 10 < i < 40:
	        print(f"CHLD 11 {60 - i}.000000 {t}")
	print("END 1700000000.500000000 exit=0 peak=70.000000 calls=0 missed=0")
	EOF
}

# threads_write FILE: three threads; the second has two calls inside of each other, the third one that never ends
threads_write() {
	cat >"$1" <<-'EOF'
	CMDLINE ./threads
	FMPROF 1 start=1700000000.000000000 interval=0.1 pid=10 host=h exe=/x metrics=rss
	FN 1 load /x 0x1 - load
	FN 2 work /x 0x2 - work
	FN 3 wait_for /x 0x3 - wait_for
	MEM 10.000000 1700000000.000000000
	ENTER 1 1 10 10 0 10.000000 1700000000.500000000
	MEM 60.000000 1700000001.000000000
	FUNC load 10.000000 1700000000.500000000 60.000000 1700000001.500000000 0 call=1 fn=1 pid=10 tid=10 end=return time=exact
	ENTER 2 2 10 11 0 60.000000 1700000002.000000000
	ENTER 3 1 10 11 1 60.000000 1700000002.500000000
	ENTER 4 3 10 12 0 70.000000 1700000002.600000000
	MEM 90.000000 1700000003.000000000
	FUNC load 60.000000 1700000002.500000000 90.000000 1700000003.200000000 1 call=3 fn=1 pid=10 tid=11 end=unwound time=exact
	FUNC work 60.000000 1700000002.000000000 80.000000 1700000003.500000000 0 call=2 fn=2 pid=10 tid=11 end=return time=noticed
	MEM 80.000000 1700000004.000000000
	END 1700000004.000000000 exit=0 calls=4
	EOF
}

# One line on stderr that begins with "fmprof: ", status 125, nothing on stdout.
fails_in_one_line() {
	status_of "$fmprof" plot "$@" >out 2>err
	equal "$status" 125 "status of plot $*"
	[ ! -s out ]
	equal "$(wc -l <err)" 1 "lines of plot $*"
	grep -q '^fmprof: .*: ' err
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

is_xml() {
	python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$1"
}

need_browser() {
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || skip "no chromium"
}

browser() {
	limited python3 "$BATS_TEST_DIRNAME/browser.py" "$@"
}
