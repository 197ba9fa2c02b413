#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe_internal.h"

/*
 * A large program has thousands of mappings, so they are not all read for one that is new, where the
 * kernel can be asked for that one.
 */
const struct mapping *space_mapping(struct probe_space *space, pid_t tid, uint64_t address)
{
	const struct mapping *mapping = mappings_at(&space->mappings, address);

	if (mapping || (mappings_refresh_at(tid, &space->mappings, address) < 0 && errno == ENOENT))
		return mapping;
	mapping = mappings_at(&space->mappings, address);
	if (mapping)
		return mapping;
	mappings_free(&space->mappings);
	return mappings_read(tid, &space->mappings) < 0 ? NULL : mappings_at(&space->mappings, address);
}

const struct mapping *space_mapping_now(struct probe_space *space, pid_t tid, uint64_t address)
{
	if (mappings_refresh_at(tid, &space->mappings, address) < 0)
		mappings_free(&space->mappings);
	return space_mapping(space, tid, address);
}

/* Generated code may be rewritten or thrown away at any time, with our trap bytes in it. Much of it lies in shared memory,
 * which has an inode: a trap there would also stand in its other mappings. */
bool breakpoint_may_trap(struct probe_space *space, pid_t tid, uint64_t address)
{
	const struct mapping *mapping = space_mapping(space, tid, address);

	if (mapping && !mapping->executable) /* it may have been made executable since */
		mapping = space_mapping_now(space, tid, address);
	if (!mapping || !mapping->executable)
		return false; /* a program's entry is called by nobody: there is no return address */
	if (!mapping->inode || mapping->shared)
		probe_warn(space->probe,
			   "calls from generated code: their returns cannot be seen; they are closed when "
			   "something else shows that they have ended");
	return mapping->inode && !mapping->shared;
}

bool breakpoint_holds_trap(const struct address_space *memory, const struct breakpoint *breakpoint)
{
	uint8_t bytes[TRAP_MAX];

	return space_read(memory, breakpoint->address, bytes, arch_trap_length) ==
		       (ssize_t)arch_trap_length &&
	       memcmp(bytes, arch_trap, arch_trap_length) == 0;
}

/* Memory that is no longer what it was, unmapped by munmap and not dlclose for instance, is left alone. */
static bool breakpoint_holds_original(const struct address_space *memory, const struct breakpoint *breakpoint)
{
	uint8_t bytes[TRAP_MAX];

	return space_read(memory, breakpoint->address, bytes, arch_trap_length) ==
		       (ssize_t)arch_trap_length &&
	       memcmp(bytes, breakpoint->original, arch_trap_length) == 0;
}

int breakpoint_plant(struct probe_space *space, struct breakpoint *breakpoint)
{
	errno = EFAULT;
	if (!breakpoint->planted && breakpoint_holds_original(space->memory, breakpoint))
		breakpoint->planted = space_write(space->memory, breakpoint->address, arch_trap,
						  arch_trap_length) == (ssize_t)arch_trap_length;
	return breakpoint->planted ? 0 : -1;
}

void breakpoint_take_out(struct probe_space *space, struct breakpoint *breakpoint)
{
	if (breakpoint->planted && breakpoint_holds_trap(space->memory, breakpoint))
		space_write(space->memory, breakpoint->address, breakpoint->original, arch_trap_length);
	breakpoint->planted = false;
}

void breakpoint_release(struct breakpoint *breakpoint)
{
	if (--breakpoint->returns == 0 && breakpoint->retired)
		free(breakpoint);
}

void breakpoint_retire(struct breakpoint *breakpoint)
{
	breakpoint->planted = false;
	breakpoint->retired = true;
	if (!breakpoint->returns)
		free(breakpoint);
}

struct breakpoint *breakpoint_get(struct probe_space *space, struct task *task, uint64_t address,
				  struct error *err)
{
	struct breakpoint *breakpoint = table_get(&space->breakpoints, address);
	const struct mapping *mapping;
	uint8_t code[ARCH_INSTRUCTION_MAX];
	ssize_t length;

	if (breakpoint)
		goto plant;
	/* As it is now, where the kernel tells that without all mappings being read. */
	mappings_refresh_at(task->tid, &space->mappings, address);
	mapping = space_mapping(space, task->tid, address);
	if (mapping && !mapping->executable) {
		error_set(err, STATUS_FAILED, "address 0x%llx: no code there any more",
			  (unsigned long long)address);
		return NULL;
	}
	if (mapping && mapping->shared) {
		error_set(err, STATUS_FAILED,
			  "code at 0x%llx: its memory is shared, and a trap would be there for all who share "
			  "it",
			  (unsigned long long)address);
		return NULL;
	}
	length = space_read(space->memory, address, code, sizeof(code));
	if (length < (ssize_t)arch_trap_length) {
		error_set(err, STATUS_FAILED, "address 0x%llx: no code there; check it with readelf -l",
			  (unsigned long long)address);
		return NULL;
	}
	breakpoint = mem_alloc(sizeof(*breakpoint));
	breakpoint->address = address;
	memcpy(breakpoint->original, code, arch_trap_length);
	if (slot_assign(space, task, breakpoint, code, (size_t)length, err) < 0) {
		free(breakpoint);
		return NULL;
	}
	table_put(&space->breakpoints, address, breakpoint);
plant:
	if (breakpoint_plant(space, breakpoint) < 0) {
		error_set(err, STATUS_FAILED,
			  "code at 0x%llx: cannot be written: %s; the kernel may forbid it "
			  "(proc_mem.force_override)",
			  (unsigned long long)address, strerror(errno));
		return NULL;
	}
	return breakpoint;
}
