#!/usr/bin/env bats
# What cannot be done is told in one line, before the program starts, and costs nobody's data.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	kept=$(printf 'an earlier recording\n' | tee kept.dat | sha256sum)
}

# refused STATUS PATTERN ARGUMENT...: fmprof run ARGUMENT... does not start its program, which would write `canary`
refused() {
	local wanted=$1 pattern=$2
	shift 2
	status_of limited "$fmprof" run "$@" >out 2>err </dev/null
	cat err
	equal "$status" "$wanted" "exit status of run $*"
	equal "$(wc -l <err)" 1 "lines on stderr"
	# what: why; what to do
	grep -q '^fmprof: .*: .*; .*' err
	grep -q -- "$pattern" err
	[ ! -s out ]
	[ ! -e canary ]
	equal "$(sha256sum <kept.dat)" "$kept" "a file that was there"
	equal "$(find . -name '*.dat' ! -name kept.dat)" "" "files left behind"
}

@test "errors: a function that is not there, with the names nearest to it" {
	refused 125 "'my_func1'" -f my_fun1 -- "$testprogs/demo" 1 1 1
	refused 125 "'nothing_like_it'" -f nothing_like_it -- sh -c 'touch canary'
	refused 125 "'nothing_like_it'" -o kept.dat -f nothing_like_it -- sh -c 'touch canary'
	refused 125 nothing_like_it -f my_func1 -f nothing_like_it -- "$testprogs/demo" 1 1 1
}

@test "errors: each kind of spec that matches nothing" {
	for spec in 'nothing_*' 'no.c:my_func1' 'demo.c:no_func' 'demo.c:99999' 0x1 0xffffffffff 'libc.so.6!no_func' \
		'demo!malloc' \
		ns::nothing '/^nothing$/' 'my_func1(int)' 'ns::*' 'main@V1' '*!/^no_such_function_/'; do
		refused 125 'function' -f "$spec" -- "$testprogs/demo" 1 1 1
	done
}

@test "errors: a stripped static program has no names" {
	echo 'int main(void) { return 0; }' | compile bare -static -s
	refused 125 stripped -f main -- ./bare
	refused 125 stripped -o kept.dat -f main -- ./bare
}

@test "errors: specs that say nothing" {
	for spec in '' '!x' 'libc.so.6!' 'a.c:' 0xzz // '/(/' '*!/[/'; do
		refused 125 'spec' -f "$spec" -- sh -c 'touch canary'
	done
}

@test "errors: no program of that name" {
	refused 127 nonesuch -- nonesuch
	refused 127 ./nonesuch -o kept.dat ./nonesuch
	refused 127 none/such none/such
	refused 127 'not found' ''
}

@test "errors: what cannot be executed" {
	printf 'touch canary\n' >text
	refused 126 'text' ./text
	chmod +x text
	refused 126 '#!' ./text
	refused 126 '#!' -o kept.dat ./text
	mkdir folder
	refused 126 folder ./folder
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	refused 127 "script: its interpreter is not there" ./script
	head -c 100 "$testprogs/demo" >cut
	chmod +x cut
	refused 126 cut ./cut
}

@test "errors: an output that cannot be written" {
	mkdir folder
	refused 125 none/x.dat -o none/x.dat sh -c 'touch canary'
	refused 125 folder -o folder sh -c 'touch canary'
	refused 125 'cannot be written' -o '' sh -c 'touch canary'
	refused 125 kept.dat/x -o kept.dat/x sh -c 'touch canary'
}

@test "errors: an output that is read-only" {
	local as_user=()
	# To root no file is, unless it gives that power up.
	[ "$(id -u)" -ne 0 ] || as_user=(setpriv --bounding-set -dac_override --inh-caps -dac_override)
	chmod 444 kept.dat
	"${as_user[@]}" sh -c '! test -w kept.dat' || skip "cannot become a user who may not write"
	status_of limited "${as_user[@]}" "$fmprof" run -o kept.dat sh -c 'touch canary' >out 2>err
	cat err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	grep -q '^fmprof: kept.dat: cannot be written: Permission denied; ' err
	[ ! -e canary ]
	equal "$(sha256sum <kept.dat)" "$kept"
}

@test "errors: wrong options" {
	refused 125 --frobnicate --frobnicate sh -c 'touch canary'
	refused 125 -Z -Z sh -c 'touch canary'
	refused 125 -f -f
	refused 125 --func --func
	refused 125 'no program'
	refused 125 'no program' -f main --
}

@test "errors: wrong intervals" {
	for interval in 0 -1 abc '' 10us 1e99 nan inf 5xs '1 0ms'; do
		refused 125 interval -T "$interval" sh -c 'touch canary'
	done
}

@test "errors: wrong commands" {
	for command in frobnicate '' --frobnicate; do
		status_of limited "$fmprof" "$command" >out 2>err
		equal "$status" 125
		equal "$(wc -l <err)" 1
		grep -q '^fmprof: .*: ' err
		[ ! -s out ]
	done
	status_of limited "$fmprof" >out 2>err
	equal "$status" 125
	grep -q '^usage: fmprof ' err
	[ ! -s out ]
}
