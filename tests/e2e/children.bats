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
