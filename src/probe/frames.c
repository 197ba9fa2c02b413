/*
 * Which call ended? A frame is {S, R}: the stack slot of the return address and
 * its value at entry. The target's stack is only read.
 *
 *   return      a trap at R with the stack pointer just above S, and [S] still R
 *   gone        [S] is no longer R: the call was left without a return
 *   set aside   a deeper frame than the stack pointer allows, or on a stack that does not run now, but [S] is
 *               still R: it was left and nothing has overwritten it yet, or it waits (aside.c, stacks.c). When its
 *               stack runs again, or it returns, it is open again; else it is closed, at the time it was set aside.
 *   tail call   an entry with the S and R of the newest frame: that frame's function
 *               has jumped here. All frames of one S end together at the return.
 */
#include <stdlib.h>

#include "probe_internal.h"

bool frame_intact(struct task *task, const struct frame *frame)
{
	uint64_t word;

	return task_read_word(task, frame->stack_slot, &word) == 0 && word == frame->return_address;
}

static void frame_unlink(struct probe_space *space, struct frame *frame)
{
	struct frame *newest = table_get(&space->frames, frame->stack_slot);

	if (newest == frame) {
		if (frame->same_slot)
			table_put(&space->frames, frame->stack_slot, frame->same_slot);
		else
			table_remove(&space->frames, frame->stack_slot);
		return;
	}
	for (; newest; newest = newest->same_slot) {
		if (newest->same_slot == frame) {
			newest->same_slot = frame->same_slot;
			return;
		}
	}
}

void frame_close(struct probe_space *space, struct frame *frame, enum probe_end end, bool exact)
{
	const struct probe_observer *observer = &space->probe->observer;

	frame_unlink(space, frame);
	if (frame->site)
		breakpoint_release(frame->site);
	observer->leave(observer->context, &frame->call, end, exact,
			frame->aside ? &frame->aside_since : NULL);
	frame->same_slot = space->probe->free_frames;
	space->probe->free_frames = frame;
}

/* ---- the task's calls -------------------------------------------------- */

void task_frames_free(struct task_frames *owner)
{
	struct probe_space *space = owner->space;

	for (size_t i = 0; space && i < space->owner_count; i++) {
		if (space->owners[i] == owner) {
			space->owners[i] = space->owners[--space->owner_count];
			break;
		}
	}
	free(owner->open);
	free(owner->stacks);
	free(owner->thrown);
	free(owner);
}

struct task_frames *task_frames_of(struct probe_space *space, struct task *task)
{
	struct task_frames *owner = task->frames;

	if (owner && owner->space == space)
		return owner;
	if (owner) /* of the memory that it shared before exec */
		task_frames_free(owner);
	owner = task->frames = mem_alloc(sizeof(*owner));
	owner->space = space;
	owner->tid = task->tid;
	space->owners =
		array_reserve(space->owners, &space->owner_capacity, space->owner_count + 1, sizeof(owner));
	space->owners[space->owner_count++] = owner;
	return owner;
}

void frames_push(struct task_frames *owner, struct frame *frame)
{
	owner->open = array_reserve(owner->open, &owner->capacity, owner->count + 1, sizeof(frame));
	owner->open[owner->count++] = frame;
	frame->owner = owner;
}

void frames_drop_newest(struct probe_space *space, struct task *task, struct task_frames *owner,
			struct aside_batch *batch)
{
	const struct probe_observer *observer = &space->probe->observer;
	struct frame *frame = owner->open[--owner->count];

	if (!batch->number) {
		batch->number = ++space->aside_batches;
		observer->read(observer->context, &frame->call, &batch->now);
	}
	frame->aside_batch = batch->number;
	frame->aside_since = batch->now;
	observer->read_peak(observer->context, &frame->call, &frame->aside_since);
	batch->now.time_ns++; /* those of one moment are told in order */
	if (frame_intact(task, frame)) {
		aside_add(space, task, frame);
	} else {
		frame->aside = true;
		frame_close(space, frame, PROBE_END_UNWOUND, false);
	}
}

void frames_end_newest(struct probe_space *space, struct task_frames *owner, enum probe_end end)
{
	frame_close(space, owner->open[--owner->count], end, true);
}

/* ---- entering ---------------------------------------------------------- */

/*
 * Frames of one S are a chain of tail calls. A function that comes again in it
 * is a loop written as tail calls: what it started last time is over, so the chain
 * never holds more frames than there are functions.
 */
static void end_earlier_round(struct probe_space *space, struct task_frames *owner, uint64_t stack_slot,
			      uint32_t function)
{
	size_t first = owner->count;

	for (size_t i = owner->count; i-- > 0 && owner->open[i]->stack_slot == stack_slot;)
		if (owner->open[i]->call.function == function)
			first = i;
	while (owner->count > first)
		frames_end_newest(space, owner, PROBE_END_TAIL);
}

/* A frame at S that is not waiting on this task's stack has just been overwritten. */
static void close_overwritten(struct probe_space *space, uint64_t stack_slot)
{
	struct frame *same;

	while ((same = table_get(&space->frames, stack_slot)) && same->aside) {
		aside_remove(space, same);
		same->aside = true; /* it ended when it was set aside */
		frame_close(space, same, PROBE_END_UNWOUND, false);
	}
}

/*
 * The function itself again, with the S and R of its newest call. Where code calls it there, or the kernel as a signal
 * handler, the old call was left in a way that nothing watches (__builtin_longjmp, setcontext), unless the
 * function can jump to its own first instruction.
 */
static bool is_fresh_call(struct probe_space *space, const struct frame *newest, struct breakpoint *entry)
{
	return newest->call.function == entry->function && !code_jumps_to_itself(space, entry) &&
	       (code_calls_directly(space, newest->return_address, entry->address) ||
		code_ends_handler(space, newest->site));
}

/* Before a frame {S, R} is opened: ends the frames that its existence disproves. */
static void prune_for_entry(struct probe_space *space, struct task *task, struct task_frames *owner,
			    uint64_t stack_slot, uint64_t return_address, struct breakpoint *entry)
{
	size_t first = owner->stacks[owner->stack_count - 1].first;
	struct aside_batch batch = {0};
	struct frame *newest;

	while (owner->count > first &&
	       arch_stack_is_inner(owner->open[owner->count - 1]->stack_slot, stack_slot))
		frames_drop_newest(space, task, owner, &batch);
	close_overwritten(space, stack_slot);
	if (!owner->count || owner->open[owner->count - 1]->stack_slot != stack_slot)
		return;
	newest = owner->open[owner->count - 1];
	if (newest->return_address == return_address && !is_fresh_call(space, newest, entry)) {
		end_earlier_round(space, owner, stack_slot, entry->function);
		return;
	}
	/* Another R, or a fresh call from the same place: the old ones were abandoned. */
	while (owner->count && owner->open[owner->count - 1]->stack_slot == stack_slot)
		frame_close(space, owner->open[--owner->count], PROBE_END_UNWOUND, false);
}

/* The breakpoint that will see the return, or NULL. */
static struct breakpoint *return_site(struct probe_space *space, struct task *task, uint64_t return_address)
{
	struct breakpoint *site = table_get(&space->breakpoints, return_address);
	struct error err = {0};

	if (site && site->planted)
		return site;
	if (!site && !breakpoint_may_trap(space, task->tid, return_address))
		return NULL;
	site = breakpoint_get(space, task, return_address, &err);
	if (!site)
		probe_warn(space->probe, err.message);
	error_free(&err);
	return site;
}

static struct frame *frame_new(struct probe *probe)
{
	struct frame *frame = probe->free_frames;

	if (!frame)
		return mem_alloc(sizeof(*frame));
	probe->free_frames = frame->same_slot;
	*frame = (struct frame){0};
	return frame;
}

/* A stack that a signal handler runs on belongs to its thread, too, though the kernel alone may know of it. */
static bool ends_with_thread(const struct probe_space *space, const struct task_frames *owner,
			     const struct frame *frame)
{
	const struct stack *top = &owner->stacks[owner->stack_count - 1];

	return owner->stack_count == 1 || top->kind == STACK_SIGNAL ||
	       code_ends_handler(space, frame->site) ||
	       (owner->count > top->first && owner->open[owner->count - 1]->ends_with_thread);
}

static bool is_rerun(const struct probe_space *space, uint64_t stack_slot, uint32_t function)
{
	struct frame *frame = table_get(&space->frames, stack_slot);

	if (!frame || !frame->rerun || frame->call.function != function)
		return false;
	frame->rerun = false;
	return true;
}

void frames_enter(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  struct breakpoint *entry)
{
	const struct probe_observer *observer = &space->probe->observer;
	uint64_t stack_slot = arch_entry_stack_slot(regs), return_address;
	struct task_frames *owner = task_frames_of(space, task);
	struct frame *frame, *waiting;

	if (is_rerun(space, stack_slot, entry->function) ||
	    task_read_word(task, stack_slot, &return_address) < 0)
		return;
	waiting = table_get(&space->frames, stack_slot);
	/* What the kernel calls is nested in nothing that waits at the same place. */
	if (waiting && waiting->aside && waiting->return_address == return_address &&
	    code_ends_handler(space, waiting->site))
		close_overwritten(space, stack_slot);
	stacks_run_on(space, task, stack_slot);
	jumps_enter_landing(space, owner, stack_slot, return_address);
	prune_for_entry(space, task, owner, stack_slot, return_address, entry);
	frame = frame_new(space->probe);
	frame->stack_slot = stack_slot;
	frame->return_address = return_address;
	frame->call = (struct probe_call){
		.function = entry->function,
		.pid = task->process->pid,
		.tid = task->tid,
		.depth = (unsigned)owner->count,
	};
	frame->site = return_site(space, task, return_address);
	if (frame->site)
		frame->site->returns++;
	frame->ends_with_thread = ends_with_thread(space, owner, frame);
	frame->same_slot = table_get(&space->frames, stack_slot);
	table_put(&space->frames, stack_slot, frame);
	frames_push(owner, frame);
	observer->enter(observer->context, &frame->call);
}

void frames_mark_rerun(struct probe_space *space, const struct arch_regs *regs, uint32_t function)
{
	struct frame *frame = table_get(&space->frames, arch_entry_stack_slot(regs));

	if (frame && frame->call.function == function)
		frame->rerun = true;
}

/* ---- leaving ----------------------------------------------------------- */

/*
 * The frame that a trap at `address` returns from. `ret n` takes arguments off
 * the stack as well, at most 64 KiB: then only the newest frame can be meant, and
 * since a jump to that place would look the same, it is not `exact`.
 */
static struct frame *frame_returning(struct probe_space *space, struct task *task, uint64_t stack_slot,
				     uint64_t address, bool *exact)
{
	struct frame *frame = table_get(&space->frames, stack_slot);
	struct task_frames *owner = task->frames;

	*exact = frame && frame->return_address == address;
	if (!*exact) {
		frame = owner && owner->count ? owner->open[owner->count - 1] : NULL;
		if (!frame || frame->return_address != address ||
		    !arch_stack_is_inner(frame->stack_slot, stack_slot) ||
		    stack_slot - frame->stack_slot > UINT16_MAX)
			return NULL;
	}
	return frame_intact(task, frame) ? frame : NULL;
}

/* Takes the frame out of the list that it waits in, ending those nested in it. */
static void frame_take(struct probe_space *space, struct task *task, struct frame *frame)
{
	struct task_frames *owner = frame->owner;
	struct aside_batch batch = {0};

	if (frame->aside) { /* it was on another stack after all */
		aside_remove(space, frame);
		return;
	}
	while (owner->open[owner->count - 1] != frame)
		frames_drop_newest(space, task, owner, &batch);
	owner->count--;
}

void frames_return(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		   uint64_t address)
{
	enum probe_end end = PROBE_END_RETURN;
	bool exact;
	struct frame *frame = frame_returning(space, task, arch_returned_stack_slot(regs), address, &exact);
	uint64_t stack_slot;

	if (!frame)
		return;
	/* g++ -O2 puts a landing pad right behind a call that it knows never to return: stack pointer
	 * and [S] are those of a return. */
	if (jumps_have_landed(task->frames, frame, regs))
		end = PROBE_END_UNWOUND;
	stack_slot = frame->stack_slot;
	stacks_run_on(space, task, stack_slot);
	while ((frame = table_get(&space->frames, stack_slot)) && frame->return_address == address) {
		frame_take(space, task, frame);
		frame_close(space, frame, end, exact);
		if (end == PROBE_END_RETURN)
			end = PROBE_END_TAIL; /* the newest returned for those before it */
	}
}

/* A thread's calls end with it. Those on other stacks may go on in another thread. */
static void end_thread(struct probe_space *space, struct task *task, struct task_frames *owner,
		       enum probe_end end, bool exact)
{
	struct aside_batch batch = {0};

	while (owner->count) {
		if (end == PROBE_END_THREAD_EXIT && !owner->open[owner->count - 1]->ends_with_thread)
			frames_drop_newest(space, task, owner, &batch);
		else
			frame_close(space, owner->open[--owner->count], end, exact);
	}
}

void frames_end_task(struct probe_space *space, struct task *task, enum probe_end end, bool exact)
{
	struct task_frames *owner = task->frames;

	if (owner) {
		jumps_forget(owner);
		end_thread(space, task, owner, end, exact);
		task_frames_free(owner);
		task->frames = NULL;
	}
	aside_end_task(space, task, end, exact);
}

void frames_free(struct probe_space *space)
{
	struct frame *frame, *older;
	size_t position = 0;

	while ((frame = table_next(&space->frames, &position, NULL))) {
		for (; frame; frame = older) {
			older = frame->same_slot;
			if (frame->site)
				breakpoint_release(frame->site);
			free(frame);
		}
	}
	table_free(&space->frames);
	free(space->aside);
	free(space->told);
	for (size_t i = 0; i < space->owner_count; i++) {
		jumps_forget(space->owners[i]);
		space->owners[i]->space = NULL;
	}
	free(space->owners);
}
