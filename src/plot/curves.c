#include "curves.h"

#include <stdlib.h>
#include <string.h>

#include "stack.h"

static struct curve *curve_add(struct curves *curves, const char *label)
{
	curves->items =
		array_reserve(curves->items, &curves->capacity, curves->count + 1, sizeof(*curves->items));
	curves->items[curves->count] = (struct curve){.label = label_clean(label), .dash = "solid"};
	return &curves->items[curves->count++];
}

/* The curve that is there anyhow. */
static void own_add(struct curves *curves, const char *label, uint64_t peak, const struct style *style)
{
	struct curve *curve = curve_add(curves, label);

	curve->peak = peak;
	curve->colour = style->curve;
}

static void points_measure(struct curves *curves, struct curve *curve, const struct run_sample *points,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		curve->peak = points[i].rss > curve->peak ? points[i].rss : curve->peak;
		curves->high = points[i].rss > curves->high ? points[i].rss : curves->high;
		curves->low = points[i].rss < curves->low ? points[i].rss : curves->low;
	}
}

static uint64_t line_peak(const struct run_line *line)
{
	uint64_t peak = 0;

	for (size_t i = 0; i < line->count; i++)
		peak = line->points[i].rss > peak ? line->points[i].rss : peak;
	return peak;
}

static struct curve *line_add(struct curves *curves, const struct run *run, const struct run_line *line,
			      unsigned columns)
{
	struct curve *curve = curve_add(curves, line->name);
	const struct run samples = {.samples = line->points, .sample_count = line->count};

	curve->points = run_decimate(&samples, run->start_ns, run->end_ns, columns, &curve->count);
	points_measure(curves, curve, line->points, line->count);
	return curve;
}

static void recordings_add(struct curves *curves, const struct run *run, const struct style *style,
			   unsigned columns)
{
	size_t recording = 0;

	own_add(curves, run->recordings[0].name, run->recordings[0].peak_rss, style);
	for (size_t i = 0; i < run->line_count; i++) {
		if (run->lines[i].kind != RUN_LINE_RECORDING)
			continue;
		struct curve *curve = line_add(curves, run, &run->lines[i], columns);
		curve->recording = ++recording;
		curve->peak = run->recordings[recording].peak_rss;
		curve->colour = style_curve(style, recording);
		curve->dash = style_curve_dash(recording);
	}
}

/* ---- children ------------------------------------------------------------------- */

enum { CHILDREN = 8 }; /* told apart: the largest; the rest has one entry */

/* Peaks that are shown by name are at least this. */
static uint64_t children_least(const struct run *run)
{
	uint64_t largest[CHILDREN + 1] = {0};

	for (size_t i = 0; i < run->line_count; i++) {
		const struct run_line *line = &run->lines[i];
		if (line->kind != RUN_LINE_CHILD)
			continue;
		uint64_t peak = line_peak(line);
		size_t at = CHILDREN;
		for (; at > 0 && largest[at - 1] < peak; at--)
			largest[at] = largest[at - 1];
		largest[at] = peak;
	}
	/* Of equal ones beyond the last all go. */
	return largest[CHILDREN] < largest[CHILDREN - 1] ? largest[CHILDREN - 1] : largest[CHILDREN] + 1;
}

/* From the palette's other end, where functions seldom are. */
static unsigned child_colour(const struct style *style, size_t child)
{
	return style->palette[STYLE_PALETTE - 1 - child % STYLE_PALETTE];
}

static void children_add(struct curves *curves, const struct run *run, const struct style *style,
			 unsigned columns)
{
	uint64_t least = children_least(run);
	size_t named = 0, others = 0;

	own_add(curves, "first process", run->peak_rss, style);
	for (size_t i = 0; i < run->line_count; i++) {
		if (run->lines[i].kind != RUN_LINE_CHILD)
			continue;
		struct curve *curve = line_add(curves, run, &run->lines[i], columns);
		if (curve->peak >= least) {
			curve->colour = child_colour(style, named);
			curve->dash = style_curve_dash(named++ / STYLE_PALETTE);
			continue;
		}
		curve->colour = style->others;
		curve->unnamed = others++ > 0;
		free(curve->label);
		curve->label = mem_strdup("other processes");
	}
}

/* ---- layers ---------------------------------------------------------------- */

static void layers_add(struct curves *curves, const struct run *run, struct stack *stack,
		       const char *const *names, const struct style *style, unsigned columns)
{
	struct stack_layers layers = stack_build(stack, run->start_ns, run->end_ns, columns);

	for (size_t layer = 0; layer < stack->layer_count; layer++) {
		struct curve *curve = curve_add(curves, names[layer]);
		curve->is_layer = true;
		curve->colour = child_colour(style, layer);
		curve->count = layers.count;
		curve->points = layers.tops[layer];
		curve->floor = mem_alloc((layers.count + 1) * sizeof(*curve->floor));
		for (size_t i = 0; i < layers.count; i++)
			curve->floor[i] = (struct run_sample){layers.tops[layer][i].time_ns,
							      layer > 0 ? layers.tops[layer - 1][i].rss : 0};
		points_measure(curves, curve, curve->points, curve->count);
		curve->peak = stack->peaks[layer];
	}
	curves->low = 0;
	curves->has_layers = true;
	free(layers.tops);
}

static void children_stack(struct curves *curves, const struct run *run, const struct style *style,
			   unsigned columns)
{
	const char *names[CHILDREN + 2] = {"first process"};
	uint64_t least = children_least(run);
	struct stack stack = {0};
	size_t named = 0;

	stack_add(&stack, 0, run->samples, run->sample_count, true);
	for (int rest = 0; rest < 2; rest++) { /* the others lie on top */
		size_t other_layer = stack.layer_count;
		named = rest ? other_layer : named;
		for (size_t i = 0; i < run->line_count; i++) {
			const struct run_line *line = &run->lines[i];
			if (line->kind != RUN_LINE_CHILD || (line_peak(line) < least) != (rest == 1))
				continue;
			size_t layer = rest ? other_layer : stack.layer_count;
			names[layer] = rest ? "other processes" : line->name;
			stack_add(&stack, layer, line->points, line->count, true);
		}
	}
	layers_add(curves, run, &stack, names, style, columns);
	curves->items[0].colour = style->outside;
	/* As the curve's own legend entry has it: also what was higher between two samples. */
	if (run->peak_rss > curves->items[0].peak)
		curves->items[0].peak = run->peak_rss;
	if (named < curves->count)
		curves->items[named].colour = style->others;
	stack_free(&stack);
}

static void metrics_stack(struct curves *curves, const struct run *run, const struct plot_options *options,
			  const struct style *style, unsigned columns)
{
	struct stack stack = {0};

	for (size_t metric = 0; metric < options->stack_count; metric++)
		for (size_t i = 0; i < run->line_count; i++)
			if (run->lines[i].kind == RUN_LINE_METRIC &&
			    strcmp(run->lines[i].name, options->stack[metric]) == 0)
				stack_add(&stack, metric, run->lines[i].points, run->lines[i].count, false);
	layers_add(curves, run, &stack, options->stack, style, columns);
	stack_free(&stack);
}

/* ---- all ------------------------------------------------------------------- */

void curves_build(struct curves *curves, const struct run *run, const struct plot_options *options,
		  const struct style *style, unsigned columns)
{
	*curves = (struct curves){.low = UINT64_MAX};
	if (run->recording_count > 0)
		recordings_add(curves, run, style, columns);
	else if (options->stack_count > 0)
		metrics_stack(curves, run, options, style, columns);
	else if (options->children == PLOT_CHILDREN_CURVES)
		children_add(curves, run, style, columns);
	else if (options->children == PLOT_CHILDREN_STACKED)
		children_stack(curves, run, style, columns);
}

struct run_sample curve_highest(const struct curve *curve)
{
	struct run_sample highest = {0};

	for (size_t i = 0; i < curve->count; i++)
		highest = curve->points[i].rss > highest.rss ? curve->points[i] : highest;
	return highest;
}

const struct curve *curves_above(const struct curves *curves, uint64_t rss)
{
	const struct curve *found = NULL;

	for (size_t i = 0; i < curves->count && !curves->has_layers; i++) {
		uint64_t own = curve_highest(&curves->items[i]).rss;
		if (own > rss) {
			found = &curves->items[i];
			rss = own;
		}
	}
	return found;
}

void curves_free(struct curves *curves)
{
	for (size_t i = 0; i < curves->count; i++) {
		free(curves->items[i].label);
		free(curves->items[i].points);
		free(curves->items[i].floor);
	}
	free(curves->items);
	*curves = (struct curves){0};
}
