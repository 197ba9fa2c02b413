/*
 * probe: sees functions being entered and left in a stopped target and hands
 * that on as events. How it sees them is hidden here; today there is one kind:
 * a trap instruction at the entry and, once entered, at the return address.
 *
 * The trapped instruction's copy runs out of line, in a slot that belongs to the
 * breakpoint for good, so that one event costs one stop and no thread can slip
 * past while a byte is restored. The target's stack is never written.
 *
 * A call is known by (address space, S, R): S is the stack slot of its return
 * address, R that address. docs/architecture.md has the rules.
 */
#ifndef FMPROF_PROBE_H
#define FMPROF_PROBE_H

#include "fmprof/target.h"

struct probe;

/* One open call. */
struct probe_call {
	uint32_t function; /* as given to probe_add_entry */
	pid_t pid, tid;
	unsigned depth; /* traced calls around it, open on the stacks that the task uses */
	/* Set by the observer in `enter`, for itself. */
	uint64_t number, enter_ns, enter_rss, peak_from;
};

enum probe_end {
	PROBE_END_RETURN,
	PROBE_END_TAIL,    /* it jumped into another traced function */
	PROBE_END_UNWOUND, /* by an exception, or its frame was found gone without a return */
	PROBE_END_LONGJMP,
	PROBE_END_THREAD_EXIT,
	PROBE_END_EXIT,
	PROBE_END_EXEC,
	PROBE_END_KILLED,
	PROBE_END_DETACHED,
};

/* What was read at a moment other than now. */
struct probe_reading {
	uint64_t time_ns, rss;
	uint64_t peak; /* the highest that a call has seen until then */
	bool peak_exact;
};

/* All are called from the tracer's thread, while the task concerned is stopped. */
struct probe_observer {
	void *context;
	void (*enter)(void *context, struct probe_call *call);
	/* `at` is when it was left or first noticed to be, NULL: now. */
	void (*leave)(void *context, const struct probe_call *call, enum probe_end end, bool exact,
		      const struct probe_reading *at);
	void (*read)(void *context, const struct probe_call *call, struct probe_reading *now);
	/* Fills in the peak of this call, until what was read last. */
	void (*read_peak)(void *context, const struct probe_call *call, struct probe_reading *now);
	/* A task came to an address given to probe_add_hook. */
	void (*hook)(void *context, struct task *task, unsigned hook);
	/* Something cannot be seen, "what: why; what to do". */
	void (*warn)(void *context, const char *text);
};

struct probe *probe_create(struct target *target, const struct probe_observer *observer);
/* Before target_destroy: from then on, stops are not to be handled. */
void probe_destroy(struct probe *probe);

/*
 * Function `function` (not 0) starts at `address` in the memory of `task`, which is
 * stopped. Memory for slots may be mapped into the target by a system call made in that task.
 * `size` is that of its code, 0 if not known. -1 and a reason if this instruction cannot be trapped.
 */
int probe_add_entry(struct probe *probe, struct task *task, uint32_t function, uint64_t address,
		    uint64_t size, struct error *err);
/* Calls of `function` that begin from now on are not seen in this memory any more; those that are open end as ever. */
void probe_drop_function(struct address_space *space, uint32_t function);
/* Calls observer.hook with `hook` (not 0) whenever a task comes to address. */
int probe_add_hook(struct probe *probe, struct task *task, unsigned hook, uint64_t address,
		   struct error *err);

/*
 * Functions by which programs leave calls without returning from them; watching them tells
 * when that happens, to the microsecond.
 */
enum probe_jump {
	PROBE_JUMP_NONE,
	/* _Unwind_SetIP, where probe_follows_landing: a landing pad is chosen and about to be reached. */
	PROBE_JUMP_LAND,
	/* _Unwind_ForcedUnwind, by which glibc ends a thread: at last it jumps to where its third
	 * argument, a pthread_unwind_buf, leads. */
	PROBE_JUMP_FORCE,
	/* Other unwinders: _Unwind_RaiseException and its kind: an exception sets out from here. */
	PROBE_JUMP_THROW,
	/* _Unwind_Resume: called by a landing pad that does not keep the exception. */
	PROBE_JUMP_RESUME,
	/* __cxa_begin_catch: called by one that does. */
	PROBE_JUMP_CATCH,
	/* longjmp and its kind. */
	PROBE_JUMP_LONGJMP,
	/* makecontext and sigaltstack: no jumps, but they tell where other stacks lie. */
	PROBE_JUMP_CONTEXT,
	PROBE_JUMP_SIGNAL_STACK,
	/* sigaction and pthread_sigmask, which sigprocmask calls: no jumps, but watched for SIGTRAP's sake
	 * (task_keep_trap_action, task_keep_trap_blocked). */
	PROBE_JUMP_SIGACTION,
	PROBE_JUMP_SIGMASK,
};

int probe_add_jump(struct probe *probe, struct task *task, enum probe_jump jump, uint64_t address,
		   struct error *err);
/* Whether the _Unwind_SetIP at address can serve as PROBE_JUMP_LAND: it is libgcc's. */
bool probe_follows_landing(struct task *task, uint64_t address);

/* Executable memory that nothing uses, such as the slack behind the code in a
 * module's last page; used for breakpoints between `from` and `to` only. */
void probe_offer_slots(struct probe *probe, struct address_space *space, uint64_t start, uint64_t length,
		       uint64_t from, uint64_t to);
/* The module between from and to is unmapped: its breakpoints are forgotten. */
void probe_forget_range(struct address_space *space, uint64_t from, uint64_t to);

/*
 * A STOP_TRAP. True if the trap was ours: events were reported (if `record`) and
 * the task, moved on, is to be resumed without a signal.
 */
bool probe_trap(struct probe *probe, const struct stop *stop, bool record);
/* Before a signal is delivered: a task inside a slot is moved to where it would
 * be without us, so that no handler sees a slot. */
void probe_leave_slot(struct task *task);
/* At a task's first instruction: it is on its own stack. Without this, that is found out later. */
void probe_begin_task(struct probe *probe, struct task *task);
/* The task is gone or about to: closes its open calls. */
void probe_end_task(struct task *task, enum probe_end end, bool exact);
/* At STOP_FORK: takes the trap bytes out of the child's copy of memory and the
 * child out of a slot. True: the child may be let go. False: its memory cannot be written; it has to
 * stay traced until its exec, and probe_trap serves it. */
bool probe_clean_copy(struct task *child);
/* At STOP_FORK, instead: the child's copy stays as it is and is watched as well. Calls
 * that were open in the parent are not followed in the child. */
void probe_inherit_copy(struct probe *probe, struct task *child);
/* Takes all trap bytes out; calls still open stay open. Tasks that have a trap
 * pending are still served by probe_trap. */
void probe_disarm(struct address_space *space);
/* Puts those back that are still waited for. */
void probe_rearm(struct address_space *space);
/* Whether any trap byte is in. */
bool probe_is_armed(const struct address_space *space);

#endif
