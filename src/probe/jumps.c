/*
 * Calls that are left without a return: exceptions and longjmp. The functions that
 * do it are watched, so that the time is exact; whatever goes another way is
 * noticed later (frames.c).
 *
 * An exception sets out at _Unwind_RaiseException. Nothing tells when it arrives at a landing
 * pad, but every landing pad soon calls one of two functions: _Unwind_Resume or
 * __cxa_begin_catch. Its stack pointer then tells how far the stack was unwound: frames between that and
 * where the exception set out are gone.
 *
 *      main > outer > [middle > inner > throw]        the exception sets out at the bottom
 *      main > outer > __cxa_begin_catch               middle and inner have ended
 */
#include "probe_internal.h"

/* Ends the frames between where an exception set out and the call that its landing pad makes,
 * whose return address may have taken the place of the outermost one's. */
static void end_unwound(struct probe_space *space, struct task_frames *owner, uint64_t innermost,
			uint64_t landed)
{
	while (owner->count) {
		uint64_t stack_slot = owner->open[owner->count - 1]->stack_slot;

		if (arch_stack_is_inner(stack_slot, innermost) || arch_stack_is_inner(landed, stack_slot))
			break;
		frames_end_newest(space, owner, PROBE_END_UNWOUND);
	}
}

/* ---- exceptions -------------------------------------------------------- */

static struct thrown *thrown_find(const struct task_frames *owner, uint64_t object)
{
	for (size_t i = owner->thrown_count; i-- > 0;)
		if (owner->thrown[i].object == object)
			return &owner->thrown[i];
	return NULL;
}

static void follow_throw(struct task_frames *owner, uint64_t object, uint64_t stack_slot)
{
	struct thrown *thrown = thrown_find(owner, object);

	if (!thrown) {
		owner->thrown = array_reserve(owner->thrown, &owner->thrown_capacity, owner->thrown_count + 1,
					      sizeof(*thrown));
		thrown = &owner->thrown[owner->thrown_count++];
	}
	*thrown = (struct thrown){.object = object, .stack_slot = stack_slot};
}

static void follow_landing(struct probe_space *space, struct task_frames *owner, uint64_t object,
			   uint64_t stack_slot, bool caught)
{
	struct thrown *thrown = thrown_find(owner, object);

	if (!thrown)
		return;
	end_unwound(space, owner, thrown->stack_slot, stack_slot);
	thrown->stack_slot = stack_slot;
	/* Those that set out later were dealt with inside. */
	if (caught)
		owner->thrown_count = (size_t)(thrown - owner->thrown);
}

void jumps_enter_landing(struct probe_space *space, struct task_frames *owner, uint64_t stack_slot,
			 uint64_t return_address)
{
	const struct thrown *latest = owner->thrown_count ? &owner->thrown[owner->thrown_count - 1] : NULL;

	while (latest && owner->count) {
		const struct frame *frame = owner->open[owner->count - 1];

		if (arch_stack_is_inner(frame->stack_slot, latest->stack_slot) ||
		    arch_stack_is_inner(stack_slot, frame->stack_slot) ||
		    (frame->stack_slot == stack_slot && frame->return_address == return_address))
			break;
		frames_end_newest(space, owner, PROBE_END_UNWOUND);
	}
}

bool jumps_have_landed(const struct task_frames *owner, const struct arch_regs *regs)
{
	return owner && owner->thrown_count && thrown_find(owner, arch_landed_exception(regs));
}

/* ---- longjmp ----------------------------------------------------------- */

static const struct mapping *mapping_of(struct probe_space *space, pid_t tid, uint64_t address)
{
	const struct mapping *mapping = mappings_at(&space->mappings, address);

	if (mapping)
		return mapping;
	mappings_free(&space->mappings);
	return mappings_read(tid, &space->mappings) < 0 ? NULL : mappings_at(&space->mappings, address);
}

static bool lies_in(const struct frame *frame, const struct mapping *mapping)
{
	return frame->stack_slot >= mapping->start && frame->stack_slot < mapping->end;
}

/*
 * On one stack, frames inside of the new stack pointer end, and so does all that was entered
 * after them, on a signal stack for instance. When it leads to another stack and ends nothing
 * there, it may be a coroutine that switches: those left behind are only set aside.
 */
static void follow_longjmp(struct probe_space *space, struct task *task, struct task_frames *owner,
			   const struct arch_regs *regs)
{
	const struct mapping *there;
	struct mapping target;
	uint64_t places[2], words[2], stack_pointer;
	size_t first = owner->count;

	arch_longjmp_places(regs, places);
	if (!owner->count || task_read_word(task, places[0], &words[0]) < 0 ||
	    task_read_word(task, places[1], &words[1]) < 0)
		return;
	stack_pointer = arch_longjmp_sp(words);
	there = mapping_of(space, task->tid, stack_pointer);
	if (!there)
		return;
	target = *there;
	for (size_t i = 0; i < owner->count; i++) {
		if (lies_in(owner->open[i], &target) &&
		    arch_stack_is_inner(owner->open[i]->stack_slot, stack_pointer)) {
			first = i;
			break;
		}
	}
	while (owner->count > first)
		frames_end_newest(space, owner, PROBE_END_LONGJMP);
	if (arch_sp(regs) >= target.start && arch_sp(regs) < target.end)
		return;
	while (owner->count && !lies_in(owner->open[owner->count - 1], &target))
		frames_set_newest_aside(space, task, owner);
}

void jumps_follow(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  enum probe_jump jump)
{
	struct task_frames *owner = task_frames_of(task);
	uint64_t object = arch_first_argument(regs), stack_slot = arch_entry_stack_slot(regs);

	switch (jump) {
	case PROBE_JUMP_NONE:
		break;
	case PROBE_JUMP_THROW:
		follow_throw(owner, object, stack_slot);
		break;
	case PROBE_JUMP_RESUME:
		follow_landing(space, owner, object, stack_slot, false);
		break;
	case PROBE_JUMP_CATCH:
		follow_landing(space, owner, object, stack_slot, true);
		break;
	case PROBE_JUMP_SIGACTION:
		break; /* see probe_trap */
	case PROBE_JUMP_LONGJMP:
		follow_longjmp(space, task, owner, regs);
		break;
	}
}
