#!/usr/bin/env bats
# Samples come on time, from the program's first moment to its last, and the peak is the kernel's.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# on_grid FILE.dat INTERVAL LEAST: facts.py's figures, judged
on_grid() {
	limited python3 - "$@" <<-'EOF2'
	import statistics, sys
	interval, least = float(sys.argv[2]), float(sys.argv[3])
	times = [float(line.split()[2]) for line in open(sys.argv[1]) if line.startswith("MEM ")]
	# The first and the last one are taken because the program begins and ends.
	ticks = times[1:-1]
	gaps = [b - a for a, b in zip(ticks, ticks[1:])]
	median = statistics.median(gaps)
	share = len(ticks) / ((times[-1] - times[0]) / interval)
	# A clock that loses a little each time drifts through the whole interval, so its lateness is anything.
	late = sorted((tick - times[0]) % interval / interval for tick in ticks)
	drift = late[len(late) * 3 // 4] - late[len(late) // 4]
	print(f"{len(times)} samples, median distance {median * 1e6:.0f} us, {share:.1%} of all, middle half of phases {drift:.1%}")
	if not (abs(median - interval) < interval * 0.1 and share >= least and drift < 0.4):
	    sys.exit("not on the grid")
	EOF2
}

# sleeps_on_grid INTERVAL SECONDS LEAST: an idle machine is promised, so a busy moment gets a second chance
sleeps_on_grid() {
	for attempt in 1 2 3; do
		record sleep -- -q -T "$1" sleep 1
		truth sleep.dat
		if on_grid sleep.dat "$2" "$3"; then return 0; fi
	done
	return 1
}

@test "sampling: every 10 ms" {
	record sleep -- -q sleep 1
	between 0.0099999 "$(sed -n 's/^FMPROF .* interval=\([0-9.]*\).*/\1/p' sleep.dat)" 0.0100001 "default interval"
	sleeps_on_grid 10ms 0.01 0.9
}

@test "sampling: every millisecond" {
	sleeps_on_grid 1ms 0.001 0.9
}

@test "sampling: every 100 us" {
	sleeps_on_grid 100us 0.0001 0.5
}

@test "sampling: words for intervals" {
	for words in '0.02 0.020000000' '20ms 0.020000000' '500us 0.000500000' '2s 2.000000000' '1min 60.000000000'; do
		record x -- -q -T "${words% *}" true
		grep -q "^FMPROF .* interval=${words#* } " x.dat
	done
}

@test "sampling: the first and the last moment" {
	record x -- -q -T 10s sh -c 'exit 5'
	limited python3 - <<-'EOF2'
	lines = [line.split() for line in open("x.dat")]
	start = next(float(line[2].split("=")[1]) for line in lines if line[0] == "FMPROF")
	samples = [float(line[2]) for line in lines if line[0] == "MEM"]
	end = next(float(line[3]) for line in lines if line[0] == "TASK" and line[4] == "exit")
	assert len(samples) >= 2, samples
	assert samples[0] - start < 0.1 and end - samples[-1] < 0.1, (start, samples, end)
	EOF2
}

@test "sampling: the peak is the kernel's, also of a spike between two samples" {
	compile spike <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	int main(int argc, char **argv)
	{
		size_t size = (size_t)atol(argv[1]) << 20;
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(memory, 1, size);
		munmap(memory, size);
		char line[256];
		FILE *status = fopen("/proc/self/status", "r");
		while (fgets(line, sizeof(line), status))
			if (strncmp(line, "VmHWM:", 6) == 0)
				printf("%ld\n", atol(line + 6));
		return argc - 2;
	}
	EOF2
	record spike -- -q -T 10s ./spike 200
	local kib peak
	kib=$(cat spike.out)
	peak=$(sed -n 's/^END .* peak=\([0-9.]*\).*/\1/p' spike.dat)
	between 200000 "$kib" 230000 "the program's own high-water mark"
	# What the kernel counts per CPU before it adds up: 2 counters of 31 pages.
	between "$(awk "BEGIN { print $kib / 1024 - 0.25 * $(nproc) }")" "$peak" \
		"$(awk "BEGIN { print $kib / 1024 + 0.25 * $(nproc) }")" "peak in MiB"
	not awk '$1 == "MEM" && $2 > 100 { found = 1 } END { exit !found }' spike.dat
}

@test "sampling: no peak is below what was sampled" {
	record demo my_func1 my_func2 -- -q -T 1ms "$testprogs/demo" 40 80 100
	truth demo.dat demo.out
	local peak
	peak=$(sed -n 's/^END .* peak=\([0-9.]*\).*/\1/p' demo.dat)
	between "$(awk '$1 == "MEM" && $2 > most { most = $2 } END { print most - 0.5 }' demo.dat)" "$peak" 100
}

@test "sampling: a program that execs is sampled on" {
	record x -- -q -T 1ms sh -c 'exec sleep 0.2'
	grep -q '^TASK .* exec sleep$' x.dat
	between 100 "$(count_of MEM x.dat)" 300 "samples"
}

# all_accounted FILE.dat: taken and missed are as many as there were deadlines
all_accounted() {
	limited python3 - "$1" <<-'EOF2'
	import re, sys
	text = open(sys.argv[1]).read()
	interval = float(re.search(r" interval=(\S+)", text).group(1))
	missed = int(re.search(r"^END .* missed=(\d+)", text, re.M).group(1))
	times = [float(line.split()[2]) for line in text.splitlines() if line.startswith("MEM ")]
	# The first is no tick, nor is the last.
	ticks = times[1:-1]
	deadlines = (ticks[-1] - times[0]) / interval
	# Ticks go on until the process is gone, after its last sample.
	late = (float(re.search(r"^END (\S+)", text, re.M).group(1)) - ticks[-1]) / interval
	print(f"{len(ticks)} taken, {missed} missed, {deadlines:.1f} deadlines until the last tick, {late:.1f} after it")
	# What was missed after the last tick is counted as well; a tick may be a little late.
	if not deadlines - 2 <= len(ticks) + missed <= deadlines + late + 2:
	    sys.exit("samples are lost, or told twice")
	EOF2
}

@test "sampling: what is missed is counted, whatever the load" {
	compile large <<-'EOF2'
	#include <string.h>
	#include <sys/mman.h>
	#include <unistd.h>
	int main(int argc, char **argv)
	{
		char *memory = mmap(0, 200 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		madvise(memory, 200 << 20, MADV_NOHUGEPAGE);
		memset(memory, argc, 200 << 20);
		usleep(500000);
		return argc - 1;
	}
	EOF2
	# To read this takes longer than the interval; huge pages would be read faster.
	record large -- -q -T 200us -m pss ./large
	all_accounted large.dat
	between 100 "$(sed -n 's/^END .* missed=//p' large.dat)" 100000 "missed"
	# More to do than there are CPUs.
	local busy=()
	for i in $(seq $((2 * $(nproc)))); do
		timeout 20 sh -c 'while :; do :; done' 3>&- &
		busy+=($!)
	done
	record x -- -q -T 1ms sleep 0.5
	kill "${busy[@]}"
	all_accounted x.dat
	record x -- -q -T 1ms sleep 0.5
	all_accounted x.dat
}

@test "sampling: a process goes on when its first thread has ended" {
	compile leaderless <<-'EOF2'
	#include <pthread.h>
	#include <stdlib.h>
	#include <sys/mman.h>
	#include <unistd.h>
	static pthread_t first;
	__attribute__((noinline)) void grow(void)
	{
		munmap(mmap(NULL, 60 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), 60 << 20);
		mmap(NULL, 30 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		usleep(100000);
		__asm__ volatile("");
	}
	static void *go_on(void *unused) { pthread_join(first, unused); usleep(50000); grow(); usleep(50000); exit(3); }
	int main(void)
	{
		pthread_t thread;
		first = pthread_self();
		pthread_create(&thread, NULL, go_on, NULL);
		pthread_exit(NULL);
	}
	EOF2
	record x grow -- -q -T 2ms ./leaderless
	equal "$status" 3
	truth x.dat
	between 30 "$(awk '$1 == "MEM" { last = $2 } END { print last }' x.dat)" 36 "last sample"
	between 59 "$(awk '$1 == "FUNC" { for (i = 7; i <= NF; i++) if ($i ~ /^peak=/) print substr($i, 6) - $3 }' x.dat)" 62 "peak of the call"
	between 60 "$(sed -n 's/^END .* peak=\([0-9.]*\).*/\1/p' x.dat)" 66 "peak of the run"
}
