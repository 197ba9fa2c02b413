/*
 * Making an instruction ready to run in a slot.
 *
 * What an instruction does depends on where it stands in three ways only: a
 * branch with a relative target, a memory operand relative to rip, and a call,
 * which pushes the address behind it. Everything else is copied. (syscall
 * leaves the address behind it in rcx: the right one is put there afterwards.)
 *
 * A call becomes a push of the original return address and a jump. That the
 * push is not also made on a shadow stack is its one difference: in a process
 * that runs with user shadow stacks (Linux 6.6, off by default in glibc) the
 * return of such a call would fault.
 */
#include <Zydis/Zydis.h>
#include <inttypes.h>
#include <string.h>

#include "fmprof/arch.h"
#include "slot.h"

/*
 * Displacements reach 2 GiB. A slot at most this far away leaves an
 * instruction 1 GiB to its operands, more than from one end of a module to
 * the other in practice; the page covers the lengths of slot and instruction.
 */
const uint64_t arch_slot_reach = (UINT64_C(1) << 30) - 4096;

enum {
	MODRM_REG_MASK = 7 << 3,
	MODRM_REG_JUMP = 4 << 3, /* ff /4 is jmp */
	MODRM_DISP32_SIB = 2 << 6 | 4,
	STACK_WORD = 8,
};

struct original {
	const uint8_t *code;
	uint64_t address, next; /* of the instruction, and of the one behind it */
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static int refuse(const struct original *original, const char *why, struct error *err)
{
	return error_set(err, STATUS_FAILED, "instruction at 0x%" PRIx64 ": %s; leave this function out",
			 original->address, why);
}

static bool decode(const uint8_t *code, size_t available, struct original *original)
{
	ZydisDecoder decoder;

	return ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, available, &original->decoded,
						   original->operands));
}

static bool is_own_trap(const struct original *original)
{
	ZydisMnemonic mnemonic = original->decoded.mnemonic;

	return mnemonic == ZYDIS_MNEMONIC_INT3 || mnemonic == ZYDIS_MNEMONIC_INT1 ||
	       mnemonic == ZYDIS_MNEMONIC_INT;
}

static bool is_far(const struct original *original)
{
	ZydisMnemonic mnemonic = original->decoded.mnemonic;

	return original->decoded.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR &&
	       (mnemonic == ZYDIS_MNEMONIC_CALL || mnemonic == ZYDIS_MNEMONIC_JMP);
}

static bool is_relative(const struct original *original)
{
	return original->decoded.raw.imm[0].is_relative;
}

static bool is_indirect_call(const struct original *original)
{
	return original->decoded.mnemonic == ZYDIS_MNEMONIC_CALL && !is_relative(original);
}

static bool has_prefix(const struct original *original, uint8_t value)
{
	for (uint8_t i = 0; i < original->decoded.raw.prefix_count; i++)
		if (original->decoded.raw.prefixes[i].value == value)
			return true;
	return false;
}

/*
 * A near branch with prefix 66 and without REX.W: AMD processors truncate its
 * target to 16 bits (tried: 66 eb 01 went to 0x521d and faulted) and read a
 * rel16, Intel's ignore the prefix (manual, volume 2, JMP and CALL). With
 * REX.W, as in the calls of __tls_get_addr, all take it as 64 bits.
 */
static bool is_processor_dependent(const struct original *original)
{
	return (is_relative(original) || is_indirect_call(original)) && has_prefix(original, 0x66) &&
	       !original->decoded.raw.rex.W;
}

static uint64_t branch_target(const struct original *original)
{
	return original->next + original->decoded.raw.imm[0].value.u;
}

/* The memory operand that is relative to rip, or NULL. */
static const ZydisDecodedOperand *rip_operand(const struct original *original)
{
	for (uint8_t i = 0; i < original->decoded.operand_count; i++) {
		const ZydisDecodedOperand *operand = &original->operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    (operand->mem.base == ZYDIS_REGISTER_RIP || operand->mem.base == ZYDIS_REGISTER_EIP))
			return operand;
	}
	return NULL;
}

/* The displacement with which a copy that ends at `end` has the same operand. */
static int rip_displacement(const struct original *original, const ZydisDecodedOperand *operand, uint64_t end,
			    int32_t *displacement, struct error *err)
{
	uint64_t target = original->next + (uint64_t)original->decoded.raw.disp.value;

	/* With prefix 67 the address is eip + displacement modulo 2^32, which
	 * reaches everything that it can name from anywhere. */
	if (operand->mem.base == ZYDIS_REGISTER_EIP)
		*displacement = (int32_t)(uint32_t)(target - end);
	else if (!slot_reaches(end, target, displacement))
		return refuse(original, "its operand is out of reach from a slot", err);
	return 0;
}

static int put_copy(struct slot_writer *writer, const struct original *original, struct error *err)
{
	uint8_t copy[ZYDIS_MAX_INSTRUCTION_LENGTH];
	const ZydisDecodedOperand *operand = rip_operand(original);
	uint8_t length = original->decoded.length;
	int32_t displacement;

	memcpy(copy, original->code, length);
	if (operand) {
		if (rip_displacement(original, operand, slot_here(writer) + length, &displacement, err))
			return -1;
		memcpy(copy + original->decoded.raw.disp.offset, &displacement, sizeof displacement);
	}
	slot_put(writer, copy, length);
	slot_put_point(writer, original->next, 0);
	if (original->decoded.mnemonic == ZYDIS_MNEMONIC_SYSCALL) {
		slot_put(writer, "\x48\xb9", 2); /* mov rcx, imm64 */
		slot_put(writer, &original->next, sizeof original->next);
		slot_put_point(writer, original->next, 0);
	}
	slot_put_jump(writer, original->next);
	return 0;
}

static int put_xbegin(struct slot_writer *writer, const struct original *original, struct error *err)
{
	int32_t displacement;

	if (!slot_reaches(slot_here(writer) + 6, branch_target(original), &displacement))
		return refuse(original, "its abort handler is out of reach from a slot", err);
	slot_put(writer, "\xc7\xf8", 2);
	slot_put_displacement(writer, displacement);
	slot_put_point(writer, original->next, 0);
	slot_put_jump(writer, original->next);
	return 0;
}

/* Any conditional branch in its two-byte form over two jumps:
 *   branch taken / jump to what is behind it / taken: jump to its target */
static void put_short_branch(struct slot_writer *writer, const struct original *original, uint8_t opcode)
{
	size_t distance;

	if (original->decoded.address_width == 32) /* loop and jrcxz look at ecx */
		slot_put_byte(writer, 0x67);
	slot_put_byte(writer, opcode);
	slot_put_byte(writer, 0);
	distance = writer->slot->length;
	slot_put_point(writer, original->next, 0);
	slot_put_jump(writer, original->next);
	writer->slot->code[distance - 1] = (uint8_t)(writer->slot->length - distance);
	slot_put_point(writer, branch_target(original), 0);
	slot_put_jump(writer, branch_target(original));
}

static void put_jcc(struct slot_writer *writer, const struct original *original)
{
	uint8_t condition = original->decoded.opcode & 0x0f;
	int32_t displacement;

	if (!slot_reaches(slot_here(writer) + 6, branch_target(original), &displacement)) {
		put_short_branch(writer, original, 0x70 | condition);
		return;
	}
	slot_put_byte(writer, 0x0f);
	slot_put_byte(writer, 0x80 | condition);
	slot_put_displacement(writer, displacement);
	slot_put_point(writer, original->next, 0);
	slot_put_jump(writer, original->next);
}

/* A task between push and jump goes back to before the call, which it makes
 * again: a fault of the jump then looks as a fault of the call does, which
 * has pushed nothing. */
static void put_push_undone(struct slot_writer *writer, const struct original *original, uint64_t data)
{
	slot_put_push(writer, data);
	slot_put_point(writer, original->address, STACK_WORD);
}

static void put_direct_call(struct slot_writer *writer, const struct original *original)
{
	uint64_t target = branch_target(original), jump = slot_here(writer) + SLOT_PUSH_LENGTH;
	int32_t displacement;
	uint64_t jump_length = slot_reaches(jump + 5, target, &displacement) ? 5 : 14;

	put_push_undone(writer, original, jump + jump_length);
	slot_put_jump(writer, target);
	slot_put(writer, &original->next, sizeof original->next);
}

/* jmp with the operand [rsp+…] of a call, as it is once the stack has grown
 * by a word. */
static int make_stack_jump(const struct original *original, uint8_t *jump, uint8_t *length, struct error *err)
{
	const ZydisDecodedOperandMem *memory = &original->operands[0].mem;
	int64_t displacement = original->decoded.raw.disp.value;
	uint8_t modrm = original->decoded.raw.modrm.offset;
	int32_t moved;

	if (memory->index == ZYDIS_REGISTER_NONE && displacement < 0 && displacement > -2 * STACK_WORD)
		return refuse(original, "it calls through the word that it pushes", err);
	*length = (uint8_t)(modrm + 2 + sizeof moved);
	if (displacement + STACK_WORD > INT32_MAX || *length > ZYDIS_MAX_INSTRUCTION_LENGTH)
		return refuse(original, "its operand has no form for a grown stack", err);
	moved = (int32_t)(displacement + STACK_WORD);
	memcpy(jump, original->code, modrm + 2U);
	jump[modrm] = MODRM_DISP32_SIB | MODRM_REG_JUMP;
	memcpy(jump + modrm + 2, &moved, sizeof moved);
	return 0;
}

static int put_indirect_call(struct slot_writer *writer, const struct original *original, struct error *err)
{
	const ZydisDecodedOperand *operand = &original->operands[0];
	uint8_t jump[ZYDIS_MAX_INSTRUCTION_LENGTH];
	uint8_t length = original->decoded.length, modrm = original->decoded.raw.modrm.offset;
	uint64_t jump_address = slot_here(writer) + SLOT_PUSH_LENGTH;
	int32_t displacement;

	memcpy(jump, original->code, length);
	jump[modrm] = (uint8_t)((jump[modrm] & ~MODRM_REG_MASK) | MODRM_REG_JUMP);
	if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
		if (operand->reg.value == ZYDIS_REGISTER_RSP)
			return refuse(original, "it calls code on the top of the stack", err);
	} else if (operand->mem.base == ZYDIS_REGISTER_RSP || operand->mem.base == ZYDIS_REGISTER_ESP) {
		if (make_stack_jump(original, jump, &length, err))
			return -1;
	} else if (rip_operand(original)) {
		if (rip_displacement(original, operand, jump_address + length, &displacement, err))
			return -1;
		memcpy(jump + original->decoded.raw.disp.offset, &displacement, sizeof displacement);
	}
	put_push_undone(writer, original, jump_address + length);
	slot_put(writer, jump, length);
	slot_put(writer, &original->next, sizeof original->next);
	return 0;
}

static int put_relative(struct slot_writer *writer, const struct original *original, struct error *err)
{
	switch (original->decoded.mnemonic) {
	case ZYDIS_MNEMONIC_JMP:
		slot_put_jump(writer, branch_target(original));
		return 0;
	case ZYDIS_MNEMONIC_CALL:
		put_direct_call(writer, original);
		return 0;
	case ZYDIS_MNEMONIC_XBEGIN:
		return put_xbegin(writer, original, err);
	case ZYDIS_MNEMONIC_LOOP:
	case ZYDIS_MNEMONIC_LOOPE:
	case ZYDIS_MNEMONIC_LOOPNE:
	case ZYDIS_MNEMONIC_JECXZ:
	case ZYDIS_MNEMONIC_JRCXZ:
		put_short_branch(writer, original, original->decoded.opcode);
		return 0;
	default:
		break;
	}
	if (original->decoded.meta.category != ZYDIS_CATEGORY_COND_BR)
		return refuse(original, "it is an unknown kind of branch", err);
	put_jcc(writer, original);
	return 0;
}

int arch_relocate(const uint8_t *code, size_t available, uint64_t from, uint64_t to, struct arch_slot *slot,
		  struct error *err)
{
	struct original original = {.code = code, .address = from};
	struct slot_writer writer = {.slot = slot, .to = to};

	if (!decode(code, available, &original))
		return refuse(&original, "it is cut off or cannot be decoded", err);
	if (is_own_trap(&original))
		return refuse(&original, "it is a trap of the program's own", err);
	if (is_far(&original))
		return refuse(&original, "it is a far call or jump", err);
	if (is_processor_dependent(&original))
		return refuse(&original, "it is a branch that processors disagree about", err);

	original.next = from + original.decoded.length;
	memset(slot, 0, sizeof *slot);
	slot->original_length = original.decoded.length;
	slot_put_point(&writer, from, 0);
	if (is_relative(&original))
		return put_relative(&writer, &original, err);
	if (is_indirect_call(&original))
		return put_indirect_call(&writer, &original, err);
	return put_copy(&writer, &original, err);
}
