#!/usr/bin/env bats
# What attach may not change, and what it may not make up: stacks, system calls, stopped processes, libraries on disk.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	others=()
}

teardown() {
	exec 9>&- || true
	[ ${#others[@]} -eq 0 ] || kill -KILL "${others[@]}" 2>/dev/null || true
}

# begin NAME COMMAND...: in the background, its pid is in $pid, what it says in NAME.out; 9 is its stdin
begin() {
	local name=$1
	shift
	[ -e in ] || mkfifo in
	"$@" <in >"$name.out" 2>"$name.err" 3>&- &
	pid=$!
	others+=("$pid")
	exec 9>in
	wait_until is_another_program "$pid"
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

untraced() {
	grep -qx $'TracerPid:\t0' "/proc/$pid/status"
}

# failing PATTERN ARGUMENT...: attach is refused in one line
failing() {
	local pattern=$1
	shift
	status_of limited "$fmprof" attach -q -o no.dat "$@" 2>err
	cat err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	grep -q '^fmprof: .*: .*; ' err
	grep -q -- "$pattern" err
	[ ! -e no.dat ]
}

@test "attach: a name that several have is answered with a list" {
	cp /bin/sleep a-name-of-many-letters
	local one two
	./a-name-of-many-letters 1000 3>&- &
	one=$!
	./a-name-of-many-letters 1000 3>&- &
	two=$!
	others=($one $two)
	wait_until grep -qs a-name /proc/$one/comm
	wait_until grep -qs a-name /proc/$two/comm
	failing "there are 2 of that name" a-name-of-many-letters
	grep -qw "$one" err && grep -qw "$two" err
	kill -KILL "$two"
	wait "$two" 2>/dev/null || true
	limited "$fmprof" attach -q -t 20ms -o a.dat a-name-of-many-letters
	truth a.dat
}

@test "attach: functions that are on the stack already are not invented" {
	compile stacks <<-'EOF2'
	#include <stdio.h>
	static volatile int level;
	__attribute__((noinline)) int leaf(int n) { return n + level; }
	__attribute__((noinline)) int waits(int n) { int c = getchar(); leaf(n); return c == EOF; }
	__attribute__((noinline)) int inner(int n) { int ended = waits(n); leaf(n); return ended; }
	__attribute__((noinline)) int outer(int n) { int ended = n > 0 ? outer(n - 1) : inner(n); leaf(n); return ended; }
	int main(void) { while (!outer(3)) { puts("round"); fflush(stdout); } return 3; }
	EOF2
	begin stacks ./stacks
	echo >&9
	wait_until has_lines stacks.out 1
	"$fmprof" attach -q -f 'leaf' -f waits -f inner -f outer -o a.dat "$pid" 3>&- 9>&- &
	local recorder=$!
	wait_until grep -qs '^FN 4' a.dat
	wait_until grep -qs '^MEM' a.dat
	# The first round ends what was there before; then two whole ones; the last is cut off inside.
	for round in 2 3 4; do
		echo >&9
		wait_until has_lines stacks.out $round
	done
	wait_until eval '[ "$(count_of ENTER a.dat)" -ge 36 ]'
	kill -INT "$recorder"
	wait "$recorder"
	untraced
	exec 9>&-
	status_of wait "$pid"
	equal "$status" 3
	truth a.dat
	# 6 leaves of the round that was begun before; rounds of 4 outer, inner, waits and 6 leaves; 6 calls of the last one.
	equal "$(calls_of a.dat leaf)" 18
	equal "$(calls_of a.dat outer)" 12
	equal "$(grep -c '^FUNC outer .* end=return ' a.dat)" 8
	equal "$(grep -c '^FUNC .* end=detached ' a.dat)" 6
	awk '$1 == "ENTER"' a.dat | head -n 6 | awk '$6 != 0 { exit 1 }'
}

@test "attach: system calls that wait are not interrupted, by coming or by going" {
	build waiting
	given/waiting </dev/null >expected
	equal "$(grep -c ': ended by its event$' expected)" 15
	begin waiting given/waiting
	wait_until has_lines waiting.out 1
	for i in 1 2 3 4 5; do
		limited "$fmprof" attach -q -f work -t 10ms -o a.dat "$pid"
		untraced
	done
	echo >&9
	status_of wait "$pid"
	equal "$status" 0
	diff expected waiting.out
}

@test "attach: a child that shares the memory is not killed by a trap" {
	build borrowed
	limited given/borrowed >expected
	begin borrowed given/borrowed traced
	wait_until has_lines borrowed.out 1
	limited "$fmprof" attach -q -f work -o a.dat "$pid"
	status_of wait "$pid"
	equal "$status" 0
	diff expected borrowed.out
	equal "$(calls_of a.dat work)" 2 "calls of the parent"
}

@test "attach: a stopped process stays stopped, and its parent is told nothing" {
	compile parent <<-'EOF2'
	#include <stdio.h>
	#include <signal.h>
	#include <sys/wait.h>
	#include <unistd.h>
	static volatile sig_atomic_t told;
	static void on_child(int n) { (void)n; told++; }
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void)
	{
		struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};
		int status;
		pid_t pid;
		char byte;
		sigaction(SIGCHLD, &action, NULL);
		pid = fork();
		if (pid == 0)
			for (;;) { work(); usleep(1000); }
		kill(pid, SIGSTOP);
		if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status)) return 2;
		while (!told) usleep(1000);
		dprintf(1, "%d\n", (int)pid);
		read(0, &byte, 1);
		dprintf(1, "told %d, wait %d\n", (int)told, (int)waitpid(pid, &status, WUNTRACED | WCONTINUED | WNOHANG));
		kill(pid, SIGCONT);
		if (waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status)) return 3;
		kill(pid, SIGTERM);
		if (waitpid(pid, &status, 0) != pid) return 4;
		dprintf(1, "signal %d\n", WTERMSIG(status));
	}
	EOF2
	begin parent ./parent
	wait_until has_lines parent.out 1
	local parent=$pid
	pid=$(cat parent.out)
	others+=("$pid")
	for i in 1 2 3; do
		limited "$fmprof" attach -q -f work -t 30ms -o a.dat "$pid"
		untraced
		wait_until grep -q '^State:.T' "/proc/$pid/status"
		equal "$(calls_of a.dat work)" 0
	done
	echo >&9
	status_of wait "$parent"
	equal "$status" 0
	equal "$(sed 1d parent.out | paste -sd ' ')" "told 1, wait 0 signal 15"
}

@test "attach: programs that throw, take signals, start children and load libraries do not notice" {
	local word
	mkdir -p given
	g++ -O1 -pthread -o given/throws "$programs/throws.cc"
	build storm
	build children
	build plugins
	build plugin -shared -fPIC
	# attached_to SPEC COMMAND...: attached to and let go again and again, until it ends
	attached_to() {
		local spec=$1 recordings=0
		shift
		echo "$*"
		limited "$@" >untraced.out 2>untraced.err </dev/null || true
		"$@" >traced.out 2>traced.err </dev/null 3>&- &
		pid=$!
		others+=("$pid")
		wait_until is_another_program "$pid"
		while kill -0 "$pid" 2>/dev/null && not grep -q '^State:.Z' "/proc/$pid/status"; do
			limited "$fmprof" attach -q -f "$spec" -t 5ms -o a.dat "$pid" 2>err || break
			truth --cut a.dat
			recordings=$((recordings + 1))
		done
		status_of wait "$pid"
		equal "$status" "$expected"
		diff untraced.out traced.out
		diff untraced.err traced.err
		between 1 $recordings 1e6 "recordings"
	}
	expected=6
	attached_to '*leaf*' given/throws "$(scaled 50000 1000000)"
	expected=0
	attached_to '*work' given/storm "$(scaled 5000 30000)"
	attached_to '*work' given/children fork "$(scaled 1000 30000)"
	attached_to '*work' given/children threads "$(scaled 5000 100000)"
	attached_to 'plugin!plugin_*' given/plugins "$(scaled 3000 50000)" given/plugin
}

@test "attach: of very many, none loses a call or makes one up, and the process stays as it was" {
	compile batches <<-'EOF2'
	#include <pthread.h>
	#include <stdatomic.h>
	#include <stdio.h>
	#include <unistd.h>
	static atomic_int ended;
	__attribute__((noinline)) void work(int n) { __asm__ volatile("" : : "r"(n)); }
	__attribute__((noinline)) void batch(void) { for (int i = 0; i < 5; i++) work(i); __asm__ volatile(""); }
	static void *serve(void *unused) { while (!ended) { batch(); usleep(300); } return unused; }
	int main(void)
	{
		pthread_t threads[8];
		for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, serve, NULL);
		puts("ready");
		fflush(stdout);
		getchar();
		ended = 1;
		for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
	}
	EOF2
	cat >batches.py <<-'EOF2'
	# Each batch that was recorded whole has 5 works in it; those outside of one belong to a batch begun before, at most 5 a thread.
	import collections, sys
	batches, stray, open_ = 0, collections.Counter(), {}
	for line in open(sys.argv[1]):
	    words = line.split()
	    if words[0] == "FN":
	        if words[2] == "batch": batch = words[1]
	    elif words[0] == "ENTER":
	        tid, depth = words[4], words[5]
	        if words[2] == batch:
	            assert depth == "0" and tid not in open_, line
	            open_[tid] = 0
	        elif tid in open_:
	            assert depth == "1", line
	            open_[tid] += 1
	        else:
	            assert depth == "0", line
	            stray[tid] += 1
	    elif words[0] == "FUNC" and words[1] == "batch":
	        tid = next(word[4:] for word in words if word.startswith("tid="))
	        count = open_.pop(tid)
	        if "end=return" in words:
	            assert count == 5, (line, count)
	            batches += 1
	        else:
	            assert "end=detached" in words and count <= 5, (line, count)
	assert not stray or max(stray.values()) <= 5, stray
	print(batches)
	EOF2
	resources() {
		ls "/proc/$pid/fd" | wc -l
		ls "/proc/$pid/task" | wc -l
		grep -c . "/proc/$pid/maps"
	}
	begin batches ./batches
	wait_until has_lines batches.out 1
	for ((i = 0; i < $(scaled 25 1000); i++)); do
		limited "$fmprof" attach -q -f work -f batch -t 15ms -o a.dat "$pid"
		truth a.dat
		limited python3 batches.py a.dat >>batches.seen
		[ "$i" -ne 9 ] || resources >before
	done
	resources >after
	diff before after
	between "$(scaled 200 10000)" "$(awk '{ sum += $1 } END { print sum }' batches.seen)" 1e9 "batches"
	echo >&9
	status_of wait "$pid"
	equal "$status" 0
}

@test "attach: another user's process, one that is traced already, one that may not be looked at" {
	sleep 1000 3>&- &
	pid=$!
	others+=("$pid")
	wait_until is_another_program "$pid"
	if [ "$(id -u)" -eq 0 ]; then
		chmod 777 .
		as_nobody test -x "$fmprof" && as_nobody test -w . || skip "another user cannot run fmprof here"
		status_of as_nobody timeout "$limit" "$fmprof" attach -q -o no.dat "$pid" 2>err
		equal "$status" 125
		equal "$(wc -l <err)" 1
		grep -q "^fmprof: process $pid: belongs to another user (uid 0); " err
	else
		failing 'belongs to another user' 1
	fi
	"$fmprof" attach -q -o a.dat "$pid" 3>&- &
	local recorder=$!
	wait_until grep -qs '^MEM' a.dat
	failing 'is traced by process' "$pid"
	kill "$recorder"
	wait "$recorder"
	untraced
}

@test "attach: a process of the same user that may not be dumped is refused in one line" {
	compile hidden <<-'EOF2'
	#include <stdio.h>
	#include <sys/prctl.h>
	int main(void) { prctl(PR_SET_DUMPABLE, 0); puts("ready"); fflush(stdout); return getchar() == EOF; }
	EOF2
	chmod 777 .
	as_nobody test -x "$fmprof" && as_nobody test -w . || skip "another user cannot run fmprof here"
	begin hidden ./hidden
	wait_until has_lines hidden.out 1
	if [ "$(id -u)" -eq 0 ]; then
		kill "$pid"
		if [ -e in ]; then rm in; fi
		begin hidden setpriv --reuid 65534 --regid 65534 --clear-groups ./hidden
		wait_until has_lines hidden.out 1
	fi
	status_of as_nobody timeout "$limit" "$fmprof" attach -q -o no.dat "$pid" 2>err
	cat err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	grep -q "^fmprof: process $pid: .*; " err
	not grep -q 'another user' err
	echo >&9
	status_of wait "$pid"
	equal "$status" 0
}

# served_by LIBRARY: a process that calls library_work of it for each line
served_by() {
	cp "$1" now.so
	compile serves -Wl,--no-as-needed -Wl,-rpath,"$PWD" ./now.so <<-'EOF2'
	#include <stdio.h>
	int library_work(int n);
	int main(void) { for (int i = 0; getchar() != EOF; i++) { printf("%d\n", library_work(i)); fflush(stdout); } }
	EOF2
	begin serves ./serves
	echo >&9
	wait_until has_lines serves.out 1
}

libraries() {
	compile old -shared -fPIC -Wl,-soname,now.so <<<'__attribute__((noinline)) int library_work(int n) { return n + 1; }'
	compile new -shared -fPIC -Wl,-soname,now.so <<-'EOF2'
	int padding(int n) { return n * n * n - n / 7; }
	__attribute__((noinline)) int library_work(int n) { return padding(n) + 1000; }
	EOF2
}

# recorded_or_refused: the function of the library that is mapped is recorded; or it is said in one line why it is not
recorded_or_refused() {
	local lines recorder
	"$fmprof" attach -q -f 'now.so!library_work' -o a.dat "$pid" 3>&- 9>&- 2>err &
	recorder=$!
	others+=("$recorder")
	wait_until eval 'grep -qs ^MEM a.dat || ! kill -0 $recorder 2>/dev/null'
	for i in 2 3 4; do
		echo >&9
		wait_until has_lines serves.out $i
	done
	kill -INT "$recorder" 2>/dev/null || true
	status_of wait "$recorder"
	cat err
	equal "$(paste -sd ' ' serves.out)" "1 2 3 4"
	if [ "$status" -eq 0 ] && [ ! -s err ]; then
		equal "$(calls_of a.dat library_work)" 3
		truth a.dat
	else
		grep -qE '^fmprof: .*now\.so.*(deleted|replaced|no longer).*; ' err
	fi
}

@test "attach: a library that was deleted while it is mapped" {
	libraries
	served_by old
	rm now.so
	recorded_or_refused
}

@test "attach: a library that was replaced while it is mapped" {
	libraries
	served_by old
	cp new other.so
	mv other.so now.so
	recorded_or_refused
}

@test "attach: a program that was deleted, or replaced, while it runs" {
	compile serves <<-'EOF2'
	#include <stdio.h>
	__attribute__((noinline)) int work(int n) { return n + 1; }
	int main(void) { for (int i = 0; getchar() != EOF; i++) { printf("%d\n", work(i)); fflush(stdout); } }
	EOF2
	for how in deleted replaced; do
		cp serves program
		rm -f in
		begin serves ./program
		echo >&9
		wait_until has_lines serves.out 1
		rm program
		[ $how = deleted ] || cp /bin/true program
		rm -f a.dat
		"$fmprof" attach -q -f work -o a.dat "$pid" 3>&- 9>&- &
		local recorder=$!
		wait_until grep -qs '^MEM' a.dat
		echo >&9
		wait_until has_lines serves.out 2
		kill -INT "$recorder"
		wait "$recorder"
		equal "$(calls_of a.dat work)" 1
		exec 9>&-
		status_of wait "$pid"
		equal "$(paste -sd ' ' serves.out)" "1 2"
	done
}

@test "attach: a core file that is dumped meanwhile, or after, has none of our bytes" {
	ulimit -c unlimited 2>/dev/null || skip "core files cannot be allowed here"
	[[ $(cat /proc/sys/kernel/core_pattern) == core ]] || skip "core files are not written as 'core'"
	compile victim <<-'EOF2'
	#include <stdio.h>
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	__attribute__((noinline)) void outer(void) { for (;;) { work(); usleep(200); } }
	int main(void) { puts("ready"); fflush(stdout); outer(); }
	EOF2
	echo 0x3f >/proc/self/coredump_filter
	for how in meanwhile after; do
		rm -f core* in a.dat
		begin victim ./victim
		wait_until has_lines victim.out 1
		"$fmprof" attach -q -f work -f outer -f 'libc.so*!*sleep*' -o a.dat "$pid" 3>&- 9>&- &
		local recorder=$!
		wait_until grep -qs '^FUNC' a.dat
		if [ $how = after ]; then
			kill "$recorder"
			wait "$recorder"
		fi
		kill -SEGV "$pid" # QUIT is ignored by what a shell starts in the background
		status_of wait "$pid"
		equal "$status" 139
		[ $how = after ] || wait "$recorder"
		limited python3 "$programs/core_text.py" core*
	done
}

@test "attach: a program that executes itself all the time" {
	compile again <<-'EOF2'
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(int argc, char **argv)
	{
		for (int i = 0; i < 20; i++)
			work();
		if (access("stop", F_OK) == 0)
			return 3;
		execv("/proc/self/exe", argv);
		return 1;
	}
	EOF2
	./again 3>&- 9>&- &
	local again=$!
	others+=("$again")
	wait_until is_another_program "$again"
	for ((i = 0; i < $(scaled 40 1000); i++)); do
		limited "$fmprof" attach -q -f work -t 3ms -o a.dat "$again"
		truth a.dat
	done
	touch stop
	status_of wait "$again"
	equal "$status" 3
}
