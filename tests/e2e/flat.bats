#!/usr/bin/env bats
# fmprof does not grow: its descriptors, threads, mappings and memory are the same after many children, threads, libraries.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	is_sanitized && skip "a sanitizer keeps what is freed"
	rounds=7
}

# flat OPTION... -- PROGRAM...
flat() {
	echo "$*"
	limited python3 "$BATS_TEST_DIRNAME/flat.py" $rounds "$fmprof" run -q -o /dev/null "$@" $rounds
}

@test "flat: children that are let go" {
	build children
	for kind in vfork spawn; do flat -f work -- given/children $kind "$(scaled 100 1500)"; done
	for kind in fork vm io; do flat -f work -- given/children $kind "$(scaled 250 1500)"; done
}

@test "flat: children that are followed" {
	build children
	for option in -C -M; do
		for kind in fork vm; do flat $option -f work -f child_work -- given/children $kind "$(scaled 250 1500)"; done
	done
}

@test "flat: threads" {
	build children
	for kind in threads detached; do flat -f work -f child_work -- given/children $kind "$(scaled 300 1500)"; done
}

@test "flat: libraries that come and go" {
	build plugins
	build plugin -shared -fPIC
	flat -f 'plugin!plugin_*' -f cycle -- given/plugins "$(scaled 150 500)" given/plugin
	cp given/plugin given/plugin2
	flat -f 'plugin!plugin_*' -f 'plugin2!plugin_*' -- given/plugins "$(scaled 150 500)" given/plugin given/plugin2
}

@test "flat: flat.py finds what grows" {
	cat >leaks.py <<-'EOF2'
	import os, sys
	kept = []
	for _ in range(7 - 1):
	    if "fd" in sys.argv: os.dup(1)
	    if "memory" in sys.argv: kept.append(os.urandom(500000))
	    print("round", flush=True)
	    input()
	EOF2
	limited python3 "$BATS_TEST_DIRNAME/flat.py" 7 $python leaks.py
	for what in fd memory; do not limited python3 "$BATS_TEST_DIRNAME/flat.py" 7 $python leaks.py $what; done
	not limited python3 "$BATS_TEST_DIRNAME/flat.py" 7 true
}
