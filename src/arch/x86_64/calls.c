/* How functions are called, entered and left in the System V ABI. */
#include <string.h>

#include "fmprof/arch.h"

uint64_t arch_entry_stack_slot(const struct arch_regs *regs)
{
	return regs->user.rsp;
}

uint64_t arch_returned_stack_slot(const struct arch_regs *regs)
{
	return regs->user.rsp - 8;
}

bool arch_stack_is_inner(uint64_t inner, uint64_t outer)
{
	return inner < outer;
}

bool arch_direct_call(const uint8_t *before, size_t length, uint64_t return_address, uint64_t *target)
{
	int32_t displacement;

	if (length < ARCH_CALL_MAX || before[length - ARCH_CALL_MAX] != 0xe8)
		return false;
	memcpy(&displacement, before + length - sizeof displacement, sizeof displacement);
	*target = return_address + (uint64_t)(int64_t)displacement;
	return true;
}
