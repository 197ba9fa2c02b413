/*
 * What the target does with SIGTRAP. If it is blocked or ignored at a trap, the kernel makes its action the default one
 * (force_sig_info_to_task in kernel/signal.c). A tracer sees this when it is done. So what was there has to be
 * known before.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "ptrace.h"
#include "target_internal.h"

/* libc's struct sigaction: sa_handler, 128 bytes of sa_mask, sa_flags. */
enum { ACT_MASK = 8, ACT_FLAGS = 136, ACT_LENGTH = 144 };
enum { RESTORER_FLAG = 0x04000000 }; /* SA_RESTORER, not in libc's headers */

void process_expect_action(struct task *task, uint64_t pc, int signal, uint64_t act)
{
	struct process *process = task->process;
	uint8_t bytes[ACT_LENGTH];
	struct trap_action action = {0};
	uint32_t flags;

	if (!act || space_read(process->space, act, bytes, sizeof(bytes)) != sizeof(bytes))
		return;
	memcpy(&action.handler, bytes, sizeof(uint64_t));
	memcpy(&action.mask, bytes + ACT_MASK, sizeof(uint64_t));
	memcpy(&flags, bytes + ACT_FLAGS, sizeof(flags));
	action.flags = flags | RESTORER_FLAG; /* libc always adds it */
	process_expect_handler(process, signal, action.mask, action.flags);
	if (signal != SIGTRAP)
		return;
	process->next_trap_action = action;
	process->has_next_trap_action = true;
	process->sigaction_address = pc;
}

void process_inherit_signals(struct process *child, const struct process *parent)
{
	child->has_trap_action = parent->has_trap_action;
	child->has_next_trap_action = parent->has_next_trap_action;
	child->trap_action = parent->trap_action;
	child->next_trap_action = parent->next_trap_action;
	child->sigaction_address = parent->sigaction_address;
	child->trap_blocked_in = parent->trap_blocked_in;
}

static enum signal_use use_of(const struct trap_action *action)
{
	if (action->handler == (uint64_t)(uintptr_t)SIG_DFL)
		return SIGNAL_DEFAULT;
	return action->handler == (uint64_t)(uintptr_t)SIG_IGN ? SIGNAL_IGNORED : SIGNAL_HANDLED;
}

/* Memory below the task's stack for what a system call reads or writes. It may be somebody else's, where
 * stacks are small. */
struct scratch {
	uint64_t place;
	uint8_t saved[sizeof(siginfo_t)];
};

static bool scratch_take(struct task *task, struct scratch *scratch)
{
	struct arch_regs regs;

	if (task_get_registers(task, &regs) < 0)
		return false;
	scratch->place = (arch_sp(&regs) - 1024) & ~UINT64_C(15);
	return space_read(task->process->space, scratch->place, scratch->saved, sizeof(scratch->saved)) ==
	       sizeof(scratch->saved);
}

static void scratch_give_back(const struct task *task, const struct scratch *scratch)
{
	space_write(task->process->space, scratch->place, scratch->saved, sizeof(scratch->saved));
}

/* Calls rt_sigaction(signal) in the task; the structures lie below its stack, beyond the red zone. */
static bool call_sigaction(struct target *target, struct task *task, int signal,
			   const struct trap_action *new, struct trap_action *old)
{
	const struct address_space *space = task->process->space;
	struct scratch scratch;
	int64_t result;
	bool done;

	if (!scratch_take(task, &scratch))
		return false;

	const uint64_t place = scratch.place, place_old = place + sizeof(*new);
	const uint64_t arguments[6] = {(uint64_t)signal, new ? place : 0, old ? place_old : 0,
				       sizeof(uint64_t)};

	done = (!new || space_write(space, place, new, sizeof(*new)) == sizeof(*new)) &&
	       task_inject_syscall(target, task, SYS_rt_sigaction, arguments, &result) == 0 && result == 0 &&
	       (!old || space_read(space, place_old, old, sizeof(*old)) == sizeof(*old));
	scratch_give_back(task, &scratch);
	return done;
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

/* The action that was asked for last: that call of sigaction is over. */
static struct trap_action *settle_action(struct process *process)
{
	if (process->has_next_trap_action) {
		process->trap_action = process->next_trap_action;
		process->has_trap_action = use_of(&process->trap_action) != SIGNAL_DEFAULT;
		process->has_next_trap_action = false;
	}
	return process->has_trap_action ? &process->trap_action : NULL;
}

bool task_has_lost_handler(struct task *task)
{
	const struct trap_action *action = settle_action(task->process);

	return action && use_of(action) == SIGNAL_HANDLED && task_signal_use(task, SIGTRAP) == SIGNAL_DEFAULT;
}

bool task_keeps_handler(struct task *task)
{
	const struct trap_action *action = settle_action(task->process);

	return action && use_of(action) == SIGNAL_HANDLED;
}

void process_see_signals(struct target *target, struct task *task)
{
	struct process *process = task->process;
	enum signal_use use = task_signal_use(task, SIGTRAP);

	process->trap_blocked_in = 0;
	process->has_next_trap_action = false;
	process->trap_action = (struct trap_action){.handler = (uint64_t)(uintptr_t)SIG_IGN};
	process->has_trap_action = use == SIGNAL_IGNORED;
	if (use == SIGNAL_HANDLED && !task_has_seccomp(task))
		process->has_trap_action = call_sigaction(target, task, SIGTRAP, NULL, &process->trap_action);
	task->run->masks.count = 0;
	task_see_mask(task);
}

/* ---- ignored ----------------------------------------------------------- */

/* The SIGTRAP that is pending for the whole process. */
static bool peek_shared(const struct task *task, siginfo_t *info)
{
	struct __ptrace_peeksiginfo_args next = {.flags = PTRACE_PEEKSIGINFO_SHARED, .nr = 1};

	for (;; next.off++) {
		info->si_signo = 0; /* stays so behind the last one */
		if (ptrace_call(PTRACE_PEEKSIGINFO, task->tid, (uintptr_t)&next, (uintptr_t)info) != 0 ||
		    !info->si_signo)
			return false;
		if (info->si_signo == SIGTRAP)
			return true;
	}
}

/* Has the task queue a signal for itself, or for its process: to itself it may say what it likes in it. */
static void queue_again(struct target *target, struct task *task, const siginfo_t *info, bool shared)
{
	const uint64_t pid = (uint64_t)task->process->pid, tid = (uint64_t)task->tid;
	struct scratch scratch;
	int64_t result;

	if (!scratch_take(task, &scratch))
		return;

	const uint64_t to_thread[6] = {pid, tid, SIGTRAP, scratch.place},
		       to_process[6] = {pid, SIGTRAP, scratch.place};

	if (space_write(task->process->space, scratch.place, info, sizeof(*info)) == sizeof(*info))
		task_inject_syscall(target, task, shared ? SYS_rt_sigqueueinfo : SYS_rt_tgsigqueueinfo,
				    shared ? to_process : to_thread, &result);
	scratch_give_back(task, &scratch);
}

/* To ignore a signal discards those that are pending, even blocked: they are queued again. Traps that other threads have
 * run into are such signals too: they have to be reported before. */
static void ignore_again(struct target *target, struct task *task, const struct trap_action *action)
{
	siginfo_t own, shared;
	bool has_own = task_take_blocked_signal(task, 0) &&
		       ptrace_call(PTRACE_GETSIGINFO, task->tid, 0, (uintptr_t)&own) == 0;
	bool has_shared = peek_shared(task, &shared);

	if (task->process->tasks > 1)
		target_hold_others(target, task, NULL, NULL);
	call_sigaction(target, task, SIGTRAP, action, NULL);
	if (has_own)
		queue_again(target, task, &own, false);
	if (has_shared)
		queue_again(target, task, &shared, true);
}

/* ---- at a trap --------------------------------------------------------- */

void task_keep_trap_action(struct target *target, struct task *task)
{
	struct trap_action *action = settle_action(task->process);
	enum signal_use use;

	if (!action)
		return;
	use = task_signal_use(task, SIGTRAP);
	if (use_of(action) == SIGNAL_HANDLED && !action->restorer) {
		/* Still there: learn all of it. */
		if (use == SIGNAL_HANDLED)
			call_sigaction(target, task, SIGTRAP, NULL, action);
		else if (!find_restorer(task, action))
			return;
	}
	if (use == use_of(action))
		return;
	if (use_of(action) == SIGNAL_IGNORED)
		ignore_again(target, task, action);
	else
		call_sigaction(target, task, SIGTRAP, action, NULL);
}
