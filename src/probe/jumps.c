/*
 * Calls that are left without a return: exceptions and longjmp. The functions that
 * do it are watched, so that the time is exact; whatever goes another way is
 * noticed later (frames.c).
 *
 * libgcc's unwinder goes from frame to frame and lets the personality routine of each (of C++, Rust, D,
 * Ada, of C with cleanup attributes) look for a landing pad. The one that finds it calls
 * _Unwind_SetIP, before anything of the landing pad runs, and the unwinder's context tells the stack
 * pointer there: frames between that and the unwinder are gone.
 *
 *      main > outer > [middle > inner > throw > unwinder > _Unwind_SetIP]
 *
 * Other unwinders are not known from the inside. There, an exception sets out at _Unwind_RaiseException.
 * Nothing tells when it arrives at a landing pad, but every landing pad soon calls one of two functions:
 * _Unwind_Resume or __cxa_begin_catch. Its stack pointer then tells how far the stack was unwound: frames
 * between that and where the exception set out are gone.
 *
 *      main > outer > [middle > inner > throw]        the exception sets out at the bottom
 *      main > outer > __cxa_begin_catch               middle and inner have ended
 *
 * A thread that ends by pthread_exit or pthread_cancel is unwound the same way. Cleanup handlers of C and
 * the thread's start have no landing pad: glibc reaches them by a longjmp of its own that has no
 * symbol (nptl/unwind.c, unwind_stop), so that the place that it leads to is watched.
 */
#include "probe_internal.h"

/* ---- landing pads of libgcc's unwinder ---------------------------------- */

/*
 * Ends what was left between a landing with stack pointer `landed` and the unwinder with `unwinder`. If they are on two
 * stacks, as when a signal handler throws, all that was entered on those above has ended.
 */
static void end_between(struct probe_space *space, struct task *task, struct task_frames *owner,
			uint64_t landed, uint64_t unwinder)
{
	struct aside_batch batch = {0};
	size_t first;

	if (!stacks_in_use(owner, landed, &first))
		return;
	while (first < owner->count && !arch_stack_is_inner(owner->open[first]->stack_slot, landed))
		first++;
	while (owner->count > first) {
		/* Inside of the unwinder nothing of the program's runs. */
		if (arch_stack_is_inner(owner->open[owner->count - 1]->stack_slot, unwinder) &&
		    owner->stacks[owner->stack_count - 1].first < owner->count)
			frames_drop_newest(space, task, owner, &batch);
		else
			frames_end_newest(space, owner, PROBE_END_UNWOUND);
	}
}

static void follow_land(struct probe_space *space, struct task *task, struct task_frames *owner,
			const struct arch_regs *regs)
{
	uint64_t stack_pointer;

	if (task_read_word(task, arch_landing_sp_place(regs), &stack_pointer) == 0)
		end_between(space, task, owner, stack_pointer, arch_sp(regs));
}

/* ---- threads that end -------------------------------------------------- */

static bool read_jump(struct task *task, const struct arch_regs *regs, uint64_t buffer,
		      uint64_t *stack_pointer, uint64_t *pc)
{
	struct arch_jump_places places = arch_jump_places(regs, buffer);
	uint64_t secret;

	if (task_read_word(task, places.sp, stack_pointer) < 0 || task_read_word(task, places.pc, pc) < 0 ||
	    task_read_word(task, places.secret, &secret) < 0)
		return false;
	*stack_pointer = arch_jump_word(*stack_pointer, secret);
	*pc = arch_jump_word(*pc, secret);
	return true;
}

/*
 * Whoever else calls _Unwind_ForcedUnwind may pass anything, and a trap in the midst of an instruction
 * would break the program. A pthread_unwind_buf lies in the frame that it leads to: the same
 * stack, at most outer to the stack pointer there.
 */
static bool is_forced_jump(struct probe_space *space, pid_t tid, uint64_t buffer, uint64_t stack_pointer,
			   uint64_t pc)
{
	const struct mapping *stack = space_mapping(space, tid, stack_pointer), *code;

	if (!stack || buffer < stack->start || buffer >= stack->end ||
	    arch_stack_is_inner(buffer, stack_pointer))
		return false;
	code = space_mapping(space, tid, pc);
	return code && code->executable && code->inode;
}

static void follow_force(struct probe_space *space, struct task *task, struct task_frames *owner,
			 const struct arch_regs *regs)
{
	uint64_t buffer = arch_third_argument(regs), stack_pointer, pc;
	struct error err = {0};
	struct breakpoint *site;

	jumps_forget(owner);
	if (!read_jump(task, regs, buffer, &stack_pointer, &pc) ||
	    !is_forced_jump(space, task->tid, buffer, stack_pointer, pc))
		return;
	site = breakpoint_get(space, task, pc, &err);
	if (site) {
		site->returns++;
		owner->forced = (struct forced_jump){site, stack_pointer, arch_sp(regs)};
	} else
		probe_warn(space->probe, err.message);
	error_free(&err);
}

void jumps_arrive(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  uint64_t address)
{
	struct task_frames *owner = task->frames;

	/* setjmp returns there as well, of other threads and before the buffer is used again. */
	if (!owner || !owner->forced.site || owner->forced.site->address != address ||
	    owner->forced.stack_pointer != arch_sp(regs))
		return;
	jumps_forget(owner);
	end_between(space, task, owner, arch_sp(regs), owner->forced.innermost);
}

void jumps_forget(struct task_frames *owner)
{
	if (owner->forced.site)
		breakpoint_release(owner->forced.site);
	owner->forced.site = NULL;
}

/* ---- landing pads of other unwinders ----------------------------------- */

/* On other stacks than that which the exception set out on, order of addresses has no meaning. */
static bool has_calls_on_stack_of(const struct task_frames *owner, uint64_t stack_pointer)
{
	const struct stack *top = &owner->stacks[owner->stack_count - 1];

	return owner->count > top->first && stack_holds(top, stack_pointer);
}

/* Ends the frames between where an exception set out and the call that its landing pad makes,
 * whose return address may have taken the place of the outermost one's. */
static void end_unwound(struct probe_space *space, struct task_frames *owner, uint64_t innermost,
			uint64_t landed)
{
	while (has_calls_on_stack_of(owner, innermost)) {
		uint64_t stack_slot = owner->open[owner->count - 1]->stack_slot;

		if (arch_stack_is_inner(stack_slot, innermost) || arch_stack_is_inner(landed, stack_slot))
			break;
		frames_end_newest(space, owner, PROBE_END_UNWOUND);
	}
}

static struct thrown *thrown_find(const struct task_frames *owner, uint64_t object)
{
	for (size_t i = owner->thrown_count; i-- > 0;)
		if (owner->thrown[i].object == object)
			return &owner->thrown[i];
	return NULL;
}

static uint64_t newest_call(const struct task_frames *owner)
{
	return owner->count ? owner->open[owner->count - 1]->call.number : 0;
}

static void follow_throw(struct task_frames *owner, uint64_t object, uint64_t stack_slot)
{
	struct thrown *thrown = thrown_find(owner, object);

	if (!thrown) {
		owner->thrown = array_reserve(owner->thrown, &owner->thrown_capacity, owner->thrown_count + 1,
					      sizeof(*thrown));
		thrown = &owner->thrown[owner->thrown_count++];
	}
	*thrown = (struct thrown){object, stack_slot, newest_call(owner)};
}

static void follow_landing(struct probe_space *space, struct task_frames *owner, uint64_t object,
			   uint64_t stack_slot, bool caught)
{
	struct thrown *thrown = thrown_find(owner, object);

	if (!thrown)
		return;
	end_unwound(space, owner, thrown->stack_slot, stack_slot);
	thrown->stack_slot = stack_slot;
	thrown->newest = newest_call(owner);
	/* Those that set out later were dealt with inside. */
	if (caught)
		owner->thrown_count = (size_t)(thrown - owner->thrown);
}

void jumps_enter_landing(struct probe_space *space, struct task_frames *owner, uint64_t stack_slot,
			 uint64_t return_address)
{
	const struct thrown *latest = owner->thrown_count ? &owner->thrown[owner->thrown_count - 1] : NULL;

	while (latest && has_calls_on_stack_of(owner, latest->stack_slot)) {
		const struct frame *frame = owner->open[owner->count - 1];

		if (arch_stack_is_inner(frame->stack_slot, latest->stack_slot) ||
		    arch_stack_is_inner(stack_slot, frame->stack_slot) ||
		    (frame->stack_slot == stack_slot && frame->return_address == return_address))
			break;
		frames_end_newest(space, owner, PROBE_END_UNWOUND);
	}
}

bool jumps_have_landed(const struct task_frames *owner, const struct frame *frame,
		       const struct arch_regs *regs)
{
	const struct thrown *thrown =
		owner && owner->thrown_count ? thrown_find(owner, arch_landed_exception(regs)) : NULL;

	return thrown && frame->call.number <= thrown->newest;
}

/* ---- longjmp ----------------------------------------------------------- */

/* One that the kernel alone knows of is known by the handler that runs on it. */
static bool is_handler_stack(const struct task_frames *owner, const struct stack *top)
{
	return top->kind == STACK_SIGNAL || (top != owner->stacks && top->first < owner->count &&
					     owner->open[top->first]->ends_with_thread);
}

/*
 * On the stack that it leads to, calls inside of the new stack pointer end, and so does all that was entered after
 * them, on a signal stack for instance. One that leads to another stack and ends nothing there is a coroutine that
 * switches: those that it leaves wait, unless it is a signal handler that leaves its own stack.
 */
static void follow_longjmp(struct probe_space *space, struct task *task, struct task_frames *owner,
			   const struct arch_regs *regs)
{
	const struct stack *here = &owner->stacks[owner->stack_count - 1];
	const struct mapping *code;
	uint64_t stack_pointer, pc;
	struct stack there;
	size_t first = 0;

	if (!owner->count || !read_jump(task, regs, arch_first_argument(regs), &stack_pointer, &pc))
		return;
	/* A libc that keeps other things in its jmp_buf than glibc: then nothing is known. */
	code = space_mapping(space, task->tid, pc);
	if (!code || !code->executable || !stack_at(space, task, stack_pointer, &there))
		return;
	while (first < owner->count && !(stack_holds(&there, owner->open[first]->stack_slot) &&
					 arch_stack_is_inner(owner->open[first]->stack_slot, stack_pointer)))
		first++;
	if (is_handler_stack(owner, here) && !stack_holds(here, stack_pointer) && here->first < first)
		first = here->first;
	while (owner->count > first)
		frames_end_newest(space, owner, PROBE_END_LONGJMP);
	stacks_run_on(space, task, stack_pointer);
}

void jumps_follow(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  enum probe_jump jump)
{
	struct task_frames *owner = task_frames_of(space, task);
	uint64_t object = arch_first_argument(regs), stack_slot = arch_entry_stack_slot(regs);

	stacks_run_on(space, task, arch_sp(regs));
	switch (jump) {
	case PROBE_JUMP_NONE:
		break;
	case PROBE_JUMP_LAND:
		follow_land(space, task, owner, regs);
		break;
	case PROBE_JUMP_FORCE:
		follow_force(space, task, owner, regs);
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
	case PROBE_JUMP_CONTEXT:
		stacks_tell_context(space, task, regs);
		break;
	case PROBE_JUMP_SIGNAL_STACK:
		stacks_tell_signal_stack(space, task, regs);
		break;
	case PROBE_JUMP_SIGACTION:
	case PROBE_JUMP_SIGMASK:
		break; /* see expect_signals */
	case PROBE_JUMP_LONGJMP:
		follow_longjmp(space, task, owner, regs);
		break;
	}
}
