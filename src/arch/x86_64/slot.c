/* Writing a slot's code, and moving a task out of it. */
#include "slot.h"

#include <string.h>

uint64_t slot_here(const struct slot_writer *writer)
{
	return writer->to + writer->slot->length;
}

void slot_put(struct slot_writer *writer, const void *bytes, size_t length)
{
	memcpy(writer->slot->code + writer->slot->length, bytes, length);
	writer->slot->length = (uint8_t)(writer->slot->length + length);
}

void slot_put_byte(struct slot_writer *writer, uint8_t byte)
{
	slot_put(writer, &byte, 1);
}

void slot_put_displacement(struct slot_writer *writer, int32_t displacement)
{
	slot_put(writer, &displacement, sizeof displacement);
}

bool slot_reaches(uint64_t end, uint64_t target, int32_t *displacement)
{
	int64_t distance = (int64_t)(target - end);

	if (distance < INT32_MIN || distance > INT32_MAX)
		return false;
	*displacement = (int32_t)distance;
	return true;
}

void slot_put_point(struct slot_writer *writer, uint64_t pc, int8_t sp_change)
{
	struct arch_slot *slot = writer->slot;

	slot->points[slot->point_count++] =
		(struct arch_slot_point){.offset = slot->length, .sp_change = sp_change, .pc = pc};
}

void slot_put_jump(struct slot_writer *writer, uint64_t target)
{
	int32_t displacement;

	if (slot_reaches(slot_here(writer) + 5, target, &displacement)) {
		slot_put_byte(writer, 0xe9); /* jmp rel32 */
		slot_put_displacement(writer, displacement);
	} else {
		slot_put(writer, "\xff\x25", 2); /* jmp [rip+0], the quadword that follows */
		slot_put_displacement(writer, 0);
		slot_put(writer, &target, sizeof target);
	}
}

void slot_put_push(struct slot_writer *writer, uint64_t data)
{
	slot_put(writer, "\xff\x35", 2); /* push [rip+disp32] */
	slot_put_displacement(writer, (int32_t)(data - (slot_here(writer) + sizeof(int32_t))));
}

/* See put_copy: only there a movabs to rcx follows. */
static bool is_behind_syscall(const struct arch_slot *slot, const struct arch_slot_point *point)
{
	static const uint8_t code[] = {0x0f, 0x05, 0x48, 0xb9};

	return point->offset >= 2 && point->offset + 2 <= slot->length &&
	       memcmp(slot->code + point->offset - 2, code, sizeof code) == 0;
}

const struct arch_slot_point *arch_leave_slot(const struct arch_slot *slot, uint64_t to,
					      struct arch_regs *regs)
{
	for (uint8_t i = 0; i < slot->point_count; i++) {
		const struct arch_slot_point *point = &slot->points[i];

		if (regs->user.rip != to + point->offset)
			continue;
		/*
		 * Not arch_set_pc: only a slot that holds a copied `syscall` can be
		 * seen in a system call, and that call must still be restarted. The
		 * kernel then goes two bytes back from point->pc, to the original
		 * `syscall`, which is what the program expects.
		 */
		regs->user.rip = point->pc;
		if (is_behind_syscall(slot, point))
			regs->user.rcx = point->pc; /* what the rest of the slot would do */
		regs->user.rsp += (uint64_t)(int64_t)point->sp_change;
		return point;
	}
	return NULL;
}
