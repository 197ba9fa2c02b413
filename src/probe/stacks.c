/*
 * On which stacks a task has calls open. It begins on its own; a signal handler may run on another, and so does a
 * coroutine. Those in use are listed in the order in which they called each other:
 *
 *      own stack > coroutine > coroutine that it resumed > signal stack
 *
 * Nothing tells when a coroutine is suspended or resumed. It shows at the next event: the one that happens on a
 * stack farther down the list has suspended those above it, whose calls are set aside; one on a stack that is not in the
 * list was called by the topmost, and the calls that wait there are open again.
 *
 * Where a stack begins and ends is known if the program told the kernel or libc (sigaltstack, makecontext). Else a
 * mapping is taken for one stack.
 */
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "probe_internal.h"

bool stack_holds(const struct stack *stack, uint64_t address)
{
	return address >= stack->start && address < stack->end;
}

/* A mapping grows, and merges with its neighbours. */
static bool is_same_stack(const struct stack *left, const struct stack *right)
{
	return left->kind == right->kind && left->start < right->end && right->start < left->end;
}

/* ---- where stacks lie -------------------------------------------------- */

/* Index of the first of the program's own stacks that ends behind address. */
static size_t told_index(const struct probe_space *space, uint64_t address)
{
	size_t low = 0, high = space->told_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->told[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Takes the place of all that it overlaps: they were freed meanwhile. */
static void told_put(struct probe_space *space, const struct stack *stack)
{
	size_t first = told_index(space, stack->start), end = first;

	while (end < space->told_count && space->told[end].start < stack->end)
		end++;
	space->told =
		array_reserve(space->told, &space->told_capacity, space->told_count + 1, sizeof(*stack));
	memmove(space->told + first + 1, space->told + end, (space->told_count - end) * sizeof(*stack));
	space->told_count = space->told_count - (end - first) + 1;
	space->told[first] = *stack;
}

static void told_forget(struct probe_space *space, uint64_t from, uint64_t to)
{
	size_t first = told_index(space, from), end = first;

	while (end < space->told_count && space->told[end].start < to)
		end++;
	if (end == first)
		return;
	memmove(space->told + first, space->told + end, (space->told_count - end) * sizeof(*space->told));
	space->told_count -= end - first;
}

static bool mapped_stack(const struct probe_space *space, const struct mapping *mapping, struct stack *stack)
{
	if (!mapping && space->mappings.count)
		return false;
	/* Of a program that is not dumpable they cannot be read: then all is taken for one stack. */
	*stack = (struct stack){
		.kind = STACK_MAPPED,
		.start = mapping ? mapping->start : 0,
		.end = mapping ? mapping->end : UINT64_MAX,
	};
	return true;
}

/* What is known of the mapping may be older than what the stack has grown by. */
static bool mapped_stack_of(struct probe_space *space, const struct task *task, uint64_t address,
			    struct stack *stack)
{
	const struct task_frames *owner = task->frames;

	if (!mapped_stack(space, space_mapping(space, task->tid, address), stack))
		return false;
	if (owner && owner->stack_count && owner->stacks[0].grows &&
	    is_same_stack(&owner->stacks[0], stack) && owner->stacks[0].start < stack->start)
		stack->start = owner->stacks[0].start;
	return true;
}

bool stack_at(struct probe_space *space, const struct task *task, uint64_t address, struct stack *stack)
{
	const struct task_frames *owner = task->frames;
	size_t index = told_index(space, address);

	if (owner && stack_holds(&owner->signal_stack, address))
		*stack = owner->signal_stack;
	else if (index < space->told_count && stack_holds(&space->told[index], address))
		*stack = space->told[index];
	else
		return mapped_stack_of(space, task, address, stack);
	return true;
}

/* ---- those in use ------------------------------------------------------ */

static void stack_push(struct task_frames *owner, const struct stack *stack)
{
	owner->stacks = array_reserve(owner->stacks, &owner->stack_capacity, owner->stack_count + 1,
				      sizeof(*owner->stacks));
	owner->stacks[owner->stack_count] = *stack;
	owner->stacks[owner->stack_count++].first = owner->count;
}

/* Those whose calls have all ended, below what is left, are out of use. The topmost may have none yet. */
static void trim(struct task_frames *owner)
{
	while (owner->stack_count > 1 && owner->stacks[owner->stack_count - 1].first > owner->count)
		owner->stack_count--;
}

/*
 * An address on the stack that the task began on. Where its beginning was not seen: the first thread's has the
 * program's arguments, and libc keeps what belongs to another thread at the outer end of its stack.
 */
static uint64_t place_on_own_stack(struct task *task, const struct task_frames *owner, uint64_t stack_pointer)
{
	struct arch_regs regs;
	uint64_t address;

	if (owner->first_sp)
		return owner->first_sp;
	if (task->tid == task->process->pid)
		return process_auxv(task->tid, AT_EXECFN, &address) ? address : stack_pointer;
	return task_get_registers(task, &regs) == 0 ? arch_thread_pointer(&regs) : stack_pointer;
}

static void push_own_stack(struct probe_space *space, struct task *task, struct task_frames *owner,
			   uint64_t stack_pointer)
{
	uint64_t place = place_on_own_stack(task, owner, stack_pointer);
	struct stack own;

	if (!mapped_stack(space, space_mapping(space, task->tid, place), &own))
		own = (struct stack){.start = stack_pointer, .end = stack_pointer + 1};
	own.grows = !owner->first_sp && task->tid == task->process->pid;
	stack_push(owner, &own);
}

/* Below a stack that grows, the kernel keeps 1 MiB free of other mappings (stack_guard_gap). */
static bool has_grown(struct stack *stack, uint64_t stack_pointer)
{
	const uint64_t gap = 1 << 20;

	if (!stack->grows || stack_pointer >= stack->start || stack->start - stack_pointer > gap)
		return false;
	stack->start = stack_pointer;
	return true;
}

static void suspend_topmost(struct probe_space *space, struct task *task, struct task_frames *owner)
{
	size_t first = owner->stacks[--owner->stack_count].first;
	struct aside_batch batch = {0};

	while (owner->count > first)
		frames_drop_newest(space, task, owner, &batch);
}

/*
 * A coroutine that another thread ran last, and that thread has not been heard of since. Only where its stack is known:
 * in one mapping there may be many, and each be run by another thread.
 */
static void take_from_others(struct probe_space *space, struct task *task, const struct task_frames *owner,
			     const struct stack *stack)
{
	if (stack->kind != STACK_TOLD)
		return;
	for (size_t i = 0; i < space->owner_count; i++) {
		struct task_frames *other = space->owners[i];

		if (other == owner)
			continue;
		for (size_t j = 1; j < other->stack_count; j++) {
			if (!is_same_stack(&other->stacks[j], stack))
				continue;
			while (other->stack_count > j)
				suspend_topmost(space, task, other);
		}
	}
}

/* Suspends what is above the stack, if it is in use. */
static bool go_back_to(struct probe_space *space, struct task *task, struct task_frames *owner,
		       const struct stack *stack)
{
	size_t i = owner->stack_count;

	while (i > 0 && !is_same_stack(&owner->stacks[i - 1], stack))
		i--;
	if (i == 0)
		return false;
	while (owner->stack_count > i)
		suspend_topmost(space, task, owner);
	owner->stacks[i - 1].start = stack->start;
	owner->stacks[i - 1].end = stack->end;
	return true;
}

void stacks_run_on(struct probe_space *space, struct task *task, uint64_t stack_pointer)
{
	struct task_frames *owner = task_frames_of(space, task);
	struct stack *top, now;

	trim(owner);
	if (!owner->stack_count)
		push_own_stack(space, task, owner, stack_pointer);
	top = &owner->stacks[owner->stack_count - 1];
	if ((stack_holds(top, stack_pointer) || has_grown(top, stack_pointer)) &&
	    (top->kind != STACK_MAPPED || (!space->told_count && !owner->signal_stack.end)))
		return;
	if (!stack_at(space, task, stack_pointer, &now) || go_back_to(space, task, owner, &now))
		return;
	/* Before it is taken for another: what is known of mappings may be old. */
	if (now.kind == STACK_MAPPED &&
	    (!mapped_stack(space, space_mapping_now(space, task->tid, stack_pointer), &now) ||
	     go_back_to(space, task, owner, &now)))
		return;
	take_from_others(space, task, owner, &now);
	stack_push(owner, &now);
	aside_take_back(space, task, &now, stack_pointer, owner);
}

bool stacks_in_use(const struct task_frames *owner, uint64_t stack_pointer, size_t *first)
{
	for (size_t i = owner->stack_count; i-- > 0;) {
		if (stack_holds(&owner->stacks[i], stack_pointer)) {
			*first = owner->stacks[i].first;
			return true;
		}
	}
	return false;
}

/* ---- what the program tells -------------------------------------------- */

static bool read_stack(struct task *task, uint64_t address, struct stack *stack)
{
	uint64_t length;

	if (task_read_word(task, address + offsetof(stack_t, ss_sp), &stack->start) < 0 ||
	    task_read_word(task, address + offsetof(stack_t, ss_size), &length) < 0)
		return false;
	stack->end = stack->start + length;
	return stack->end > stack->start;
}

void stacks_tell_context(struct probe_space *space, struct task *task, const struct arch_regs *regs)
{
	struct stack stack = {.kind = STACK_TOLD};

	if (!read_stack(task, arch_first_argument(regs) + offsetof(ucontext_t, uc_stack), &stack) ||
	    stack_holds(&stack, arch_sp(regs)))
		return;
	take_from_others(space, task, task->frames, &stack);
	aside_give_up(space, &stack);
	told_put(space, &stack);
}

void stacks_tell_signal_stack(struct probe_space *space, struct task *task, const struct arch_regs *regs)
{
	struct task_frames *owner = task_frames_of(space, task);
	uint64_t address = arch_first_argument(regs), flags;
	struct stack stack = {.kind = STACK_SIGNAL};

	/* The kernel refuses a new one to who runs on the old one. */
	if (!address || stack_holds(&owner->signal_stack, arch_sp(regs)) ||
	    task_read_word(task, address + offsetof(stack_t, ss_flags), &flags) < 0)
		return;
	/* An int: the other half of the word is padding. */
	if ((uint32_t)flags & SS_DISABLE || !read_stack(task, address, &stack))
		stack = (struct stack){0};
	owner->signal_stack = stack;
}

/* In the stack of a thread that begins there is no coroutine yet: what was told of that place is old. */
void stacks_begin_task(struct probe_space *space, struct task *task)
{
	struct arch_regs regs;
	struct stack own;

	if (task_get_registers(task, &regs) < 0)
		return;
	task_frames_of(space, task)->first_sp = arch_sp(&regs);
	if (space->told_count &&
	    mapped_stack(space, space_mapping_now(space, task->tid, arch_sp(&regs)), &own))
		told_forget(space, own.start, arch_sp(&regs));
}

/* It goes on as the thread that called fork, on the same stacks. */
void stacks_begin_copy(struct probe_space *space, struct task *child, const struct probe_space *parent)
{
	struct task_frames *owner = task_frames_of(space, child);

	for (size_t i = 0; i < parent->told_count; i++)
		told_put(space, &parent->told[i]);
	for (size_t i = 0; i < parent->owner_count; i++) {
		const struct task_frames *maker = parent->owners[i];

		if (maker->tid != child->maker)
			continue;
		owner->first_sp = maker->first_sp;
		owner->signal_stack = maker->signal_stack;
		if (!owner->first_sp && maker->stack_count)
			owner->first_sp = maker->stacks[0].end - 1;
	}
}
