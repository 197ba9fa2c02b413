/* The program counter, the stack pointer and the trap. */
#include <elf.h>
#include <stddef.h>

#include "fmprof/arch.h"

const uint16_t arch_elf_machine = EM_X86_64;
const size_t arch_pc_user_offset = offsetof(struct user, regs.rip);

const uint8_t arch_trap[] = {0xcc};
const size_t arch_trap_length = sizeof arch_trap;

uint64_t arch_pc(const struct arch_regs *regs)
{
	return regs->user.rip;
}

void arch_set_pc(struct arch_regs *regs, uint64_t pc)
{
	/*
	 * A task stopped inside a system call that a signal interrupted has
	 * rax = -ERESTART* and orig_rax = the call's number. On resuming it, the
	 * kernel (arch/x86/kernel/signal.c, handle_signal and
	 * arch_do_signal_or_restart) restarts the call with rip -= 2 and
	 * rax = orig_rax, whatever rip holds by then: tried on 6.18, a task that
	 * was moved resumes two bytes too early with rax overwritten. It leaves a
	 * task alone whose orig_rax is -1.
	 */
	if (regs->user.rip != pc)
		regs->user.orig_rax = -1ULL;
	regs->user.rip = pc;
}

uint64_t arch_thread_pointer(const struct arch_regs *regs)
{
	return regs->user.fs_base;
}

uint64_t arch_sp(const struct arch_regs *regs)
{
	return regs->user.rsp;
}

bool arch_is_trap(const siginfo_t *info)
{
	/* On x86 int3 reports this and not TRAP_BRKPT (tried on 6.18); single
	 * steps, raise and kill each report something else. */
	return info->si_code == SI_KERNEL;
}

bool arch_is_step(const siginfo_t *info)
{
	return info->si_code == TRAP_TRACE;
}

uint64_t arch_trap_address(const struct arch_regs *regs)
{
	return regs->user.rip - sizeof arch_trap;
}
