/* folded: a line for each stack of calls, as flame graphs are made of. */
#include <stdlib.h>
#include <string.h>

#include "format.h"

/* A function as called by those outside of it. */
struct stack {
	struct stack *outer; /* NULL: outermost */
	size_t function, number;
	int64_t growth, inner_growth; /* of its calls, and of those right inside of them */
	uint64_t self_ns, calls;
};

struct folded {
	struct stack **stacks; /* outer ones before inner ones */
	size_t count, capacity;
	struct table by_key; /* of who calls and of what is called */
};

static void folded_begin(struct export *export)
{
	export->state = mem_alloc(sizeof(struct folded));
}

static void *folded_entered(void *data, void *outer, size_t index)
{
	struct folded *folded = ((struct export *)data)->state;
	const struct stack *caller = outer;
	uint64_t key = (uint64_t)(caller ? caller->number + 1 : 0) << 32 | (uint32_t)index;
	struct stack *stack = table_get(&folded->by_key, key);

	if (stack)
		return stack;
	stack = mem_alloc(sizeof(*stack));
	*stack = (struct stack){.outer = outer, .function = index, .number = folded->count};
	folded->stacks =
		array_reserve(folded->stacks, &folded->capacity, folded->count + 1, sizeof(*folded->stacks));
	folded->stacks[folded->count++] = stack;
	table_put(&folded->by_key, key, stack);
	return stack;
}

/* Unsigned, as figures of a damaged file may be anything. */
static void growth_add(int64_t *sum, int64_t growth)
{
	*sum = (int64_t)((uint64_t)*sum + (uint64_t)growth);
}

static void folded_left(struct export *export, const struct report_call *call)
{
	struct stack *stack = call->mark;
	int64_t growth = (int64_t)(call->leave_rss - call->enter_rss);

	(void)export;
	growth_add(&stack->growth, growth);
	if (stack->outer)
		growth_add(&stack->outer->inner_growth, growth);
	stack->self_ns += call->self_ns;
	stack->calls++;
}

static void folded_again(void *data)
{
	const struct folded *folded = ((struct export *)data)->state;

	for (size_t i = 0; i < folded->count; i++) {
		struct stack *stack = folded->stacks[i];
		stack->growth = stack->inner_growth = 0;
		stack->self_ns = stack->calls = 0;
	}
}

/* To the nearest, halves away from 0. */
static int64_t divide(int64_t value, int64_t by)
{
	return (value < 0 ? value - by / 2 : value + by / 2) / by;
}

static int64_t value_of(const struct stack *stack, enum export_value value)
{
	switch (value) {
	case EXPORT_SELF_GROWTH:
		return divide((int64_t)((uint64_t)stack->growth - (uint64_t)stack->inner_growth), 1024);
	case EXPORT_NET_GROWTH:
		return divide(stack->growth, 1024);
	case EXPORT_SELF_TIME:
		return divide((int64_t)stack->self_ns, 1000);
	case EXPORT_CALL_COUNT:
		return (int64_t)stack->calls;
	}
	return 0;
}

/* What a reader would take for the end of a function or of the stack. */
static char *frame_name(const struct run_function *function)
{
	char *clean = label_clean(function->name);

	for (char *c = clean; *c; c++)
		if (*c == ';' || *c == ' ')
			*c = '_';
	if (*clean)
		return clean;
	free(clean);
	return mem_strdup("?");
}

static void put_stack(struct export *export, const struct stack *stack, char *const *names, int64_t value)
{
	size_t depth = 0;

	for (const struct stack *at = stack; at; at = at->outer)
		depth++;
	const struct stack **path = mem_alloc(depth * sizeof(const struct stack *));
	for (const struct stack *at = stack; at; at = at->outer)
		path[--depth] = at;
	for (;; depth++) {
		text_puts(&export->text, names[path[depth]->function]);
		if (path[depth] == stack)
			break;
		text_putc(&export->text, ';');
		export_flush(export);
	}
	text_putc(&export->text, ' ');
	text_put_i64(&export->text, value);
	text_putc(&export->text, '\n');
	free(path);
}

static void folded_end(struct export *export, const struct report *report)
{
	const struct folded *folded = export->state;
	char **names = mem_alloc(report->function_count * sizeof(*names));

	for (size_t i = 0; i < report->function_count; i++)
		names[i] = frame_name(&report->functions[i]);
	for (size_t i = 0; i < folded->count; i++) {
		int64_t value = value_of(folded->stacks[i], export->options->value);
		if (value != 0)
			put_stack(export, folded->stacks[i], names, value);
	}
	for (size_t i = 0; i < report->function_count; i++)
		free(names[i]);
	free(names);
}

static void folded_discard(struct export *export)
{
	struct folded *folded = export->state;

	for (size_t i = 0; i < folded->count; i++)
		free(folded->stacks[i]);
	free(folded->stacks);
	table_free(&folded->by_key);
}

const struct format format_folded = {
	.begin = folded_begin,
	.entered = folded_entered,
	.left = folded_left,
	.again = folded_again,
	.end = folded_end,
	.discard = folded_discard,
};
