# What the transparency tests share: a program runs twice, untraced and under fmprof, and must not differ.

programs=$BATS_TEST_DIRNAME/transparency
cut=(cat)     # the filter through which both outputs are compared
before=(env)  # words that start the command
specs=()      # functions to name
recording=()  # more options of fmprof run
least_calls=1 # how many calls must have been recorded: a test in which nothing was traced shows nothing

# build NAME [FLAG...]: a program of transparency/, in given/, which is copied to where both runs start
build() {
	local name=$1
	shift
	mkdir -p given
	gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -pthread "$@" -o "given/$name" "$programs/$name.c"
}

# run_in NAME COMMAND...: in a copy of given/ that has the same path each time; it becomes NAME
run_in() {
	local name=$1
	shift
	rm -rf work "$name"
	mkdir work
	[ ! -d given ] || cp -a given/. work/
	chmod 777 work
	status=0
	(cd work && exec timeout -k 5 "$limit" "${before[@]}" "$@" >"../$name.out" 2>"../$name.err" <"${input:-/dev/null}") || status=$?
	echo "$status" >"$name.status"
	[ "$status" -ne 124 ] || echo "$name: did not end: $*"
	mv work "$name"
}

# twice COMMAND...: stdout, stderr, status, and the files it leaves must be the same
twice() {
	local options=() spec
	for spec in "${specs[@]}"; do
		options+=(-f "$spec")
	done
	run_in untraced "$@"
	rm -f x.dat
	run_in traced "$fmprof" run -q -o "$PWD/x.dat" "${recording[@]}" "${options[@]}" -- "$@"
	grep '^fmprof: ' traced.err >notes || true
	cat notes # shown if the test fails
	compare
	between "$least_calls" "$(count_of FUNC x.dat)" 1e9 "recorded calls"
}

compare() {
	local kind run
	diff untraced.status traced.status
	not grep -qx 124 traced.status
	for kind in out err; do
		for run in untraced traced; do
			# timeout(1) tells of a core file only where the program itself was its child (docs/transparency.md).
			sed '/^fmprof: /d; /^timeout: the monitored command dumped core$/d' $run.$kind | "${cut[@]}" >$run.$kind.cut
		done
		diff untraced.$kind.cut traced.$kind.cut
	done
	diff -r "${ignored_files[@]}" untraced traced
}
ignored_files=()

# start_traced COMMAND...: in the background, its pid is in $program; 9 is its stdin, which ends when the test does
start_traced() {
	rm -f in
	mkfifo in
	"$@" <in >traced.out 2>traced.err 3>&- &
	program=$!
	exec 9>in
	wait_until grep -qs '^ready$' traced.out
}

# end_traced: its input ends, and it said what it says untraced
end_traced() {
	exec 9>&-
	wait_until has_ended "$program" || kill -KILL "$program"
	status_of wait "$program"
	equal "$status" 0
	diff untraced.out traced.out
	diff untraced.err traced.err
}

has_ended() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

# often_attached TIMES SPEC COMMAND...: it runs until its input ends, and is attached to and let go meanwhile
often_attached() {
	local times=$1 spec=$2 i
	shift 2
	echo "$*"
	limited "$@" </dev/null >untraced.out 2>untraced.err
	start_traced "$@"
	for ((i = 0; i < times; i++)); do
		has_ended "$program" && break
		limited "$fmprof" attach -q -f "$spec" -t 20ms -o x.dat "$program" 3>&- 9>&- || break
	done
	end_traced
	equal "$i" "$times" "times that it was attached to"
}

# Process numbers and addresses are never the same.
no_numbers() {
	sed -E 's/ *(0x[0-9a-f]+|[0-9]{3,})/ N/g'
}

# A user without rights, if we are root.
as_nobody() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}
