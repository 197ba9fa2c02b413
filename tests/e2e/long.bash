# Long recordings, and what reading them costs.

# long_recording LINES FILE.dat: calls in calls, in four threads, inside of one that never ends. Memory falls by a page each time, so that
# every sample is the highest since some moment.
long_recording() {
	python3 - "$1" "$2" <<-'EOF2'
	import sys
	lines, path = int(sys.argv[1]), sys.argv[2]
	with open(path, "w") as file:
	    put = file.write
	    put("CMDLINE ./prog\nFMPROF 1 start=1700000000.000000000 interval=0.010000000 pid=10 host=h exe=/bin/p metrics=rss peaks=mark\n")
	    for i in range(1, 21):
	        put(f"FN {i} fn{i} /bin/p 0x{i * 64:x} p.c:{i} fn{i}(int)\n")
	    put("ENTER 1 20 10 10 0 1.000000 1700000000.000000001\n")
	    time, call = 1700000000 * 10**9, 1
	    def at(shift):
	        return f"{(time + shift) // 10**9}.{(time + shift) % 10**9:09d}"
	    for number in range((lines - 24) // 5):
	        outer, inner, tid = call + 1, call + 2, 10 + call // 2 % 4
	        f, g, memory = 1 + outer % 19, 1 + inner % 7, f"{10000 - number / 256:.6f}"
	        put(f"ENTER {outer} {f} 10 {tid} 0 {memory} {at(1000)}\n"
	            f"ENTER {inner} {g} 10 {tid} 1 {memory} {at(2000)}\n"
	            f"MEM {memory} {at(3000)}\n"
	            f"FUNC fn{g} {memory} {at(2000)} {memory} {at(4000)} 1 call={inner} fn={g} pid=10 tid={tid} end=return time=exact\n"
	            f"FUNC fn{f} {memory} {at(1000)} {memory} {at(5000)} 0 call={outer} fn={f} pid=10 tid={tid} end=return time=exact\n")
	        time, call = time + 5000, call + 2
	    put(f"END {at(1)} exit=0 peak=120.000000 calls={call}\n")
	EOF2
}

# What usage.py tells, by a smaller program: a process begins with the high-water mark of the one that started it.
usage_program() {
	compile usage <<-'EOF2'
	#include <stdio.h>
	#include <sys/resource.h>
	#include <sys/wait.h>
	#include <unistd.h>
	int main(int argc, char **argv)
	{
		struct rusage used;
		int status;
		if (argc < 3)
			return 125;
		pid_t pid = fork();
		if (pid == 0) {
			execv(argv[2], argv + 2);
			_exit(127);
		}
		wait4(pid, &status, 0, &used);
		FILE *file = fopen(argv[1], "w");
		fprintf(file, "maxrss=%ld\ncpu=%ld.%06ld\n", used.ru_maxrss, used.ru_utime.tv_sec, used.ru_utime.tv_usec);
		fclose(file);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	EOF2
}
