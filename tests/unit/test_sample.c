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
	uint64_t before, with, now, peak;
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
	assert_true(sample_read_peak(&source, &now, &peak));
	assert_true(peak >= with - MIB && now < before + MIB);
	assert_true(sample_reset_peak(&source));
	assert_true(sample_read_peak(&source, &now, &peak));
	assert_true(peak < with - size + MIB);
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
	assert_false(sample_read_peak(&source, &rss, &rss));
	assert_false(sample_reset_peak(&source));
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
	assert_true(sample_read_peak(&second, &rss, &rss));
	assert_true(sample_reset_peak(&second));
	assert_false(sample_read_peak(&first, &rss, &rss));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	sample_source_close(&first);
	sample_source_close(&second);
}

/* ---- the highest since ------------------------------------------------- */

/* Against a list of everything that was ever told. */
static void test_peaks_since(void **state)
{
	enum { EVENTS = 4000 };
	static struct {
		uint64_t number, rss;
	} told[EVENTS];
	static uint64_t most[EVENTS + 2];
	struct sample_peaks peaks = {0};
	uint64_t number = 0;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < EVENTS; i++) {
		/* Slowly falling with spikes, so that the list has many and few items in turn. */
		told[i].rss =
			(uint64_t)(random() % 50 == 0 ? random() % 5000 : EVENTS - (long)i + random() % 9);
		if (random() % 2) {
			number = sample_peaks_begin(&peaks, told[i].rss);
		} else {
			sample_peaks_reach(&peaks, told[i].rss);
		}
		told[i].number = number;
		if (random() % 200 == 0) {
			uint64_t guess = (uint64_t)(random() % 4 == 0 ? UINT32_MAX : random() % 6000);

			sample_peaks_guess(&peaks, guess);
			most[number] = guess > most[number] ? guess : most[number];
		}
		for (uint64_t from = number > 40 ? number - 40 : 0; from <= number; from++) {
			uint64_t highest = 0;
			bool exact, may_be_higher = false;

			for (size_t k = 0; k <= i; k++)
				if (told[k].number >= from && told[k].rss > highest)
					highest = told[k].rss;
			for (uint64_t k = from; k <= number; k++)
				may_be_higher |= most[k] > highest;
			assert_int_equal(sample_peaks_since(&peaks, from, &exact), highest);
			assert_true(exact == !may_be_higher);
		}
	}
	sample_peaks_free(&peaks);
}

static void test_faults(void **state)
{
	const size_t size = 4 * MIB;
	struct sample_source source;
	struct error err = {0};
	uint64_t before, touched, populated;

	(void)state;
	assert_int_equal(sample_source_open(&source, getpid(), getpid(), &err), 0);
	assert_true(sample_read_faults(&source, &before));
	char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(block, 1, size);
	assert_true(sample_read_faults(&source, &touched));
	munmap(block, size);
	block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	assert_true(sample_read_faults(&source, &populated));
	munmap(block, size);
	assert_true(touched > before && populated > touched);
	sample_source_close(&source);
}

/* However long a recording lasts and however many calls are open, there is one item for each figure at most. */
static void test_peaks_stay_small(void **state)
{
	struct sample_peaks peaks = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000000; i++)
		sample_peaks_begin(&peaks, i % 1000);
	assert_true(peaks.highest.count <= 1000);
	for (uint64_t i = 0; i < 1000000; i++)
		sample_peaks_begin(&peaks, 1000 - i % 1000);
	assert_true(peaks.highest.count <= 1000);
	sample_peaks_free(&peaks);
}

/* ---- metrics ----------------------------------------------------------- */

static void test_choosing_metrics(void **state)
{
	struct sample_metrics metrics;
	struct error err = {0};
	struct text names = {0};

	(void)state;
	assert_int_equal(sample_metrics_choose(&metrics, "pss,rss,anon,pss", &err), 0);
	sample_metrics_put_names(&metrics, &names);
	assert_string_equal(names.data, "rss,pss,anon");
	assert_true(metrics.from_rollup && !metrics.from_cgroup);
	sample_metrics_free(&metrics);
	text_free(&names);
	for (const char *const *word = (const char *const[]){"", "Rss", "rss,", "rss, pss", "nonsense", NULL};
	     *word; word++) {
		assert_int_equal(sample_metrics_choose(&metrics, *word, &err), -1);
		assert_non_null(strstr(err.message, "choose from rss, anon,"));
	}
	error_free(&err);
}

/* What is known of a block of private and one of shared memory. */
static void test_metrics_of_this_process(void **state)
{
	enum { RSS, ANON, FILES, SHMEM, SWAP, VMS, PSS, USS, PRIVATE, SHARED, COUNT };
	const size_t size = 32 * MIB;
	struct sample_metrics metrics;
	struct sample_source source;
	struct error err = {0};
	uint64_t before[COUNT], with[COUNT], rss, peak;

	(void)state;
	assert_int_equal(
		sample_metrics_choose(&metrics, "rss,anon,file,shmem,swap,vms,pss,uss,private,shared", &err),
		0);
	assert_int_equal(metrics.count, COUNT);
	assert_int_equal(sample_source_open(&source, getpid(), getpid(), &err), 0);
	assert_true(sample_read_peak(&source, &rss, &peak));
	sample_metrics_from_status(&metrics, &source, before);
	sample_metrics_from_rollup(&metrics, getpid(), getpid(), before);
	char *anon =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	char *shared = mmap(NULL, size / 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE,
			    -1, 0);

	assert_true(anon != MAP_FAILED && shared != MAP_FAILED);
	assert_true(sample_read_peak(&source, &rss, &peak));
	sample_metrics_from_status(&metrics, &source, with);
	sample_metrics_from_rollup(&metrics, getpid(), getpid(), with);
	munmap(anon, size);
	munmap(shared, size / 2);
	assert_true(with[RSS] == rss && with[RSS] == with[ANON] + with[FILES] + with[SHMEM]);
	assert_in_range(with[ANON] - before[ANON], size - MIB, size + MIB);
	assert_in_range(with[SHMEM] - before[SHMEM], size / 2 - MIB, size / 2 + MIB);
	assert_in_range(with[VMS] - before[VMS], size + size / 2, size + size / 2 + MIB);
	/* Shared memory that nobody else has is private, and counts in full. */
	assert_in_range(with[PSS] - before[PSS], size + size / 2 - MIB, size + size / 2 + MIB);
	assert_in_range(with[USS] - before[USS], size + size / 2 - MIB, size + size / 2 + MIB);
	assert_true(with[USS] == with[PRIVATE] && with[SWAP] != SAMPLE_NOT_KNOWN);
	assert_true(with[SHARED] < 64 * (uint64_t)MIB);
	sample_source_close(&source);
	sample_metrics_free(&metrics);
}

static void test_metrics_of_nobody(void **state)
{
	struct sample_metrics metrics;
	struct sample_source source;
	struct error err = {0};
	uint64_t values[4] = {0};

	(void)state;
	sample_source_init(&source);
	assert_int_equal(sample_metrics_choose(&metrics, "anon,pss,cgroup", &err), 0);
	sample_metrics_from_status(&metrics, &source, values);
	sample_metrics_from_rollup(&metrics, INT32_MAX, INT32_MAX, values);
	sample_metrics_from_cgroup(&metrics, sample_cgroup_open(INT32_MAX), values);
	for (size_t i = 0; i < 4; i++)
		assert_true(values[i] == SAMPLE_NOT_KNOWN);
	assert_false(sample_metric_adds_up(&metrics, 3));
	assert_true(sample_metric_adds_up(&metrics, 2));
	sample_metrics_free(&metrics);
}

static void test_bound(void **state)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	(void)state;
	assert_true(sample_peak_bound(1) >= 64 * 4096);
	/* Per CPU or per thread, never both. */
	assert_true(sample_peak_bound(1) == sample_peak_bound(100) ||
		    100 * sample_peak_bound(1) == sample_peak_bound(100));
	assert_true(sample_peak_bound(1) <= (uint64_t)(3 * cpus * (31 + 2 * cpus)) * (uint64_t)getpagesize());
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
		cmocka_unit_test(test_peaks_since),
		cmocka_unit_test(test_peaks_stay_small),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_choosing_metrics),
		cmocka_unit_test(test_metrics_of_this_process),
		cmocka_unit_test(test_metrics_of_nobody),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_stop_is_prompt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
