/* What the files of target/ share. */
#ifndef TARGET_INTERNAL_H
#define TARGET_INTERNAL_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ptrace.h>

#include "fmprof/target.h"

/* Every child is traced until it is known to be safe from our trap bytes. */
enum {
	TARGET_OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			 PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT |
			 PTRACE_O_TRACESYSGOOD,
};

/* Signal masks that a task has set, or is known to have, the latest last: see trap_mask.c. */
struct known_masks {
	uint64_t *items;
	size_t count, capacity;
};

struct task_run {
	bool starting; /* its first stop is still to come */
	bool stopped;
	bool group_stopped;   /* and so not to be run when it is resumed */
	bool ending;          /* has had its exit event */
	bool own_memory;      /* starting: has a copy of its parent's memory (fork) */
	bool alone;           /* see task_is_alone */
	uint64_t cpu_address; /* where the kernel keeps its CPU number (rseq), 0 not known */
	bool cpu_asked;
	bool awaited; /* its stop, by target_hold_others */
	struct known_masks masks;
	bool in_trap_handler; /* SIGTRAP's, unless it has returned */
	int blocked_signal;   /* to be queued again when it is resumed, 0 none */
	int held_signal;      /* a stop signal that came during an injected call, 0 none */
};

struct wait_report {
	pid_t tid;
	int status;
	uint64_t max_rss; /* see struct stop */
};

/* Reports collected from waitpid, oldest first. */
struct wait_queue {
	struct wait_report *items;
	size_t first, count, capacity;
};

struct target {
	pid_t pid;
	struct process *process;
	struct table tasks;     /* tid -> struct task */
	struct table processes; /* pid -> struct process */
	struct table early;     /* tid -> struct wait_report: stops of tasks not announced yet */
	struct wait_queue queue;
	bool stops_densely; /* see wait.c */
	bool interrupting;  /* tasks are wanted stopped */
	atomic_bool deaf;
	atomic_bool asked; /* by target_ask */
	pthread_t tracer;
	struct task *gone; /* freed at the next target_next_stop */
	bool ended;
	int status;
	bool follows_cpus;
	unsigned stops_to_cpu_check;
	int cpu;             /* where the tracer has put itself, -1 anywhere */
	cpu_set_t home_cpus; /* where it was allowed to be before */
	void (*release_space)(void *probes);
	void (*release_task)(void *frames);
};

/* tasks.c: the tables. */
struct target *target_create(pid_t pid);
struct task *task_create(struct target *target, pid_t tid, struct process *process);
/* Takes it out of the tables, with its process and memory if it was the last. */
void task_forget(struct target *target, struct task *task);
struct process *process_create(struct target *target, pid_t pid, struct address_space *shared);

/* wait.c: 1 and the next report to decode, 0 when nothing is left to wait for, -1 when asked. */
int target_next_report(struct target *target, struct wait_report *report);
/* A report to be decoded later, behind all others; or again, before all others: the
 * one that target_next_report has just given. */
void target_queue(struct target *target, pid_t tid, int status);
/* The one of a task that waits to be decoded, or NULL; valid until another is queued. */
struct wait_report *target_report_of(struct target *target, pid_t tid);
void target_requeue(struct target *target, const struct wait_report *report);

/* status.c: a number in hex of /proc/TID/status; `name` is its line up to it. 0 if it is not there. */
unsigned long long task_status_number(const struct task *task, const char *name);

/* memory.c: like task_inject_syscall, but the task is left stopped where the system call begins, and with
 * its registers. -1: it is where it was. */
int task_begin_syscall(struct target *target, struct task *task, long number, const uint64_t arguments[6]);
/* trap_mask.c: the mask that a task has now. */
void task_learn_mask(struct task *task, uint64_t mask);
/* What a task is to be resumed with: signal, or, if that is 0, one that has to be queued again. */
int task_take_blocked_signal(struct task *task, int signal);
void known_masks_copy(struct known_masks *known, const struct known_masks *from);
void process_expect_handler(struct process *process, int signal, uint64_t mask, uint64_t flags);
/* trap_signal.c: at a trap, whether that has taken the handler of SIGTRAP away; at a fork. */
bool task_has_lost_handler(struct task *task);
void process_inherit_signals(struct process *child, const struct process *parent);

/* launch.c: has the ends of all traced processes reported to us. */
void target_watch_children(void);

/* cpu.c: puts the tracer on the CPU that a stopped task last ran on. */
void target_follow_cpu(struct target *target, struct task *task);
void target_leave_cpu(struct target *target);

#endif
