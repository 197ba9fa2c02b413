#!/usr/bin/env bats
# Running processes: recorded, let go, and as they were.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	compile server -pthread <<-'EOF2'
	#include <pthread.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <unistd.h>
	static volatile long calls;
	__attribute__((noinline)) void work(void) { __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED); }
	static void *serve(void *unused) { for (;;) { for (int i = 0; i < 5; i++) work(); usleep(500); } return unused; }
	int main(int argc, char **argv)
	{
		pthread_t thread;
		for (int i = 0; i < atoi(argv[argc - 1]); i++)
			pthread_create(&thread, 0, serve, 0);
		alarm(1000);
		for (long i = 0; getchar() != EOF; i++) {
			printf("%ld\n", calls);
			fflush(stdout);
		}
		return 7;
	}
	EOF2
	mkfifo in
	./server 8 <in >out 3>&- &
	server=$!
	exec 9>in
	wait_until is_another_program "$server"
}

teardown() {
	exec 9>&- || true
	kill -KILL "$server" ${forks:+"$forks"} 2>/dev/null || true
}

serves() {
	local lines=$(wc -l <out)
	echo >&9
	wait_until has_lines out $((lines + 1))
	kill -0 "$server"
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

untraced() {
	grep -qx $'TracerPid:\t0' "/proc/$server/status"
}

# Its code in memory is that of its file: no trap byte is left.
same_text() {
	local python=/usr/bin/python3
	limited $python - "$server" <<-'EOF2'
	import sys
	memory = open(f"/proc/{sys.argv[1]}/mem", "rb")
	compared = 0
	for line in open(f"/proc/{sys.argv[1]}/maps"):
	    fields = line.split()
	    if "x" not in fields[1] or len(fields) < 6 or not fields[5].startswith("/"):
	        continue
	    start, end = (int(word, 16) for word in fields[0].split("-"))
	    memory.seek(start)
	    now = memory.read(end - start)
	    file = open(fields[5], "rb")
	    file.seek(int(fields[2], 16))
	    data = file.read(end - start)
	    # What lies behind the code in its last page is slots, and nobody's.
	    differing = [i for i in range(min(len(now), len(data)) - 4096) if now[i] != data[i]]
	    assert not differing, (line, differing[:5])
	    compared += 1
	assert compared > 1
	EOF2
}

@test "attach: for a time, then the process goes on with its own bytes" {
	serves
	limited "$fmprof" attach -q -f work -t 300ms -o a.dat "$server"
	untraced
	serves
	same_text
	truth a.dat
	tail -n 1 a.dat | grep -q '^END .* detached '
	between 100 "$(calls_of a.dat work)" 1e9
	grep -q '^CMDLINE ./server 8$' a.dat
	# None of the 8 threads was missed: each called all the time.
	equal "$(awk '$1 == "ENTER" { print $5 }' a.dat | sort -u | wc -l)" 8 "threads"
}

@test "attach: SIGINT and SIGTERM end the recording, not the process" {
	for signal in INT TERM; do
		"$fmprof" attach -q -f work -o a.dat "$server" 3>&- 9>&- &
		local recorder=$!
		wait_until grep -qs '^FUNC' a.dat
		kill -$signal "$recorder"
		wait "$recorder"
		untraced
		serves
		truth a.dat
		rm a.dat
	done
}

# hits_a_second FILE.dat: enters and leaves
hits_a_second() {
	awk '$1 == "ENTER" { hits++; last = $NF; first = first ? first : last } $1 == "FUNC" { hits++ }
		END { print int(hits / (last - first)) }' "$1"
}

@test "attach: kill -9 of fmprof leaves the process alive and clean" {
	local times=$(scaled 10 1000)
	for ((i = 0; i < times; i++)); do
		rm -f a.dat
		"$fmprof" attach -q -f work -o a.dat "$server" 3>&- 9>&- &
		local recorder=$!
		wait_until grep -qs '^FUNC' a.dat
		# What `pkill -9 fmprof` kills is this one alone.
		pgrep -P "$recorder" >/dev/null
		not pgrep -P "$recorder" fmprof
		kill -KILL "$recorder"
		wait "$recorder" || true
		wait_until untraced
		kill -0 "$server"
		hits_a_second a.dat >>rates
	done
	serves
	same_text
	# The figure of docs/transparency.md.
	echo "# survived $times of $times, hits a second in the median: $(sort -n rates | sed -n "$((times / 2))p")" >&3
	is_sanitized || between 10000 "$(sort -n rates | sed -n "$((times / 2))p")" 1e9 "hits a second"
}

@test "attach: kill -9 of all that are called fmprof" {
	local named recorder pid
	for ((i = 0; i < $(scaled 10 1000); i++)); do
		rm -f a.dat
		"$fmprof" attach -q -f work -o a.dat "$server" 3>&- 9>&- &
		recorder=$!
		wait_until grep -qs '^FUNC' a.dat
		# As pkill would, but no one else's.
		named=()
		for pid in $recorder $(pgrep -P "$recorder"); do
			not grep -q fmprof "/proc/$pid/comm" || named+=("$pid")
		done
		equal "${#named[@]}" 1 "processes of that name"
		kill -KILL "${named[@]}"
		wait "$recorder" || true
		wait_until untraced
		kill -0 "$server"
	done
	serves
	same_text
}

@test "attach: many times" {
	for ((i = 0; i < $(scaled 30 1000); i++)); do
		limited "$fmprof" attach -q -f work -t 5ms -o a.dat "$server"
	done
	serves
	same_text
}

@test "attach: a system call that was interrupted is made again, also where memory for slots is mapped" {
	compile waits <<-'EOF2'
	#include <errno.h>
	#include <stdio.h>
	#include <sys/wait.h>
	#include <unistd.h>
	int main(void)
	{
		int status;
		alarm(1000);
		if (fork() == 0)
			_exit(getchar() == EOF ? 3 : 4);
		int failed = waitpid(-1, &status, 0) < 0;
		printf("%d %d 0x%x\n", failed, errno, status);
	}
	EOF2
	mkfifo end
	./waits <end >waits.out 3>&- 9>&- &
	forks=$!
	exec 8>end
	wait_until is_another_program "$forks"
	"$fmprof" attach -q -f 'libc.so*!*a*' -o a.dat "$forks" 3>&- 8>&- 9>&- &
	local recorder=$!
	wait_until grep -qs '^MEM' a.dat
	kill -INT "$recorder"
	wait "$recorder"
	exec 8>&-
	wait "$forks"
	equal "$(cat waits.out)" "0 0 0x300"
}

@test "attach: to a process that waits for children by vfork most of the time" {
	compile forks <<-'EOF2'
	#include <signal.h>
	#include <stdio.h>
	#include <sys/wait.h>
	#include <unistd.h>
	static volatile sig_atomic_t over;
	static void end(int signal) { over = signal; }
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void)
	{
		int status;
		sigset_t set;
		signal(SIGTERM, end);
		sigemptyset(&set);
		sigaddset(&set, SIGCHLD); /* it would be one more stop */
		sigprocmask(SIG_BLOCK, &set, NULL);
		alarm(1000);
		while (!over) {
			work();
			pid_t pid = vfork();
			if (pid == 0) {
				work();
				usleep(1000);
				_exit(5);
			}
			if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 5)
				return 1;
		}
		return 7;
	}
	EOF2
	./forks 3>&- 9>&- &
	forks=$!
	wait_until is_another_program "$forks"
	for ((i = 0; i < $(scaled 5 40); i++)); do
		rm -f a.dat
		# So many that memory for slots is needed.
		"$fmprof" attach -q -f work -f 'libc.so*!*a*' -o a.dat "$forks" 3>&- 9>&- &
		local recorder=$!
		wait_until grep -qs '^FUNC work ' a.dat
		kill -INT "$recorder"
		wait "$recorder"
		truth a.dat
	done
	kill "$forks"
	status_of wait "$forks"
	equal "$status" 7
}

@test "attach: the process ends by itself" {
	"$fmprof" attach -q -f work -o a.dat "$server" 3>&- 9>&- &
	local recorder=$!
	wait_until grep -qs '^FUNC' a.dat
	exec 9>&-
	wait "$recorder"
	status_of wait "$server"
	equal "$status" 7
	truth a.dat
	tail -n 1 a.dat | grep -q '^END .* exit=7 '
}

@test "attach: by name, and what cannot be" {
	cp server only-one-of-me
	./only-one-of-me 1 <in >/dev/null 3>&- 9>&- &
	local other=$!
	wait_until grep -qs only-one /proc/$other/comm
	limited "$fmprof" attach -q -t 50ms -o a.dat only-one-of-me
	kill "$other"
	failing() {
		status_of limited "$fmprof" attach -q -o no.dat "$@" 2>err
		equal "$status" 125
		equal "$(wc -l <err)" 1
		grep -q '^fmprof: .*: .*; ' err
		[ ! -e no.dat ]
	}
	failing 99999999
	failing no-such-process-name
	failing
	failing 1 2
	failing -f nosuch "$server"
	untraced
	serves
}
