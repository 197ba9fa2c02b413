/*
 * sym: ELF files, their functions, and the specs that name them.
 *
 * Knows files, never pids. Addresses here are the file's own virtual
 * addresses (as readelf and nm print them); whoever maps the file adds the
 * load bias.
 */
#ifndef FMPROF_SYM_H
#define FMPROF_SYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fmprof/util.h"

/* ---- modules ----------------------------------------------------------- */

struct sym_segment { /* one PT_LOAD */
	uint64_t address, offset, file_size, memory_size;
	bool executable;
};

/* Where to look for symbols besides the file itself. */
struct sym_sources {
	char **debug_folders; /* looked into before /usr/lib/debug, which is laid out the same */
	size_t debug_folder_count;
	bool debuginfod; /* ask its servers, where DEBUGINFOD_URLS names some */
	bool cache;      /* keep in the user's cache folder what was expensive to find */
};

/* Lines about what of a module's symbols could not be read. */
struct sym_trouble {
	char **lines;
	size_t count, capacity, told;
};

/* One ELF file, opened for reading its symbols. */
struct sym_module {
	char *path;        /* as given */
	char *name;        /* last component of path */
	char *build_id;    /* hex; NULL if the file has none */
	char *interpreter; /* PT_INTERP; NULL if static */
	uint16_t machine;  /* EM_* */
	bool is_64bit;
	bool position_independent; /* ET_DYN: mapped at a bias */
	uint64_t entry;
	uint64_t program_headers; /* address of the program header table, 0 if not mapped */
	struct sym_segment *segments;
	size_t segment_count;
	const struct sym_sources *sources; /* set by who opened it; NULL: /usr/lib/debug only */
	struct sym_trouble trouble;        /* private to sym/, as is */
	struct sym_elf *elf;
};

/*
 * Opens `file` (which may be another name for it, such as /proc/PID/exe, or
 * the same as path); `path` is what is shown. Errors: not readable, not ELF,
 * damaged; the message says which.
 */
int sym_module_open(const char *file, const char *path, struct sym_module **module, struct error *err);
void sym_module_close(struct sym_module *module); /* NULL is fine */

/* The next line about what could not be read, which was not told yet; NULL if
 * there is none. It lives as long as the module. */
const char *sym_module_trouble(struct sym_module *module);

/* Whether the Go linker made it. */
bool sym_module_is_go(const struct sym_module *module);

/* Address of the defined symbol of exactly this name; false if none. */
bool sym_module_symbol(struct sym_module *module, const char *name, uint64_t *address);

/* Bytes of an executable segment at `address`, straight from the file.
 * Returns how many of `length` there are. */
size_t sym_module_code(struct sym_module *module, uint64_t address, void *buffer, size_t length);

/* ---- specs: [MODULE!][FILE:]PATTERN ------------------------------------ */

enum sym_spec_kind {
	SYM_SPEC_NAME,    /* exactly this function: parse, ns::Class::method, 'ns::f(int, char)' */
	SYM_SPEC_GLOB,    /* fnmatch(3) with * ? [ */
	SYM_SPEC_REGEX,   /* POSIX extended, written between slashes */
	SYM_SPEC_ADDRESS, /* 0x1234, an address in the module */
};

struct sym_spec {
	char *text;    /* as the user wrote it */
	char *module;  /* glob on a module's name or path; NULL: the main executable, then the libraries */
	char *file;    /* source file: its last component(s); NULL: any */
	char *pattern; /* name, glob or regular expression without slashes; "" for an address */
	char *version; /* of name@VERSION; NULL: any */
	uint64_t address;
	enum sym_spec_kind kind;
	struct sym_pattern *compiled; /* private to sym/ */
};

/* A spec that cannot be read (empty, half an address …) is an error. */
int sym_spec_parse(const char *text, struct sym_spec *spec, struct error *err);
void sym_spec_free(struct sym_spec *spec);

/* Whether PATTERN means a function that is called so: a symbol's name, or as the demangler writes it. */
bool sym_spec_means(const struct sym_spec *spec, const char *name);

/* Whether the spec's MODULE! part takes this module; true if it has none. */
bool sym_spec_takes_module(const struct sym_spec *spec, const struct sym_module *module);

/* ---- functions --------------------------------------------------------- */

struct sym_function {
	char *name; /* shortest form that tells it apart: parse, parse.constprop.0, ns::Parser<int>::parse */
	char *full_name;    /* as nm -C shows it, without @VERSION: ns::Parser<int>::parse(char const*) */
	char *linkage_name; /* as in the symbol table, without @VERSION; NULL if there is no symbol */
	char *file; /* source file as DWARF, or for a static function the symbol table, has it; NULL if not known */
	uint64_t address; /* of its first instruction */
	uint64_t size;    /* 0 if not known */
	unsigned line;    /* 0 if not known */
	bool indirect; /* an IFUNC: address is of the code that chooses which code runs; see sym_module_slots */
};

/* Growing list; several names at one address are one function, first name
 * wins, global before local. Start with {0}. */
struct sym_functions {
	struct sym_function *items;
	size_t count, capacity;
};

void sym_function_free(struct sym_function *function); /* what is in it */
void sym_functions_free(struct sym_functions *functions);

/*
 * Appends the functions of module that the spec matches, sorted by address
 * and without doubles among them. Symbols come from .symtab, else that of the
 * separate debug file if there is one, else .gnu_debugdata and .dynsym; undefined
 * ones, PLT stubs, data, .cold and .part pieces, and C++'s thunks are no
 * functions; an IFUNC is one that is indirect, or all clones that target_clones made for it; clones (.constprop.N, .isra.N,
 * .lto_priv.N) match their base name.
 * A spec with FILE: reads DWARF, in a child process with limits on time and
 * memory, and without DWARF falls back on the STT_FILE symbols of .symtab.
 * Returns how many were appended, 0 if none, or -1 and a reason.
 */
int sym_module_find(struct sym_module *module, const struct sym_spec *spec, struct sym_functions *functions,
		    struct error *err);

/* For functions that a plain name has found: a trouble says how often they are inlined, if debug information
 * is there that is read in a moment (up to 1 MiB, or asked before). */
void sym_module_tell_inlined(struct sym_module *module, const struct sym_spec *spec,
			     const struct sym_functions *functions);

/* A place in a module's memory that holds a function's address once the program runs. */
struct sym_slot {
	uint64_t address;
	uint64_t content; /* what the file has there: it is not filled yet if that is still so */
};

/* Places that hold the address of the code chosen for the IFUNC, in the module that defines it or in another
 * one. Returns how many; free() them. */
size_t sym_module_slots(const struct sym_module *module, const struct sym_function *ifunc, bool defines,
			struct sym_slot **slots);

/* ---- what a spec names, for people to look at ----------------------------- */

struct sym_place {
	char *file;
	unsigned line; /* 0 if not known */
};

/* A function, or what bears the name of one. */
struct sym_entry {
	struct sym_function function; /* address 0: it has none */
	const char *kind; /* function, ifunc, inlined, piece, label, data, undefined; of static storage */
	char *obstacle;   /* why it cannot be recorded; NULL if nothing is known */
	char *clones;     /* what the compiler made it by: "constprop isra"; NULL: it is no clone */
	bool weak;
	uint64_t cold;  /* address of the part that was split off; 0: none */
	char **aliases; /* other names at its address */
	size_t alias_count, alias_capacity;
	struct sym_place *places; /* where it is inlined, by file and line */
	size_t place_count;
};

struct sym_listing { /* start with {0} */
	struct sym_entry *items;
	size_t count, capacity;
};

void sym_listing_free(struct sym_listing *listing);

/* Appends functions, which it empties, with what is known of them. Reads all debug information. */
void sym_module_describe(struct sym_module *module, struct sym_functions *functions,
			 struct sym_listing *listing);

/* Appends what the spec names and is no function with code of its own: inlined, pieces, data, labels, undefined.
 * Inlined ones are looked for if `inlined` says so: that reads all debug information. */
void sym_module_find_others(struct sym_module *module, const struct sym_spec *spec, bool inlined,
			    struct sym_listing *listing);

/*
 * Why the spec matched nothing in these modules, for the user: puts
 * "why; what to do" (no newline): nearest names, or: stripped, an IFUNC, only
 * declared, data, no such module, no such file.
 */
void sym_explain_no_match(const struct sym_spec *spec, struct sym_module *const *modules, size_t count,
			  struct text *reason);

#endif
