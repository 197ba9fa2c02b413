/*
 * Private to sym/: an ELF file open for reading, and its symbol tables.
 *
 * Nothing that the file says is trusted: whatever comes out of here was
 * checked against the size of the file.
 */
#ifndef FMPROF_SYM_ELF_H
#define FMPROF_SYM_ELF_H

#include <gelf.h>
#include <libelf.h>

#include "fmprof/sym.h"

/* A symbol table with its names. count is 0 where the file has none. */
struct sym_table {
	Elf_Data *entries;
	size_t count;        /* of all, also those of `more` */
	const char *strings; /* every string that starts below strings_size ends inside */
	size_t strings_size;
	const struct sym_table *more; /* whose symbols come behind its own; NULL: none */
	uint64_t *filter;             /* lookup.c: bits of the names that are defined; NULL: not filled yet */
	uint64_t filter_mask;
};

struct sym_elf {
	int fd;
	Elf *elf;
	GElf_Ehdr header;
	uint64_t size; /* of the file when it was opened */
	struct sym_table symtab, dynsym;
	uint64_t debug_size;   /* of its debug sections; about that, where they are compressed */
	bool has_dwarf;        /* a .debug_info section */
	bool dwarf_given_up;   /* reading it took too long, or too much memory: it would again */
	bool debug_sought;     /* sym_module_debug has looked */
	bool mini_sought;      /* the same for .gnu_debugdata */
	bool symbols_checked;  /* sym_module_check_symbols has looked */
	struct sym_elf *debug; /* the separate file of debug symbols; NULL if there is none */
	struct sym_elf *mini;  /* what .gnu_debugdata holds; NULL if there is none */
	char *path;            /* as shown */
	char *damage;          /* what of it cannot be used; NULL if all can */
};

struct sym_symbol {
	const char *name;
	uint64_t value, size;
	unsigned type, binding; /* STT_*, STB_* */
	bool defined;
};

/* `file` is opened, `path` is shown in errors. */
int sym_elf_open(const char *file, const char *path, struct sym_elf **elf, struct error *err);
/* The same; fd is taken over, also if it fails. */
int sym_elf_open_fd(int fd, const char *path, struct sym_elf **elf, struct error *err);
void sym_elf_close(struct sym_elf *elf); /* NULL is fine */

/* elf_sections.c: fills in what the sections tell of; sets `damage`. */
void sym_elf_load_sections(struct sym_elf *elf);

/* The section of this name, NULL if there is none. */
Elf_Scn *sym_elf_section(const struct sym_elf *elf, const char *name);

/* Bytes of the file at offset; returns how many of length there are. */
size_t sym_elf_read(const struct sym_elf *elf, uint64_t offset, void *buffer, size_t length);

/* False if not all of it could be written. */
bool sym_write_all(int fd, const void *bytes, size_t length);

/* The build id as hex, NULL if the file has none. */
char *sym_elf_build_id(const struct sym_elf *elf);

/* False if the entry is damaged. */
bool sym_table_get(const struct sym_table *table, size_t index, struct sym_symbol *symbol);

/* The separate debug file of a module (build id, .gnu_debuglink, debuginfod),
 * sought at the first call; NULL if there is none. */
struct sym_elf *sym_module_debug(struct sym_module *module);
/* The file that .gnu_debugaltlink of one of the module's files names; NULL and why not (owned by
 * the caller) if it is not there. */
struct sym_elf *sym_module_alternate(const struct sym_module *module, const struct sym_elf *elf, char **why);

/* minidebug.c: unpacks .gnu_debugdata; NULL if there is none. */
struct sym_elf *sym_minidebug_open(struct sym_module *module);

/* debuginfod.c: path of the debug file that its servers have; NULL if they have none. */
char *sym_debuginfod_find(struct sym_module *module);

/* trouble.c: "what: why; what follows". The same line twice is one. */
void sym_trouble_add(struct sym_trouble *trouble, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void sym_trouble_free(struct sym_trouble *trouble);

/* The table that holds the module's functions: .symtab of the file, else of
 * its debug file, else that in .gnu_debugdata with .dynsym, else .dynsym alone. */
const struct sym_table *sym_module_functions(struct sym_module *module);

/* Adds a trouble if symbols are damaged, which only a look at each of them shows: for when a name was not found. */
void sym_module_check_symbols(struct sym_module *module);

bool sym_module_executes(const struct sym_module *module, uint64_t address);

/* unwind.c: the start of the code around the address that is unwound as one function; false if that is not known. */
bool sym_module_unwind_start(const struct sym_module *module, uint64_t address, uint64_t *start);

/* A function that can be entered: defined, code, and no IFUNC. */
bool sym_symbol_is_function(const struct sym_module *module, const struct sym_symbol *symbol);

/* The version of the table's symbol number `index`: "GLIBC_2.14". NULL if it has none. */
const char *sym_symbol_version(const struct sym_module *module, const struct sym_table *table, size_t index,
			       const struct sym_symbol *symbol);

/* ---- names ------------------------------------------------------------- */

/* How a symbol's name is built: base.clone.0@VERSION */
struct sym_name {
	size_t length; /* without @VERSION */
	size_t base;   /* without the suffixes of clones and pieces too */
	bool piece;    /* .cold, .part.N: only a part of a function; .resolver: not the function itself */
};

struct sym_name sym_name_split(const char *name);

enum sym_match {
	SYM_MATCH_NONE,
	SYM_MATCH_VARIANT, /* a clone of what the spec names */
	SYM_MATCH_EXACT,
};

/* Whether the spec's PATTERN means a symbol of this name, or a function that debug information calls so. A
 * piece of a function never is meant, but sym_spec_takes_piece says if the function is. */
enum sym_match sym_spec_takes_name(const struct sym_spec *spec, const char *name);
enum sym_match sym_spec_takes_piece(const struct sym_spec *spec, const char *name);

/* Whether PATTERN means what the source calls so: a name with its namespaces. */
bool sym_spec_takes_source(const struct sym_spec *spec, const char *name);

/* Whether path ends in the components of the spec's FILE. */
bool sym_spec_takes_file(const struct sym_spec *spec, const char *path);

/* The line of FILE:LINE; 0 if the spec has none. */
unsigned sym_spec_line(const struct sym_spec *spec);

const char *sym_path_last(const char *path); /* its last component */

#endif
