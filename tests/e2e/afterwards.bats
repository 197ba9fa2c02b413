#!/usr/bin/env bats
# What `run` and `attach` show of a recording by themselves: --plot, --report, --progress.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

@test "afterwards: --report is the table of fmprof report, on stderr" {
	record r fib linear -- --report "$testprogs/recursion" 5 3
	truth r.dat r.out
	limited "$fmprof" report r.dat >table
	sed 1d r.err >told
	equal "$(cat told)" "$(cat table)"
	grep -q '^fmprof: .*; draw it: fmprof plot r.dat$' r.err
	# Asked for, it comes also without the closing line.
	record r fib -- -q --report "$testprogs/recursion" 5 3
	equal "$(cat r.err)" "$(limited "$fmprof" report r.dat)"
}

@test "afterwards: --plot draws what is asked for" {
	record r fib -- --plot "$testprogs/recursion" 5 3
	is_png r.png
	equal "$(tail -n 1 r.err)" "fmprof: drawn in r.png"
	record other fib -- -q --plot=p.svg "$testprogs/recursion" 5 3
	grep -q '<svg' p.svg
	equal "$(cat other.err)" ""
	not test -e other.png
	limited "$fmprof" run -q --plot -o 'no suffix' true
	is_png 'no suffix.png'
}

@test "afterwards: the exit status stays the program's" {
	status_of limited "$fmprof" run -q --plot --report -o x.dat sh -c 'exit 7' 2>err
	equal "$status" 7
	equal "$(limited python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' \
		"$fmprof" run -q --plot -o x.dat sh -c 'kill -9 $$')" -9
	# No gnuplot: the recording is there, and so is the status.
	mkdir bin
	ln -s "$(type -P true)" bin/true
	status_of limited env PATH="$PWD/bin" "$fmprof" run -q --plot=none.png -o x.dat true 2>err
	equal "$status" 0
	equal "$(cat err)" "fmprof: gnuplot: not found; install it (Debian: apt install gnuplot-nox)"
	not test -e none.png
	truth x.dat
}

@test "afterwards: what cannot be done is said before the program runs" {
	local option
	# refused MESSAGE OPTION...
	refused() {
		local message=$1
		shift
		status_of limited "$fmprof" run "$@" touch ran 2>err
		equal "$status" 125
		equal "$(wc -l <err)" 1
		grep -q "^fmprof: $message" err
		not test -e ran
	}
	refused '--report: standard output cannot be read again' --report -o -
	mkfifo pipe
	refused '--plot: pipe cannot be read again' --plot -o pipe
	refused 'x.bmp: unknown kind of picture' --plot=x.bmp -o x.dat
	refused 'no/x.png: cannot be written: No such file or directory; ' --plot=no/x.png -o x.dat
	not test -e x.dat
	refused 'same.svg: is the recording as well; ' --plot=same.svg -o same.svg
	not test -e same.svg
	echo kept >same.svg
	ln -s same.svg link.svg
	refused 'link.svg: is the recording as well; ' --plot=link.svg -o same.svg
	equal "$(cat same.svg)" kept
	# Nor is anything left behind if the program is not there.
	status_of limited "$fmprof" run -q --plot -o x.dat ./nosuch 2>err
	equal "$status" 127
	not test -e x.png
	ln -s target.png link.png
	status_of limited "$fmprof" run -q --plot=link.png -o x.dat ./nosuch 2>err
	equal "$status" 127
	test -L link.png
	not test -e target.png
}

@test "afterwards: attach does it too" {
	sleep 100 3>&- &
	local pid=$!
	limited "$fmprof" attach -q -t 0.2 --plot --report -o a.dat $pid 2>err
	kill $pid
	is_png a.png
	equal "$(cat err)" "$(limited "$fmprof" report a.dat)"
}

@test "afterwards: --progress is one line on a terminal, and nothing elsewhere" {
	command -v script >/dev/null || skip "script is not installed (Debian: bsdutils)"
	record p -- --progress -T 1ms sh -c 'sleep 0.5'
	equal "$(wc -l <p.err)" 1
	not grep -q $'\r' p.err
	limited script -qfc "exec '$fmprof' run --progress -o p.dat sh -c 'until [ -e go ]; do sleep 0.05; done'" typed >/dev/null </dev/null 3>&- &
	wait_until grep -q 'fmprof: [0-9.]* s, [0-9.]* [KM]iB, highest [0-9.]* [KM]iB, 0 calls' typed
	touch go
	wait
	# It makes room for the closing line.
	tr '\r' '\n' <typed | grep -q '^fmprof: .*; draw it: fmprof plot p.dat$'
	truth p.dat
}

@test "afterwards: --progress fits a narrow terminal, and leaves the program's words alone" {
	command -v script >/dev/null || skip "script is not installed (Debian: bsdutils)"
	limited script -qfc "stty cols 30; exec '$fmprof' run -q --progress -o p.dat sh -c 'until [ -e go ]; do sleep 0.05; done'" typed >/dev/null </dev/null 3>&- &
	wait_until grep -q 'fmprof: [0-9.]* s, ' typed
	touch go
	wait
	equal "$(grep -v '^Script ' typed | tr '\r' '\n' | awk 'length > 29')" ""
	# Nothing was shown: there is nothing to clear.
	limited script -qc "exec '$fmprof' run -q --progress -o p.dat printf unended" typed >/dev/null </dev/null 3>&-
	grep -q '^unended' typed
	not grep -q $'unended\r *\r' typed
}
