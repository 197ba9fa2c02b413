#include "held.h"

#include <stdlib.h>

void held_add(struct held *held, const struct report_call *call)
{
	held->calls = array_reserve(held->calls, &held->capacity, held->count + 1, sizeof(*held->calls));
	held->calls[held->count] = *call;
	held->calls[held->count++].function = NULL;
}

static int u64_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int call_compare(const void *left, const void *right)
{
	const struct report_call *a = left, *b = right;
	int order = u64_compare(a->enter_ns, b->enter_ns);

	order = order ? order : u64_compare(b->leave_ns, a->leave_ns);
	return order ? order : u64_compare(a->depth, b->depth);
}

void held_settle(struct held *held, const struct run_function *functions)
{
	/* When those end that the next one could be inside of, innermost last. */
	uint64_t *ends = mem_alloc(held->count * sizeof(*ends));
	size_t open = 0;

	if (held->count > 0)
		qsort(held->calls, held->count, sizeof(*held->calls), call_compare);
	for (size_t i = 0; i < held->count; i++) {
		struct report_call *call = &held->calls[i];
		while (open > 0 && ends[open - 1] <= call->enter_ns)
			open--;
		call->function = &functions[call->index];
		call->nested = open == 0 || call->leave_ns <= ends[open - 1];
		if (call->nested)
			ends[open++] = call->leave_ns;
	}
	free(ends);
}

void held_free(struct held *held)
{
	free(held->calls);
}
