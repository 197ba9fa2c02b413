/*
 * Private to sym/: what the debug information says about functions.
 *
 * libdwarf is only ever called in a child process: the version that
 * distributions ship has defects that a damaged file can reach, and a large
 * one can ask for any amount of memory and time. The child writes what it
 * found into a pipe; the parent believes nothing of it.
 */
#ifndef FMPROF_SYM_DWARF_H
#define FMPROF_SYM_DWARF_H

#include "elf.h"

enum sym_dwarf_question {
	/* Every function of the spec's FILE that has code of its own; with
	 * FILE:LINE only the one around that line. */
	SYM_DWARF_FUNCTIONS,
	/* Where the functions that the spec names are inlined, if they have no
	 * code of their own; in any file if the spec has no FILE. */
	SYM_DWARF_INLINED,
};

struct sym_dwarf_function {
	uint64_t address, size;
	unsigned line;
	char *name;         /* as in the source; "" if it has none */
	char *linkage_name; /* as in the symbol table; "" if not given */
	char *file;         /* "" if not known */
	bool has_symbol;    /* for the one who asked: a symbol stands there */
};

struct sym_dwarf_answer {
	struct sym_dwarf_function *functions; /* by address */
	size_t count, capacity;
	char **files; /* of the units, only if none takes the spec's FILE */
	size_t file_count, file_capacity;
	bool file_known;    /* some unit does */
	bool split;         /* files beside the module's own took part */
	uint64_t inlined;   /* number of places */
	struct text places; /* the first of them: "a.c:12, b.c:7" */
	char *trouble;      /* what could not be read; NULL if all could */
};

/*
 * Returns 1 with an answer, 0 if the module has no debug information, or -1 and
 * a reason, which is the answer's trouble too. Free the answer in any case.
 */
int sym_dwarf_ask(struct sym_module *module, const struct sym_spec *spec, enum sym_dwarf_question question,
		  struct sym_dwarf_answer *answer, struct error *err);
void sym_dwarf_answer_free(struct sym_dwarf_answer *answer);

/* ---- the child's half -------------------------------------------------- */

/* Records that go through the pipe: the kind, then its fields; numbers as
 * uint64_t in the machine's order, strings as a number and their bytes. */
enum sym_dwarf_record {
	SYM_DWARF_FUNCTION = 'F', /* address, size, line, name, linkage name, file */
	SYM_DWARF_FILE = 'U',     /* name of a unit */
	SYM_DWARF_KNOWN = 'K',    /* a unit takes FILE */
	SYM_DWARF_PLACES = 'I',   /* number of places */
	SYM_DWARF_PLACE = 'P',    /* file, line */
	SYM_DWARF_SPLIT = 'S',    /* some of it comes from other files (.dwo) */
	SYM_DWARF_TROUBLE = 'T',  /* message */
	SYM_DWARF_END = '.',      /* all was written */
};

struct sym_dwarf_task {
	const struct sym_module *module;
	const struct sym_elf *elf; /* the file that has the debug information */
	const struct sym_spec *spec;
	enum sym_dwarf_question question;
};

/* Reads the debug information and writes records to out. Returns the child's
 * exit status. */
int sym_dwarf_child(const struct sym_dwarf_task *task, int out);

#endif
