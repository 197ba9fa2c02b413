/*
 * Memory figures of the recorded processes, and their peaks.
 *
 * The kernel keeps the highest RSS that a process has had: the mark. It is looked at, and set to what RSS is, at every enter,
 * leave and sample; so it tells the highest RSS between two of these, whatever came and went there. Reading
 * it costs as much as half a stop, but a stop tells for nothing that it has not risen (struct stop), most of the time.
 *
 * Reading and resetting are two steps. Of a process that runs meanwhile, what is mapped and unmapped between them is lost to
 * the mark. In a few microseconds that is less than the bound; but the reset may have to wait for the lock of the address space, which
 * the program holds while it maps memory, and this thread may lose its CPU. Then the page faults of that time tell how much it may be.
 */
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

/* A page takes a quarter of a microsecond to be mapped, and the bound is 64 pages at least. */
#define RESET_NS UINT64_C(16000)
/* What one page fault may map: a huge page. */
#define FAULT_BYTES (UINT64_C(2) << 20)

static bool sums_tree(const struct recorder *recorder)
{
	return recorder->plan->children == RECORD_CHILDREN_SUM;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

bool recorded_resets(const struct recorded *recorded)
{
	const struct recorder *recorder = recorded->recorder;

	return !recorder->plan->keep_peak_mark && !sums_tree(recorder) && recorded->memory.clear_refs >= 0;
}

/* The peak of the recording is the first process's, or the tree's. */
void recorded_reach(struct recorded *recorded, uint64_t rss)
{
	struct recorder *recorder = recorded->recorder;

	sample_peaks_reach(&recorded->peaks, rss);
	recorded->peak = higher(recorded->peak, rss);
	if (recorded == recorder->first && !sums_tree(recorder))
		recorder->peak = higher(recorder->peak, rss);
}

/* ---- the mark ---------------------------------------------------------- */

void recorded_reset_mark(struct recorded *recorded)
{
	uint64_t rss;

	if (!sample_reset_peak(&recorded->memory)) {
		if (recorded->memory.reset_error)
			recorded->recorder->reset_error = recorded->memory.reset_error;
		return;
	}
	/* What it has risen to meanwhile belongs to the time that begins now. */
	if (sample_read_peak(&recorded->memory, &rss, &recorded->mark))
		recorded->mark_excess = recorded->mark > rss ? recorded->mark - rss : 0;
}

/* The same of a process that may run meanwhile. */
static void reset_mark_of_running(struct recorded *recorded)
{
	uint64_t before = 0, after = 0, read_ns, rss, mark;
	bool known = sample_read_faults(&recorded->memory, &before);

	read_ns = clock_monotonic_ns();
	if (!sample_read_peak(&recorded->memory, &rss, &mark))
		return;
	recorded_reach(recorded, mark);
	recorded_reset_mark(recorded);
	if (clock_monotonic_ns() - read_ns <= RESET_NS)
		return;
	known = known && sample_read_faults(&recorded->memory, &after);
	if (!known || after != before)
		sample_peaks_guess(&recorded->peaks,
				   known ? rss + (after - before) * FAULT_BYTES : UINT64_MAX);
}

/* The mark was read, and RSS at about the same moment. */
static void take_mark(struct recorded *recorded, uint64_t rss, uint64_t mark, bool stands_still)
{
	bool rose = mark > recorded->mark;

	/* It never falls by itself, but for what the kernel counts inexactly: this is another program, whose exec we are
	 * about to be told of. */
	if (mark + recorded->recorder->peak_bound < recorded->mark)
		sample_peaks_guess(&recorded->peaks, UINT64_MAX);
	recorded->mark = mark;
	recorded_reach(recorded, rss);
	if (!recorded_resets(recorded)) {
		if (rose)
			recorded_reach(recorded, mark);
		else /* it may be of any time before */
			sample_peaks_guess(&recorded->peaks, mark);
		return;
	}
	recorded_reach(recorded, mark);
	if (mark <= rss + recorded->mark_excess)
		return;
	if (stands_still)
		recorded_reset_mark(recorded);
	else
		reset_mark_of_running(recorded);
}

/* Of the sum it is known then that it was no less. In which calls, nobody knows: it is read when the process ends. */
static void take_mark_of_tree(struct recorded *recorded, uint64_t mark)
{
	if (mark <= recorded->mark) /* it may be older than the recording */
		return;
	recorded->mark = mark;
	recorded_reach(recorded, mark);
	recorded->recorder->peak = higher(recorded->recorder->peak, mark);
}

void recorder_take_hint(struct recorder *recorder, const struct stop *stop)
{
	recorder->hint.pid = stop->task->process->pid;
	recorder->hint.max_rss = stop->max_rss;
}

/* Whether the stop that is being served tells that the mark is at most this. True only once: other threads go on. */
static bool mark_is_within(struct recorded *recorded, uint64_t most)
{
	struct recorder *recorder = recorded->recorder;
	bool known = recorder->hint.pid == recorded->pid && recorder->hint.max_rss &&
		     recorder->hint.max_rss <= most;

	/* The rest of this stop can take it for known: what rises meanwhile is told by the next. */
	if (recorder->hint.pid == recorded->pid)
		recorder->hint.max_rss = 1;
	return known;
}

static bool refresh_from_status(struct recorded *recorded, bool stands_still)
{
	uint64_t mark;

	if (sample_read_peak(&recorded->memory, &recorded->last_rss, &mark)) {
		if (!sums_tree(recorded->recorder))
			take_mark(recorded, recorded->last_rss, mark, stands_still);
		else
			take_mark_of_tree(recorded, mark);
		return true;
	}
	/* There may have been no descriptor left to open that file. */
	sample_peaks_guess(&recorded->peaks, UINT64_MAX);
	if (!sample_read_rss(&recorded->memory, &recorded->last_rss))
		return false;
	recorded_reach(recorded, recorded->last_rss);
	return true;
}

bool recorded_refresh_whole(struct recorded *recorded)
{
	return refresh_from_status(recorded, false);
}

bool recorded_refresh(struct recorded *recorded)
{
	bool stands_still = recorded->recorder->hint.pid == recorded->pid && recorded->process->tasks == 1;
	uint64_t most;

	if (!sample_read_rss(&recorded->memory, &recorded->last_rss)) {
		sample_peaks_guess(&recorded->peaks, UINT64_MAX);
		return false;
	}
	if (sums_tree(recorded->recorder))
		return true;
	most = higher(recorded->mark, recorded->last_rss);
	if (!mark_is_within(recorded, most) || (!stands_still && most > recorded->last_rss))
		return refresh_from_status(recorded, stands_still);
	take_mark(recorded, recorded->last_rss, most, stands_still);
	return true;
}

void recorder_tell_reset_error(struct recorder *recorder)
{
	char *text;

	if (!recorder->reset_error || recorder->reset_error_told)
		return;
	recorder->reset_error_told = true;
	text = mem_printf(
		"peaks of calls: the kernel's high-water mark cannot be reset (clear_refs: %s): a peak is "
		"exact where the mark rose inside, else at least what was read; give a shorter interval",
		strerror(recorder->reset_error));
	recorder_note(recorder, text);
	free(text);
}

/* ---- of the process, or of the tree ------------------------------------ */

uint64_t recorder_sum_of_tree(const struct recorder *recorder)
{
	const struct recorded *recorded;
	size_t position = 0;
	uint64_t sum = 0;

	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		sum += recorded->last_rss;
	return sum;
}

/*
 * A process that is just being killed has no memory any more: what it had last is what its calls end with.
 */
uint64_t recorder_read_rss(struct recorder *recorder, pid_t pid)
{
	struct recorded *recorded = table_get(&recorder->processes, (uint64_t)pid);
	uint64_t sum;

	if (recorded)
		recorded_refresh(recorded);
	if (!sums_tree(recorder))
		return recorded ? recorded->last_rss : 0;
	sum = recorder_sum_of_tree(recorder);
	recorder_reach_sum(recorder, sum);
	return sum;
}

void recorder_reach_sum(struct recorder *recorder, uint64_t sum)
{
	sample_peaks_reach(&recorder->tree_peaks, sum);
	recorder->peak = higher(recorder->peak, sum);
}

struct sample_peaks *recorder_peaks_of(struct recorder *recorder, pid_t pid)
{
	struct recorded *recorded = table_get(&recorder->processes, (uint64_t)pid);

	if (sums_tree(recorder))
		return &recorder->tree_peaks;
	return recorded ? &recorded->peaks : NULL;
}

uint64_t recorder_peak_since(struct recorder *recorder, pid_t pid, uint64_t from, bool *exact)
{
	const struct sample_peaks *peaks = recorder_peaks_of(recorder, pid);
	uint64_t peak;

	*exact = false;
	if (!peaks)
		return 0;
	peak = sample_peaks_since(peaks, from, exact);
	*exact = *exact && !sums_tree(recorder);
	return peak;
}
