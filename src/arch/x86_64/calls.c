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

uint64_t arch_third_argument(const struct arch_regs *regs)
{
	return regs->user.rdx;
}

uint64_t arch_landed_exception(const struct arch_regs *regs)
{
	return regs->user.rax;
}

/*
 * libgcc's struct _Unwind_Context (unwind-dw2.c) starts with pointers to the 18 places of registers, then
 * `cfa` and `ra`; _Unwind_SetIP stores into `ra` and does nothing else. That it stores
 * there shows where `cfa` is.
 */
enum { CONTEXT_CFA = 18 * sizeof(uint64_t), CONTEXT_RA = CONTEXT_CFA + sizeof(uint64_t) };

bool arch_is_libgcc_set_ip(const uint8_t *code, size_t length)
{
	static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
	static const uint8_t store[] = {0x48, 0x89, 0xb7, CONTEXT_RA, 0, 0, 0, /* mov %rsi,ra(%rdi) */
					0xc3};                                 /* ret */

	if (length >= sizeof endbr64 && memcmp(code, endbr64, sizeof endbr64) == 0) {
		code += sizeof endbr64;
		length -= sizeof endbr64;
	}
	return length >= sizeof store && memcmp(code, store, sizeof store) == 0;
}

uint64_t arch_landing_sp_place(const struct arch_regs *regs)
{
	return regs->user.rdi + CONTEXT_CFA;
}

struct arch_jump_places arch_jump_places(const struct arch_regs *regs, uint64_t jump_buffer)
{
	return (struct arch_jump_places){
		.sp = jump_buffer + 6 * sizeof(uint64_t), /* JB_RSP */
		.pc = jump_buffer + 7 * sizeof(uint64_t), /* JB_PC */
		.secret = regs->user.fs_base + 0x30,      /* tcbhead_t.pointer_guard */
	};
}

uint64_t arch_jump_word(uint64_t word, uint64_t secret)
{
	const unsigned rotation = 2 * sizeof(uint64_t) + 1;

	return (word >> rotation | word << (64 - rotation)) ^ secret;
}
