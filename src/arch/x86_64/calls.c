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

uint64_t arch_first_argument(const struct arch_regs *regs)
{
	return regs->user.rdi;
}

uint64_t arch_second_argument(const struct arch_regs *regs)
{
	return regs->user.rsi;
}

uint64_t arch_landed_exception(const struct arch_regs *regs)
{
	return regs->user.rax;
}

void arch_longjmp_places(const struct arch_regs *regs, uint64_t places[2])
{
	places[0] = regs->user.rdi + 6 * sizeof(uint64_t); /* JB_RSP of the jmp_buf */
	places[1] = regs->user.fs_base + 0x30;             /* tcbhead_t.pointer_guard */
}

uint64_t arch_longjmp_sp(const uint64_t words[2])
{
	const unsigned rotation = 2 * sizeof(uint64_t) + 1;

	return (words[0] >> rotation | words[0] << (64 - rotation)) ^ words[1];
}
