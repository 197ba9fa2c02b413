/*
 * What arch_relocate makes of all the places in libc where a breakpoint may
 * stand, what it refuses, and that it reads no further than it is told.
 */
#include <Zydis/Zydis.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmprof/arch.h"

static int relocate(const char *bytes, size_t length, uint64_t from, uint64_t to, struct arch_slot *slot)
{
	struct error err = {0};
	int result = arch_relocate((const uint8_t *)bytes, length, from, to, slot, &err);

	assert_int_equal(result == 0, err.message == NULL);
	error_free(&err);
	return result;
}

static void test_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} refused[] = {
		{"\xcc", 1},                         /* int3 */
		{"\xcd\x03", 2},                     /* int 3 */
		{"\xcd\x80", 2},                     /* int 0x80 */
		{"\xf1", 1},                         /* int1 */
		{"\xff\x18", 2},                     /* call far [rax] */
		{"\xff\x28", 2},                     /* jmp far [rax] */
		{"\x06", 1},                         /* undefined in 64-bit mode */
		{"\x66\xe8\0\0\0\0", 6},             /* call rel16 or rel32 */
		{"\x66\xff\xd0", 3},                 /* call ax or rax */
		{"\xff\xd4", 2},                     /* call rsp */
		{"\xff\x54\x24\xf8", 4},             /* call [rsp-8] */
		{"\xff\x94\x24\xfc\xff\xff\x7f", 7}, /* call [rsp+0x7ffffffc] */
		{"\x48\x8d\x05\0\0\0", 6},           /* lea rax, [rip+…, cut off */
		{"", 0},
	};
	struct arch_slot slot;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (relocate(refused[i].bytes, refused[i].length, 0x401000, 0x500000, &slot) == 0)
			fail_msg("relocated what it must refuse, number %zu", i);
}

static void test_static_forms(void **state)
{
	struct arch_slot slot;

	(void)state;
	/* xbegin: the abort handler stays where it is */
	assert_int_equal(relocate("\xc7\xf8\x10\0\0\0", 6, 0x1000, 0x2000, &slot), 0);
	assert_memory_equal(slot.code, "\xc7\xf8\x10\xf0\xff\xff", 6);
	assert_int_equal(relocate("\xc7\xf8\x10\0\0\0", 6, 0x1000, UINT64_C(1) << 40, &slot), -1);
	/* lea eax, [eip+0x10] wraps at 4 GiB and so reaches from everywhere */
	assert_int_equal(relocate("\x67\x8d\x05\x10\0\0\0", 7, 0x1000, UINT64_C(0x10000002000), &slot), 0);
	assert_memory_equal(slot.code, "\x67\x8d\x05\x10\xf0\xff\xff", 7);
}

static void test_leave_slot(void **state)
{
	struct arch_slot slot;
	struct arch_regs regs = {.user = {.rip = 0x2006, .rsp = 0x7ff0, .orig_rax = 1}};

	(void)state;
	assert_int_equal(relocate("\xe8\0\0\0\0", 5, 0x1000, 0x2000, &slot), 0);
	assert_ptr_equal(arch_leave_slot(&slot, 0x2000, &regs), &slot.points[1]);
	assert_int_equal(regs.user.rip, 0x1000);
	assert_int_equal(regs.user.rsp, 0x7ff8);
	assert_null(arch_leave_slot(&slot, 0x2000, &regs));
	assert_int_equal(regs.user.rip, 0x1000);
	assert_int_equal(regs.user.rsp, 0x7ff8);
}

/* ---- libc ------------------------------------------------------------------ */

struct survey {
	size_t tried, refused;
};

static bool decode(const uint8_t *code, size_t length, ZydisDecodedInstruction *decoded,
		   ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT])
{
	ZydisDecoder decoder;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, length, decoded, operands));
}

/* The slot's first instruction names the same memory as the original's. */
static void check_operands(const ZydisDecodedInstruction *original, const ZydisDecodedOperand *operands,
			   uint64_t from, const struct arch_slot *slot, uint64_t to)
{
	ZydisDecodedInstruction copy;
	ZydisDecodedOperand copied[ZYDIS_MAX_OPERAND_COUNT];

	assert_true(decode(slot->code, slot->length, &copy, copied));
	if (copy.mnemonic != original->mnemonic || !(original->attributes & ZYDIS_ATTRIB_IS_RELATIVE))
		return;
	for (uint8_t i = 0; i < original->operand_count; i++) {
		uint64_t expected, address;

		if (operands[i].type != ZYDIS_OPERAND_TYPE_MEMORY ||
		    operands[i].mem.base != ZYDIS_REGISTER_RIP)
			continue;
		assert_true(ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(original, &operands[i], from, &expected)));
		assert_true(ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&copy, &copied[i], to, &address)));
		assert_int_equal(address, expected);
	}
}

static void survey_place(struct survey *survey, const uint8_t *code, size_t available, uint64_t from)
{
	uint64_t to = from + arch_slot_reach;
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	struct arch_slot slot;
	struct error err = {0};

	if (!decode(code, available, &decoded, operands))
		return;
	survey->tried++;
	if (arch_relocate(code, available, from, to, &slot, &err)) {
		print_message("%s\n", err.message);
		survey->refused++;
		error_free(&err);
		return;
	}
	assert_int_equal(slot.original_length, decoded.length);
	assert_true(slot.length <= ARCH_SLOT_MAX && slot.point_count <= ARCH_SLOT_POINTS);
	check_operands(&decoded, operands, from, &slot, to);
}

/* The first instruction of a function and each one behind a call. */
static void survey_function(struct survey *entries, struct survey *returns, const uint8_t *code, size_t size,
			    uint64_t from)
{
	ZydisDecodedInstruction decoded;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	survey_place(entries, code, size, from);
	for (size_t at = 0; at < size && decode(code + at, size - at, &decoded, operands);) {
		at += decoded.length;
		if (decoded.mnemonic == ZYDIS_MNEMONIC_CALL && at < size)
			survey_place(returns, code + at, size - at, from + at);
	}
}

static const Elf64_Shdr *find_dynsym(const uint8_t *file)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);

	for (unsigned i = 0; i < header->e_shnum; i++)
		if (sections[i].sh_type == SHT_DYNSYM)
			return &sections[i];
	return NULL;
}

static const uint8_t *map_libc(size_t *size)
{
	Dl_info info;
	struct stat stat;
	const uint8_t *file;
	int fd;

	assert_int_not_equal(dladdr(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"), &info), 0);
	fd = open(info.dli_fname, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &stat), 0);
	*size = (size_t)stat.st_size;
	file = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(file, MAP_FAILED);
	close(fd);
	return file;
}

static void test_libc(void **state)
{
	size_t size;
	const uint8_t *file = map_libc(&size);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *dynsym = find_dynsym(file),
			 *sections = (const Elf64_Shdr *)(file + header->e_shoff);
	struct survey entries = {0}, returns = {0};

	(void)state;
	assert_non_null(dynsym);
	for (size_t i = 0; i < dynsym->sh_size / sizeof(Elf64_Sym); i++) {
		const Elf64_Sym *symbol = (const Elf64_Sym *)(file + dynsym->sh_offset) + i;
		const Elf64_Shdr *section = &sections[symbol->st_shndx];

		if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || !symbol->st_shndx ||
		    symbol->st_shndx >= header->e_shnum)
			continue;
		survey_function(&entries, &returns,
				file + section->sh_offset + (symbol->st_value - section->sh_addr),
				symbol->st_size, UINT64_C(0x7f0000000000) + symbol->st_value);
	}
	print_message("entries: %zu, refused %zu; behind calls: %zu, refused %zu\n", entries.tried,
		      entries.refused, returns.tried, returns.refused);
	assert_true(entries.tried > 1000 && returns.tried > 1000);
	assert_true(entries.refused * 1000 <= entries.tried);
	assert_true(returns.refused * 1000 <= returns.tried);
	munmap((void *)(uintptr_t)file, size);
}

/* ---- bad input -------------------------------------------------------------- */

/* Random bytes, each time ending where reading on would crash. */
static void test_garbage(void **state)
{
	uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t random = 0x9e3779b97f4a7c15;
	size_t relocated = 0;

	(void)state;
	assert_ptr_not_equal(pages, MAP_FAILED);
	assert_int_equal(mprotect(pages + 4096, 4096, PROT_NONE), 0);
	for (unsigned round = 0; round < 200000; round++) {
		size_t length = round % (ARCH_INSTRUCTION_MAX + 1);
		uint8_t *code = pages + 4096 - length;
		struct arch_slot slot;

		for (size_t i = 0; i < length; i++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			code[i] = (uint8_t)(random >> 32);
		}
		if (relocate((const char *)code, length, 0x401000, round % 2 ? 0x500000 : UINT64_C(1) << 40,
			     &slot))
			continue;
		relocated++;
		assert_in_range(slot.original_length, 1, length);
		assert_in_range(slot.length, 1, ARCH_SLOT_MAX);
		assert_in_range(slot.point_count, 1, ARCH_SLOT_POINTS);
		/* cut off anywhere it must be refused */
		for (size_t cut = 0; cut < slot.original_length; cut++) {
			uint8_t *moved = pages + 4096 - cut;
			struct arch_slot ignored;
			uint8_t saved[ARCH_INSTRUCTION_MAX];

			memcpy(saved, code, length);
			memmove(moved, saved, cut);
			assert_int_equal(relocate((const char *)moved, cut, 0x401000, 0x500000, &ignored),
					 -1);
			memcpy(code, saved, length);
		}
	}
	assert_true(relocated > 10000);
	munmap(pages, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_static_forms),
		cmocka_unit_test(test_leave_slot), cmocka_unit_test(test_libc),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
