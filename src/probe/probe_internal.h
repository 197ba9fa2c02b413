/* What the files of probe/ share. */
#ifndef PROBE_INTERNAL_H
#define PROBE_INTERNAL_H

#include "fmprof/probe.h"

enum { TRAP_MAX = 8 }; /* no architecture's trap instruction is longer */

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
	unsigned hook;     /* 0: none */
	enum probe_jump jump;
	unsigned returns; /* open calls that return here, forced jumps that arrive here */
	struct breakpoint *next_retired;
};

/* Memory for slots. */
struct arena {
	uint64_t start, used, length;
	uint64_t from, to;         /* serves breakpoints in this range only */
	struct breakpoint **slots; /* by slot address */
	size_t count, capacity;
};

struct frame {
	struct probe_call call;
	uint64_t stack_slot, return_address; /* S and R */
	struct breakpoint *site;             /* at R; NULL if it cannot be trapped */
	struct frame *same_slot;             /* older open frame with the same S */
	struct task_frames *owner;
	struct probe_reading aside_since;
	bool aside; /* seems gone, see frames.c */
	bool rerun; /* its first instruction will be trapped once more */
};

/* An exception on its way: where it set out, or was last resumed. */
struct thrown {
	uint64_t object, stack_slot;
};

/* Where the unwinding of a thread that ends will arrive. */
struct forced_jump {
	struct breakpoint *site; /* NULL: none is on its way */
	uint64_t stack_pointer;
	uint64_t innermost; /* stack pointer where it set out */
};

/* Open calls of one task, outermost first. */
struct task_frames {
	struct frame **open;
	size_t count, capacity;
	struct thrown *thrown; /* a destructor may throw and catch while another exception waits */
	size_t thrown_count, thrown_capacity;
	struct forced_jump forced;
};

/* Belongs to an address_space. */
struct probe_space {
	struct probe *probe;
	struct address_space *memory;
	struct table breakpoints;   /* address -> struct breakpoint */
	struct breakpoint *retired; /* their memory is unmapped; frames and arenas may still point to them */
	struct arena *arenas;
	size_t arena_count, arena_capacity;
	struct mappings mappings; /* as last read, see breakpoint_may_trap */
	struct table frames;      /* S -> newest struct frame there */
	struct frame **aside;
	size_t aside_count, aside_capacity, aside_check;
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
/* Slots in memory that is unmapped are not used again. */
void slots_forget_range(struct probe_space *space, uint64_t from, uint64_t to);
void arena_free(struct arena *arena);

/* breakpoints.c */
struct breakpoint *breakpoint_get(struct probe_space *space, struct task *task, uint64_t address,
				  struct error *err);
int breakpoint_plant(struct probe_space *space, struct breakpoint *breakpoint);
void breakpoint_take_out(struct probe_space *space, struct breakpoint *breakpoint);
/* Whether a trap instruction stands at the breakpoint's address in this memory. */
bool breakpoint_holds_trap(const struct address_space *memory, const struct breakpoint *breakpoint);
/* Whether address, where a call returns to, lies in code that comes from a file; generated code is left alone. */
bool breakpoint_may_trap(struct probe_space *space, pid_t tid, uint64_t address);
/* The mapping that holds address, NULL: none. Valid until the next question. */
const struct mapping *space_mapping(struct probe_space *space, pid_t tid, uint64_t address);

/* frames.c */
void frames_enter(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		  uint32_t function);
void frames_return(struct probe_space *space, struct task *task, const struct arch_regs *regs,
		   uint64_t address);
/* The task stands again before the first instruction of `function`, whose
 * enter was reported already. */
void frames_mark_rerun(struct probe_space *space, const struct arch_regs *regs, uint32_t function);
struct task_frames *task_frames_of(struct task *task);
/* The newest frame cannot be running any more, but why was not seen. */
void frames_drop_newest(struct probe_space *space, struct task *task, struct task_frames *owner);
/* Ends the newest frame, at a time that is known exactly. */
void frames_end_newest(struct probe_space *space, struct task_frames *owner, enum probe_end end);
void frames_set_newest_aside(struct probe_space *space, struct task *task, struct task_frames *owner);
void frames_end_task(struct probe_space *space, struct task *task, enum probe_end end, bool exact);
void frames_free(struct probe_space *space);

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
bool jumps_have_landed(const struct task_frames *owner, const struct arch_regs *regs);

#endif
