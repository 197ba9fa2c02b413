# What the tests share: folders, recording, and asking recordings.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
[[ $BUILD == /* ]] || BUILD=$TOP/$BUILD
fmprof=${FMPROF:-$BUILD/fmprof}
testprogs=$BUILD/testprogs
python=/usr/bin/python3 # the one that Debian's memory_profiler belongs to

# scaled SMALL FULL: the size for this run
scaled() {
	if [ -n "${FMPROF_STRESS:-}" ]; then echo "$2"; else echo "$1"; fi
}

# Nothing in a test may hang. $limit seconds are for a loaded machine.
limit=$(scaled 60 900)
limited() {
	timeout -k 5 "$limit" "$@"
}

# `! command` would not fail a test.
not() {
	if "$@"; then return 1; fi
}

# wait_until COMMAND...: asks again and again until it holds, for at most 30 s
wait_until() {
	local end=$((SECONDS + 30))
	until "$@"; do
		if [ $SECONDS -ge $end ]; then
			echo "waited in vain: $*"
			return 1
		fi
		sleep 0.01
	done
}

# Until then a process in the background is still this shell.
is_another_program() {
	not [ "/proc/$1/exe" -ef /proc/$$/exe ]
}

# A sanitized build is slower and larger than what is promised of the real one.
is_sanitized() {
	grep -q -- -fsanitize "$BUILD/flags" 2>/dev/null
}

# status_of COMMAND...: runs it, its exit status is in $status
status_of() {
	status=0
	"$@" || status=$?
}

# record NAME SPEC... -- [OPTION...] PROGRAM [ARGUMENT...]
# Records PROGRAM into NAME.dat, its stdout into NAME.out, its and fmprof's stderr into NAME.err; sets $status.
# It is a failure here if fmprof itself failed.
record() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=(-f "$1")
		shift
	done
	shift
	status_of limited "$fmprof" run -o "$name.dat" "${options[@]}" "$@" >"$name.out" 2>"$name.err"
	if [ $status -ge 124 ] && [ $status -le 127 ]; then
		cat "$name.err"
		return 1
	fi
}

# truth FILE.dat [TRUTH.txt] [--cut]: it obeys the laws of its format, and shows what the program says
truth() {
	limited python3 "$BATS_TEST_DIRNAME/truth.py" "$@"
}

# calls_of FILE.dat NAME: how many calls of NAME have ended
calls_of() {
	awk -v name="$2" '$1 == "FUNC" && $2 == name' "$1" | wc -l
}

# count_of KIND FILE.dat
count_of() {
	grep -c "^$1 " "$2" || true
}

# equal A B [WHAT]
equal() {
	if [ "$1" != "$2" ]; then
		printf '%s: %s is not %s\n' "${3:-differs}" "$1" "$2"
		return 1
	fi
}

# between LEAST VALUE MOST [WHAT]: decimal numbers
between() {
	if ! awk -v least="$1" -v value="$2" -v most="$3" 'BEGIN { exit !(value + 0 >= least + 0 && value + 0 <= most + 0) }'; then
		echo "${4:-value}: $2 is not within $1 .. $3"
		return 1
	fi
}

# is_png FILE: one that has been drawn on
is_png() {
	equal "$(head -c 8 "$1" | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a "$1" &&
		between 5000 "$(stat -c %s "$1")" 100000000 "size of $1"
}

# compile NAME [FLAG...] <SOURCE: a program of the test's own, in its folder
compile() {
	local name=$1
	shift
	cat >"$name.c"
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -pthread "$@" -o "$name" "$name.c"
}
