#!/usr/bin/env bats
# The highest RSS inside a call, since the last sample, of the whole run: as the program knows it, within the bound that is told.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
}

# header KEY FILE.dat
header() {
	sed -n "s/^FMPROF .* $1=\([^ ]*\).*/\1/p" "$2"
}

# end_of KEY FILE.dat
end_of() {
	sed -n "s/^END .* $1=\([^ ]*\).*/\1/p" "$2"
}

# peak_of NAME FILE.dat: how far the peak of its only call is above its enter, and how it is known
peak_of() {
	awk -v name="$1" '$1 == "FUNC" && $2 == name {
		for (i = 7; i <= NF; i++) {
			if ($i ~ /^peak=/) peak = substr($i, 6) + 0
			if ($i ~ /^peak_is=/) how = substr($i, 9)
		}
		print peak - $3, how
	}' "$2"
}

# A spike of a block that is there for less than a millisecond, in a program that sleeps otherwise.
compile_spike() {
	compile spike <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	#include <sys/prctl.h>
	#include <sys/resource.h>
	#include <time.h>
	#include <unistd.h>
	__attribute__((noinline)) void spike(size_t mib)
	{
		char *block = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		munmap(block, mib << 20);
		__asm__ volatile("" : : : "memory");
	}
	__attribute__((noinline)) void calm(void) { usleep(100); __asm__ volatile(""); }
	int main(int argc, char **argv)
	{
		size_t mib = (size_t)atol(argv[1]);
		struct timespec from, to;
		struct rusage usage;
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		if (argc > 2 && strcmp(argv[2], "hidden") == 0)
			prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		spike(0);
		usleep(150000);
		clock_gettime(CLOCK_MONOTONIC, &from);
		spike(mib);
		clock_gettime(CLOCK_MONOTONIC, &to);
		calm();
		usleep(150000);
		getrusage(RUSAGE_SELF, &usage);
		printf("us %ld\nmaxrss %ld\n", (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000,
		       usage.ru_maxrss);
	}
	EOF2
}

@test "peaks: within the bound in every call of every run" {
	local exact=0 calls=0
	for run in $(seq "$(scaled 10 200)"); do
		record peaks 'pk_*' -- -q "$testprogs/peaks" 3
		truth peaks.dat peaks.out
		exact=$((exact + $(grep -c '^FUNC .* peak_is=exact$' peaks.dat)))
		calls=$((calls + $(count_of FUNC peaks.dat)))
	done
	# Where this machine let us wait in a bad moment it is said that a peak is not exact.
	between $((calls * 97 / 100)) "$exact" "$calls" "exact peaks"
	# Neither huge nor forgotten.
	between 0.1 "$(header peak_bound peaks.dat)" "$(awk "BEGIN { print 1 + 0.05 * $(nproc) ^ 2 }")" "bound"
}

@test "peaks: a spike that is over between two samples is seen, where mprof misses it" {
	local mprof
	mprof=$(command -v python3-mprof || command -v mprof) || skip "mprof is not installed (Debian: python3-memory-profiler)"
	compile_spike
	# mprof is lucky now and then.
	for attempt in 1 2 3; do
		limited "$mprof" run --output m.dat ./spike 2 >m.out
		record s spike -- -q ./spike 2
		local least
		least=$(awk '$1 == "MEM" && (!least || $2 < least) { least = $2 } END { print least + 1 }' s.dat)
		if ! awk -v least="$least" '$1 == "MEM" && $2 > least { found = 1 } END { exit !found }' m.dat; then break; fi
		[ $attempt -lt 3 ]
	done
	# Less than a millisecond, unless somebody else needs the CPU.
	between 1 "$(sed -n 's/^us //p' m.out)" 50000 "microseconds of the spike, without a tracer"
	# Both files on one scale: the spike is in a sample's peak, in the call's and in the run's.
	between "$least" "$(awk '$1 == "MEM" { for (i = 4; i <= NF; i++) if ($i ~ /^peak=/ && substr($i, 6) + 0 > most) most = substr($i, 6) + 0 }
		END { print most }' s.dat)" 6 "highest peak of a sample"
	peak_of spike s.dat >peaks
	equal "$(cut -d' ' -f2 peaks | sort -u)" exact
	between 1.2 "$(sed -n 2p peaks)" 2.8 "peak of the call"
	# It is in the picture too; what mprof draws are its samples.
	limited "$fmprof" plot --script s.gp s.dat
	between "$least" "$(sed -n '/^.peaks << EOD$/,/^EOD$/p' s.gp | awk '$3 + 0 > most { most = $3 + 0 } END { print most }')" 6 "highest in the picture"
	between 1.2 "$(awk -v end="$(end_of peak s.dat)" '$1 == "MEM" { last = $2 } END { print end - last }' s.dat)" 2.8 "peak of the run"
}

@test "peaks: that of the run is the kernel's" {
	local kib bound
	compile_spike
	for specs in 'spike calm' spike ''; do
		for option in --no-peak-reset -q; do
			# What the kernel says of the same program when nobody looks.
			limited python3 "$BATS_TEST_DIRNAME/usage.py" usage "$PWD/spike" 60 >/dev/null
			kib=$(sed -n 's/^maxrss //p' <(limited ./spike 60))
			# shellcheck disable=SC2086
			record s $specs -- -q $option ./spike 60
			bound=$(header peak_bound s.dat)
			between "$(awk "BEGIN { print $kib / 1024 - 2 * $bound }")" "$(end_of peak s.dat)" \
				"$(awk "BEGIN { print $kib / 1024 + 2 * $bound }")" "peak in MiB, $specs $option"
		done
	done
}

@test "peaks: what is known without resets is told, and no more" {
	compile_spike
	record s spike calm -- -q --no-peak-reset ./spike 40
	truth s.dat
	equal "$(header peaks s.dat)" mark
	# The program sees its own mark as ever.
	between 40000 "$(sed -n 's/^maxrss //p' s.out)" 50000 "ru_maxrss"
	# The second spike is the highest so far: exact. What comes after it is below, as far as is known.
	peak_of spike s.dat | sed -n 2p >second
	between 39 "$(cut -d' ' -f1 second)" 41
	equal "$(cut -d' ' -f2 second)" exact
	equal "$(peak_of calm s.dat | cut -d' ' -f2)" least
	between 0 "$(peak_of calm s.dat | cut -d' ' -f1)" 1
	# With resets both are known.
	record s spike calm -- -q ./spike 40
	equal "$(header peaks s.dat)" reset
	equal "$(peak_of calm s.dat | cut -d' ' -f2)" exact
}

@test "peaks: an attached process keeps its mark" {
	compile attached <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>
	__attribute__((noinline)) void step(size_t mib)
	{
		char *block = malloc(mib << 20);
		memset(block, 1, mib << 20);
		__asm__ volatile("" : : "r"(block) : "memory");
		free(block);
	}
	int main(void)
	{
		int mib;
		step(50);
		alarm(100);
		while (printf("ready\n"), fflush(stdout), scanf("%d", &mib) == 1)
			step(mib);
	}
	EOF2
	mkfifo in
	./attached <in >out 3>&- &
	local pid=$! before
	exec 9>in
	wait_until grep -q ready out
	before=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
	# As long as it stays below that, its peak is what was read.
	"$fmprof" attach -T 10s -o l.dat "$pid" 2>l.err 3>&- 9>&- &
	local recorder=$!
	wait_until grep -qs '^MEM ' l.dat
	echo 10 >&9
	wait_until eval '[ "$(grep -c ready out)" -eq 2 ]'
	kill -INT $recorder
	wait $recorder
	truth l.dat
	equal "$(end_of peak_is l.dat)" least
	grep -q ', peak at least ' l.err
	limited "$fmprof" peak l.dat | grep -q $'\t≥ '
	limited "$fmprof" info l.dat | grep -q '^peak  *≥ '
	limited "$fmprof" report --json l.dat | grep -q '"peak":{"bytes":[0-9]*,"exact":false}'
	limited "$fmprof" attach -q -f step -o a.dat "$pid" 3>&- 9>&- &
	wait_until grep -qs '^FN ' a.dat
	echo 10 >&9
	echo 80 >&9
	echo 10 >&9
	wait_until eval '[ "$(grep -c ready out)" -eq 5 ]'
	between "$((before + 20000))" "$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")" "$((before + 60000))" "its mark"
	exec 9>&-
	wait
	truth a.dat
	equal "$(header peaks a.dat)" mark
	equal "$(peak_of step a.dat | cut -d' ' -f2 | tr '\n' ' ')" "least exact least "
	between 79 "$(peak_of step a.dat | sed -n '2s/ .*//p')" 81
	# That it had 50 MiB before is not of this recording; what is above that is.
	between 80 "$(end_of peak a.dat)" 105
	equal "$(end_of peak_is a.dat)" ""
}

@test "peaks: where the mark cannot be reset it is said once" {
	compile_spike
	# No function is traced here, as memory could not be written to either.
	unshare -m true 2>/dev/null || skip "needs the right to make a mount namespace"
	limited unshare -m sh -c 'mount -o remount,ro,bind /proc && exec "$@"' sh \
		"$fmprof" run -q -C -o c.dat -- ./spike 40 >out 2>err
	equal "$(wc -l <err)" 0 "lines about a tree, which has no marks"
	limited unshare -m sh -c 'mount -o remount,ro,bind /proc && exec "$@"' sh \
		"$fmprof" run -q -M -o s.dat -- sh -c './spike 40; ./spike 40; exit' >out 2>err
	equal "$(wc -l <err)" 1
	grep -q "^fmprof: peaks of calls: the kernel's high-water mark cannot be reset (clear_refs: .*; give a shorter interval" err
	equal "$(grep -c '^NOTE .* peaks of calls: ' s.dat)" 1
	truth s.dat
	equal "$(header peaks s.dat)" mark
	# What rose is known all the same.
	equal "$(awk '$1 == "CHLD" { for (i = 5; i <= NF; i++) if ($i ~ /^peak=/ && substr($i, 6) + 0 > 39) print $2 }' s.dat | sort -u | wc -l)" 2
}

@test "peaks: where memory cannot be written it is said why no function is recorded" {
	compile_spike
	unshare -m true 2>/dev/null || skip "needs the right to make a mount namespace"
	status_of limited unshare -m sh -c 'mount -o remount,ro,bind /proc && exec "$@"' sh \
		"$fmprof" run -q -f spike -o s.dat -- ./spike 40 >out 2>err
	equal "$status" 125
	equal "$(cat out)" ""
	equal "$(wc -l <err)" 1
	grep -Eq '^fmprof: memory of process [0-9]+: cannot be written: Read-only file system; /proc is mounted read-only: ' err
	not test -e s.dat
}

@test "peaks: a program that hides itself later is not hidden from us" {
	compile_spike
	record s spike calm -- -q ./spike 40 hidden
	equal "$(wc -l <s.err)" 0
	truth s.dat
	equal "$(grep -c '^FUNC .* peak_is=exact$' s.dat)" 3
	between 39 "$(peak_of spike s.dat | sed -n '2s/ .*//p')" 41
}

@test "peaks: of a tree only what was read is known, of each process in it all" {
	compile_spike
	record c spike -- -q -C bash -c './spike 30; ./spike 40; exit'
	truth c.dat
	equal "$(header peaks c.dat)" samples
	equal "$(peak_of spike c.dat | cut -d' ' -f2 | sort -u)" least
	not grep -q '^MEM .* peak=' c.dat
	record m spike -- -q -M bash -c './spike 30; ./spike 40; exit'
	truth m.dat
	equal "$(header peaks m.dat)" reset
	equal "$(peak_of spike m.dat | cut -d' ' -f2 | sort -u)" exact
	equal "$(peak_of spike m.dat | awk '{ printf "%.0f ", $1 }')" "0 30 0 40 "
	between 40 "$(awk '$1 == "CHLD" { for (i = 5; i <= NF; i++) if ($i ~ /^peak=/ && substr($i, 6) + 0 > most) most = substr($i, 6) + 0 }
		END { print most }' m.dat)" 44 "highest peak of a child's sample"
}

# Programs that have so many MiB for a moment, one by exec of the other; before that, if the number has a c in front, in a child.
compile_execs() {
	# As small as can be: that the new program has less is no sign to be trusted.
	compile execs -static <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <unistd.h>
	#include <sys/mman.h>
	#include <sys/resource.h>
	#include <sys/wait.h>
	static void take(size_t size)
	{
		munmap(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), size);
	}
	__attribute__((noinline)) void again(char **argv)
	{
		int in_child = *argv[1] == 'c';
		size_t size = (size_t)atol(argv[1] + in_child) << 20;
		pid_t pid = in_child ? fork() : 0;
		if (pid == 0)
			take(size);
		if (in_child && pid == 0)
			_exit(0);
		if (in_child)
			waitpid(pid, NULL, 0);
		if (argv[2]) {
			argv[1] = argv[0];
			execv(argv[0], argv + 1);
		}
		__asm__ volatile("");
	}
	int main(int argc, char **argv)
	{
		struct rusage usage;
		(void)argc;
		again(argv);
		getrusage(RUSAGE_SELF, &usage);
		printf("%ld\n", usage.ru_maxrss);
	}
	EOF2
}

@test "peaks: what a program had before its exec is known" {
	compile_execs
	for option in '-f again' --no-peak-reset -M -q; do
		# shellcheck disable=SC2086
		record e -- -q -T 10s $option "$PWD/execs" 60 20
		truth e.dat
		equal "$(grep -c ' peak_is=least' e.dat)" 0 "$option"
		# Both the kernel's figure and ours are off by some of that.
		between "$(awk -v bound="$(header peak_bound e.dat)" '{ print $1 / 1024 - 2 * bound }' e.out)" "$(end_of peak e.dat)" \
			"$(awk -v bound="$(header peak_bound e.dat)" '{ print $1 / 1024 + 2 * bound }' e.out)" "$option"
	done
	record e again -- -q -T 10s "$PWD/execs" 60 20 40
	equal "$(peak_of again e.dat | cut -d' ' -f2 | tr '\n' ' ')" "exact least exact "
	between 58 "$(peak_of again e.dat | sed -n '1s/ .*//p')" 62
	between 38 "$(peak_of again e.dat | sed -n '3s/ .*//p')" 42
}

@test "peaks: exec after a child that was larger: at least" {
	compile_execs
	record e again -- -q -T 10s "$PWD/execs" c60 20
	truth e.dat
	equal "$(end_of peak_is e.dat)" least
	equal "$(peak_of again e.dat | cut -d' ' -f2 | tr '\n' ' ')" "least exact "
	# What a program had may be what the child had, for all that is known.
	record e -- -T 10s "$PWD/execs" c60 20 1
	truth e.dat
	equal "$(end_of peak_is e.dat)" least
	between 0 "$(end_of peak e.dat)" 20
	grep -q ', peak at least ' e.err
	limited "$fmprof" peak e.dat | grep -q $'\t≥ '
	limited "$fmprof" info e.dat | grep -q '^peak  *≥ '
	limited "$fmprof" report --json e.dat | grep -q '"peak":{"bytes":[0-9]*,"exact":false}'
	# A later program is larger than all of that.
	record e -- -q -T 10s "$PWD/execs" c60 20 80
	equal "$(end_of peak_is e.dat)" ""
	between 79 "$(end_of peak e.dat)" 83
}

@test "peaks: very many open calls cost no more each" {
	# Twice as many calls must not take four times as long: a loaded machine gets some room, and a second chance.
	for attempt in 1 2 3; do
		local small large calls
		calls=$(scaled 20000 100000)
		small=$(seconds_of "$calls")
		large=$(seconds_of $((2 * calls)))
		if awk "BEGIN { exit !($large < 3 * $small + 0.2) }"; then return 0; fi
	done
	echo "$calls calls take $small s, twice as many $large s"
	return 1
}

# seconds_of CALLS: of a recording of so many open calls
seconds_of() {
	local from=$EPOCHREALTIME
	record deep dive -- -q -T 1ms "$testprogs/deep" "$1"
	awk "BEGIN { print $EPOCHREALTIME - $from }"
}
