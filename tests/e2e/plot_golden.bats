#!/usr/bin/env bats
# What gnuplot is given, word for word, for a picture of each layout. After a change that is meant, look at the pictures, then:
#   FMPROF_GOLDEN=write tests/check plot_golden

load plot.bash

# golden NAME OPTION... FILE...
golden() {
	local name=$1 kept=$BATS_TEST_DIRNAME/golden/$1.gp
	shift
	plot --script "$name.gp" -o "$name.svg" "$@"
	if [ "${FMPROF_GOLDEN:-}" = write ]; then
		mkdir -p "${kept%/*}"
		cp "$name.gp" "$kept"
	fi
	diff -u "$kept" "$name.gp"
	# It is what gnuplot takes without a word.
	equal "$(gnuplot -d "$name.gp" 2>&1)" "" "$name"
	is_xml "$name.svg"
}

@test "brackets on the curve" {
	golden brackets demo.dat
}

@test "lanes, threads, ends that are no return" {
	threads_write threads.dat
	golden lanes --lanes --theme dark threads.dat
}

@test "children on top of each other, and the band" {
	family_write family.dat
	golden stacked --children stacked --legend bottom family.dat
}

@test "two recordings, a window, a logarithmic axis" {
	sed 's/480\.0/240.0/g; s/peak=480.2/peak=240.0/' demo.dat >other.dat
	golden overlay --log --align my_func2 -w 0.2,3.8 demo.dat other.dat
}
