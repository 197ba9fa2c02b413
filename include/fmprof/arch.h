/*
 * arch: the only room that knows a register or an opcode.
 *
 * One folder per architecture (src/arch/x86_64/); the Makefile chooses it. All
 * functions are pure: they look at and change memory that the caller gives;
 * none of them talks to the target.
 */
#ifndef FMPROF_ARCH_H
#define FMPROF_ARCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

#include "fmprof/util.h"

/* General registers of a stopped task, as PTRACE_GETREGSET(NT_PRSTATUS) gives
 * them. */
struct arch_regs {
	struct user_regs_struct user;
};

extern const uint16_t arch_elf_machine; /* EM_* of the programs that can be traced */

/* ---- registers --------------------------------------------------------- */

uint64_t arch_pc(const struct arch_regs *regs);
void arch_set_pc(struct arch_regs *regs, uint64_t pc);
uint64_t arch_sp(const struct arch_regs *regs);
/* Address of the thread's own data, by which it reaches thread-local variables. */
uint64_t arch_thread_pointer(const struct arch_regs *regs);

/* Offset of the program counter for PTRACE_PEEKUSER/POKEUSER. */
extern const size_t arch_pc_user_offset;

/* ---- the trap ---------------------------------------------------------- */

extern const uint8_t arch_trap[];     /* the bytes of the trap instruction */
extern const size_t arch_trap_length; /* 1 on x86-64 */

/* Whether a SIGTRAP with this siginfo can come from a trap instruction. */
bool arch_is_trap(const siginfo_t *info);
/* Whether it comes from a single step. */
bool arch_is_step(const siginfo_t *info);
/* Where the trap instruction stands that just stopped a task with regs. */
uint64_t arch_trap_address(const struct arch_regs *regs);

/* ---- how functions are entered and left -------------------------------- */

/* At a function's first instruction: the stack slot that identifies the
 * call, S; the return address is the word at [S]. */
uint64_t arch_entry_stack_slot(const struct arch_regs *regs);
/* Just after a return: the S that the returning call had. */
uint64_t arch_returned_stack_slot(const struct arch_regs *regs);
/* Whether, on this architecture, stack slot `inner` belongs to a call nested
 * in the call of stack slot `outer` when both are on one stack. */
bool arch_stack_is_inner(uint64_t inner, uint64_t outer);

enum { ARCH_CALL_MAX = 5 }; /* bytes before a return address worth reading */
/*
 * If the instruction that ends at return_address is a direct call, stores its
 * target and returns true. `before` holds the `length` bytes that end there.
 */
bool arch_direct_call(const uint8_t *before, size_t length, uint64_t return_address, uint64_t *target);

/* Whether the code that stands at `address` holds a jump to target whose place is fixed. */
bool arch_jumps_to(const uint8_t *code, size_t length, uint64_t address, uint64_t target);

/* At a function's first instruction: its arguments, integers or pointers. */
uint64_t arch_first_argument(const struct arch_regs *regs);
uint64_t arch_second_argument(const struct arch_regs *regs);
uint64_t arch_third_argument(const struct arch_regs *regs);
/* At a landing pad: the exception object that the unwinder brought (Itanium C++ ABI: Level I). */
uint64_t arch_landed_exception(const struct arch_regs *regs);

/*
 * _Unwind_SetIP is called by a personality routine once it has chosen a landing pad. Only libgcc's is known
 * from the inside: whether `code`, at its entry, is that one's; and, there, the place of the word
 * that tells the stack pointer which the landing pad will have.
 */
enum { ARCH_SET_IP_MAX = 12 }; /* bytes worth reading */
bool arch_is_libgcc_set_ip(const uint8_t *code, size_t length);
uint64_t arch_landing_sp_place(const struct arch_regs *regs);

/*
 * Where the words lie that tell where a jmp_buf leads, seen from a task that will use it, and
 * what one of them means. glibc mangles them with a secret of the thread (PTR_MANGLE in
 * its sysdeps/unix/sysv/linux/x86_64/pointer_guard.h).
 */
struct arch_jump_places {
	uint64_t sp, pc, secret;
};
struct arch_jump_places arch_jump_places(const struct arch_regs *regs, uint64_t jump_buffer);
uint64_t arch_jump_word(uint64_t word, uint64_t secret);

/* ---- out-of-line slots ------------------------------------------------- */

enum {
	ARCH_INSTRUCTION_MAX = 15, /* bytes to offer to arch_relocate */
	ARCH_SLOT_MAX = 48,        /* bytes that a slot may need */
	ARCH_SLOT_POINTS = 4,      /* places in a slot where a task can be seen */
};

/* A place in a slot, and what a task standing there would have as its state
 * if there were no slot. */
struct arch_slot_point {
	uint8_t offset;   /* in the slot */
	int8_t sp_change; /* to add to the stack pointer */
	uint64_t pc;      /* program counter in the original code */
};

/* One instruction made ready to run at another address. */
struct arch_slot {
	uint8_t code[ARCH_SLOT_MAX];
	uint8_t length;
	uint8_t original_length; /* of the instruction at `from` */
	uint8_t point_count;
	struct arch_slot_point points[ARCH_SLOT_POINTS]; /* [0] is offset 0, the instruction not yet run */
};

/*
 * Makes from the instruction at address `from` (its bytes, at most `available`
 * of them) code that does the same at address `to` and then continues where
 * the original would. The code changes nothing else that the program could
 * see: a call pushes the original return address, flags and registers stay.
 * -1 and a reason if the instruction cannot be decoded, is cut off by
 * `available`, is a trap of the program's own, cannot reach its operands
 * from `to`, or is an oddity without an equal elsewhere (a far call, a call
 * of the stack).
 */
int arch_relocate(const uint8_t *code, size_t available, uint64_t from, uint64_t to, struct arch_slot *slot,
		  struct error *err);

/* The farthest a slot may lie from its instruction so that every instruction
 * whose operands lie within 1 GiB of it can be relocated. */
extern const uint64_t arch_slot_reach;

/* If regs stand inside the slot at `to`, moves them to where they would be in
 * the original code and returns the point they stood at; else NULL. */
const struct arch_slot_point *arch_leave_slot(const struct arch_slot *slot, uint64_t to,
					      struct arch_regs *regs);

/* ---- system calls ------------------------------------------------------ */

/* Offset of a system call instruction in code, or -1. */
ptrdiff_t arch_find_syscall(const uint8_t *code, size_t length);
/* Offset of the code that libc has signal handlers return to (it calls rt_sigreturn), or -1. */
ptrdiff_t arch_find_sigreturn(const uint8_t *code, size_t length);
/* Registers that make system call `number` at instruction address `pc`. */
void arch_prepare_syscall(struct arch_regs *regs, uint64_t pc, long number, const uint64_t arguments[6]);
int64_t arch_syscall_result(const struct arch_regs *regs); /* -errno on failure */

/* If regs are those of a system call that was interrupted and is not restarted by the kernel (EINTR),
 * makes them such that it is made again, and returns true. */
bool arch_restart_interrupted(struct arch_regs *regs);
/* If regs are those of a system call that was interrupted and that the kernel is about to restart, makes them such
 * that it is made again without the kernel's doing. */
void arch_restart_call(struct arch_regs *regs);

/* At a fork, vfork or clone event: the clone flags that the call was made
 * with. For clone3 they are in the target's memory: then returns false and
 * *flags is the address of its first 64-bit word. */
bool arch_clone_flags(const struct arch_regs *regs, uint64_t *flags);
/* Whether a task at its exit event is there through exit(2), the end of one
 * thread, rather than exit_group(2). */
bool arch_is_thread_exit(const struct arch_regs *regs);

#endif
