/*
 * Frames set aside: the call is open as far as is known, but not on a stack that runs now. It waits on a
 * coroutine's stack, or was left in a way that nothing watches and nothing has overwritten it yet.
 *
 * The list is sorted, outermost first and of one stack slot oldest first, so that what lies on one
 * stack stands together.
 */
#include <string.h>

#include "probe_internal.h"

/* Whether the frame stands before one of this stack slot and call number. */
static bool stands_before(const struct frame *frame, uint64_t stack_slot, uint64_t number)
{
	if (stack_slot != frame->stack_slot)
		return arch_stack_is_inner(stack_slot, frame->stack_slot);
	return frame->call.number < number;
}

/* Index of the first frame that does not stand before {stack_slot, number}. */
static size_t aside_index(const struct probe_space *space, uint64_t stack_slot, uint64_t number)
{
	size_t low = 0, high = space->aside_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stands_before(space->aside[middle], stack_slot, number))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void aside_remove(struct probe_space *space, struct frame *frame)
{
	size_t index = aside_index(space, frame->stack_slot, frame->call.number);

	space->aside_count--;
	memmove(space->aside + index, space->aside + index + 1,
		(space->aside_count - index) * sizeof(*space->aside));
	frame->aside = false;
}

static void aside_drop_first(struct probe_space *space, size_t count)
{
	if (!count)
		return;
	space->aside_count -= count;
	memmove(space->aside, space->aside + count, space->aside_count * sizeof(*space->aside));
}

/* Closes those that have been overwritten since, innermost first. Done whenever their number has
 * doubled, so that a program with many coroutines pays little for each. */
static void aside_check(struct probe_space *space, struct task *task)
{
	size_t kept = space->aside_count;

	for (size_t i = space->aside_count; i-- > 0;) {
		struct frame *frame = space->aside[i];

		if (frame_intact(task, frame))
			space->aside[--kept] = frame;
		else
			frame_close(space, frame, PROBE_END_UNWOUND, false);
	}
	aside_drop_first(space, kept);
	space->aside_check = 2 * space->aside_count + 16;
}

void aside_add(struct probe_space *space, struct task *task, struct frame *frame)
{
	size_t index;

	if (space->aside_count >= space->aside_check)
		aside_check(space, task);
	frame->aside = true;
	frame->owner = NULL;
	space->aside =
		array_reserve(space->aside, &space->aside_capacity, space->aside_count + 1, sizeof(frame));
	index = aside_index(space, frame->stack_slot, frame->call.number);
	memmove(space->aside + index + 1, space->aside + index,
		(space->aside_count - index) * sizeof(*space->aside));
	space->aside[index] = frame;
	space->aside_count++;
}

/* Those on the stack stand together: index of the first, and how many. */
static size_t aside_on_stack(const struct probe_space *space, const struct stack *stack, size_t *first)
{
	uint64_t last = stack->end - 1;
	size_t count = 0;

	*first = aside_index(space, arch_stack_is_inner(stack->start, last) ? last : stack->start, 0);
	while (*first + count < space->aside_count &&
	       stack_holds(stack, space->aside[*first + count]->stack_slot))
		count++;
	return count;
}

/*
 * One mapping may hold the stacks of several coroutines. What is set aside together belongs together, and the nearest
 * is the best guess at what a call at stack_slot is nested in.
 */
void aside_take_back(struct probe_space *space, struct task *task, const struct stack *stack,
		     uint64_t stack_slot, struct task_frames *owner)
{
	size_t first, count = aside_on_stack(space, stack, &first), end = first, kept = first;
	uint64_t batch;

	while (end < first + count && !arch_stack_is_inner(space->aside[end]->stack_slot, stack_slot))
		end++;
	while (end > first && !frame_intact(task, space->aside[end - 1]))
		end--;
	if (end == first)
		return;
	batch = space->aside[end - 1]->aside_batch;
	for (size_t i = first; i < end; i++) {
		struct frame *frame = space->aside[i];

		if (frame->aside_batch == batch && frame_intact(task, frame)) {
			frame->aside = false;
			frames_push(owner, frame);
		} else
			space->aside[kept++] = frame;
	}
	memmove(space->aside + kept, space->aside + end, (space->aside_count - end) * sizeof(*space->aside));
	space->aside_count -= end - kept;
}

void aside_give_up(struct probe_space *space, const struct stack *stack)
{
	size_t first, count = aside_on_stack(space, stack, &first);

	if (!count)
		return;
	for (size_t i = first + count; i-- > first;)
		frame_close(space, space->aside[i], PROBE_END_UNWOUND, false);
	memmove(space->aside + first, space->aside + first + count,
		(space->aside_count - first - count) * sizeof(*space->aside));
	space->aside_count -= count;
}

/* Whether a call that is set aside waits on a coroutine's stack when its process ends. One on a stack of its thread's
 * was left in a way that was not seen. */
static bool is_suspended(struct task *task, const struct frame *frame, enum probe_end end)
{
	uint64_t word;

	if (frame->ends_with_thread)
		return false;
	/* After exec, or a SIGKILL, there is nothing to be read that tells against it. */
	return end == PROBE_END_EXEC || task_read_word(task, frame->stack_slot, &word) < 0 ||
	       word == frame->return_address;
}

void aside_end_task(struct probe_space *space, struct task *task, enum probe_end end, bool exact)
{
	size_t kept = space->aside_count;

	for (size_t i = space->aside_count; i-- > 0;) {
		struct frame *frame = space->aside[i];

		if (frame->call.pid == task->process->pid && end != PROBE_END_THREAD_EXIT &&
		    is_suspended(task, frame, end)) {
			frame->aside = false; /* it ends now, not when it was set aside */
			frame_close(space, frame, end, exact);
		} else if (frame->call.pid == task->process->pid &&
			   (end != PROBE_END_THREAD_EXIT ||
			    (frame->call.tid == task->tid && frame->ends_with_thread))) {
			frame_close(space, frame, PROBE_END_UNWOUND, false);
		} else
			space->aside[--kept] = frame;
	}
	aside_drop_first(space, kept);
}
