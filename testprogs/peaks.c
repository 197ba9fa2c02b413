/*
 * PURPOSE: memory that comes and goes inside calls, in every way that counts as RSS; how high it gets is known. What is
 * outside of a call, before or after it, must not show in its peak.
 * TRACE: pk_*
 * ARGUMENTS: [ROUNDS] = 1
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "truth.h"

enum {
	PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS,
	SHARED = MAP_SHARED | MAP_ANONYMOUS,
	READ_WRITE = PROT_READ | PROT_WRITE
};
/* What each scene rises by, in MiB. */
enum {
	TOUCH = 12,
	SPIKE = 2,
	INNER = 16,
	HELD = 8,
	REMAP = 24,
	AGAIN = 16,
	SHM = 12,
	OF_FILE = 10,
	CHILD = 32,
	BESIDE = 20,
	HUGE = 18,
	OUT = 14
};

TRACED void pk_touch(void);
TRACED void pk_spike(void);
TRACED void pk_calm(void);
TRACED void pk_outer(void);
TRACED void pk_inner(void);
TRACED void pk_remap(void);
TRACED void pk_give_back(void);
TRACED void pk_shared(void);
TRACED void pk_file(int file);
TRACED void pk_fork(void);
TRACED void pk_wait(pthread_barrier_t *barrier);
TRACED void pk_beside(void);
TRACED void pk_huge(void);
TRACED void pk_swap(void);

static size_t mib(long count)
{
	return (size_t)count << 20;
}

static char *map(long count, int flags, int file)
{
	char *memory = mmap(NULL, mib(count), READ_WRITE, flags, file, 0);

	require(memory != MAP_FAILED, "out of memory");
	return memory;
}

static void touch(char *memory, long from, long to)
{
	for (size_t i = mib(from); i < mib(to); i += 4096)
		((volatile char *)memory)[i] = 1;
}

static void come_and_go(long count, int flags)
{
	munmap(map(count, flags | MAP_POPULATE, -1), mib(count));
}

void pk_touch(void)
{
	char *memory = map(TOUCH, PRIVATE, -1);

	touch(memory, 0, TOUCH);
	munmap(memory, mib(TOUCH));
	hide(0);
}

void pk_spike(void)
{
	come_and_go(SPIKE, PRIVATE);
	hide(1);
}

void pk_calm(void)
{
	hide(2);
}

void pk_inner(void)
{
	come_and_go(INNER, PRIVATE);
	hide(3);
}

void pk_outer(void)
{
	char *memory = map(HELD, PRIVATE | MAP_POPULATE, -1);

	pk_inner();
	munmap(memory, mib(HELD));
	hide(4);
}

void pk_remap(void)
{
	char *memory = map(4, PRIVATE | MAP_POPULATE, -1);

	memory = mremap(memory, mib(4), mib(REMAP), MREMAP_MAYMOVE);
	require(memory != MAP_FAILED, "mremap");
	touch(memory, 4, REMAP);
	memory = mremap(memory, mib(REMAP), mib(1), 0);
	munmap(memory, mib(1));
	hide(5);
}

void pk_give_back(void)
{
	char *memory = map(AGAIN, PRIVATE, -1);

	touch(memory, 0, AGAIN);
	madvise(memory, mib(AGAIN), MADV_DONTNEED);
	touch(memory, 0, AGAIN / 2);
	munmap(memory, mib(AGAIN));
	hide(6);
}

void pk_shared(void)
{
	come_and_go(SHM, SHARED);
	hide(7);
}

void pk_file(int file)
{
	munmap(map(OF_FILE, MAP_SHARED | MAP_POPULATE, file), mib(OF_FILE));
	hide(8);
}

/* What a child uses is its own. */
void pk_fork(void)
{
	pid_t child = fork();

	if (child == 0) {
		come_and_go(CHILD, PRIVATE);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	hide(9);
}

/* Nothing is done here: another thread uses memory meanwhile. */
void pk_wait(pthread_barrier_t *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	hide(10);
}

void pk_beside(void)
{
	come_and_go(BESIDE, PRIVATE);
	hide(11);
}

/* Where the machine has huge pages, each comes into RSS by one page fault; where not, it is as much memory. */
void pk_huge(void)
{
	size_t huge = mib(2);
	char *memory = map(HUGE + 2, PRIVATE, -1);
	char *aligned = memory + (huge - (uintptr_t)memory % huge) % huge;

	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	madvise(aligned, mib(HUGE), MADV_HUGEPAGE);
	touch(aligned, 0, HUGE);
	munmap(memory, mib(HUGE + 2));
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	hide(12);
}

/* Where there is swap, half goes out, and leaves RSS, before the rest comes; where not, all stays. */
void pk_swap(void)
{
	char *memory = map(OUT, PRIVATE, -1);

	touch(memory, 0, OUT);
	madvise(memory, mib(OUT), MADV_PAGEOUT);
	touch(memory, 0, OUT / 2);
	munmap(memory, mib(OUT));
	hide(13);
}

static void *beside(void *barrier)
{
	pthread_barrier_wait(barrier);
	pk_beside();
	pthread_barrier_wait(barrier);
	return NULL;
}

static void scene_threads(void)
{
	pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	require(pthread_create(&thread, NULL, beside, &barrier) == 0, "pthread_create");
	pk_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
}

/* How long the memory of pk_spike exists, without the stops of a tracer; the best of some. */
static double spike_us(void)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct timespec from, to;

		clock_gettime(CLOCK_MONOTONIC, &from);
		come_and_go(SPIKE, PRIVATE);
		clock_gettime(CLOCK_MONOTONIC, &to);
		double us =
			(double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;

		best = us < best ? us : best;
	}
	return best;
}

static int file_of(long count)
{
	FILE *file = tmpfile();

	require(file && ftruncate(fileno(file), (off_t)mib(count)) == 0, "tmpfile");
	return fileno(file);
}

static void scenes(int file)
{
	pk_touch();
	pk_calm();
	pk_spike();
	pk_calm();
	pk_outer();
	pk_calm();
	pk_remap();
	pk_calm();
	pk_give_back();
	pk_calm();
	pk_shared();
	pk_calm();
	pk_file(file);
	pk_calm();
	pk_huge();
	pk_calm();
	pk_swap();
	pk_calm();
	pk_fork();
	pk_calm();
	scene_threads();
	pk_calm();
}

static void tell(const char *function, long calls, long rise)
{
	truth_calls(function, calls);
	truth_end(function, "return", calls);
	printf("truth rise %s %ld 0\n", function, rise);
	printf("truth net %s 0 0\n", function);
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 0, 1);
	int file = file_of(OF_FILE);

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	printf("spike-us %.0f\n", spike_us());
	for (long i = 0; i < rounds; i++)
		scenes(file);
	tell("pk_touch", rounds, TOUCH);
	tell("pk_spike", rounds, SPIKE);
	tell("pk_calm", 11 * rounds, 0);
	tell("pk_outer", rounds, HELD + INNER);
	tell("pk_inner", rounds, INNER);
	tell("pk_remap", rounds, REMAP);
	tell("pk_give_back", rounds, AGAIN);
	tell("pk_shared", rounds, SHM);
	tell("pk_file", rounds, OF_FILE);
	tell("pk_huge", rounds, HUGE);
	tell("pk_swap", rounds, OUT);
	tell("pk_fork", rounds, 0);
	tell("pk_wait", rounds, BESIDE);
	tell("pk_beside", rounds, BESIDE);
	truth_exit(0);
	return 0;
}
