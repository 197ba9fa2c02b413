#include <stdlib.h>
#include <string.h>

#include "probe_internal.h"

/* ---- owners ------------------------------------------------------------ */

struct probe_space *probe_space_of(struct probe *probe, struct address_space *memory)
{
	struct probe_space *space = memory->probes;

	if (!space) {
		space = mem_alloc(sizeof(*space));
		space->probe = probe;
		space->memory = memory;
		space->aside_check = 16;
		memory->probes = space;
	}
	return space;
}

static void release_space(void *probes)
{
	struct probe_space *space = probes;
	struct breakpoint *breakpoint;
	size_t position = 0;

	frames_free(space);
	while ((breakpoint = table_next(&space->breakpoints, &position, NULL)))
		free(breakpoint);
	table_free(&space->breakpoints);
	for (size_t i = 0; i < space->arena_count; i++)
		arena_free(&space->arenas[i]);
	free(space->arenas);
	mappings_free(&space->mappings);
	free(space);
}

static void release_task(void *frames)
{
	task_frames_free(frames);
}

struct probe *probe_create(struct target *target, const struct probe_observer *observer)
{
	struct probe *probe = mem_alloc(sizeof(*probe));

	probe->target = target;
	probe->observer = *observer;
	target_set_release(target, release_space, release_task);
	return probe;
}

void probe_destroy(struct probe *probe)
{
	struct frame *frame;

	if (!probe)
		return;
	while ((frame = probe->free_frames)) {
		probe->free_frames = frame->same_slot;
		free(frame);
	}
	table_free(&probe->warned);
	free(probe);
}

void probe_warn(struct probe *probe, const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (const char *byte = text; *byte; byte++)
		hash = (hash ^ (unsigned char)*byte) * UINT64_C(0x100000001b3);
	if (table_get(&probe->warned, hash))
		return;
	table_put(&probe->warned, hash, probe);
	probe->observer.warn(probe->observer.context, text);
}

/* ---- what to look at --------------------------------------------------- */

int probe_add_entry(struct probe *probe, struct task *task, uint32_t function, uint64_t address,
		    uint64_t size, struct error *err)
{
	struct breakpoint *breakpoint =
		breakpoint_get(probe_space_of(probe, task->process->space), task, address, err);

	if (!breakpoint)
		return -1;
	breakpoint->function = function;
	breakpoint->function_size = size;
	return 0;
}

/* The trap byte is taken out by the next task that meets it, which may be on its way: see serve_unused. */
void probe_drop_function(struct address_space *memory, uint32_t function)
{
	const struct probe_space *space = memory->probes;
	struct breakpoint *breakpoint;
	size_t position = 0;

	while (space && (breakpoint = table_next(&space->breakpoints, &position, NULL)))
		if (breakpoint->function == function)
			breakpoint->function = 0;
}

int probe_add_hook(struct probe *probe, struct task *task, unsigned hook, uint64_t address, struct error *err)
{
	struct breakpoint *breakpoint =
		breakpoint_get(probe_space_of(probe, task->process->space), task, address, err);

	if (!breakpoint)
		return -1;
	breakpoint->hook = hook;
	return 0;
}

int probe_add_jump(struct probe *probe, struct task *task, enum probe_jump jump, uint64_t address,
		   struct error *err)
{
	struct breakpoint *breakpoint =
		breakpoint_get(probe_space_of(probe, task->process->space), task, address, err);

	if (!breakpoint)
		return -1;
	breakpoint->jump = jump;
	return 0;
}

bool probe_follows_landing(struct task *task, uint64_t address)
{
	const struct address_space *memory = task->process->space;
	const struct probe_space *space = memory->probes;
	const struct breakpoint *breakpoint = space ? table_get(&space->breakpoints, address) : NULL;
	uint8_t code[ARCH_SET_IP_MAX];
	ssize_t length = space_read(memory, address, code, sizeof(code));

	if (length < (ssize_t)arch_trap_length)
		return false;
	if (breakpoint && breakpoint->planted)
		memcpy(code, breakpoint->original, arch_trap_length);
	return arch_is_libgcc_set_ip(code, (size_t)length);
}

/* ---- stops ------------------------------------------------------------- */

/* Nothing waits at this address any more. */
static bool is_unused(const struct breakpoint *breakpoint)
{
	return !breakpoint->function && !breakpoint->hook && !breakpoint->jump && !breakpoint->returns;
}

/*
 * A return site stays planted when its last call has returned: the next call
 * from there will want it again. If it is reached in between, by a jump or after
 * a call that is not traced, it is taken out, so that a loop around it does not trap forever.
 */
static void serve_unused(struct probe_space *space, struct task *task, struct breakpoint *breakpoint)
{
	breakpoint_take_out(space, breakpoint);
	task_set_pc(task, breakpoint->address);
}

/* A trap that stands there without us is the program's own. */
static bool may_trap(const struct probe_space *space, const struct breakpoint *breakpoint)
{
	return breakpoint->planted || !breakpoint_holds_trap(space->memory, breakpoint);
}

/*
 * The task stands just behind a breakpoint's first bytes, and a SIGTRAP has been sent to it. If that came before the
 * trap's own, the kernel has dropped the latter. Where the trap is only a part of the instruction, nothing
 * but the trap can have brought the task there. Behind a shorter one it also comes by running on from the slot; then
 * that breakpoint is the last one that it was at.
 */
static bool hides_trap(struct task *task, const struct breakpoint *breakpoint)
{
	const struct task_frames *owner = task->frames;

	return breakpoint->slot.original_length > arch_trap_length || !owner ||
	       owner->last_trap != breakpoint->address;
}

/* Whether a trap is what the task was stopped for. Else it is about to receive a SIGTRAP as if it had come before. */
static bool is_trapped(struct task *task, const struct breakpoint *breakpoint)
{
	if (task_is_at_trap(task) || task_blocks_trap(task))
		return true;
	if (!task_is_stepped(task) && hides_trap(task, breakpoint))
		task_set_pc(task, breakpoint->address);
	return false;
}

/*
 * A program that single-steps itself has a step trap after each instruction of a slot, where without us
 * there is one after the whole. A task that such a trap would send back to before its instruction (a
 * call, of which only the push has run) would never get past it. It goes on instead: its next step trap
 * is the one that the program is to see, at the place where it is to see it.
 */
static bool is_step_inside(const struct probe_space *space, struct task *task, const struct arch_regs *regs)
{
	const struct breakpoint *breakpoint = slot_find(space, arch_pc(regs));
	const struct arch_slot_point *point;
	struct arch_regs left = *regs;

	if (!breakpoint || !task_is_stepped(task))
		return false;
	point = arch_leave_slot(&breakpoint->slot, breakpoint->slot_address, &left);
	return point && point->offset && point->pc == breakpoint->address;
}

/* A copy that could not be cleaned has the slots as well. */
static bool trap_in_copy(struct task *task)
{
	const struct address_space *origin = task->process->copied_from;
	const struct probe_space *space = origin ? origin->probes : NULL;
	const struct breakpoint *breakpoint;
	struct arch_regs regs;

	if (!space || task_get_registers(task, &regs) < 0)
		return false;
	if (is_step_inside(space, task, &regs))
		return true;
	breakpoint = table_get(&space->breakpoints, arch_trap_address(&regs));
	if (!breakpoint || !task_is_at_trap(task))
		return false;
	task_keep_trap_blocked(task);
	return task_set_pc(task, breakpoint->slot_address) == 0;
}

/*
 * What the program is about to ask for concerning its signals. Few programs ever block SIGTRAP, but some change masks all
 * the time: a shell 9 times a fork, which becomes 12 % slower by being stopped for it. So this is not watched
 * any longer in a program that changed masks often and never meant SIGTRAP.
 */
static void expect_signals(struct task *task, const struct arch_regs *regs, struct breakpoint *breakpoint)
{
	const unsigned often = 256; /* some 3 ms */
	int first = (int)arch_first_argument(regs);
	uint64_t second = arch_second_argument(regs);

	if (breakpoint->jump == PROBE_JUMP_SIGACTION)
		process_expect_action(task, breakpoint->address, first, second);
	if (breakpoint->jump != PROBE_JUMP_SIGMASK)
		return;
	if (task_expect_mask(task, first, second))
		breakpoint->needed = true;
	else if (!breakpoint->needed && ++breakpoint->useless == often)
		breakpoint->jump = PROBE_JUMP_NONE;
}

bool probe_trap(struct probe *probe, const struct stop *stop, bool record)
{
	struct task *task = stop->task;
	struct probe_space *space = task->process->space->probes;
	struct breakpoint *breakpoint;
	struct arch_regs regs;
	uint64_t address;

	if (!space)
		return trap_in_copy(task);
	if (task_get_registers(task, &regs) < 0)
		return false;
	address = arch_trap_address(&regs);
	breakpoint = table_get(&space->breakpoints, address);
	if (!breakpoint || !may_trap(space, breakpoint))
		return is_step_inside(space, task, &regs);
	if (!is_trapped(task, breakpoint))
		return false;
	task_frames_of(space, task)->last_trap = address;
	task_keep_trap_blocked(task);
	task_keep_trap_action(probe->target, task);
	expect_signals(task, &regs, breakpoint);
	if (!breakpoint->planted || is_unused(breakpoint)) {
		serve_unused(space, task, breakpoint);
		return true;
	}
	/* One address can be both: after a call that never returns, the next
	 * function may begin. */
	if (record && breakpoint->returns) {
		jumps_arrive(space, task, &regs, address);
		frames_return(space, task, &regs, address);
	}
	if (record && breakpoint->jump)
		jumps_follow(space, task, &regs, breakpoint->jump);
	if (record && breakpoint->function)
		frames_enter(space, task, &regs, breakpoint);
	if (breakpoint->hook)
		probe->observer.hook(probe->observer.context, task, breakpoint->hook);
	task_set_pc(task, breakpoint->slot_address);
	return true;
}

void probe_leave_slot(struct task *task)
{
	const struct address_space *memory = task->process->space;
	struct probe_space *space = memory->probes;
	struct breakpoint *breakpoint;
	struct arch_regs regs;
	uint64_t inside;

	if (!space && task->process->copied_from) /* see trap_in_copy */
		space = task->process->copied_from->probes;
	if (!space || task_get_registers(task, &regs) < 0)
		return;
	inside = arch_pc(&regs);
	breakpoint = slot_find(space, inside);
	if (!breakpoint || !arch_leave_slot(&breakpoint->slot, breakpoint->slot_address, &regs))
		return;
	task_move_signal_address(task, inside, arch_pc(&regs));
	if (memory->probes && arch_pc(&regs) == breakpoint->address)
		task_frames_of(space, task)->last_trap = 0; /* it is still to be run */
	if (memory->probes && breakpoint->function && arch_pc(&regs) == breakpoint->address)
		frames_mark_rerun(space, &regs, breakpoint->function);
	task_set_registers(task, &regs);
}

void probe_begin_task(struct probe *probe, struct task *task)
{
	stacks_begin_task(probe_space_of(probe, task->process->space), task);
}

void probe_end_task(struct task *task, enum probe_end end, bool exact)
{
	struct probe_space *space = task->process->space->probes;

	if (space)
		frames_end_task(space, task, end, exact);
}

void probe_disarm(struct address_space *memory)
{
	struct probe_space *space = memory->probes;
	struct breakpoint *breakpoint;
	size_t position = 0;

	if (!space)
		return;
	while ((breakpoint = table_next(&space->breakpoints, &position, NULL)))
		breakpoint_take_out(space, breakpoint);
}

void probe_rearm(struct address_space *memory)
{
	struct probe_space *space = memory->probes;
	struct breakpoint *breakpoint;
	size_t position = 0;

	if (!space)
		return;
	while ((breakpoint = table_next(&space->breakpoints, &position, NULL)))
		if (!is_unused(breakpoint))
			breakpoint_plant(space, breakpoint);
}

bool probe_is_armed(const struct address_space *memory)
{
	const struct probe_space *space = memory->probes;
	const struct breakpoint *breakpoint;
	size_t position = 0;

	while (space && (breakpoint = table_next(&space->breakpoints, &position, NULL)))
		if (breakpoint->planted)
			return true;
	return false;
}

void probe_forget_range(struct address_space *memory, uint64_t from, uint64_t to)
{
	struct probe_space *space = memory->probes;
	struct breakpoint *breakpoint;
	size_t position = 0;
	uint64_t address;

	if (!space)
		return;
	mappings_free(&space->mappings);
	slots_forget_range(space, from, to);
	while ((breakpoint = table_next(&space->breakpoints, &position, &address))) {
		if (address < from || address >= to)
			continue;
		table_remove(&space->breakpoints, address);
		breakpoint_retire(breakpoint);
	}
}
