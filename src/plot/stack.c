#include "stack.h"

#include <stdlib.h>
#include <string.h>

void stack_add(struct stack *stack, size_t layer, const struct run_sample *points, size_t count, bool ends)
{
	stack->series =
		array_reserve(stack->series, &stack->capacity, stack->count + 1, sizeof(*stack->series));
	stack->series[stack->count++] =
		(struct stack_series){.points = points, .count = count, .layer = layer, .ends = ends};
	if (layer >= stack->layer_count)
		stack->layer_count = layer + 1;
}

void stack_free(struct stack *stack)
{
	free(stack->series);
	free(stack->peaks);
}

/* The values of all layers at one time. */
struct moment {
	uint64_t time_ns, sum;
	uint64_t *values;
};

static uint64_t next_time(const struct stack *stack)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < stack->count; i++) {
		const struct stack_series *series = &stack->series[i];
		if (series->next < series->count && series->points[series->next].time_ns < next)
			next = series->points[series->next].time_ns;
	}
	return next;
}

/* `now` holds the values of all series, `layers` what they come to. */
static void moment_advance(struct stack *stack, uint64_t *now, struct moment *layers, uint64_t time_ns)
{
	layers->time_ns = time_ns;
	layers->sum = 0;
	memset(layers->values, 0, stack->layer_count * sizeof(*layers->values));
	for (size_t i = 0; i < stack->count; i++) {
		struct stack_series *series = &stack->series[i];
		if (series->next == series->count && series->ends)
			now[i] = 0;
		while (series->next < series->count && series->points[series->next].time_ns <= time_ns)
			now[i] = series->points[series->next++].rss;
		layers->values[series->layer] += now[i];
		layers->sum += now[i];
	}
	for (size_t i = 0; i < stack->layer_count; i++)
		if (layers->values[i] > stack->peaks[i])
			stack->peaks[i] = layers->values[i];
}

static void moment_copy(struct moment *to, const struct moment *from, size_t count)
{
	to->time_ns = from->time_ns;
	to->sum = from->sum;
	memcpy(to->values, from->values, count * sizeof(*to->values));
}

static void moment_put(struct stack_layers *layers, size_t *capacity, const struct moment *moment,
		       size_t count)
{
	size_t grown = *capacity;
	uint64_t top = 0;

	for (size_t i = 0; i < count; i++) {
		grown = *capacity;
		layers->tops[i] =
			array_reserve(layers->tops[i], &grown, layers->count + 1, sizeof(struct run_sample));
		top += moment->values[i];
		layers->tops[i][layers->count] = (struct run_sample){moment->time_ns, top};
	}
	*capacity = grown;
	layers->count++;
}

static void column_put(struct stack_layers *layers, size_t *capacity, const struct moment *highest,
		       const struct moment *last, size_t count)
{
	moment_put(layers, capacity, highest, count);
	if (last->time_ns > highest->time_ns)
		moment_put(layers, capacity, last, count);
}

struct stack_layers stack_build(struct stack *stack, uint64_t from_ns, uint64_t to_ns, unsigned columns)
{
	size_t count = stack->layer_count, size = (count + 1) * sizeof(uint64_t), capacity = 0;
	uint64_t *now = mem_alloc((stack->count + 1) * sizeof(*now));
	struct moment moment = {.values = mem_alloc(size)}, highest = {.values = mem_alloc(size)};
	struct moment last = {.values = mem_alloc(size)};
	struct stack_layers layers = {.tops = mem_alloc((count + 1) * sizeof(*layers.tops))};
	uint64_t width = (to_ns - from_ns) / (columns > 0 ? columns : 1) + 1, column = UINT64_MAX, time_ns;

	stack->peaks = mem_alloc(size);
	while ((time_ns = next_time(stack)) != UINT64_MAX) {
		uint64_t at = time_ns > from_ns ? (time_ns - from_ns) / width : 0;
		moment_advance(stack, now, &moment, time_ns);
		if (at != column && column != UINT64_MAX)
			column_put(&layers, &capacity, &highest, &last, count);
		if (at != column || moment.sum > highest.sum)
			moment_copy(&highest, &moment, count);
		moment_copy(&last, &moment, count);
		column = at;
	}
	if (column != UINT64_MAX)
		column_put(&layers, &capacity, &highest, &last, count);
	free(now);
	free(moment.values);
	free(highest.values);
	free(last.values);
	return layers;
}
