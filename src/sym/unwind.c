/*
 * Where code begins that is unwound as one function: the tables for exceptions stay in a stripped file. Read by
 * hand, since libdwarf is only called in a child, and that takes longer than all the rest of looking up an address.
 */
#include <libdwarf/dwarf.h>
#include <string.h>

#include "elf.h"

/* Bytes of .eh_frame; what is beyond its end reads as 0 and leaves a mark. */
struct bytes {
	const unsigned char *data;
	size_t size, at;
	uint64_t address; /* of the first */
	bool beyond;
};

static uint64_t take(struct bytes *bytes, size_t width)
{
	uint64_t number = 0;

	if (bytes->at > bytes->size || width > bytes->size - bytes->at) {
		bytes->beyond = true;
		return 0;
	}
	memcpy(&number, bytes->data + bytes->at, width);
	bytes->at += width;
	return number;
}

static void skip_leb128(struct bytes *bytes)
{
	while (take(bytes, 1) & 0x80)
		continue;
}

/* Bytes of a pointer in this encoding; 0 if it is of no fixed size. */
static size_t pointer_width(const struct sym_module *module, unsigned encoding)
{
	switch (encoding & 0x07) {
	case DW_EH_PE_absptr:
		return module->is_64bit ? 8 : 4;
	case DW_EH_PE_udata2:
		return 2;
	case DW_EH_PE_udata4:
		return 4;
	case DW_EH_PE_udata8:
		return 8;
	default:
		return 0;
	}
}

/* How the entries that refer to this common one (a CIE) write addresses. */
static unsigned address_encoding(const struct sym_module *module, struct bytes bytes, size_t common)
{
	const char *letters;
	size_t length;

	bytes.at = common + 9; /* length, 0, version */
	if (bytes.at >= bytes.size)
		return DW_EH_PE_omit;
	letters = (const char *)bytes.data + bytes.at;
	length = strnlen(letters, bytes.size - bytes.at);
	bytes.at += length + 1;
	/* Factors of code and data, the register of the return address, how long what follows is. */
	for (size_t number = 0; number < 4; number++)
		skip_leb128(&bytes);
	for (size_t at = 1; *letters == 'z' && at < length && !bytes.beyond; at++) {
		unsigned encoding;

		if (letters[at] != 'R' && letters[at] != 'P' && letters[at] != 'L')
			continue;
		encoding = (unsigned)take(&bytes, 1);
		if (letters[at] == 'R')
			return encoding;
		if (letters[at] == 'P')
			bytes.at += pointer_width(module, encoding);
	}
	return DW_EH_PE_absptr;
}

/* The code that the entry (an FDE) is for, whose bytes come next. */
static bool take_code(const struct sym_module *module, struct bytes *bytes, size_t common, uint64_t *start,
		      uint64_t *size)
{
	const unsigned encoding = address_encoding(module, *bytes, common);
	const size_t width = pointer_width(module, encoding);
	const uint64_t here = bytes->address + bytes->at;

	if (encoding == DW_EH_PE_omit || !width)
		return false;
	*start = take(bytes, width);
	if (encoding & 0x08 && width == 4)
		*start = (uint64_t)(int64_t)(int32_t)*start;
	if ((encoding & 0x70) == DW_EH_PE_pcrel)
		*start += here;
	*size = take(bytes, width);
	return !bytes->beyond;
}

static bool open_entries(const struct sym_module *module, struct bytes *bytes)
{
	Elf_Scn *section = sym_elf_section(module->elf, ".eh_frame");
	Elf_Data *data = section ? elf_rawdata(section, NULL) : NULL;
	GElf_Shdr header;

	if (!data || !data->d_buf || !gelf_getshdr(section, &header))
		return false;
	*bytes = (struct bytes){.data = data->d_buf, .size = data->d_size, .address = header.sh_addr};
	return true;
}

bool sym_module_unwind_start(const struct sym_module *module, uint64_t address, uint64_t *start)
{
	static const uint64_t long_entry = UINT32_MAX;
	struct bytes bytes;
	uint64_t length, size;

	if (!open_entries(module, &bytes))
		return false;
	for (size_t next = 0; (length = take(&bytes, 4)) && length != long_entry; bytes.at = next) {
		const size_t field = bytes.at;
		const uint64_t back = take(&bytes, 4);

		next = field + length;
		if (bytes.beyond || next > bytes.size || back > field)
			return false;
		if (back && take_code(module, &bytes, field - back, start, &size) && address >= *start &&
		    address - *start < size)
			return true;
	}
	return false;
}
