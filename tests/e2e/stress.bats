#!/usr/bin/env bats
# Very many open calls, and threads with signals arriving everywhere: nothing is lost, nothing grows out of hand.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# dive CALLS: records that many nested calls; maxrss (KiB, fmprof's own) and cpu (s) as it used them
dive() {
	limited python3 "$BATS_TEST_DIRNAME/usage.py" usage "$fmprof" run -q -o "deep$1.dat" -f dive -- \
		"$testprogs/deep" "$1" >"deep$1.out"
	truth "deep$1.dat" "deep$1.out"
	eval "$(cat usage)"
}

@test "stress: 100000 open calls, memory and time grow with their number" {
	if is_sanitized; then skip "sanitizers use memory of their own"; fi
	dive 25000
	local quarter=$maxrss quarter_cpu=$cpu
	dive 100000
	between 1 "$maxrss" 100000 "KiB used"
	# Four times as much, and what growing arrays hold in reserve; if each call cost more the deeper it
	# is, it would be 16 times.
	between 0 "$maxrss" $((quarter * 5)) "KiB used"
	between 0 "$cpu" "$(awk "BEGIN { print $quarter_cpu * 8 }")" "CPU seconds"
}

@test "stress: threads under a rain of signals lose no call" {
	[ -x "$testprogs/signals" ] || skip "signals is only on x86-64"
	local calls sent
	calls=$(scaled 5000 250000)
	record rain signal_hit signal_work -- -q "$testprogs/signals" 4 "$calls" 1000
	equal "$status" 0 "exit status"
	truth rain.dat rain.out
	equal "$(calls_of rain.dat signal_hit)" $((4 * calls)) "calls of signal_hit"
	sent=$(awk '$1 == "signals" { print $2 }' rain.out)
	between 4 "$sent" 100000000 "signals"
	equal "$(calls_of rain.dat signal_work)" "$sent" "calls out of the handler"
	grep -qx 'bad-pcs 0' rain.out
	equal "$(count_of ENTER rain.dat)" "$(count_of FUNC rain.dat)" "enters and leaves"
}

@test "stress: threads that do nothing but call" {
	local calls
	calls=$(scaled 5000 250000)
	record threads work -- -q "$testprogs/threads" 4 "$calls"
	equal "$status" 0 "exit status"
	truth threads.dat threads.out
	equal "$(calls_of threads.dat work)" $((4 * calls)) "calls of work"
}

@test "stress: 10,000 mappings are not read for each call" {
	# Each call lies on a page of the stack that is new.
	compile mapped <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <sys/mman.h>
	#include <unistd.h>
	__attribute__((noinline)) long dive(long n)
	{
		volatile char room[4096];
		room[0] = 0;
		return n > 0 ? dive(n - 1) + room[0] : 0;
	}
	static long bytes_in(const char *path, const char *format)
	{
		FILE *file = fopen(path, "r");
		long count = 0, bytes = -1;
		while (file && getc(file) != EOF) count++;
		if (file) rewind(file);
		if (file && format && fscanf(file, format, &bytes) != 1) bytes = -1;
		return format ? bytes : count;
	}
	int main(int argc, char **argv)
	{
		char path[40];
		(void)argc;
		snprintf(path, sizeof(path), "/proc/%d/io", (int)getppid());
		for (long i = 0; i < atol(argv[1]); i += 2) {
			char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (pages == MAP_FAILED || mprotect(pages, 4096, PROT_NONE) != 0) return 2;
		}
		long before = bytes_in(path, "rchar: %ld");
		dive(1000);
		long after = bytes_in(path, "rchar: %ld");
		if (before < 0 || after < before) return 3;
		printf("%ld %ld\n", after - before, bytes_in("/proc/self/maps", NULL));
	}
	EOF2
	local few many size
	limited "$fmprof" run -q -f dive -o few.dat -- ./mapped 0 >few.txt
	limited "$fmprof" run -q -f dive -o many.dat -- ./mapped 10000 >many.txt
	read -r few size <few.txt
	read -r many size <many.txt
	equal "$(calls_of many.dat dive)" 1001
	between 0 $(((many - few) / size)) 30 "how often all were read"
}
