/*
 * Writing a slot's code. Private to this folder.
 *
 * No call checks for room: the longest slot, a loop with an address-size
 * prefix too far from both of its continuations, needs 3 + 14 + 14 bytes, a
 * copied instruction at most 15 + 14, a call at most 6 + 15 + 8.
 */
#ifndef FMPROF_ARCH_X86_64_SLOT_H
#define FMPROF_ARCH_X86_64_SLOT_H

#include "fmprof/arch.h"

struct slot_writer {
	struct arch_slot *slot;
	uint64_t to; /* where the slot will stand */
};

enum { SLOT_PUSH_LENGTH = 6 };

/* Address at which the next byte will stand. */
uint64_t slot_here(const struct slot_writer *writer);
void slot_put(struct slot_writer *writer, const void *bytes, size_t length);
void slot_put_byte(struct slot_writer *writer, uint8_t byte);
void slot_put_displacement(struct slot_writer *writer, int32_t displacement);
/* Whether an instruction that ends at `end` reaches target with 32 bits; if
 * so, *displacement is what it must hold. */
bool slot_reaches(uint64_t end, uint64_t target, int32_t *displacement);
/* Says what a task at the next byte would be without the slot. */
void slot_put_point(struct slot_writer *writer, uint64_t pc, int8_t sp_change);
/* A jump that changes no register and no flag: 5 bytes, or 14 if it is far. */
void slot_put_jump(struct slot_writer *writer, uint64_t target);
/* A push of the quadword at address `data`, which is within reach. */
void slot_put_push(struct slot_writer *writer, uint64_t data);

#endif
