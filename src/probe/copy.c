/* What only concerns the copy of a space that a fork makes. */
#include "probe_internal.h"

static struct probe_space *copied_space(const struct task *child)
{
	return child->process->copied_from ? child->process->copied_from->probes : NULL;
}

static void leave_parents_slot(const struct probe_space *parent, struct task *child)
{
	struct breakpoint *breakpoint;
	struct arch_regs regs;

	if (task_get_registers(child, &regs) < 0)
		return;
	breakpoint = slot_find(parent, arch_pc(&regs));
	if (breakpoint && arch_leave_slot(&breakpoint->slot, breakpoint->slot_address, &regs))
		task_set_registers(child, &regs);
}

/*
 * All addresses that were ever trapped are looked at, not only those that are now: a
 * byte may have been taken out of the parent since the fork. Most are only
 * read, which copies no page.
 */
bool probe_clean_copy(struct task *child)
{
	const struct address_space *copy = child->process->space;
	struct probe_space *parent = copied_space(child);
	struct breakpoint *breakpoint;
	size_t position = 0;

	if (!parent)
		return true;
	if (copy->memory_fd < 0)
		return false;
	while ((breakpoint = table_next(&parent->breakpoints, &position, NULL)))
		if (breakpoint_holds_trap(copy, breakpoint) &&
		    space_write(copy, breakpoint->address, breakpoint->original, arch_trap_length) !=
			    (ssize_t)arch_trap_length)
			return false;
	leave_parents_slot(parent, child);
	return true;
}

static void copy_arena(struct probe_space *space, const struct arena *arena)
{
	struct arena copy = *arena;

	copy.slots = NULL;
	copy.count = copy.capacity = 0;
	for (size_t i = 0; i < arena->count; i++) {
		struct breakpoint *breakpoint = table_get(&space->breakpoints, arena->slots[i]->address);

		if (!breakpoint || breakpoint->slot_address != arena->slots[i]->slot_address)
			continue;
		copy.slots = array_reserve(copy.slots, &copy.capacity, copy.count + 1, sizeof(*copy.slots));
		copy.slots[copy.count++] = breakpoint;
	}
	space->arenas =
		array_reserve(space->arenas, &space->arena_capacity, space->arena_count + 1, sizeof(copy));
	space->arenas[space->arena_count++] = copy;
}

/* Only what stands in the copy: what the parent did after the fork is not there. */
void probe_inherit_copy(struct probe *probe, struct task *child)
{
	struct probe_space *parent = copied_space(child), *space;
	struct breakpoint *breakpoint;
	size_t position = 0;

	if (!parent)
		return;
	space = probe_space_of(probe, child->process->space);
	while ((breakpoint = table_next(&parent->breakpoints, &position, NULL))) {
		struct breakpoint *copy;

		if (!breakpoint_holds_trap(space->memory, breakpoint))
			continue;
		copy = mem_alloc(sizeof(*copy));
		*copy = *breakpoint;
		copy->planted = true;
		copy->returns = 0;
		table_put(&space->breakpoints, copy->address, copy);
	}
	for (size_t i = 0; i < parent->arena_count; i++)
		copy_arena(space, &parent->arenas[i]);
	stacks_begin_copy(space, child, parent);
	leave_parents_slot(parent, child);
}
