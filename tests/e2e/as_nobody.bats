#!/usr/bin/env bats
# The suite's own files as a user without rights. In short only those that ask the kernel for most; all that concern the program
# with FMPROF_STRESS=1.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup_file() {
	# Where the tests are run by such a user, all of them are.
	[ "$(id -u)" -eq 0 ] || skip "this is no privileged user"
	load common
	load transparency
	# Their usual folders may lie where nobody else may look.
	folder=$(mktemp -d /tmp/fmprof-suite-XXXXXX)
	export folder
	mkdir "$folder/build" "$folder/work" "$folder/tests"
	cp -a "$BUILD/fmprof" "$BUILD/testprogs" "$folder/build"
	[ ! -e "$BUILD/flags" ] || cp "$BUILD/flags" "$folder/build"
	cp -a "$TOP/tests/e2e" "$folder/tests"
	cp -a "$TOP/src" "$TOP/include" "$TOP/testprogs" "$TOP/Makefile" "$folder"
	chmod -R a+rX "$folder"
	chown -R 65534:65534 "$folder/work"
	as_nobody test -x "$folder/build/fmprof" || skip "no rights can be given up here"
}

setup() {
	load common
	load transparency
}

teardown_file() {
	[ -z "${folder:-}" ] || rm -rf "$folder"
}

# as_user NAME...: files of the suite
as_user() {
	local name
	for name in "$@"; do
		echo "$name"
		cd "$folder/work"
		as_nobody env -i BUILD="$folder/build" FMPROF="$folder/build/fmprof" FMPROF_STRESS="${FMPROF_STRESS:-}" HOME="$folder/work" \
			TMPDIR="$folder/work" PATH=/usr/local/bin:/usr/bin:/bin:/usr/games LC_ALL=C.UTF-8 \
			ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" \
			timeout -k 5 1800 bats --formatter tap "$folder/tests/e2e/$name.bats" >tap 2>&1 3>&- || {
			grep -A12 '^not ok' tap
			return 1
		}
		# What is skipped is skipped for a reason of that user.
		grep '# skip' tap || true
		[ "$(grep '^ok' tap | grep -vc '# skip')" -ge 1 ]
	done
}

@test "as nobody: attach, signals and exits" {
	as_user attach attach_state transparency_signals
}

@test "as nobody: the other files" {
	[ -n "$(scaled '' full)" ] || skip "only at full size (FMPROF_STRESS=1)"
	local files=(truth exits children env status errors kill stress)
	for file in "$folder"/tests/e2e/transparency_*.bats; do files+=("$(basename "$file" .bats)"); done
	as_user "${files[@]}"
}
