#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four first. */
#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fmprof/sample.h"

enum { MIB = 1 << 20 };

static void test_rss(void **state)
{
	struct sample_source source;
	struct error err = {0};
	uint64_t before, with, peak;
	const size_t size = 64 * MIB;

	(void)state;
	assert_int_equal(sample_source_open(&source, getpid(), getpid(), &err), 0);
	assert_true(sample_read_rss(&source, &before));
	char *block =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	assert_ptr_not_equal(block, MAP_FAILED);
	assert_true(sample_read_rss(&source, &with));
	/* A megabyte for what else the test maps; counters of a CPU may lag behind by less. */
	assert_in_range(with - before, size - MIB, size + MIB);
	munmap(block, size);
	assert_true(sample_read_peak(&source, &peak));
	assert_true(peak >= with - MIB);
	sample_source_close(&source);
}

static void test_gone(void **state)
{
	struct sample_source source;
	struct error err = {0};
	uint64_t rss;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(sample_source_open(&source, pid, pid, &err), 0);
	assert_true(sample_read_rss(&source, &rss));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(sample_read_rss(&source, &rss));
	assert_false(sample_read_peak(&source, &rss));
	sample_source_close(&source);
	assert_int_equal(sample_source_open(&source, pid, pid, &err), -1);
	assert_non_null(strstr(err.message, "/statm"));
	error_free(&err);
}

static void *hold(void *stop)
{
	while (!atomic_load((atomic_bool *)stop))
		usleep(1000);
	return NULL;
}

/* The first thread ends, another goes on: its file still tells. */
static void test_first_thread_ended(void **state)
{
	pid_t tid = 0;
	struct sample_source first, second;
	struct error err = {0};
	uint64_t rss;

	(void)state;
	pid_t pid = fork();

	if (pid == 0) {
		static atomic_bool never;
		pthread_t thread;

		pthread_create(&thread, NULL, hold, &never);
		pthread_exit(NULL);
	}
	while (tid == 0) { /* until there is a second thread */
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/task", pid);
		DIR *folder = opendir(path);

		for (struct dirent *entry; (entry = readdir(folder));)
			if (atoi(entry->d_name) > pid)
				tid = atoi(entry->d_name);
		closedir(folder);
	}
	assert_int_equal(sample_source_open(&first, pid, pid, &err), 0);
	assert_int_equal(sample_source_open(&second, pid, tid, &err), 0);
	while (sample_read_rss(&first, &rss))
		usleep(1000);
	assert_true(sample_read_rss(&second, &rss));
	assert_true(sample_read_peak(&second, &rss));
	assert_false(sample_read_peak(&first, &rss));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	sample_source_close(&first);
	sample_source_close(&second);
}

struct ticks {
	atomic_size_t count;
	uint64_t times[4096];
	uint64_t late_ns; /* the first tick takes so long */
};

static void tick(void *context)
{
	struct ticks *ticks = context;
	const struct timespec late = {.tv_nsec = (long)ticks->late_ns};
	size_t at = atomic_load(&ticks->count);

	if (at < 4096)
		ticks->times[at] = clock_monotonic_ns();
	atomic_store(&ticks->count, at + 1);
	if (at == 0 && ticks->late_ns)
		nanosleep(&late, NULL);
}

/* A tick never comes before its deadline, and a late one does not shift the others: whatever the
 * machine's load, tick number n (skipped ones counted) is not before start + (n + 1) × interval. */
static void test_grid(void **state)
{
	static struct ticks ticks;
	const uint64_t interval = 2000000;
	const struct timespec nap = {.tv_nsec = 1000000};
	struct sampler *sampler;
	struct error err = {0};
	uint64_t start = clock_monotonic_ns(), missed;

	(void)state;
	ticks.late_ns = 7 * interval + interval / 2;
	assert_int_equal(sampler_start(&sampler, interval, tick, &ticks, &err), 0);
	while (atomic_load(&ticks.count) < 100)
		nanosleep(&nap, NULL);
	missed = sampler_stop(sampler);
	assert_true(missed >= 7);
	for (size_t i = 0; i < 100; i++)
		assert_true(ticks.times[i] >= start + (i + 1) * interval);
	/* As many deadlines as there were were either met or counted as missed. */
	assert_true(ticks.times[99] <= start + (100 + missed + 1) * interval + 1000000000);
}

static void test_stop_is_prompt(void **state)
{
	static struct ticks ticks;
	struct sampler *sampler;
	struct error err = {0};
	uint64_t start;

	(void)state;
	assert_int_equal(sampler_start(&sampler, UINT64_C(3600000000000), tick, &ticks, &err), 0);
	start = clock_monotonic_ns();
	assert_int_equal(sampler_stop(sampler), 0);
	assert_true(clock_monotonic_ns() - start < UINT64_C(10000000000));
	assert_int_equal(atomic_load(&ticks.count), 0);
	assert_int_equal(sampler_stop(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rss),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_first_thread_ended),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_stop_is_prompt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
