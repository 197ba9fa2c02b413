#!/usr/bin/env bats
# Stock mprof reads fmprof's files: its plot, its flame plot and its peak.

setup() {
	load common
	cd "$BATS_TEST_TMPDIR"
	mprof=$(command -v python3-mprof || command -v mprof) || skip "mprof is not installed (Debian: python3-memory-profiler)"
	export MPLBACKEND=Agg MPLCONFIGDIR=$BATS_FILE_TMPDIR
}

# drawn_by_mprof FILE.dat: both of its pictures
drawn_by_mprof() {
	limited "$mprof" plot -o plot.png "$1"
	is_png plot.png
	limited "$mprof" plot --flame -o flame.png "$1"
	is_png flame.png
}

# peak_by_mprof FILE.dat [--func NAME]: the MiB that it tells
peak_by_mprof() {
	limited "$mprof" peak "${@:2}" "$1" | awk '{ print $(NF - 1) }'
}

# highest_sample FILE.dat [NAME]: the same out of the file's lines
highest_sample() {
	awk -v name="${2:-}" '
		$1 == "MEM" { mib[$3] = $2 }
		$1 == "FUNC" && $2 == name { from = $4; to = $6 }
		END {
			for (time in mib)
				if ((name == "" || time >= from && time <= to) && mib[time] > highest)
					highest = mib[time]
			printf "%.1f\n", highest
		}' "$1"
}

# near A B: the same but for rounding
near() {
	between "$(awk "BEGIN { print $2 - 0.11 }")" "$1" "$(awk "BEGIN { print $2 + 0.11 }")" "mprof's peak"
}

@test "mprof: demo" {
	record demo my_func1 my_func2 -- -q "$testprogs/demo" 40 80 100
	drawn_by_mprof demo.dat
	near "$(peak_by_mprof demo.dat)" "$(highest_sample demo.dat)"
	near "$(peak_by_mprof demo.dat --func my_func1)" "$(highest_sample demo.dat my_func1)"
	near "$(peak_by_mprof demo.dat --func my_func2)" "$(highest_sample demo.dat my_func2)"
	between 41 "$(highest_sample demo.dat my_func1)" 46
	between 81 "$(highest_sample demo.dat my_func2)" 88
}

@test "mprof: calls in calls" {
	record recursion fib linear -- -q "$testprogs/recursion" 4 8
	drawn_by_mprof recursion.dat
	between 0.5 "$(peak_by_mprof recursion.dat --func fib)" "$(highest_sample recursion.dat)"
}

@test "mprof: threads" {
	record threads work -- -q "$testprogs/threads" 4 10
	drawn_by_mprof threads.dat
	between 0.5 "$(peak_by_mprof threads.dat --func work)" "$(highest_sample threads.dat)"
}

@test "mprof: a short call that no tick falls into" {
	record short hot -- -q -T 10s "$testprogs/hot" 3
	between 0.5 "$(peak_by_mprof short.dat --func hot)" "$(highest_sample short.dat)"
}

@test "mprof: names and arguments that would break it" {
	compile 'hostile name' -Wl,-E <<-'EOF2'
	__attribute__((noinline)) void plain(void) { __asm__ volatile(""); }
	__attribute__((noinline)) void dotted(void) __asm__("dotted.name");
	void dotted(void) { __asm__ volatile(""); }
	__attribute__((noinline)) void dollar(void) __asm__("a$b");
	void dollar(void) { __asm__ volatile(""); }
	int main(void) { plain(); dotted(); dollar(); }
	EOF2
	record hostile plain 'dotted*' 'a$b' -- -q './hostile name' '$HOME ${x} {y} $(touch canary)' "\"quotes' " $'new\nline\ttab' '' \
		'\alpha_{1}^2 $\frac{' $'\xff\xfe' '%41' 'MEM 1 2'
	drawn_by_mprof hostile.dat
	between 0.5 "$(peak_by_mprof hostile.dat --func plain)" "$(highest_sample hostile.dat)"
	truth hostile.dat
	equal "$(count_of FUNC hostile.dat)" 3
	[ ! -e canary ]
}

@test "mprof: names of C++" {
	record names 'ns::*' -- -q "$testprogs/names" 3
	drawn_by_mprof names.dat
	between 10 "$(count_of FN names.dat)" 20
	between 0.5 "$(peak_by_mprof names.dat --func 'ns::Parser<int>::parse')" "$(highest_sample names.dat)"
	between 0.5 "$(peak_by_mprof names.dat --func 'ns::(anonymous%20namespace)::hidden')" "$(highest_sample names.dat)"
}

@test "mprof: a file whose writer was killed" {
	# Its calls stay open until the process ends. What a kill leaves is the file without those ends.
	record whole outer sleeper -- -q "$testprogs/exit_inside" 3 0
	sed '/^FUNC /,$d' whole.dat >cut.dat
	grep -q '^ENTER' cut.dat
	drawn_by_mprof cut.dat
	near "$(peak_by_mprof cut.dat)" "$(highest_sample cut.dat)"
}

@test "mprof: its reader finds every call and every sample of a large file" {
	record large work -- -q -T 1ms "$testprogs/threads" 4 "$(scaled 5000 100000)"
	limited $python - "$mprof" <<-'EOF2'
	import collections, importlib.machinery, importlib.util, sys
	loader = importlib.machinery.SourceFileLoader("mprof", sys.argv[1])
	mprof = importlib.util.module_from_spec(importlib.util.spec_from_loader("mprof", loader))
	try:
	    loader.exec_module(mprof)
	except SystemExit:
	    pass
	if not hasattr(mprof, "read_mprofile_file"):
	    import mprof
	read = mprof.read_mprofile_file("large.dat")
	kinds = collections.Counter(line.split()[0] for line in open("large.dat"))
	brackets = sum(len(calls) for calls in read["func_timestamp"].values())
	assert brackets == kinds["FUNC"] > 0, (brackets, kinds)
	assert len(read["mem_usage"]) == kinds["MEM"] > 0, (len(read["mem_usage"]), kinds)
	assert "threads" in read["cmd_line"], read["cmd_line"]
	EOF2
}

@test "mprof: fmprof draws what mprof recorded" {
	limited "$mprof" run -o python.dat $python -c 'x = bytearray(30 << 20); import time; time.sleep(0.5)' >out 2>err
	limited "$fmprof" plot python.dat >text
	grep -q 'peak [0-9]' text
	limited "$fmprof" plot -o python.png python.dat
	is_png python.png
}

@test "mprof: peaks and other metrics stand where it does not look" {
	record peaks 'pk_*' -- -q -m anon,file,shmem,swap,vms,pss,uss,private,shared,cgroup "$testprogs/peaks" 1
	drawn_by_mprof peaks.dat
	near "$(peak_by_mprof peaks.dat)" "$(highest_sample peaks.dat)"
	near "$(peak_by_mprof peaks.dat --func pk_touch)" "$(highest_sample peaks.dat pk_touch)"
	record tree 'pk_*' -- -q -M -m pss bash -c "$testprogs/peaks 1; exit"
	grep -q '^CHLD .* peak=.* pss=' tree.dat
	drawn_by_mprof tree.dat
}
