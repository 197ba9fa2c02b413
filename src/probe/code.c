/* What the code around a call tells about it. */
#include <stdlib.h>
#include <string.h>

#include "probe_internal.h"

/* As the program has it, without our traps. */
static size_t code_read(const struct probe_space *space, uint64_t address, uint8_t *code, size_t length)
{
	ssize_t there = space_read(space->memory, address, code, length);
	size_t count = there < 0 ? 0 : (size_t)there;

	for (size_t i = 0; i + arch_trap_length <= count; i++) {
		const struct breakpoint *breakpoint = table_get(&space->breakpoints, address + i);

		if (breakpoint && breakpoint->planted)
			memcpy(code + i, breakpoint->original, arch_trap_length);
	}
	return count;
}

bool code_calls_directly(const struct probe_space *space, uint64_t return_address, uint64_t entry)
{
	uint8_t before[ARCH_CALL_MAX];
	uint64_t target;

	return code_read(space, return_address - sizeof(before), before, sizeof(before)) == sizeof(before) &&
	       arch_direct_call(before, sizeof(before), return_address, &target) && target == entry;
}

bool code_ends_handler(const struct probe_space *space, struct breakpoint *site)
{
	uint8_t code[ARCH_INSTRUCTION_MAX];
	size_t length;

	if (!site)
		return false;
	if (site->ends_handler == CODE_UNKNOWN) {
		length = code_read(space, site->address, code, sizeof(code));
		site->ends_handler = arch_find_sigreturn(code, length) == 0 ? CODE_YES : CODE_NO;
	}
	return site->ends_handler == CODE_YES;
}

bool code_jumps_to_itself(const struct probe_space *space, struct breakpoint *entry)
{
	uint8_t *code;
	size_t length;

	if (entry->jumps_to_itself == CODE_UNKNOWN) {
		code = mem_alloc(entry->function_size);
		length = code_read(space, entry->address, code, entry->function_size);
		entry->jumps_to_itself =
			arch_jumps_to(code, length, entry->address, entry->address) ? CODE_YES : CODE_NO;
		free(code);
	}
	return entry->jumps_to_itself == CODE_YES;
}
