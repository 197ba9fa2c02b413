/* System calls: making one in the target, and reading what it made itself. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "fmprof/arch.h"

ptrdiff_t arch_find_syscall(const uint8_t *code, size_t length)
{
	for (size_t i = 0; i + 2 <= length; i++)
		if (code[i] == 0x0f && code[i + 1] == 0x05)
			return (ptrdiff_t)i;
	return -1;
}

void arch_prepare_syscall(struct arch_regs *regs, uint64_t pc, long number, const uint64_t arguments[6])
{
	struct user_regs_struct *user = &regs->user;

	user->rax = (unsigned long)number;
	user->rdi = arguments[0];
	user->rsi = arguments[1];
	user->rdx = arguments[2];
	user->r10 = arguments[3];
	user->r8 = arguments[4];
	user->r9 = arguments[5];
	user->rip = pc;
	user->orig_rax = -1ULL; /* see arch_set_pc */
}

int64_t arch_syscall_result(const struct arch_regs *regs)
{
	return (int64_t)regs->user.rax;
}

bool arch_clone_flags(const struct arch_regs *regs, uint64_t *flags)
{
	switch (regs->user.orig_rax) {
	case SYS_clone3:
		*flags = regs->user.rdi;
		return false;
	case SYS_clone:
		*flags = regs->user.rdi;
		break;
	case SYS_vfork:
		*flags = CLONE_VM | CLONE_VFORK;
		break;
	default: /* fork shares nothing */
		*flags = 0;
		break;
	}
	return true;
}

bool arch_is_thread_exit(const struct arch_regs *regs)
{
	return regs->user.orig_rax == SYS_exit;
}

bool arch_restart_interrupted(struct arch_regs *regs)
{
	/* As the kernel does it for those that it restarts: arch_do_signal_or_restart in
	 * arch/x86/kernel/signal.c. */
	if ((int64_t)regs->user.orig_rax < 0 || (int64_t)regs->user.rax != -EINTR)
		return false;
	regs->user.rax = regs->user.orig_rax;
	regs->user.rip -= 2; /* the length of syscall */
	return true;
}

void arch_restart_call(struct arch_regs *regs)
{
	/* What the kernel keeps for itself: include/linux/errno.h. As it restarts them if no handler is run. */
	enum { ERESTARTSYS = 512, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK = 516 };
	struct user_regs_struct *user = &regs->user;

	if ((int64_t)user->orig_rax < 0)
		return;
	switch (-(int64_t)user->rax) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
		user->rax = user->orig_rax;
		break;
	case ERESTART_RESTARTBLOCK:
		user->rax = SYS_restart_syscall;
		break;
	default:
		return;
	}
	user->rip -= 2; /* the length of syscall */
	user->orig_rax = -1ULL;
}

ptrdiff_t arch_find_sigreturn(const uint8_t *code, size_t length)
{
	/* mov $SYS_rt_sigreturn, %rax; syscall: what unwinders know it by, in glibc and musl. */
	static const uint8_t restorer[] = {0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05};
	const uint8_t *found = memmem(code, length, restorer, sizeof restorer);

	return found ? found - code : -1;
}
