#!/usr/bin/env bats
# Children: let go (truth.bats has that), summed, or with series of their own; exec looks the functions up anew.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	compile grow <<-'EOF2'
	#include <stdlib.h>
	#include <string.h>
	#include <unistd.h>
	__attribute__((noinline)) void grow(size_t mib)
	{
		char *block = malloc(mib << 20);
		memset(block, 1, mib << 20);
		__asm__ volatile("" : : "r"(block) : "memory");
		usleep(200000);
	}
	int main(int argc, char **argv) { grow(atoi(argv[argc - 1])); }
	EOF2
	cat >tree.sh <<-'EOF2'
	./grow 20 &
	./grow 30 &
	(exec ./grow 40) &
	wait
	echo done
	EOF2
}

mib() { # of the highest in column COLUMN of lines KIND
	awk -v kind="$2" -v column="$3" '$1 == kind && $column > most { most = $column } END { print int(most) }' "$1"
}

@test "children: -C sums the tree, calls of children are recorded" {
	limited "$fmprof" run -q -C -f grow -o c.dat -- bash tree.sh >out
	equal "$(cat out)" done
	truth c.dat
	equal "$(calls_of c.dat grow)" 3
	equal "$(grep -c '^FUNC grow .* end=exit ' c.dat || true)" 0
	between 90 "$(mib c.dat MEM 2)" 130
	not grep -q '^CHLD ' c.dat
}

@test "children: -M has a series for each, mprof reads it" {
	limited "$fmprof" run -q -M -f grow -o m.dat -- bash tree.sh >out
	truth m.dat
	equal "$(calls_of m.dat grow)" 3
	between 40 "$(mib m.dat CHLD 3)" 60
	between 1 "$(mib m.dat MEM 2)" 20
	between 3 "$(awk '$1 == "CHLD" { print $2 }' m.dat | sort -u | wc -l)" 9
	limited python3-mprof peak m.dat | grep -c Child | grep -qx '[3-9]'
}

@test "children: a child that only forks makes its calls in its own name" {
	compile forks <<-'EOF2'
	#include <stdio.h>
	#include <stdlib.h>
	#include <sys/wait.h>
	#include <unistd.h>
	__attribute__((noinline)) int work(int n) { __asm__ volatile(""); return n + 1; }
	int main(int argc, char **argv)
	{
		int bad = 0, status;
		for (int i = atoi(argv[argc - 1]); i > 0; i--) {
			pid_t pid = fork();
			if (pid == 0)
				_exit(work(work(5)));
			waitpid(pid, &status, 0);
			bad += !WIFEXITED(status) || WEXITSTATUS(status) != 7;
		}
		printf("bad %d\n", bad);
	}
	EOF2
	local children=$(scaled 200 10000)
	limited "$fmprof" run -q -C -f work -o f.dat -- ./forks "$children" >out
	equal "$(cat out)" "bad 0"
	truth f.dat
	equal "$(calls_of f.dat work)" $((2 * children))
	equal "$(awk '$1 == "ENTER" { print $4 }' f.dat | sort -u | wc -l)" "$children" "processes"
}

@test "children: a name that only a child has, and one that none has" {
	limited "$fmprof" run -q -C -f grow -f nosuch -o c.dat -- bash tree.sh >out 2>err
	equal "$(cat out)" done
	equal "$(calls_of c.dat grow)" 3
	equal "$(wc -l <err)" 1
	grep -q "^fmprof: function 'nosuch': none of the programs that ran has it; " err
}

@test "children: those that outlive the program are let go" {
	limited "$fmprof" run -q -C -f grow -o c.dat -- bash -c './grow 5 & echo $!' >out
	wait_until not kill -0 "$(cat out)" 2>/dev/null
	truth --cut c.dat
	tail -n 1 c.dat | grep -q '^END .* exit=0 '
}

# process_of NAME FILE.dat KEY: of `report --json`, of the process that had this name last
process_of() {
	limited "$fmprof" report --json "$2" | limited python3 -c '
import json, sys
processes = json.load(sys.stdin)["recordings"][0]["processes"]
process = [p for p in processes if p["name"] == sys.argv[1]]
assert len(process) == 1, processes
value = process[0]
for key in sys.argv[2].split("."):
    value = value[key]
print({str(p["pid"]): p["name"] for p in processes}.get(str(value)) if sys.argv[2] == "parent" else value)
' "$1" "$3"
}

# Copies of a program under several names, each the child of the one before, with MIB for a moment at once.
compile_family() {
	compile one <<-'EOF2'
	#include <spawn.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/mman.h>
	#include <sys/prctl.h>
	#include <sys/resource.h>
	#include <sys/wait.h>
	#include <unistd.h>
	/* NAME HOW [NAME HOW ...] STATUS MIB: by fork or posix_spawn */
	int main(int argc, char **argv)
	{
		char path[32];
		pid_t pid;
		int left = 0;
		size_t size = (size_t)atol(argv[argc - 1]) << 20;
		munmap(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), size);
		if (argc > 3) {
			char **next = argv + 2;
			snprintf(path, sizeof(path), "./%s", argv[1]);
			if (strcmp(argv[2], "fork") == 0) {
				pid = fork();
				if (pid == 0 && (execv(path, next) || 1))
					_exit(99);
			} else if (posix_spawn(&pid, path, NULL, NULL, next, NULL) != 0) {
				return 99;
			}
			waitpid(pid, &left, 0);
			return WIFEXITED(left) ? 0 : 98;
		}
		if (atoi(argv[1]) > 100)
			kill(getpid(), atoi(argv[1]) - 100);
		return atoi(argv[1]);
	}
	EOF2
	cp one two
	cp one three
}

@test "children: who made whom, how each ended, what each had at most" {
	compile_family
	for option in -M -C; do
		limited "$fmprof" run -q $option -T 10s -o f.dat -- ./one two fork three spawn 7 40
		truth f.dat
		equal "$(process_of two f.dat parent)" one
		equal "$(process_of three f.dat parent)" two
		equal "$(process_of one f.dat parent)" None
		equal "$(process_of two f.dat made_by) $(process_of three f.dat made_by)" "fork vfork"
		equal "$(process_of three f.dat ended.code) $(process_of two f.dat ended.code)" "7 0"
		# Each rose and fell before its first sample: nothing but the kernel knows.
		local name
		for name in one two three; do
			equal "$(process_of $name f.dat peak.exact)" True "$option $name"
			between $((39 << 20)) "$(process_of $name f.dat peak.bytes)" $((45 << 20)) "$option $name"
		done
		limited "$fmprof" info f.dat >text
		equal "$(sed -n 's/^\( *\)[0-9]* \([a-z]*\)[ ,].*, peak [34][0-9]\..*/\1\2/p' text)" $'  one\n    two\n      three'
		grep -q '^      [0-9]* three, .*, exit status 7$' text
		limited "$fmprof" peak f.dat >text
		equal "$(grep -Ec $'^  Child [0-9]+\t\t\t[34][0-9]\\.[0-9]{3} MiB' text)" 2
		equal "$(grep -c $'MiB\tof [0-9]*$' text)" 1
		limited python3-mprof peak f.dat >/dev/null
	done
	# Of the sum it is known that it was no less than the highest of one process.
	between 39 "$(awk '$1 == "END" { for (i = 3; i <= NF; i++) if ($i ~ /^peak=/) print substr($i, 6) }' f.dat)" 46
	limited "$fmprof" peak f.dat | grep -q '^  First '
	limited "$fmprof" report --by process f.dat | grep -q '^      [0-9]* three, '
	record k -- -q -M -T 10s ./one two spawn 109 40
	equal "$(process_of two k.dat ended.how) $(process_of two k.dat ended.code)" "signal 9"
	between $((39 << 20)) "$(process_of two k.dat peak.bytes)" $((45 << 20)) "killed"
	limited "$fmprof" info k.dat | grep -q ' two, .*, signal 9$'
}

@test "children: info does not list thousands" {
	limited "$fmprof" run -q -M -o f.dat -- bash -c 'for i in {1..30}; do (exit $i); done; true'
	limited "$fmprof" info f.dat >text
	equal "$(sed -n 's/^processes  *//p' text)" 31
	equal "$(grep -c '^  *[0-9]* bash' text)" 20
	grep -qx '  … and 11 more; fmprof info --all shows them' text
	limited "$fmprof" info -a f.dat >text
	equal "$(grep -c '^  *[0-9]* bash' text)" 31
	not grep -q ' more; ' text
}

@test "children: what starts itself again and again is no wider than a screen" {
	awk 'BEGIN {
		print "CMDLINE p"; print "FMPROF 1 start=1.0 pid=1 metrics=rss peaks=reset"; print "MEM 1.0 1.0"
		for (pid = 2; pid <= 3000; pid++)
			printf "PROC %d 2.0 start parent=%d how=fork\nTASK %d %d 2.0 start p\n", pid, pid - 1, pid, pid
	}' >deep.dat
	limited "$fmprof" info -a deep.dat >text
	equal "$(grep -c ' p, from ' text)" 2999
	equal "$(awk 'length > 120' text)" ""
	grep -Eq '^ {66}\(2999 deep\) 3000 p, from 1.000 s, 0 calls$' text
}
