/* overlay: several recordings on one axis of time. */
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "load.h"

static void points_shift(struct run_sample *points, size_t count, uint64_t by_ns)
{
	for (size_t i = 0; i < count; i++)
		points[i].time_ns += by_ns;
}

/* Modulo 2^64: what moves back is a large number. */
static void run_shift(struct run *run, uint64_t by_ns)
{
	points_shift(run->samples, run->sample_count, by_ns);
	for (size_t i = 0; i < run->line_count; i++)
		points_shift(run->lines[i].points, run->lines[i].count, by_ns);
	for (size_t i = 0; i < run->call_count; i++) {
		run->calls[i].enter_ns += by_ns;
		run->calls[i].leave_ns += by_ns;
	}
	run->end_ns += by_ns;
	run->peak_sample_ns += by_ns;
}

static void recording_add(struct run *run, const struct run *added)
{
	const char *slash = strrchr(added->path, '/');
	size_t capacity = run->recording_count;

	run->recordings =
		array_reserve(run->recordings, &capacity, run->recording_count + 1, sizeof(*run->recordings));
	run->recordings[run->recording_count++] = (struct run_recording){
		.name = mem_strdup(slash ? slash + 1 : added->path),
		.peak_rss = added->peak_rss,
		.span_ns = added->end_ns - added->start_ns,
	};
}

/* Of the same name in two folders the folders tell which is which. */
static void recordings_tell_apart(struct run *run, const struct run *added)
{
	struct run_recording *first = &run->recordings[0];
	struct run_recording *last = &run->recordings[run->recording_count - 1];

	if (strcmp(first->name, last->name) != 0)
		return;
	free(first->name);
	free(last->name);
	first->name = mem_strdup(run->path);
	last->name = mem_strdup(added->path);
}

static void functions_append(struct run *run, struct run *other)
{
	size_t before = run->function_count, capacity = before;

	run->functions = array_reserve(run->functions, &capacity, before + other->function_count,
				       sizeof(*run->functions));
	for (size_t i = 0; i < other->function_count; i++) {
		run->functions[run->function_count] = other->functions[i];
		run->functions[run->function_count++].recording = run->recording_count - 1;
	}
	other->function_count = 0;
	capacity = run->call_count;
	run->calls = array_reserve(run->calls, &capacity, run->call_count + other->call_count,
				   sizeof(*run->calls));
	for (size_t i = 0; i < other->call_count; i++) {
		run->calls[run->call_count] = other->calls[i];
		run->calls[run->call_count++].function += before;
	}
	run_sort_calls(run);
}

static void line_append(struct run *run, struct run *other)
{
	run->lines = array_reserve(run->lines, &run->line_capacity, run->line_count + 1, sizeof(*run->lines));
	run->lines[run->line_count++] = (struct run_line){
		.kind = RUN_LINE_RECORDING,
		.name = mem_strdup(run->recordings[run->recording_count - 1].name),
		.points = other->samples,
		.count = other->sample_count,
		.capacity = other->sample_count,
	};
	other->samples = NULL;
}

uint64_t run_overlay(struct run *run, struct run *other, uint64_t from_ns, uint64_t other_from_ns)
{
	uint64_t at_ns = from_ns > other_from_ns ? from_ns : other_from_ns;

	if (run->recording_count == 0)
		recording_add(run, run);
	recording_add(run, other);
	recordings_tell_apart(run, other);
	/* Both forwards, so that nothing begins before the start. */
	run_shift(run, at_ns - from_ns);
	run_shift(other, run->start_ns + (at_ns - other_from_ns) - other->start_ns);
	functions_append(run, other);
	line_append(run, other);
	if (other->end_ns > run->end_ns)
		run->end_ns = other->end_ns;
	if (other->peak_rss > run->peak_rss) {
		run->peak_rss = other->peak_rss;
		run->peak_sample_ns = other->peak_sample_ns;
		run->peak_sample_rss = other->peak_sample_rss;
	}
	run_free(other);
	return at_ns;
}
