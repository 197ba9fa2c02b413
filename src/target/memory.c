#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptrace.h"
#include "target_internal.h"

static int result_of(int error)
{
	errno = error;
	return error ? -1 : 0;
}

int task_get_registers(struct task *task, struct arch_regs *regs)
{
	struct iovec block = {&regs->user, sizeof(regs->user)};

	return result_of(ptrace_call(PTRACE_GETREGSET, task->tid, NT_PRSTATUS, (uintptr_t)&block));
}

int task_set_registers(struct task *task, const struct arch_regs *regs)
{
	struct arch_regs copy = *regs;
	struct iovec block = {&copy.user, sizeof(copy.user)};

	return result_of(ptrace_call(PTRACE_SETREGSET, task->tid, NT_PRSTATUS, (uintptr_t)&block));
}

int task_set_pc(struct task *task, uint64_t pc)
{
	return result_of(ptrace_call(PTRACE_POKEUSER, task->tid, arch_pc_user_offset, pc));
}

bool task_is_at_trap(struct task *task)
{
	siginfo_t info;

	return ptrace_call(PTRACE_GETSIGINFO, task->tid, 0, (uintptr_t)&info) == 0 && arch_is_trap(&info);
}

bool task_is_stepped(struct task *task)
{
	siginfo_t info;

	return ptrace_call(PTRACE_GETSIGINFO, task->tid, 0, (uintptr_t)&info) == 0 && arch_is_step(&info);
}

void task_move_signal_address(struct task *task, uint64_t from, uint64_t to)
{
	siginfo_t info;

	if (ptrace_call(PTRACE_GETSIGINFO, task->tid, 0, (uintptr_t)&info) != 0 || info.si_code <= 0 ||
	    (info.si_signo != SIGTRAP && info.si_signo != SIGILL && info.si_signo != SIGFPE) ||
	    (uintptr_t)info.si_addr != from)
		return;
	info.si_addr = (void *)(uintptr_t)to;
	ptrace_call(PTRACE_SETSIGINFO, task->tid, 0, (uintptr_t)&info);
}

/* Measured on Linux 6.18, one word: 0.9 µs; PTRACE_PEEKDATA 1.0, process_vm_readv 1.2. */
int task_read_word(struct task *task, uint64_t address, uint64_t *word)
{
	return space_read(task->process->space, address, word, sizeof(*word)) == sizeof(*word) ? 0 : -1;
}

ssize_t space_read(const struct address_space *space, uint64_t address, void *buffer, size_t length)
{
	return pread(space->memory_fd, buffer, length, (off_t)address);
}

ssize_t space_write(const struct address_space *space, uint64_t address, const void *buffer, size_t length)
{
	return pwrite(space->memory_fd, buffer, length, (off_t)address);
}

/* ---- injected system calls --------------------------------------------- */

bool task_has_seccomp(const struct task *task)
{
	return task_status_number(task, "Seccomp:") != 0;
}

pid_t task_signal_sender(struct task *task)
{
	siginfo_t info;

	if (ptrace_call(PTRACE_GETSIGINFO, task->tid, 0, (uintptr_t)&info) != 0)
		return 0;
	return info.si_code == SI_USER || info.si_code == SI_QUEUE || info.si_code == SI_TKILL ? info.si_pid
											       : 0;
}

enum signal_use task_signal_use(const struct task *task, int signal)
{
	unsigned long long bit = 1ULL << (signal - 1);

	if (task_status_number(task, "SigCgt:") & bit)
		return SIGNAL_HANDLED;
	return task_status_number(task, "SigIgn:") & bit ? SIGNAL_IGNORED : SIGNAL_DEFAULT;
}

bool task_has_signal_pending(const struct task *task)
{
	return (task_status_number(task, "SigPnd:") | task_status_number(task, "ShdPnd:")) &
	       ~task_status_number(task, "SigBlk:");
}

bool task_has_trap_pending(const struct task *task)
{
	unsigned long long pending = task_status_number(task, "SigPnd:"),
			   blocked = task_status_number(task, "SigBlk:");

	/* The trap itself would have unblocked it. */
	return pending & ~blocked & 1U << (SIGTRAP - 1);
}

/* A system call instruction that is mapped in every program: the vDSO has some. */
static uint64_t find_syscall(const struct task *task)
{
	uint8_t code[8192];
	uint64_t vdso;
	ssize_t length;
	ptrdiff_t offset;

	if (!process_auxv(task->tid, AT_SYSINFO_EHDR, &vdso))
		return 0;
	length = space_read(task->process->space, vdso, code, sizeof(code));
	offset = length > 0 ? arch_find_syscall(code, (size_t)length) : -1;
	return offset < 0 ? 0 : vdso + (uint64_t)offset;
}

/*
 * Runs until the system call that regs were prepared for is at `until`, its entry or its exit. With system call stops,
 * not single steps: the trap of a step is a SIGTRAP like any other, and would reset the program's own action for it. Out of
 * an exec event the task comes first to the end of that system call, with its result in the registers:
 * then they are set once more. Stop signals cannot be blocked: they are held and sent again
 * afterwards; they carry nothing that a program could look at.
 */
/* Signals that are sent to us to be forwarded interrupt the wait. */
static bool await_stop(const struct task *task, int *status)
{
	pid_t found;

	do
		found = waitpid(task->tid, status, __WALL);
	while (found < 0 && errno == EINTR);
	return found == task->tid;
}

static int run_syscall(struct target *target, struct task *task, struct arch_regs *regs, int until)
{
	const struct arch_regs prepared = *regs;

	for (;;) {
		struct __ptrace_syscall_info info = {0};
		int status;

		if (ptrace_call(PTRACE_SYSCALL, task->tid, 0, (uintptr_t)task_take_blocked_signal(task, 0)) !=
			    0 ||
		    !await_stop(task, &status))
			return -1;
		if (!WIFSTOPPED(status) || status >> 16 == PTRACE_EVENT_EXIT) {
			target_queue(target, task->tid, status);
			return result_of(ESRCH);
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) { /* PTRACE_O_TRACESYSGOOD */
			if (WSTOPSIG(status) != SIGTRAP)
				task->run->held_signal = WSTOPSIG(status);
			continue;
		}
		if (ptrace_call(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), (uintptr_t)&info) != 0 ||
		    task_get_registers(task, regs) < 0)
			return -1;
		if (info.op == until && arch_pc(regs) != arch_pc(&prepared))
			return 0;
		if (info.op == PTRACE_SYSCALL_INFO_EXIT && task_set_registers(task, &prepared) < 0)
			return -1;
	}
}

static int inject(struct target *target, struct task *task, long number, const uint64_t arguments[6],
		  int until, struct arch_regs *regs)
{
	uint64_t pc = find_syscall(task), mask, all = ~UINT64_C(0);
	struct arch_regs saved;
	int failed;

	if (!pc)
		return result_of(ENOSYS);
	if (task_get_registers(task, &saved) < 0 ||
	    ptrace_call(PTRACE_GETSIGMASK, task->tid, sizeof(mask), (uintptr_t)&mask) != 0 ||
	    ptrace_call(PTRACE_SETSIGMASK, task->tid, sizeof(all), (uintptr_t)&all) != 0)
		return -1;
	*regs = saved;
	/* Interrupted in a system call of its own, it makes that again: of ours the kernel does not know it any more
	 * (waitpid failed with errno 512 after an mmap at attach, Linux 6.18). */
	arch_restart_call(&saved);
	arch_prepare_syscall(regs, pc, number, arguments);
	failed = task_set_registers(task, regs);
	if (!failed)
		failed = run_syscall(target, task, regs, until);
	if (failed || until == PTRACE_SYSCALL_INFO_EXIT)
		task_set_registers(task, &saved);
	/* A SIGCONT that came after it, and is still blocked as all are, has taken it back. */
	if (task_status_number(task, "ShdPnd:") & 1ULL << (SIGCONT - 1))
		task->run->held_signal = 0;
	ptrace_call(PTRACE_SETSIGMASK, task->tid, sizeof(mask), (uintptr_t)&mask);
	if (task->run->held_signal) {
		syscall(SYS_tgkill, task->process->pid, task->tid, task->run->held_signal);
		task->run->held_signal = 0;
	}
	return failed;
}

int task_inject_syscall(struct target *target, struct task *task, long number, const uint64_t arguments[6],
			int64_t *result)
{
	struct arch_regs regs;

	if (inject(target, task, number, arguments, PTRACE_SYSCALL_INFO_EXIT, &regs) < 0)
		return -1;
	*result = arch_syscall_result(&regs);
	return 0;
}

int task_begin_syscall(struct target *target, struct task *task, long number, const uint64_t arguments[6])
{
	struct arch_regs regs;

	return inject(target, task, number, arguments, PTRACE_SYSCALL_INFO_ENTRY, &regs);
}
