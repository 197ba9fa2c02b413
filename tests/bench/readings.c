/*
 * What it costs to read each figure once, in microseconds, of a process with so many MiB.
 *
 *   readings [MIB]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fmprof/sample.h"

enum { ROUNDS = 5 };

struct subject {
	struct sample_source source;
	struct sample_metrics metrics;
	int cgroup;
	uint64_t values[1];
};

static void read_statm(struct subject *subject)
{
	sample_read_rss(&subject->source, subject->values);
}

static void read_status(struct subject *subject)
{
	uint64_t peak;

	sample_read_peak(&subject->source, subject->values, &peak);
}

static void read_all_of_status(struct subject *subject)
{
	uint64_t values[8];

	read_status(subject);
	sample_metrics_from_status(&subject->metrics, &subject->source, values);
}

static void reset(struct subject *subject)
{
	sample_reset_peak(&subject->source);
}

static void read_rollup(struct subject *subject)
{
	uint64_t values[8];

	sample_metrics_from_rollup(&subject->metrics, subject->source.pid, subject->source.tid, values);
}

static void read_cgroup(struct subject *subject)
{
	uint64_t values[8];

	sample_metrics_from_cgroup(&subject->metrics, subject->cgroup, values);
}

struct reading {
	const char *name, *metrics;
	void (*read)(struct subject *subject);
	unsigned times;
};

static const struct reading readings[] = {
	{"rss (statm)", "rss", read_statm, 20000},
	{"rss and the mark (status)", "rss", read_status, 5000},
	{"rss, anon, file, shmem, swap, vms (status)", "anon,file,shmem,swap,vms", read_all_of_status, 5000},
	{"resetting the mark (clear_refs)", "rss", reset, 20000},
	{"pss, uss, private, shared (smaps_rollup)", "pss,uss,private,shared", read_rollup, 50},
	{"cgroup", "cgroup", read_cgroup, 20000},
};

static double microseconds(const struct reading *reading, struct subject *subject)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t from = clock_monotonic_ns();

		for (unsigned i = 0; i < reading->times; i++)
			reading->read(subject);
		double each = (double)(clock_monotonic_ns() - from) / 1e3 / reading->times;

		best = round == 0 || each < best ? each : best;
	}
	return best;
}

static pid_t start_child(size_t size)
{
	int ready[2];
	char byte;
	pid_t pid = pipe(ready) == 0 ? fork() : -1;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t i = 0; block != MAP_FAILED && i < size; i += 4096)
			block[i] = 1;
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) < 0)
		exit(125);
	return pid;
}

int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
	pid_t pid = start_child(mib << 20);
	struct subject subject = {.cgroup = sample_cgroup_open(pid)};
	struct error err = {0};

	if (sample_source_open(&subject.source, pid, pid, &err) < 0)
		return 125;
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		if (sample_metrics_choose(&subject.metrics, readings[i].metrics, &err) < 0)
			return 125;
		printf("%-44s %8.2f us\n", readings[i].name, microseconds(&readings[i], &subject));
		sample_metrics_free(&subject.metrics);
	}
	sample_source_close(&subject.source);
	if (subject.cgroup >= 0)
		close(subject.cgroup);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
