/* What the files of probe/ share. */
#ifndef PROBE_INTERNAL_H
#define PROBE_INTERNAL_H

#include "fmprof/probe.h"

enum { TRAP_MAX = 8 }; /* no architecture's trap instruction is longer */

enum code_answer { CODE_UNKNOWN, CODE_NO, CODE_YES };

/*
 * An address that is or was trapped. Kept until its memory is unmapped, so that
 * a trap that was on its way when the byte was taken out is still known as ours.
 */
struct breakpoint {
	uint64_t address;
	uint64_t slot_address;
	struct arch_slot slot;
	uint8_t original[TRAP_MAX];
	bool planted;
	uint32_t function; /* entry of this function, 0: of none */
	uint64_t function_size;
	/* see code.c */
	enum code_answer jumps_to_itself, ends_handler;
	unsigned hook; /* 0: none */
	enum probe_jump jump;
	unsigned useless; /* PROBE_JUMP_SIGMASK: how often it told nothing, */
	bool needed;      /* until it did */
	unsigned returns; /* open calls that return here, forced jumps that arrive here */
	bool retired;     /* its memory is unmapped; freed when nothing returns there any more */
};

/* Memory for slots. */
struct arena {
	uint64_t start, length;
	uint64_t from, to;         /* serves breakpoints in this range only */
	struct breakpoint **slots; /* by slot address */
	bool has_gaps;             /* slots were given back */
	size_t count, capacity;
};

struct frame {
	struct probe_call call;
	uint64_t stack_slot, return_address; /* S and R */
	struct breakpoint *site;             /* at R; NULL if it cannot be trapped */
	struct frame *same_slot;             /* older open frame with the same S */
	struct task_frames *owner;
	struct probe_reading aside_since; /* was set aside then, in this batch */
	uint64_t aside_batch;
	bool ends_with_thread; /* on a stack that no other thread can go on with */
	bool aside;            /* in the space's list of those, and not in its owner's */
	bool rerun;            /* its first instruction will be trapped once more */
};

/* Frames that are set aside at one moment, for one reason. Starts as {0}; filled by the first of them. */
struct aside_batch {
	uint64_t number;
	struct probe_reading now;
};

enum stack_kind {
	STACK_MAPPED, /* a whole mapping: where stacks lie in it is not known */
	STACK_TOLD,   /* given to makecontext */
	STACK_SIGNAL, /* given to sigaltstack */
};

struct stack {
	enum stack_kind kind;
	uint64_t start, end;
	bool grows;   /* the first thread's own: the kernel makes it longer as needed */
	size_t first; /* of its calls in task_frames.open, while it is in use */
};

/* An exception on its way: where it set out, or was last resumed. */
struct thrown {
	uint64_t object, stack_slot;
	uint64_t newest; /* call that was open when it set out: later ones it cannot have left */
};

/* Where the unwinding of a thread that ends will arrive. */
struct forced_jump {
	struct breakpoint *site; /* NULL: none is on its way */
	uint64_t stack_pointer;
	uint64_t innermost; /* stack pointer where it set out */
};

/* Open calls of one task on the stacks that it uses, outermost first. */
struct task_frames {
	struct probe_space *space; /* NULL once that is gone */
	pid_t tid;
	struct frame **open;
	size_t count, capacity;
	struct stack *stacks; /* in use, see stacks.c; [0] is the thread's own */
	size_t stack_count, stack_capacity;
	struct stack signal_stack; /* as it told the kernel; end is 0 if it has none */
	uint64_t first_sp;         /* stack pointer when the task began; 0 if that was not seen */
	struct thrown *thrown;     /* a destructor may throw and catch while another exception waits */
	size_t thrown_count, thrown_capacity;
	struct forced_jump forced;
	uint64_t last_trap; /* the breakpoint that it was at last */
};

/* Belongs to an address_space. */
struct probe_space {
	struct probe *probe;
	struct address_space *memory;
	struct table breakpoints; /* address -> struct breakpoint */
	struct arena *arenas;
	size_t arena_count, arena_capacity;
	struct mappings mappings; /* as last read, see breakpoint_may_trap */
	struct table frames;      /* S -> newest struct frame there */
	struct frame **aside;     /* see aside.c */
	size_t aside_count, aside_capacity, aside_check;
	uint64_t aside_batches;
	struct stack *told; /* by makecontext; sorted by address, none overlap */
	size_t told_count, told_capacity;
	struct task_frames **owners;
	size_t owner_count, owner_capacity;
};

struct probe {
	struct target *target;
	struct probe_observer observer;
	struct frame *free_frames; /* linked by same_slot */
	struct table warned;       /* reasons already reported, by hash */
};

struct probe_space *probe_space_of(struct probe *probe, struct address_space *memory);
/* Each text once. */
void probe_warn(struct probe *probe, const char *text);

/* slots.c: gives the breakpoint its slot, mapping memory through `task` if needed. */
int slot_assign(struct probe_space *space, struct task *task, struct breakpoint *breakpoint,
		const uint8_t *code, size_t length, struct error *err);
/* The breakpoint whose slot holds pc, or NULL. */
struct breakpoint *slot_find(const struct probe_space *space, uint64_t pc);
/* The memory between from and to is unmapped: its slots, and those of breakpoints in it. */
void slots_forget_range(struct probe_space *space, uint64_t from, uint64_t to);
void arena_free(struct arena *arena);

/* breakpoints.c */
struct breakpoint *breakpoint_get(struct probe_space *space, struct task *task, uint64_t address,
				  struct error *err);
int breakpoint_plant(struct probe_space *space, struct breakpoint *breakpoint);
void breakpoint_take_out(struct probe_space *space, struct breakpoint *breakpoint);
/* One less of those who wait for it to be reached. */
void breakpoint_release(struct breakpoint *breakpoint);
/* Its memory is unmapped; it is in no table any more. */
void breakpoint_retire(struct breakpoint *breakpoint);
/* Whether a trap instruction stands at the breakpoint's address in this memory. */
bool breakpoint_holds_trap(const struct address_space *memory, const struct breakpoint *breakpoint);
/* Whether address, where a call returns to, lies in code that comes from a file; generated code is left alone. */
bool breakpoint_may_trap(struct probe_space *space, pid_t tid, uint64_t address);
/* The mapping that holds address, NULL: none. Valid until the next question. */
const struct mapping *space_mapping(struct probe_space *space, pid_t tid, uint64_t address);
/* The same, but not as it was when somebody asked last. */
const struct mapping *space_mapping_now(struct probe_space *space, pid_t tid, uint64_t address);

/* frames.c */
void frames_enter(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  struct breakpoint *entry);
void frames_return(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		   uint64_t address);
/* The task stands again before the first instruction of `function`, whose
 * enter was reported already. */
void frames_mark_rerun(struct probe_space *space, const struct arch_regs *regs, uint32_t function);
struct task_frames *task_frames_of(struct probe_space *space, struct task *task);
void task_frames_free(struct task_frames *owner);
/* The newest frame is not running any more, but whether it has ended was not seen. */
void frames_drop_newest(struct probe_space *space, struct task *task, struct task_frames *owner,
			struct aside_batch *batch);
/* Ends the newest frame, at a time that is known exactly. */
void frames_end_newest(struct probe_space *space, struct task_frames *owner, enum probe_end end);
/* Makes a frame that is in no list the newest. */
void frames_push(struct task_frames *owner, struct frame *frame);
/* Ends a frame that is in no list but the table any more. */
void frame_close(struct probe_space *space, struct frame *frame, enum probe_end end, bool exact);
/* Whether its return address still stands in its place. */
bool frame_intact(struct task *task, const struct frame *frame);
void frames_end_task(struct probe_space *space, struct task *task, enum probe_end end, bool exact);
void frames_free(struct probe_space *space);

/* code.c: whether the instruction before return_address is a call of exactly this function; whether the function has a
 * jump to its first instruction, as a loop from its very start has; whether it is a signal handler that
 * returns to `site` (NULL: not known). */
bool code_calls_directly(const struct probe_space *space, uint64_t return_address, uint64_t entry);
bool code_jumps_to_itself(const struct probe_space *space, struct breakpoint *entry);
bool code_ends_handler(const struct probe_space *space, struct breakpoint *site);

/* aside.c */
void aside_add(struct probe_space *space, struct task *task, struct frame *frame);
void aside_remove(struct probe_space *space, struct frame *frame);
/* What waits on the stack, and a call at stack_slot may be nested in, is open again. */
void aside_take_back(struct probe_space *space, struct task *task, const struct stack *stack,
		     uint64_t stack_slot, struct task_frames *owner);
/* The stack begins anew: what waits there has ended. */
void aside_give_up(struct probe_space *space, const struct stack *stack);
/* Ends what ends with the task, or with its process. */
void aside_end_task(struct probe_space *space, struct task *task, enum probe_end end, bool exact);

/* stacks.c */
bool stack_holds(const struct stack *stack, uint64_t address);
/* The stack that address lies on, seen from the task; false if nothing is there. */
bool stack_at(struct probe_space *space, const struct task *task, uint64_t address, struct stack *stack);
/* The task runs with this stack pointer: suspends and takes back calls as that shows. */
void stacks_run_on(struct probe_space *space, struct task *task, uint64_t stack_pointer);
/* Whether the stack that holds stack_pointer is in use, and the index of its first call. */
bool stacks_in_use(const struct task_frames *owner, uint64_t stack_pointer, size_t *first);
/* At makecontext; at sigaltstack; at the first instruction of a task, of one that a fork made. */
void stacks_tell_context(struct probe_space *space, struct task *task, const struct arch_regs *regs);
void stacks_tell_signal_stack(struct probe_space *space, struct task *task, const struct arch_regs *regs);
void stacks_begin_task(struct probe_space *space, struct task *task);
void stacks_begin_copy(struct probe_space *space, struct task *child, const struct probe_space *parent);

/* jumps.c: at one of the functions that leave calls. */
void jumps_follow(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  enum probe_jump jump);
/* At an address where a forced jump may arrive. */
void jumps_arrive(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  uint64_t address);
/* The task ends, or all that it ran. */
void jumps_forget(struct task_frames *owner);
/* At an entry while an exception is on its way: a landing pad makes this call, so what lies
 * inside of it has been unwound. */
void jumps_enter_landing(struct probe_space *space, struct task_frames *owner, uint64_t stack_slot,
			 uint64_t return_address);
/* Whether a task that came to a return address landed there with an exception. */
bool jumps_have_landed(const struct task_frames *owner, const struct frame *frame,
		       const struct arch_regs *regs);

#endif
