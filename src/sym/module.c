#include <stdlib.h>
#include <string.h>

#include "elf.h"

const char *sym_path_last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int damaged(const char *path, const char *how, struct error *err)
{
	return error_set(err, STATUS_NOT_EXECUTABLE, "%s: damaged ELF file: %s; build or copy it again", path,
			 how);
}

/* ---- opening ----------------------------------------------------------- */

static int add_segment(struct sym_module *module, const GElf_Phdr *header, size_t *capacity,
		       struct error *err)
{
	struct sym_segment *segment;

	if (header->p_offset > module->elf->size || header->p_filesz > module->elf->size - header->p_offset)
		return damaged(module->path, "a segment reaches beyond its end", err);
	if (header->p_filesz > header->p_memsz || header->p_memsz > UINT64_MAX - header->p_vaddr)
		return damaged(module->path, "a segment of impossible size", err);
	module->segments = array_reserve(module->segments, capacity, module->segment_count + 1,
					 sizeof(*module->segments));
	segment = &module->segments[module->segment_count++];
	segment->address = header->p_vaddr;
	segment->offset = header->p_offset;
	segment->file_size = header->p_filesz;
	segment->memory_size = header->p_memsz;
	segment->executable = header->p_flags & PF_X;
	return 0;
}

static int read_interpreter(struct sym_module *module, const GElf_Phdr *header, struct error *err)
{
	char *name;

	if (header->p_offset > module->elf->size || header->p_filesz > module->elf->size - header->p_offset)
		return damaged(module->path, "the name of its interpreter lies beyond its end", err);
	if (module->interpreter || header->p_filesz == 0)
		return 0;
	name = mem_alloc(header->p_filesz + 1);
	if (sym_elf_read(module->elf, header->p_offset, name, header->p_filesz) == header->p_filesz)
		module->interpreter = mem_strdup(name);
	free(name);
	return module->interpreter ? 0
				   : damaged(module->path, "the name of its interpreter cannot be read", err);
}

/* The kernel's AT_PHDR is this address plus the load bias. */
static uint64_t program_headers_address(const struct sym_module *module, const GElf_Phdr *own)
{
	uint64_t offset = module->elf->header.e_phoff;

	if (own->p_type == PT_PHDR)
		return own->p_vaddr;
	for (size_t at = 0; at < module->segment_count; at++) {
		const struct sym_segment *segment = &module->segments[at];

		if (offset >= segment->offset && offset - segment->offset < segment->file_size)
			return segment->address + (offset - segment->offset);
	}
	return 0;
}

static int read_segments(struct sym_module *module, struct error *err)
{
	GElf_Phdr own = {.p_type = PT_NULL};
	size_t count, capacity = 0;

	if (elf_getphdrnum(module->elf->elf, &count) < 0)
		return damaged(module->path, "its program headers lie beyond its end", err);
	for (size_t at = 0; at < count; at++) {
		GElf_Phdr header;

		if (!gelf_getphdr(module->elf->elf, (int)at, &header))
			return damaged(module->path, "its program headers lie beyond its end", err);
		if (header.p_type == PT_LOAD && add_segment(module, &header, &capacity, err) < 0)
			return -1;
		if (header.p_type == PT_INTERP && read_interpreter(module, &header, err) < 0)
			return -1;
		if (header.p_type == PT_PHDR)
			own = header;
	}
	if (!module->segment_count)
		return damaged(module->path, "it has nothing to load", err);
	module->program_headers = program_headers_address(module, &own);
	return 0;
}

/* Debug files may be of any type; dwz makes object files. */
static int check_type(const struct sym_elf *elf, const char *path, struct error *err)
{
	const unsigned type = elf->header.e_type;

	if (type == ET_EXEC || type == ET_DYN)
		return 0;
	return error_set(err, STATUS_NOT_EXECUTABLE,
			 "%s: %s, not a linked program; name the program or library made from it", path,
			 type == ET_REL    ? "an object file"
			 : type == ET_CORE ? "a core file"
					   : "an ELF file of unknown type");
}

int sym_module_open(const char *file, const char *path, struct sym_module **module, struct error *err)
{
	struct sym_module *opened;
	struct sym_elf *elf;

	if (sym_elf_open(file, path, &elf, err) < 0)
		return -1;
	if (check_type(elf, path, err) < 0) {
		sym_elf_close(elf);
		return -1;
	}
	opened = mem_alloc(sizeof(*opened));
	opened->elf = elf;
	opened->path = mem_strdup(path);
	opened->name = mem_strdup(sym_path_last(path));
	opened->machine = elf->header.e_machine;
	opened->is_64bit = elf->header.e_ident[EI_CLASS] == ELFCLASS64;
	opened->position_independent = elf->header.e_type == ET_DYN;
	opened->entry = elf->header.e_entry;
	if (read_segments(opened, err) < 0) {
		sym_module_close(opened);
		return -1;
	}
	opened->build_id = sym_elf_build_id(elf);
	if (elf->damage)
		sym_trouble_add(&opened->trouble, "%s", elf->damage);
	*module = opened;
	return 0;
}

void sym_module_close(struct sym_module *module)
{
	if (!module)
		return;
	sym_elf_close(module->elf);
	sym_trouble_free(&module->trouble);
	free(module->segments);
	free(module->interpreter);
	free(module->build_id);
	free(module->name);
	free(module->path);
	free(module);
}

/* ---- looking inside ---------------------------------------------------- */

static const struct sym_segment *executable_segment(const struct sym_module *module, uint64_t address)
{
	for (size_t at = 0; at < module->segment_count; at++) {
		const struct sym_segment *segment = &module->segments[at];

		if (segment->executable && address >= segment->address &&
		    address - segment->address < segment->memory_size)
			return segment;
	}
	return NULL;
}

bool sym_module_executes(const struct sym_module *module, uint64_t address)
{
	return executable_segment(module, address) != NULL;
}

size_t sym_module_code(struct sym_module *module, uint64_t address, void *buffer, size_t length)
{
	const struct sym_segment *segment = executable_segment(module, address);
	uint64_t offset;

	if (!segment)
		return 0;
	offset = address - segment->address;
	if (offset >= segment->file_size)
		return 0;
	if (length > segment->file_size - offset)
		length = (size_t)(segment->file_size - offset);
	return sym_elf_read(module->elf, segment->offset + offset, buffer, length);
}

bool sym_symbol_is_function(const struct sym_module *module, const struct sym_symbol *symbol)
{
	return symbol->type == STT_FUNC && symbol->defined && symbol->value && *symbol->name &&
	       sym_module_executes(module, symbol->value);
}

static bool has_functions(const struct sym_module *module, const struct sym_table *table)
{
	struct sym_symbol symbol;

	for (size_t at = 0; at < table->count; at++)
		if (sym_table_get(table, at, &symbol) && sym_symbol_is_function(module, &symbol))
			return true;
	return false;
}

/* It leaves out what .dynsym has. */
static const struct sym_table *mini_table(struct sym_module *module)
{
	struct sym_elf *elf = module->elf;

	if (!elf->mini_sought) {
		elf->mini_sought = true;
		elf->mini = sym_minidebug_open(module);
		if (elf->mini) {
			elf->mini->symtab.more = &elf->dynsym;
			elf->mini->symtab.count += elf->dynsym.count;
		}
	}
	return elf->mini ? &elf->mini->symtab : NULL;
}

const struct sym_table *sym_module_functions(struct sym_module *module)
{
	const struct sym_elf *debug;
	const struct sym_table *mini;

	if (has_functions(module, &module->elf->symtab))
		return &module->elf->symtab;
	debug = sym_module_debug(module);
	if (debug && has_functions(module, &debug->symtab))
		return &debug->symtab;
	mini = mini_table(module);
	return mini ? mini : &module->elf->dynsym;
}

/* Functions must have names that can be read, and be code. */
static bool has_damaged_symbols(const struct sym_module *module, const struct sym_table *table)
{
	struct sym_symbol symbol;

	for (size_t at = 1; at < table->count; at++) {
		if (!sym_table_get(table, at, &symbol))
			return true;
		if (symbol.type == STT_FUNC && symbol.defined && symbol.value && *symbol.name &&
		    !sym_module_executes(module, symbol.value))
			return true;
	}
	return false;
}

void sym_module_check_symbols(struct sym_module *module)
{
	struct sym_elf *elf = module->elf;

	if (elf->symbols_checked)
		return;
	elf->symbols_checked = true;
	if (has_damaged_symbols(module, &elf->symtab) || has_damaged_symbols(module, &elf->dynsym))
		sym_trouble_add(
			&module->trouble,
			"%s: damaged: some symbols of functions cannot be read, or lie outside of its "
			"code; build or copy it again",
			module->path);
}

bool sym_module_is_go(const struct sym_module *module)
{
	return sym_elf_section(module->elf, ".go.buildinfo") || sym_elf_section(module->elf, ".gopclntab");
}
