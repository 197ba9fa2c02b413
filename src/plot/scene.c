#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "label.h"

/* ---- functions ----------------------------------------------------------- */

struct candidate {
	size_t function;
	uint64_t total_ns, rise, peak;
};

static int compare_figures(uint64_t one, uint64_t other)
{
	return one > other ? -1 : one < other;
}

static int compare_function(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	return one->function < other->function ? -1 : one->function > other->function;
}

static int compare_total(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	int by_total = compare_figures(one->total_ns, other->total_ns);
	return by_total ? by_total : compare_function(a, b);
}

static int compare_rise(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	int by_rise = compare_figures(one->rise, other->rise);
	return by_rise ? by_rise : compare_total(a, b);
}

/* Names alone are ambiguous for overloads and for namesakes in libraries. */
static char *function_label(const struct run *run, size_t index)
{
	const struct run_function *function = &run->functions[index];
	const char *full = function->full_name && *function->full_name ? function->full_name : function->name;
	bool twin_name = false, twin_full = false;

	for (size_t i = 0; i < run->function_count; i++) {
		const struct run_function *other = &run->functions[i];
		if (i == index || other->calls == 0 || other->recording != function->recording ||
		    strcmp(other->name, function->name) != 0)
			continue;
		twin_name = true;
		twin_full |= !other->full_name || strcmp(other->full_name, full) == 0;
	}
	if (!twin_name)
		return label_clean(function->name);
	if (!twin_full || !function->module || !*function->module)
		return label_clean(full);

	const char *slash = strrchr(function->module, '/');
	char *both = mem_printf("%s (%s)", full, slash ? slash + 1 : function->module);
	char *label = label_clean(both);
	free(both);
	return label;
}

/* All that have a call to be seen, also one that began before the window. */
static struct candidate *candidates_find(const struct run *run, size_t *count)
{
	struct candidate *all = mem_alloc((run->function_count + 1) * sizeof(*all));
	bool *seen = mem_alloc((run->function_count + 1) * sizeof(*seen));

	for (size_t i = 0; i < run->call_count; i++) {
		const struct run_call *call = &run->calls[i];
		struct candidate *candidate = &all[call->function];
		seen[call->function] = true;
		if (call->uncounted)
			continue;
		if (call->peak_rss > call->enter_rss && call->peak_rss - call->enter_rss > candidate->rise)
			candidate->rise = call->peak_rss - call->enter_rss;
		candidate->peak = call->peak_rss > candidate->peak ? call->peak_rss : candidate->peak;
	}
	*count = 0;
	for (size_t i = 0; i < run->function_count; i++) {
		if (!seen[i])
			continue;
		all[*count] = all[i];
		all[*count].function = i;
		all[(*count)++].total_ns = run->functions[i].total_ns;
	}
	free(seen);
	return all;
}

/* The first `most`: the one in which memory rose most, the one with most time, the next of both, and so on. Who asks
 * what raised memory looks for the first kind, who sees much of one colour for the second. */
static void candidates_choose(struct candidate *candidates, size_t count, size_t most)
{
	struct candidate *by_total = mem_alloc(count * sizeof(*by_total));
	struct candidate *chosen = mem_alloc((most + 1) * sizeof(*chosen));
	bool *taken = mem_alloc((candidates[count - 1].function + 1) * sizeof(*taken));
	size_t used = 0;

	memcpy(by_total, candidates, count * sizeof(*by_total));
	qsort(by_total, count, sizeof(*by_total), compare_total);
	qsort(candidates, count, sizeof(*candidates), compare_rise);
	for (size_t i = 0; used < most; i++) {
		const struct candidate *pair[] = {&candidates[i / 2], &by_total[i / 2]};
		const struct candidate *next = pair[i % 2];
		if (!taken[next->function])
			chosen[used++] = *next;
		taken[next->function] = true;
	}
	memcpy(candidates, chosen, most * sizeof(*chosen));
	qsort(candidates, most, sizeof(*candidates), compare_function);
	free(taken);
	free(chosen);
	free(by_total);
}

static void functions_choose(struct scene *scene, unsigned most, size_t *shown_of)
{
	const struct run *run = scene->run;
	size_t count;
	struct candidate *candidates = candidates_find(run, &count);

	scene->function_count = count;
	if (count > most) { /* one line less: it says how many more there are */
		scene->function_count = most > 1 ? most - 1 : 1;
		candidates_choose(candidates, count, scene->function_count);
	}
	scene->others = count - scene->function_count;

	scene->functions = mem_alloc((scene->function_count + 1) * sizeof(*scene->functions));
	for (size_t i = 0; i < run->function_count; i++)
		shown_of[i] = scene->function_count;
	for (size_t i = 0; i < scene->function_count; i++) {
		shown_of[candidates[i].function] = i;
		scene->functions[i] = (struct scene_function){
			.label = function_label(run, candidates[i].function),
			.function = candidates[i].function,
			.rise = candidates[i].rise,
			.peak = candidates[i].peak,
		};
	}
	free(candidates);
}

/* Namesakes of several recordings have one colour. */
static void functions_colour(struct scene *scene)
{
	size_t hues = 0;

	for (size_t i = 0; i < scene->function_count; i++) {
		struct scene_function *function = &scene->functions[i];
		size_t twin = 0;
		while (twin < i && (strcmp(scene->functions[twin].label, function->label) != 0 ||
				    scene->run->functions[scene->functions[twin].function].recording ==
					    scene->run->functions[function->function].recording))
			twin++;
		function->hue = twin < i ? scene->functions[twin].hue : hues++;
	}
}

/* ---- curve ------------------------------------------------------------------ */

/* Index of the first point at or after time_ns. */
static size_t first_from(const struct run_sample *points, size_t count, uint64_t time_ns)
{
	size_t low = 0;
	while (low < count) {
		size_t middle = low + (count - low) / 2;
		if (points[middle].time_ns < time_ns)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

static int compare_time(const void *a, const void *b)
{
	const struct run_sample *one = a, *other = b;
	return one->time_ns < other->time_ns ? -1 : one->time_ns > other->time_ns;
}

/* Brackets stand on the curve, so their ends are points of it. */
static void curve_build(struct scene *scene, unsigned columns)
{
	const struct run *run = scene->run;
	size_t count = 0, capacity;
	struct run_sample *curve = NULL;

	if (run->sample_count > 0)
		curve = run_decimate(run, run->start_ns, run->end_ns, columns, &count);
	capacity = count;
	curve = array_reserve(curve, &capacity, count + 2 * scene->block_count + 1, sizeof(*curve));
	for (size_t i = 0; i < scene->block_count && run->recording_count == 0; i++) {
		const struct scene_block *block = &scene->blocks[i];
		/* What lies beyond the window is no part of it. */
		if (block->elsewhere)
			continue;
		if (block->from_ns >= run->start_ns)
			curve[count++] = (struct run_sample){block->from_ns, block->from_rss};
		if (block->to_ns <= run->end_ns)
			curve[count++] = (struct run_sample){block->to_ns, block->to_rss};
	}
	if (count > 0)
		qsort(curve, count, sizeof(*curve), compare_time);
	scene->curve = curve;
	scene->curve_count = count;

	scene->low_rss = count > 0 ? UINT64_MAX : 0;
	scene->high_rss = run->peak_rss;
	for (size_t i = 0; i < count; i++) {
		scene->low_rss = curve[i].rss < scene->low_rss ? curve[i].rss : scene->low_rss;
		scene->high_rss = curve[i].rss > scene->high_rss ? curve[i].rss : scene->high_rss;
	}
}

static void owners_paint(struct scene *scene)
{
	scene->owner = mem_alloc((scene->curve_count + 1) * sizeof(*scene->owner));
	for (size_t i = 0; i < scene->curve_count; i++)
		scene->owner[i] = SCENE_NOBODY;
	for (unsigned depth = 0; depth < scene->depths && scene->run->recording_count == 0; depth++) {
		for (size_t i = 0; i < scene->block_count; i++) {
			const struct scene_block *block = &scene->blocks[i];
			/* Many short calls with long gaps: most of it is not theirs. */
			if (block->elsewhere || block->depth != depth ||
			    block->busy_ns < (block->to_ns - block->from_ns) / 2)
				continue;
			size_t at = first_from(scene->curve, scene->curve_count, block->from_ns);
			for (; at < scene->curve_count && scene->curve[at].time_ns < block->to_ns; at++)
				scene->owner[at] = i;
		}
	}
}

/* ---- all ---------------------------------------------------------------------- */

void scene_build(struct scene *scene, const struct run *run, const struct scene_detail *detail)
{
	size_t *shown_of = mem_alloc((run->function_count + 1) * sizeof(*shown_of));

	*scene = (struct scene){.run = run, .unit = detail->unit ? axis_unit_find(detail->unit) : NULL};
	functions_choose(scene, detail->functions, shown_of);
	functions_colour(scene);
	blocks_build(scene, detail, shown_of);
	curve_build(scene, detail->columns);
	owners_paint(scene);
	free(shown_of);
}

void scene_free(struct scene *scene)
{
	for (size_t i = 0; i < scene->function_count; i++)
		free(scene->functions[i].label);
	free(scene->functions);
	free(scene->blocks);
	free(scene->curve);
	free(scene->owner);
	*scene = (struct scene){0};
}

uint64_t scene_memory_from(const struct scene *scene)
{
	uint64_t spread = scene->high_rss - scene->low_rss;
	if (spread < 256 * 1024 || spread < scene->high_rss / 200 || spread > scene->high_rss / 5)
		return 0;
	return scene->low_rss - (scene->low_rss < spread / 5 ? scene->low_rss : spread / 5);
}

bool scene_recording_row(const struct scene *scene, size_t recording, unsigned *row)
{
	bool any = false;

	for (size_t i = 0; i < scene->block_count; i++) {
		const struct scene_block *block = &scene->blocks[i];
		if (block->recording != recording || (any && block->row >= *row))
			continue;
		*row = block->row;
		any = true;
	}
	return any;
}

/* "2 recordings: a.dat, b.dat" */
static char *recordings_title(const struct run *run)
{
	struct text text = {0};

	label_put_count(&text, run->recording_count, "recording");
	for (size_t i = 0; i < run->recording_count; i++)
		text_printf(&text, "%s%s", i == 0 ? ": " : ", ", run->recordings[i].name);
	char *title = label_clean(text.data);
	text_free(&text);
	return title;
}

char *scene_title(const struct scene *scene, const char *given)
{
	if (given && *given)
		return label_clean(given);
	if (scene->run->recording_count > 0)
		return recordings_title(scene->run);
	const char *command = scene->run->command;
	return command && *command ? label_command(command) : label_clean("memory over time");
}

void scene_put_bytes(struct text *out, const struct scene *scene, uint64_t bytes)
{
	if (!scene->unit)
		label_put_bytes(out, bytes);
	else if (scene->unit->divisor == 1)
		label_put_count(out, bytes, "byte");
	else
		text_printf(out, "%.*f %s", scene->unit->divisor < 0x1p30 * 0.9 ? 1 : 3,
			    (double)bytes / scene->unit->divisor, scene->unit->name);
}

void scene_put_figures(struct text *out, const struct scene *scene, const struct scene_function *function)
{
	const struct run_function *sums = &scene->run->functions[function->function];
	if (sums->calls == 0) {
		text_puts(out, "began before");
		return;
	}
	if (sums->until_ns > 0)
		text_puts(out, "≥ ");
	label_put_count(out, sums->calls, "call");
	if (sums->unfinished > 0)
		text_printf(out, " (%llu unfinished)", (unsigned long long)sums->unfinished);
	text_puts(out, ", ");
	label_put_duration(out, sums->total_ns);
	text_puts(out, ", +");
	scene_put_bytes(out, scene, function->rise);
	text_puts(out, ", peak ");
	scene_put_bytes(out, scene, function->peak);
}

uint64_t scene_thread_key(const struct run *run, const struct run_call *call)
{
	/* Numbers of processes have 22 bits. */
	return (uint64_t)run->functions[call->function].recording << 56 ^
	       (uint64_t)(uint32_t)call->pid << 32 ^ (uint32_t)call->tid;
}

static bool has_children(const struct run *run)
{
	for (size_t i = 0; i < run->call_count; i++)
		if (run->calls[i].elsewhere)
			return true;
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == RUN_LINE_CHILD && run->lines[i].count > 0)
			return true;
	return false;
}

void scene_put_summary(struct text *out, const struct scene *scene)
{
	const struct run *run = scene->run;
	/* What is inside calls of children may be more. */
	text_puts(out, run->recording_count == 0 && has_children(run) ? "first process: peak " : "peak ");
	scene_put_bytes(out, scene, run->peak_rss);
	text_puts(out, " · ");
	label_put_duration(out, run->end_ns - run->start_ns);
	if (run->before_ns > 0) {
		text_puts(out, " from ");
		label_put_duration(out, run->before_ns);
	}
	uint64_t calls = 0;
	for (size_t i = 0; i < run->call_count; i++)
		calls += !run->calls[i].uncounted;
	if (calls > 0) {
		text_puts(out, " · ");
		label_put_count(out, calls, "call");
	}
	if (run->recording_count > 0)
		return;
	if (run->complete && run->finish.how == TRACE_FINISH_SIGNAL)
		text_printf(out, " · killed by signal %d", run->finish.code);
	else if (run->complete && run->finish.how == TRACE_FINISH_EXIT && run->finish.code != 0)
		text_printf(out, " · exit status %d", run->finish.code);
	/* mprof's files never have an end and tell no interval. */
	else if (!run->complete && run->interval_ns > 0)
		text_puts(out, " · recording was cut");
}
