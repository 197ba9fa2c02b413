/* stack: series of samples on top of each other, thinned to the columns of a picture. */
#ifndef FMPROF_PLOT_STACK_H
#define FMPROF_PLOT_STACK_H

#include "fmprof/analyze.h"

struct stack { /* start with {0} */
	struct stack_series {
		const struct run_sample *points;
		size_t count, next, layer;
		bool ends; /* is nothing after its last point; else it stays as it was */
	} * series;
	uint64_t *peaks; /* of each layer */
	size_t count, capacity, layer_count;
};

/* At each of `count` times the tops of all layers; tops[i] is the i-th from below. The caller frees all. */
struct stack_layers {
	struct run_sample **tops;
	size_t count;
};

/* To a layer, counted from 0 and from below; several series of one layer are summed. */
void stack_add(struct stack *stack, size_t layer, const struct run_sample *points, size_t count, bool ends);
/* Of each column the times at which all together were highest, and the last. */
struct stack_layers stack_build(struct stack *stack, uint64_t from_ns, uint64_t to_ns, unsigned columns);
void stack_free(struct stack *stack);

#endif
