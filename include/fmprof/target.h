/*
 * target: traced programs: launching, stopping, resuming, reading and writing
 * their memory and registers, and knowing their tasks. The only room that
 * calls ptrace(2); all of it from one thread, the one that launched.
 *
 * Any task can vanish at any moment (SIGKILL, exec of another thread): calls
 * on it then fail with -1 and errno ESRCH, which is no reason to end anything; its
 * end arrives as a stop.
 */
#ifndef FMPROF_TARGET_H
#define FMPROF_TARGET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fmprof/arch.h"
#include "fmprof/util.h"

/* ---- what there is ----------------------------------------------------- */

/* Memory, shared by the processes that vfork or clone(CLONE_VM) made. */
struct address_space {
	int memory_fd;      /* /proc/PID/mem, -1: it could not be opened */
	int memory_error;   /* the errno why not */
	unsigned processes; /* that live in it */
	void *probes;       /* the probe room's; freed through target_set_release */
};

/* What a process does with SIGTRAP, as rt_sigaction(2) has it. */
struct trap_action {
	uint64_t handler, flags, restorer, mask;
};

/* How a process came to be. */
enum process_made {
	PROCESS_FORK,  /* with a copy of its maker's memory */
	PROCESS_VFORK, /* in its maker's memory, and that one waited */
	PROCESS_CLONE, /* the same, and that one went on */
};

struct process {
	pid_t pid;
	pid_t parent; /* the process that made it, 0: not known */
	enum process_made made;
	uint64_t launch_max_rss; /* as struct stop.max_rss, when it was launched; 0: not known */
	struct address_space *space;
	struct address_space *copied_from; /* of the fork that made it, alive until its exec; or NULL */
	unsigned tasks;                    /* alive */
	/* Only where it is not the default, see task_keep_trap_action. */
	bool has_trap_action, has_next_trap_action;
	struct trap_action trap_action, next_trap_action;
	uint64_t trap_blocked_in;   /* the signals whose handlers block SIGTRAP */
	uint64_t sigaction_address; /* libc's, once it was called for SIGTRAP */
};

struct task {
	pid_t tid;
	pid_t maker; /* the thread that made it, 0: not known */
	struct process *process;
	void *frames;         /* the probe room's; freed through target_set_release */
	struct task_run *run; /* private to target/ */
};

struct target;

/* ---- launching --------------------------------------------------------- */

/* Where execvp(3) would find name; free it. NULL and *error (errno) if nowhere. */
char *program_find(const char *name, int *error);

/*
 * Starts argv[0] (searched in PATH as a shell does) with our own standard streams,
 * signal dispositions and environment, and returns when it is stopped at its first
 * instruction, after exec. If fmprof dies, the kernel kills the target
 * (PTRACE_O_EXITKILL). Call before this process grows or has threads: the child inherits
 * ru_maxrss. Sets SIGCHLD to its default for fmprof itself. Errors: STATUS_NOT_FOUND, STATUS_NOT_EXECUTABLE, or STATUS_FAILED if
 * tracing is refused (the reason says by whom).
 */
int target_launch(char *const argv[], struct target **target, struct error *err);

/*
 * Seizes all threads of a running process. It runs on; its first task was interrupted and will be
 * reported as STOP_INTERRUPTED, or as what else it stopped for. It survives us only if it is
 * let go (target_detach). Errors say who refuses. Sets SIGCHLD like target_launch.
 */
int target_attach(pid_t pid, struct target **target, struct error *err);

/* The process that was launched, NULL once it is gone, and its first task. */
struct process *target_process(struct target *target);
struct task *target_first_task(struct target *target);

/* Any other task of the same process that is not at its end, or NULL. */
struct task *target_other_task(struct target *target, const struct task *task);

/* Functions that free `probes` and `frames` when their owner is gone. */
void target_set_release(struct target *target, void (*space)(void *probes), void (*task)(void *frames));

/* SIGKILLs the launched process and waits until it is gone. */
void target_kill(struct target *target);
/* Frees; whatever is still traced is killed by the kernel when we end. */
void target_destroy(struct target *target);

/* ---- stops ------------------------------------------------------------- */

enum stop_kind {
	/* The process is about to run a new program, from its first instruction; its other
	 * tasks are gone. Its address_space still stands for the old memory: end what
	 * belongs to that, then call target_renew_memory. Resume without signal. */
	STOP_EXEC,
	/* About to receive SIGTRAP: from a trap instruction, ours or the program's own, or
	 * from anybody who sent it. Ours: resume without signal; else with it. */
	STOP_TRAP,
	/* About to receive `signal`. Resume with it. */
	STOP_SIGNAL,
	/* A new task that shares the memory of an existing one (thread, vfork,
	 * clone with CLONE_VM), before its first instruction. Resume. */
	STOP_TASK_NEW,
	/* The child that this task made by vfork and waited for has left its memory. Not told while
	 * tasks are to be interrupted. Resume. */
	STOP_VFORK_DONE,
	/* A new process with a copy of its parent's memory, our trap bytes
	 * included, before its first instruction. Resume, or clean and detach. */
	STOP_FORK,
	/* About to exit, memory still there; `status` is as wait(2) will give it. Resume. */
	STOP_TASK_EXIT,
	/* Its process was stopped by `signal` (SIGSTOP, SIGTSTP, …), for everybody to see.
	 * Resumed, it stays so until it is continued. */
	STOP_GROUP,
	/* Stopped because target_interrupt asked for it, or stopped already by its user. */
	STOP_INTERRUPTED,
	/* Gone; nothing to resume. The task lives until the next target_next_stop. */
	STOP_TASK_GONE,
};

/* Status of a thread that ended because another one called exec. */
enum { TARGET_GONE_BY_EXEC = -1 };

struct stop {
	enum stop_kind kind;
	struct task *task;
	int signal; /* STOP_TRAP, STOP_SIGNAL */
	int status; /* STOP_TASK_EXIT, STOP_TASK_GONE; there also TARGET_GONE_BY_EXEC */
	/* Bytes, 0 if not known: when it stopped, the high-water mark of its process's RSS was not above it, nor
	 * were those of its former programs and of its children that have ended. */
	uint64_t max_rss;
};

/*
 * Waits for the next stop that somebody has to act on. Group-stops are kept as
 * group-stops, new tasks are entered into the tables before they are reported. 1 and a stop, or
 * 0 when no traced task is left, or -1 after target_ask, once.
 */
int target_next_stop(struct target *target, struct stop *stop);
/* From now on the calling thread moves to the CPU of the task whose trap it serves, until
 * target_destroy. Threads started later would inherit that: start them before. */
void target_follow_cpus(struct target *target);
/* Waits that long for anything to happen that target_next_stop would look at. */
bool target_wait_report(struct target *target, uint64_t ns);
/* Whether a signal of this number has a handler in the task's process, or is ignored. */
enum signal_use { SIGNAL_DEFAULT, SIGNAL_IGNORED, SIGNAL_HANDLED };
/* At STOP_SIGNAL: the process that sent the signal by kill(2) or the like, 0 if none did. */
pid_t task_signal_sender(struct task *task);
enum signal_use task_signal_use(const struct task *task, int signal);
/* From any thread: has target_next_stop return -1 soon. */
void target_ask(struct target *target);
/* Nobody waits in target_next_stop any more: target_ask returns at once. */
void target_ask_no_more(struct target *target);
/* signal 0: none. */
void target_resume(struct task *task, int signal);
/* At STOP_TASK_NEW: whether nobody else runs in its memory until it leaves that by exec or by its end: it came by
 * vfork, from a process of one thread. Then its parent is at STOP_VFORK_DONE, let go or not. */
bool task_is_alone(const struct task *task);
/* At STOP_EXEC: gives the process the new program's memory. */
void target_renew_memory(struct target *target, struct process *process);
/* Stops a task that runs; it will be reported as STOP_INTERRUPTED after target_attach and target_interrupt. */
void task_interrupt(struct task *task);
/* Stops every task that runs; each will be reported, as STOP_INTERRUPTED or as what else
 * it stopped for meanwhile. */
void target_interrupt(struct target *target);
/* From now on nobody is to be reported as interrupted. */
void target_interrupt_no_more(struct target *target);
/*
 * While `task` is stopped: stops all other tasks of its process as well, and calls `visit`, if it is not NULL, with each; `signal` is
 * what it stopped for, 0 for anything but a signal. True: that signal has been dealt with. Else it will be
 * reported as ever. One that cannot be stopped because it waits in the kernel is left out. Until the next
 * target_next_stop none of them runs.
 */
void target_hold_others(struct target *target, struct task *task,
			bool (*visit)(void *context, struct task *other, int signal), void *context);
/* At STOP_INTERRUPTED: a system call that we have interrupted, and nothing else, is made again. */
void task_undo_interrupt(struct task *task);
/* Whether a signal is about to be delivered to a stopped task. */
bool task_has_signal_pending(const struct task *task);
/* At STOP_INTERRUPTED: whether a trap instruction has run whose signal is yet to be reported (seen 35 times
 * in 57,000 interrupts): then resume the task and wait for that. */
bool task_has_trap_pending(const struct task *task);
/* Lets go of a stopped task, with a signal to deliver or 0; it is gone from the tables after this. */
void target_detach(struct target *target, struct task *task, int signal);
/*
 * At STOP_EXEC, after target_renew_memory: lets go of the task so that it begins its new program once more,
 * by the same execve(2), untraced. The kernel gives a program the rights of its file only then. 0, and the task is
 * gone from the tables; -1, and it is where it was: its file is not where it was executed from
 * (any more), or may not be read, or is of another machine.
 */
int target_detach_by_exec(struct target *target, struct task *task);
/* Status of the launched process as wait(2) gives it, once it is gone. */
bool target_exit_status(const struct target *target, int *status);

/* ---- registers and memory ---------------------------------------------- */

int task_get_registers(struct task *task, struct arch_regs *regs);
int task_set_registers(struct task *task, const struct arch_regs *regs);
/* Moves a task that is stopped outside of any system call. */
int task_set_pc(struct task *task, uint64_t pc);
/* At STOP_TRAP: whether the signal came from a trap instruction. A task that is gone meanwhile: no. */
bool task_is_at_trap(struct task *task);
/* At STOP_TRAP: whether it came from a single step that the program makes itself. */
bool task_is_stepped(struct task *task);
/*
 * A trap in a task that blocks SIGTRAP, or in a process that ignores it, makes the kernel unblock it and
 * set its action to the default, for good. At each trap of ours these two put back what was there, as far as that is
 * known from the functions below. A SIGTRAP that was pending for the task is pending again once it is resumed.
 */
void task_keep_trap_blocked(struct task *task);
void task_keep_trap_action(struct target *target, struct task *task);
/* Whether SIGTRAP has a handler of the program's own, which a trap makes the kernel forget. */
bool task_keeps_handler(struct task *task);
/* At a signal's stop: delivers the signal, and returns when the task is about to run its handler, or is gone. */
void target_deliver(struct target *target, struct task *task, int signal);
/* At STOP_TRAP: whether the task is known to have blocked SIGTRAP, so that nothing but a trap can have stopped it. */
bool task_blocks_trap(struct task *task);
/* Before any trap: after exec, where masks are kept, and ignored signals stay ignored, or when a process was
 * attached to. */
void process_see_signals(struct target *target, struct task *task);
/* At any other stop than a trap of ours: the mask can be read. */
void task_see_mask(struct task *task);
/* The task is about to call pthread_sigmask(how, set), with these values as arguments. False: it has nothing to do
 * with SIGTRAP, or also with everything else, which a trap can tell without. */
bool task_expect_mask(struct task *task, int how, uint64_t set);
/* It is about to call sigaction(signal, act), which begins at pc. */
void process_expect_action(struct task *task, uint64_t pc, int signal, uint64_t act);
/* It is about to receive signal. */
void task_expect_handler(struct task *task, int signal);
/* At STOP_SIGNAL and STOP_TRAP: a signal that names the instruction at `from` as its cause names `to` from now on. */
void task_move_signal_address(struct task *task, uint64_t from, uint64_t to);
int task_read_word(struct task *task, uint64_t address, uint64_t *word);

/* Bytes read or written, as far as they are mapped; -1 if none. Writing
 * reaches read-only mappings too. */
ssize_t space_read(const struct address_space *space, uint64_t address, void *buffer, size_t length);
ssize_t space_write(const struct address_space *space, uint64_t address, const void *buffer, size_t length);

/* Makes a stopped task make a system call for us; one of its own that the stop has interrupted is made again after it. Signals that
 * arrive meanwhile are delivered afterwards. -1 with errno if it could not;
 * else 0 and *result is the kernel's (-errno on failure). */
int task_inject_syscall(struct target *target, struct task *task, long number, const uint64_t arguments[6],
			int64_t *result);
/* Whether a seccomp filter might kill the task for an injected system call. */
bool task_has_seccomp(const struct task *task);

/* ---- mappings ---------------------------------------------------------- */

struct mapping {
	uint64_t start, end, offset;
	uint64_t device, inode; /* inode 0: no file */
	bool readable, writable, executable, shared;
	char *path; /* "" if anonymous; "[heap]", "[vdso]"; " (deleted)" kept */
};

struct mappings {
	struct mapping *items; /* sorted by address */
	size_t count, capacity;
};

/* Of the process that thread tid belongs to: the files of the process itself are empty once its first
 * thread has ended. -1 if there are none. */
int mappings_read(pid_t tid, struct mappings *mappings);
void mappings_free(struct mappings *mappings);
/*
 * Brings up to date what is known about address alone. 0; -1 with ENOENT if nothing is mapped there, else because the
 * kernel (before Linux 6.11) or the process does not tell.
 */
int mappings_refresh_at(pid_t tid, struct mappings *mappings, uint64_t address);
/* The path of its file without " (deleted)", and a name under which that file can be opened. Free them. */
char *mapping_path(const struct mapping *mapping);
char *mapping_file(pid_t tid, const struct mapping *mapping);
/* Whether this mapping and those right behind it are of a file with code; other files, such as locale archives,
 * are often large. */
bool mappings_have_code(const struct mappings *mappings, size_t first);
const struct mapping *mappings_at(const struct mappings *mappings, uint64_t address);

/* The path of the program that runs, as the kernel tells it: "" if it does not. Free it. */
char *process_program(pid_t tid);
/* Entry `type` (AT_*) of the auxiliary vector; false if absent. */
bool process_auxv(pid_t tid, uint64_t type, uint64_t *value);

#endif
