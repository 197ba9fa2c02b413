/* Where code can jump to. */
#include <Zydis/Zydis.h>

#include "fmprof/arch.h"

/* Jump tables and padding between instructions are decoded as if they were code; that they show a jump that leads
 * just here is unlikely. */
bool arch_jumps_to(const uint8_t *code, size_t length, uint64_t address, uint64_t target)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction instruction;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t i = 0; i < length;) {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, code + i, length - i,
								&instruction))) {
			i++;
			continue;
		}
		i += instruction.length;
		if (instruction.raw.imm[0].is_relative && instruction.mnemonic != ZYDIS_MNEMONIC_CALL &&
		    address + i + instruction.raw.imm[0].value.u == target)
			return true;
	}
	return false;
}
