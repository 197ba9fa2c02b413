#!/usr/bin/env bats
# `fmprof list`, `rm` and `clean`, and indices in the place of files: mprof's, and nothing but recordings goes away.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	mkdir place
	cd place
}

# recording NAME: a small one
recording() {
	printf '%s\n' 'CMDLINE ./prog' 'MEM 10.000000 1700000000.000000000' "MEM ${2:-20}.000000 1700000001.000000000" >"$1"
}

three() {
	recording mprofile_20240103020304.dat 23
	recording mprofile_20240101020304.dat 21
	recording mprofile_20240102020304.dat 22
}

# What is no recording by name or kind, and must stay.
bystanders() {
	recording other.dat
	recording mprofile_2024.dat
	recording mprofile_20240101020304.dat.bak
	mkdir mprofile_20230101000000.dat
	ln -s other.dat mprofile_20230102000000.dat
	mkfifo mprofile_20230103000000.dat
	ls >../before
}

all_stay() {
	ls | diff ../before -
}

fails() {
	status_of "$fmprof" "$@" >../out 2>../err
	equal "$status" 125
	equal "$(wc -l <../err)" 1
	grep -q '^fmprof: .*: ' ../err
}

@test "list: as mprof lists them" {
	three
	mprof=$(command -v python3-mprof || command -v mprof) || skip "mprof is not installed"
	diff <("$fmprof" list) <("$mprof" list)
	equal "$("$fmprof" list | head -n 1)" '0 mprofile_20240101020304.dat 02:03:04 01/01/2024'
	bystanders
	equal "$("$fmprof" list | wc -l)" 3
}

@test "list: nothing to list, and a wrong word" {
	equal "$("$fmprof" list)" ''
	fails list 1
	fails list --nonsense
	"$fmprof" list --help | grep -q '^usage: fmprof list'
}

@test "indices: from either end, in every command that reads" {
	three
	equal "$("$fmprof" peak 0)" $'mprofile_20240101020304.dat\t≥ 21.000 MiB'
	equal "$("$fmprof" peak -1)" $'mprofile_20240103020304.dat\t≥ 23.000 MiB'
	equal "$("$fmprof" peak -3 -- -2 | cut -f2 | tr '\n' ' ')" '≥ 21.000 MiB ≥ 22.000 MiB '
	equal "$("$fmprof" peak 2 -1 mprofile_20240103020304.dat | wc -l)" 1 "each once"
	"$fmprof" peak 2>../err | grep -q 20240103
	grep -q 'reading mprofile_20240103020304.dat, the newest recording here' ../err
	"$fmprof" report 1 | grep -q '^mprofile_20240102020304.dat'
	"$fmprof" info -2 | grep -q '^recording *mprofile_20240102020304.dat'
	"$fmprof" plot -2 | grep -q 'peak 22.0 MiB'
	"$fmprof" plot 2>../err | grep -q 'peak 23.0 MiB'
	grep -q 'drawing mprofile_20240103020304.dat, the newest recording here' ../err
	recording 0 50
	equal "$("$fmprof" peak ./0)" $'./0\t≥ 50.000 MiB'
	fails peak 3
	fails peak -4
	fails plot -4
}

@test "rm: by index and by name, all from before anything went" {
	three
	bystanders
	equal "$("$fmprof" rm 0 -1 | tr '\n' ' ')" 'removed mprofile_20240101020304.dat removed mprofile_20240103020304.dat '
	[ ! -e mprofile_20240101020304.dat ]
	equal "$("$fmprof" list | cut -d' ' -f2)" mprofile_20240102020304.dat
	equal "$("$fmprof" rm ./mprofile_20240102020304.dat other.dat | wc -l)" 2
	equal "$("$fmprof" list)" ''
	[ -L mprofile_20230102000000.dat ]
	[ -d mprofile_20230101000000.dat ]
	[ -p mprofile_20230103000000.dat ]
}

@test "rm: only says what it would do" {
	three
	ls >../before
	equal "$("$fmprof" rm --dry-run -1 0 | tr '\n' ' ')" 'would remove mprofile_20240103020304.dat would remove mprofile_20240101020304.dat '
	equal "$("$fmprof" clean --dry-run | grep -c '^would remove mprofile_')" 3
	all_stay
}

@test "rm: what is no recording stays, and then all stays" {
	three
	bystanders
	echo 'int main(void) { return 0; }' >prog.c
	ls >../before
	local word
	for word in . mprofile_20230101000000.dat mprofile_20230102000000.dat mprofile_20230103000000.dat prog.c missing.dat 3 -4 /dev/null --nonsense; do
		fails rm 0 "$word"
		all_stay
	done
	fails rm
	fails clean 0
	fails clean --nonsense
	all_stay
	# A recording that never began is one.
	: >empty.dat
	"$fmprof" rm empty.dat
	[ ! -e empty.dat ]
}

@test "clean: all recordings of the folder, and nothing else" {
	three
	# What mprof puts beside one goes with it.
	recording mprofile_20240101020304_ts.dat
	bystanders
	grep -v 'mprofile_2024010[123]020304\(_ts\)\?\.dat$' ../before >../after
	"$fmprof" clean >../out
	equal "$(grep -c '^removed mprofile_2024010[123]020304' ../out)" 4
	ls | diff ../after -
	"$fmprof" clean >../out 2>../err
	[ ! -s ../out ]
	grep -q 'no mprofile_' ../err
	ls | diff ../after -
}

@test "rm: a folder that may not be written" {
	[ "$(id -u)" != 0 ] || skip "root may write everywhere"
	three
	chmod a-w .
	fails rm 0
	chmod u+w .
	equal "$("$fmprof" list | wc -l)" 3
}
