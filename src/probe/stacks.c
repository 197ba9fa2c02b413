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

/* A thread begins where no stack of a coroutine is any more. */
static void told_forget_at(struct probe_space *space, uint64_t address)
{
	size_t index = told_index(space, address);

	if (index == space->told_count || !stack_holds(&space->told[index], address))
		return;
	space->told_count--;
	memmove(space->told + index, space->told + index + 1,
		(space->told_count - index) * sizeof(*space->told));
}

static struct stack mapped_stack(struct probe_space *space, pid_t tid, uint64_t address)
{
	const struct mapping *mapping = space_mapping(space, tid, address);

	/* Of a program that is not dumpable they cannot be read: then all is taken for one stack. */
	return (struct stack){
		.kind = STACK_MAPPED,
		.start = mapping ? mapping->start : 0,
		.end = mapping ? mapping->end : UINT64_MAX,
	};
}

struct stack stack_at(struct probe_space *space, const struct task *task, uint64_t address)
{
	const struct task_frames *owner = task->frames;
	size_t index = told_index(space, address);

	if (owner && stack_holds(&owner->signal_stack, address))
		return owner->signal_stack;
	if (index < space->told_count && stack_holds(&space->told[index], address))
		return space->told[index];
	return mapped_stack(space, task->tid, address);
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

/* The stack that the task began on. Where that was not seen, the kernel names that of a process. */
static void push_own_stack(struct probe_space *space, const struct task *task, struct task_frames *owner,
			   uint64_t stack_pointer)
{
	struct stack own = mapped_stack(space, task->tid, owner->first_sp ? owner->first_sp : stack_pointer);
	bool is_known = owner->first_sp || task->tid != task->process->pid;

	for (size_t i = 0; i < space->mappings.count && !is_known; i++) {
		const struct mapping *mapping = &space->mappings.items[i];

		if (strcmp(mapping->path, "[stack]") == 0)
			own = (struct stack){
				.kind = STACK_MAPPED, .start = mapping->start, .end = mapping->end};
	}
	stack_push(owner, &own);
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

void stacks_run_on(struct probe_space *space, struct task *task, uint64_t stack_pointer)
{
	struct task_frames *owner = task_frames_of(space, task);
	const struct stack *top;
	struct stack now;

	trim(owner);
	if (!owner->stack_count)
		push_own_stack(space, task, owner, stack_pointer);
	top = &owner->stacks[owner->stack_count - 1];
	if (stack_holds(top, stack_pointer) &&
	    (top->kind != STACK_MAPPED || (!space->told_count && !owner->signal_stack.end)))
		return;
	now = stack_at(space, task, stack_pointer);
	for (size_t i = owner->stack_count; i-- > 0;) {
		if (!is_same_stack(&owner->stacks[i], &now))
			continue;
		while (owner->stack_count > i + 1)
			suspend_topmost(space, task, owner);
		now.first = owner->stacks[i].first;
		owner->stacks[i] = now;
		return;
	}
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

void stacks_begin_task(struct probe_space *space, struct task *task)
{
	struct arch_regs regs;

	if (task_get_registers(task, &regs) < 0)
		return;
	told_forget_at(space, arch_sp(&regs));
	task_frames_of(space, task)->first_sp = arch_sp(&regs);
}

void stacks_copy(struct probe_space *copy, const struct probe_space *from)
{
	for (size_t i = 0; i < from->told_count; i++)
		told_put(copy, &from->told[i]);
}
