#!/usr/bin/env bats
# docs/gallery.md: its pictures are there, small, and `make gallery` makes them.

load common.bash

setup() {
	cd "$BATS_TEST_TMPDIR"
}

pictures_named() {
	grep -o '(gallery/[^)]*)' "$TOP/docs/gallery.md" | tr -d '()' | sort -u
}

@test "every picture and source that is named is there, and none else" {
	equal "$(pictures_named)" "$(cd "$TOP/docs" && ls gallery/* | sort)"
	local file
	for file in "$TOP"/docs/gallery/*.png; do
		is_png "$file"
		between 5000 "$(stat -c %s "$file")" 100000 "$file"
	done
}

@test "the commands of the page are those that are run" {
	local line
	grep '^    fmprof run' "$TOP/docs/gallery.md" | sed 's/^ *fmprof run //; s/-o \([a-z0-9]*\).dat -- .*/\1/' |
		while read -r line; do
			name=${line##* }
			grep -qF "record $name ${line% *} -- " "$TOP/tests/gallery" || { echo "not run: $line"; exit 1; }
		done
}

@test "it can be made anew, and shows what its page says" {
	is_sanitized && skip "sanitized"
	limited "$TOP/tests/gallery" "$BUILD" runs pictures
	equal "$(ls pictures)" "$(cd "$TOP/docs/gallery" && ls *.png)"
	"$fmprof" plot runs/demo.dat | grep -q 'my_func2 *1 call, .*+2[34][0-9]\.. MiB'
	"$fmprof" plot runs/sqlite3.dat | grep -q 'sqlite3_step .* +[2-9][0-9]\.. MiB'
	"$fmprof" plot runs/python3.dat | grep -q 'PyDict_MergeFromSeq2 .* +1[0-9][0-9]\.. MiB'
	"$fmprof" plot runs/recursion.dat | grep -q 'build_tree *11 calls, .* +5[5-7]\.. MiB'
	"$fmprof" plot runs/children.dat | grep -q 'load_shard *3 calls, .* +1[0-9][0-9]\.. MiB'
	"$fmprof" plot runs/calls.dat | grep -q 'parse_line *100,000 calls'
}
