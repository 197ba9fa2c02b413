/*
 * What our traps do to the target's own SIGTRAP. The kernel delivers a trap whatever the
 * program has asked for: if SIGTRAP is blocked it is unblocked, and if it is blocked or ignored its
 * action becomes the default one (force_sig_info_to_task in kernel/signal.c). A tracer sees this
 * when it is done. So what was there has to be known before.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "ptrace.h"
#include "target_internal.h"

/* ---- the mask ---------------------------------------------------------- */

/* Whether every signal that can be is blocked, all but SIGTRAP. */
static bool blocks_all_others(uint64_t mask)
{
	const uint64_t others =
		0x7fffffff & ~(1U << (SIGKILL - 1) | 1U << (SIGSTOP - 1) | 1U << (SIGTRAP - 1));

	return (mask & others) == others && !(mask & 1U << (SIGTRAP - 1));
}

/* The mask that was there before cannot be asked for any more, but who blocks SIGTRAP
 * blocks everything, as worker threads do: then it is put back. */
void task_keep_trap_blocked(struct task *task)
{
	uint64_t mask;

	if (ptrace_call(PTRACE_GETSIGMASK, task->tid, sizeof(mask), (uintptr_t)&mask) != 0 ||
	    !blocks_all_others(mask))
		return;
	mask |= 1U << (SIGTRAP - 1);
	ptrace_call(PTRACE_SETSIGMASK, task->tid, sizeof(mask), (uintptr_t)&mask);
}

/* ---- the action -------------------------------------------------------- */

/* libc's struct sigaction: sa_handler, 128 bytes of sa_mask, sa_flags. */
enum { ACT_MASK = 8, ACT_FLAGS = 136, ACT_LENGTH = 144 };
enum { RESTORER_FLAG = 0x04000000 }; /* SA_RESTORER, not in libc's headers */

void process_expect_trap_action(struct task *task, uint64_t pc, uint64_t act)
{
	struct process *process = task->process;
	uint8_t bytes[ACT_LENGTH];
	uint32_t flags;

	if (space_read(process->space, act, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	process->next_trap_action = (struct trap_action){0};
	memcpy(&process->next_trap_action.handler, bytes, sizeof(uint64_t));
	memcpy(&process->next_trap_action.mask, bytes + ACT_MASK, sizeof(uint64_t));
	memcpy(&flags, bytes + ACT_FLAGS, sizeof(flags));
	process->next_trap_action.flags = flags | RESTORER_FLAG; /* libc always adds it */
	process->has_next_trap_action = true;
	process->sigaction_address = pc;
}

void process_see_trap_action(struct task *task)
{
	struct process *process = task->process;

	process->has_next_trap_action = false;
	process->has_trap_action = task_signal_use(task, SIGTRAP) == SIGNAL_IGNORED;
	process->trap_action = (struct trap_action){.handler = (uint64_t)(uintptr_t)SIG_IGN};
}

static enum signal_use use_of(const struct trap_action *action)
{
	if (action->handler == (uint64_t)(uintptr_t)SIG_DFL)
		return SIGNAL_DEFAULT;
	return action->handler == (uint64_t)(uintptr_t)SIG_IGN ? SIGNAL_IGNORED : SIGNAL_HANDLED;
}

/* Calls rt_sigaction(signal) in the task; the structures lie below its stack, beyond the red zone. */
static bool call_sigaction(struct target *target, struct task *task, int signal,
			   const struct trap_action *new, struct trap_action *old)
{
	struct arch_regs regs;
	uint64_t place;
	int64_t result;

	if (task_get_registers(task, &regs) < 0)
		return false;
	place = (arch_sp(&regs) - 1024) & ~UINT64_C(15);
	if (new &&space_write(task->process->space, place, new, sizeof(*new)) != sizeof(*new))
		return false;

	const uint64_t arguments[6] = {(uint64_t)signal, new ? place : 0, old ? place + 64 : 0,
				       sizeof(uint64_t)};

	return task_inject_syscall(target, task, SYS_rt_sigaction, arguments, &result) == 0 && result == 0 &&
	       (!old || space_read(task->process->space, place + 64, old, sizeof(*old)) == sizeof(*old));
}

/*
 * The kernel wants to be told where a handler returns to. libc adds that by itself, always the
 * same place in its own code, which is where sigaction is.
 */
static bool find_restorer(const struct task *task, struct trap_action *action)
{
	enum { CHUNK = 1 << 16, OVERLAP = 64 };
	struct mappings mappings;
	const struct mapping *libc;
	uint8_t *code = mem_alloc(CHUNK);
	ptrdiff_t found = -1;
	uint64_t at = 0;

	if (mappings_read(task->tid, &mappings) == 0) {
		libc = mappings_at(&mappings, task->process->sigaction_address);
		for (at = libc ? libc->start : 0; libc && found < 0 && at < libc->end;
		     at += CHUNK - OVERLAP) {
			ssize_t length = space_read(task->process->space, at, code, CHUNK);

			found = length > 0 ? arch_find_sigreturn(code, (size_t)length) : -1;
			if (found >= 0)
				action->restorer = at + (uint64_t)found;
		}
		mappings_free(&mappings);
	}
	free(code);
	return found >= 0;
}

void task_keep_trap_action(struct target *target, struct task *task)
{
	struct process *process = task->process;
	struct trap_action *action = &process->trap_action;
	enum signal_use use;

	if (!process->has_trap_action && !process->has_next_trap_action)
		return;
	if (process->has_next_trap_action) { /* that call of sigaction is over */
		*action = process->next_trap_action;
		process->has_trap_action = use_of(action) != SIGNAL_DEFAULT;
		process->has_next_trap_action = false;
	}
	use = task_signal_use(task, SIGTRAP);
	if (!process->has_trap_action)
		return;
	if (use_of(action) == SIGNAL_HANDLED && !action->restorer) {
		/* Still there: learn all of it. */
		if (use == SIGNAL_HANDLED)
			call_sigaction(target, task, SIGTRAP, NULL, action);
		else if (!find_restorer(task, action))
			return;
	}
	if (use != use_of(action))
		call_sigaction(target, task, SIGTRAP, action, NULL);
}
