/*
 * The highest RSS that a process has had, over all programs that it has executed.
 *
 * A mark belongs to a program: at exec the old one goes, with what it says of the time since it was read last. But the kernel
 * keeps the highest mark of a process's former programs for getrusage(2) (exec_mmap in fs/exec.c), and wait4(2) tells it at the
 * stop: the highest of these, of the new program's and of those of children that were waited for. If it has risen
 * since the program began, and no child was waited for meanwhile, which the page faults of such children tell, it is the mark of the
 * program that is gone. Otherwise it is what that had at most.
 */
#include "recorder.h"

static void doubt(struct recorded *recorded, uint64_t most)
{
	if (most > recorded->peak_most)
		recorded->peak_most = most;
}

static bool was_attached_to(const struct recorded *recorded)
{
	return recorded == recorded->recorder->first && !recorded->recorder->plan->argv;
}

/* Whether max_rss is the mark of the program that is gone. */
static bool is_mark_of_program(struct recorded *recorded, uint64_t max_rss)
{
	uint64_t rss, mark, faults;

	return max_rss > recorded->usage_floor && sample_read_peak(&recorded->memory, &rss, &mark) &&
	       max_rss > mark && sample_read_child_faults(&recorded->memory, &faults) &&
	       faults == recorded->child_faults;
}

void recorded_end_program(struct recorded *recorded, uint64_t max_rss)
{
	struct recorder *recorder = recorded->recorder;
	uint64_t most = max_rss ? max_rss : UINT64_MAX;

	if (!recorder->writer)
		return;
	trace_begin(recorder->writer, &recorder->clock);
	if (is_mark_of_program(recorded, max_rss)) {
		recorded_reach(recorded, max_rss);
	} else {
		sample_peaks_guess(&recorded->peaks, most);
		doubt(recorded, most);
	}
	recorded->mark = 0;
	trace_end(recorder->writer);
}

static void begin(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;
	uint64_t rss;

	if (!sample_read_peak(&recorded->memory, &rss, &recorded->mark)) {
		doubt(recorded, UINT64_MAX);
		return;
	}
	if (was_attached_to(recorded)) /* it may be of any time before */
		doubt(recorded, recorded->mark);
	else
		recorded_reach(recorded, recorded->mark);
	if (recorder->plan->children == RECORD_CHILDREN_SUM)
		return;
	if (recorded_resets(recorded))
		recorded_reset_mark(recorded);
	if (!recorder->plan->keep_peak_mark && recorded->memory.clear_refs < 0)
		recorder->reset_error = recorded->memory.reset_error;
}

static void begin_above(struct recorded *recorded, uint64_t floor)
{
	struct recorder *recorder = recorded->recorder;

	if (!recorder->writer)
		return;
	trace_begin(recorder->writer, &recorder->clock);
	begin(recorded);
	recorded->usage_floor = floor;
	if (!sample_read_child_faults(&recorded->memory, &recorded->child_faults))
		recorded->usage_floor = UINT64_MAX;
	trace_end(recorder->writer);
	recorder_tell_reset_error(recorder);
}

void recorded_begin_program(struct recorded *recorded, uint64_t max_rss)
{
	begin_above(recorded, max_rss ? max_rss : UINT64_MAX);
}

void recorded_begin_copy(struct recorded *recorded)
{
	begin_above(recorded, 0);
}

void recorded_finish(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;

	trace_begin(recorder->writer, &recorder->clock);
	recorded->finished = recorded_refresh_whole(recorded);
	trace_end(recorder->writer);
}

bool recorder_peak_is_least(const struct recorder *recorder)
{
	uint64_t most = recorder->first ? recorder->first->peak_most : recorder->peak_most;

	return most > recorder->peak;
}
