#!/usr/bin/env bats
# The metrics of a sample are what another reader of the same process sees at that time.

BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	compile steps <<-'EOF2'
	#include <signal.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	#include <sys/prctl.h>
	#include <unistd.h>
	static void *map(size_t mib, int flags)
	{
		return mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	}
	int main(int argc, char **argv)
	{
		char line[16];
		void *anon = NULL, *shared = NULL;
		/* Pages that others have as well, so that pss, uss and rss are three. */
		void *common = map(8, MAP_PRIVATE);
		for (int children = atoi(argv[1]); children > 0; children--)
			if (fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				memset(common, 1, 1 << 20);
				map(5, MAP_PRIVATE);
				for (;;)
					pause();
			}
		do {
			printf("%d ready\n", getpid());
			fflush(stdout);
			if (!fgets(line, sizeof(line), stdin))
				return argc - 2;
			if (line[0] == 'a')
				anon = map(20, MAP_PRIVATE);
			if (line[0] == 's')
				shared = map(10, MAP_SHARED);
			if (line[0] == 'u') {
				munmap(anon, 20 << 20);
				munmap(shared, 10 << 20);
			}
		} while (1);
	}
	EOF2
	"$python" -c 'import psutil' 2>/dev/null || skip "psutil is not installed (Debian: python3-psutil)"
}

# like_psutil CHILDREN [OPTION...]
like_psutil() {
	limited "$python" - "$fmprof" "$@" <<-'EOF2'
	import subprocess, sys, time, psutil
	METRICS = ["anon", "file", "shmem", "swap", "vms", "pss", "uss", "private", "shared", "cgroup"]
	fmprof, children, *options = sys.argv[1:]
	target = subprocess.Popen([fmprof, "run", "-q", "-T", "5ms", "-o", "m.dat", "-m", ",".join(METRICS), *options,
	                           "--", "./steps", children], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	pid = int(target.stdout.readline().split()[0])

	def tree():
	    first = psutil.Process(pid)
	    return [first, *first.children(recursive=True)]

	def samples():
	    with open("m.dat", encoding="utf-8") as lines:
	        for line in lines:
	            if line.startswith("MEM ") and line.endswith("\n"):
	                words = line.split()
	                values = {key: float(value) for key, _, value in (word.partition("=") for word in words[3:])}
	                yield float(words[2]), {"rss": float(words[1]), **values}

	def last_time():
	    return max((time for time, _ in samples()), default=0)

	def wait_for_samples(since, count):
	    end = time.time() + 30
	    while sum(when > since for when, _ in samples()) < count:
	        assert time.time() < end, "no samples"

	readings = []
	for command in ["", "a", "s", "u"]:
	    if command:
	        target.stdin.write(command + "\n")
	        target.stdin.flush()
	        target.stdout.readline()
	    wait_for_samples(time.time(), 2) # one that has read all of it since
	    before = time.time()
	    infos = [process.memory_full_info() for process in tree()]
	    readings.append((before, time.time(), infos))
	    wait_for_samples(time.time(), 2)
	target.stdin.close()
	assert target.wait() == 0
	taken = list(samples())
	for before, after, infos in readings:
	    # "Within one sample": the last one before it and the first one after it, and what is between.
	    first = max(i for i, (when, _) in enumerate(taken) if when < before)
	    last = min(i for i, (when, _) in enumerate(taken) if when > after)
	    near = [values for _, values in taken[first:last + 1]]
	    for name in ("rss", "vms", "shared memory", "pss", "uss", "swap"):
	        field = "shared" if name == "shared memory" else name
	        expected = sum(getattr(info, field) for info in infos) / 2**20
	        seen = [values["file"] + values["shmem"] if name == "shared memory" else values[name] for values in near]
	        # Pages of the C library are shared with whatever else runs: pss and uss are not the program's alone.
	        room = 0.25 if name in ("pss", "uss") else 0.000002
	        if not min(seen) - room <= expected <= max(seen) + room:
	            sys.exit(f"{name}: psutil {expected}, samples {seen}")
	    for values in near:
	        assert abs(values["anon"] + values["file"] + values["shmem"] - values["rss"]) < 0.00001, values
	        assert values["uss"] == values["private"], values
	if int(children):
	    assert len(readings[0][2]) == 1 + int(children)
	    assert near[0]["shared"] > 14, near[0]
	steps = [readings[i][2][0].rss - readings[i - 1][2][0].rss for i in range(1, 4)]
	assert [round(step / 2**20) for step in steps] == [20, 10, -30], steps
	EOF2
}

@test "metrics: of one process, as psutil reads them" {
	like_psutil 0
	equal "$(sed -n 's/^FMPROF .* metrics=\([^ ]*\).*/\1/p' m.dat)" rss,anon,file,shmem,swap,vms,pss,uss,private,shared,cgroup
	truth m.dat
}

@test "metrics: of a tree, as psutil adds them up" {
	like_psutil 2 -C
	truth m.dat
}

@test "metrics: of each child" {
	mkfifo in
	limited "$fmprof" run -q -M -T 5ms -m anon,pss -o m.dat -- ./steps 2 <in >out 3>&- &
	exec 9>in
	wait_until grep -q '^CHLD [0-9]* [0-9.]* [0-9.]* peak=[0-9.]* anon=1[23]\..* pss=' m.dat
	exec 9>&-
	wait
	truth m.dat
}

@test "metrics: that of the control group" {
	local file
	# Where a control group counts memory, in its two versions.
	for file in "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/memory.current" \
		"/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:\([a-z,]*,\)*memory[a-z,]*://p' /proc/self/cgroup)/memory.usage_in_bytes"; do
		if [ -r "$file" ]; then break; fi
	done
	record x -- -q -m cgroup sleep 0.1
	if [ ! -r "$file" ]; then
		not grep -q '^MEM .* cgroup=' x.dat
		skip "no control group counts memory here"
	fi
	# Everything else in the group counts as well, and comes and goes.
	between "$(awk '{ print $1 / 1048576 / 4 }' "$file")" "$(sed -n 's/^MEM .* cgroup=//p' x.dat | tail -n 1)" \
		"$(awk '{ print $1 / 1048576 * 4 }' "$file")"
}

@test "metrics: the names, and what is no name" {
	limited "$fmprof" run -q -m rss -o x.dat -- true
	grep -q '^FMPROF .* metrics=rss ' x.dat
	status_of limited "$fmprof" run -m pss,nonsense -o y.dat -- touch started 2>err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	grep -q "^fmprof: metric 'nonsense': there is none of that name; choose from rss, anon, file" err
	not test -e y.dat
	not test -e started
	# Each is described.
	for name in $(sed 's/.*choose from //; s/,//g' err); do
		grep -q "^| \`$name\` " "$TOP/docs/metrics.md"
	done
}
