#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "probe_internal.h"

enum {
	SLOT_ALIGNMENT = 8,
	ARENA_LENGTH = 64 * 1024, /* some thousand slots; more than one is rarely needed */
};

static uint64_t slot_end(const struct breakpoint *breakpoint)
{
	uint64_t end = breakpoint->slot_address + breakpoint->slot.length;

	return (end + SLOT_ALIGNMENT - 1) & ~(uint64_t)(SLOT_ALIGNMENT - 1);
}

/* Where the next slot goes: into a gap, if there are any, or behind the last; and its index. */
static bool arena_place(struct arena *arena, uint64_t *address, size_t *index)
{
	*address = arena->start;
	for (*index = 0; arena->has_gaps && *index < arena->count; ++*index) {
		if (arena->slots[*index]->slot_address >= *address + ARCH_SLOT_MAX)
			return true;
		*address = slot_end(arena->slots[*index]);
	}
	arena->has_gaps = false;
	*index = arena->count;
	if (arena->count)
		*address = slot_end(arena->slots[arena->count - 1]);
	return *address + ARCH_SLOT_MAX <= arena->start + arena->length;
}

static bool arena_reaches(const struct arena *arena, uint64_t address)
{
	uint64_t distance = address > arena->start ? address - arena->start : arena->start - address;

	return address >= arena->from && address < arena->to && distance < arch_slot_reach;
}

/* One that has room for the breakpoint, whose place is set, and its index there. NULL if none has. */
static struct arena *arena_find(struct probe_space *space, struct breakpoint *breakpoint, size_t *index)
{
	for (size_t i = 0; i < space->arena_count; i++)
		if (arena_reaches(&space->arenas[i], breakpoint->address) &&
		    arena_place(&space->arenas[i], &breakpoint->slot_address, index))
			return &space->arenas[i];
	return NULL;
}

static struct arena *arena_add(struct probe_space *space, const struct arena *arena)
{
	size_t i = 0;

	while (i < space->arena_count && space->arenas[i].length)
		i++;
	if (i == space->arena_count) {
		space->arenas = array_reserve(space->arenas, &space->arena_capacity, space->arena_count + 1,
					      sizeof(*arena));
		space->arena_count++;
	}
	space->arenas[i] = *arena;
	return &space->arenas[i];
}

void arena_free(struct arena *arena)
{
	free(arena->slots);
}

static void give_back(struct arena *arena, uint64_t from, uint64_t to)
{
	size_t kept = 0;

	for (size_t i = 0; i < arena->count; i++)
		if (arena->slots[i]->address < from || arena->slots[i]->address >= to)
			arena->slots[kept++] = arena->slots[i];
	arena->has_gaps |= kept < arena->count;
	arena->count = kept;
}

void slots_forget_range(struct probe_space *space, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < space->arena_count; i++) {
		struct arena *arena = &space->arenas[i];

		/* One that was mapped for all is none of the module's memory, wherever it lies. */
		if (arena->to == UINT64_MAX || arena->start < from || arena->start >= to) {
			give_back(arena, from, to);
			continue;
		}
		arena_free(arena);
		*arena = (struct arena){0};
	}
}

void probe_offer_slots(struct probe *probe, struct address_space *memory, uint64_t start, uint64_t length,
		       uint64_t from, uint64_t to)
{
	uint64_t aligned = (start + SLOT_ALIGNMENT - 1) & ~(uint64_t)(SLOT_ALIGNMENT - 1);

	if (aligned - start < length)
		arena_add(probe_space_of(probe, memory), &(struct arena){.start = aligned,
									 .length = length - (aligned - start),
									 .from = from,
									 .to = to});
}

/*
 * The free place nearest to address, at the top of a gap, right below what is
 * mapped there: the heap and later mappings grow from the gap's other end. Not
 * below a stack, which grows down. 0 if there is none within reach.
 */
static uint64_t find_gap(const struct mappings *mappings, uint64_t address)
{
	const uint64_t lowest = 0x10000; /* vm.mmap_min_addr */
	uint64_t best = 0, best_distance = arch_slot_reach - ARENA_LENGTH, below = lowest;

	for (size_t i = 0; i < mappings->count; i++) {
		const struct mapping *mapping = &mappings->items[i];
		uint64_t place = mapping->start - ARENA_LENGTH;
		uint64_t distance = place > address ? place - address : address - place;

		/* A page of its own stays free on either side: mappings that touch merge. */
		if (mapping->start > below && mapping->start - below >= 2 * ARENA_LENGTH &&
		    distance < best_distance && strcmp(mapping->path, "[stack]") != 0) {
			best = place - ARENA_LENGTH / 2;
			best_distance = distance;
		}
		below = mapping->end;
	}
	return best & ~UINT64_C(0xfff);
}

static struct arena *arena_map(struct probe_space *space, struct task *task, uint64_t address,
			       struct error *err)
{
	struct mappings mappings;
	uint64_t place;
	int64_t result = -ENOMEM;

	if (task_has_seccomp(task)) {
		error_set(err, STATUS_FAILED,
			  "no room for a breakpoint near 0x%llx: the program's seccomp filter may "
			  "forbid to map memory; name fewer functions",
			  (unsigned long long)address);
		return NULL;
	}
	if (mappings_read(task->tid, &mappings) < 0) {
		error_set(err, STATUS_FAILED, "process %d: vanished", task->process->pid);
		return NULL;
	}
	place = find_gap(&mappings, address);
	mappings_free(&mappings);
	const uint64_t arguments[6] = {place,
				       ARENA_LENGTH,
				       PROT_READ | PROT_EXEC,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
				       (uint64_t)-1,
				       0};

	if (place && task_inject_syscall(space->probe->target, task, SYS_mmap, arguments, &result) < 0)
		result = -errno;
	if (result != (int64_t)place) {
		error_set(err, STATUS_FAILED,
			  "no room for a breakpoint near 0x%llx: mapping memory there failed: %s; "
			  "name fewer functions",
			  (unsigned long long)address, strerror((int)-result));
		return NULL;
	}
	return arena_add(space, &(struct arena){.start = place, .length = ARENA_LENGTH, .to = UINT64_MAX});
}

int slot_assign(struct probe_space *space, struct task *task, struct breakpoint *breakpoint,
		const uint8_t *code, size_t length, struct error *err)
{
	size_t index;
	struct arena *arena = arena_find(space, breakpoint, &index);

	if (!arena) {
		arena = arena_map(space, task, breakpoint->address, err);
		if (!arena)
			return -1;
		breakpoint->slot_address = arena->start;
		index = 0;
	}
	if (arch_relocate(code, length, breakpoint->address, breakpoint->slot_address, &breakpoint->slot,
			  err) < 0)
		return -1;
	if (space_write(space->memory, breakpoint->slot_address, breakpoint->slot.code,
			breakpoint->slot.length) != breakpoint->slot.length)
		return error_set(err, STATUS_FAILED,
				 "code near 0x%llx: cannot be written: %s; the kernel may forbid "
				 "it (proc_mem.force_override)",
				 (unsigned long long)breakpoint->address, strerror(errno));
	arena->slots = array_reserve(arena->slots, &arena->capacity, arena->count + 1, sizeof(*arena->slots));
	memmove(arena->slots + index + 1, arena->slots + index,
		(arena->count++ - index) * sizeof(*arena->slots));
	arena->slots[index] = breakpoint;
	return 0;
}

struct breakpoint *slot_find(const struct probe_space *space, uint64_t pc)
{
	for (size_t i = 0; i < space->arena_count; i++) {
		const struct arena *arena = &space->arenas[i];
		size_t low = 0, high = arena->count;

		if (pc < arena->start || pc >= arena->start + arena->length)
			continue;
		while (high - low > 1) { /* the last slot that starts at or before pc */
			size_t middle = low + (high - low) / 2;

			if (arena->slots[middle]->slot_address <= pc)
				low = middle;
			else
				high = middle;
		}
		return arena->count ? arena->slots[low] : NULL;
	}
	return NULL;
}
