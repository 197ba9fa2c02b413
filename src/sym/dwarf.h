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

#include "child.h"
#include "elf.h"

/*
 * Two questions: for every function of the spec's FILE that has code of its own, with FILE:LINE only for the
 * one around that line, and how often those are inlined in the same units; or for these.
 */
struct sym_dwarf_details {
	const uint64_t *addresses; /* of functions, sorted */
	size_t count;
	uint64_t size_limit; /* more debug information than this, or split, is not read for it; 0: any is */
	bool only_addresses; /* else also the functions that the spec names and that are inlined, in any file if it has
			      * no FILE */
};

struct sym_dwarf_function {
	uint64_t address, size;
	unsigned line;
	char *name;         /* as in the source; "" if it has none */
	char *linkage_name; /* as in the symbol table; "" if not given */
	char *file;         /* "" if not known */
	bool has_symbol;    /* for the one who asked: a symbol stands there */
};

/* A function that the spec names and that is inlined. */
struct sym_dwarf_inlined {
	uint64_t identity;
	char *name, *linkage_name, *file; /* as above, but name with its namespaces */
	unsigned line;
	bool has_code; /* of its own too */
};

struct sym_dwarf_place {   /* where a function is inlined */
	uint64_t identity; /* the function's */
	char *file;
	unsigned line;
};

struct sym_dwarf_answer {
	struct sym_dwarf_function *functions; /* by address */
	size_t count, capacity;
	struct sym_dwarf_inlined *inlined;
	size_t inlined_count, inlined_capacity;
	struct sym_dwarf_place *places; /* by identity, file and line */
	size_t place_count, place_capacity;
	struct table inlinings; /* identity -> their number as a pointer; for the first question */
	char **files;           /* of the units, only if none takes the spec's FILE */
	size_t file_count, file_capacity;
	bool file_known; /* some unit does */
	bool split;      /* files beside the module's own took part */
	char *trouble;   /* what could not be read; NULL if all could */
};

/* Those of a spec's functions that are inlined in places. */
struct sym_inlined {
	size_t functions;
	uint64_t places;
	const char *name; /* of one */
};

/* A trouble, if there are any. */
void sym_inlined_tell(struct sym_module *module, const struct sym_spec *spec,
		      const struct sym_inlined *inlined);

/* The same for the entries of one function, of which every unit may have some, with and without code. */
uint64_t sym_dwarf_identity(const char *name, const char *linkage_name, const char *file, unsigned line);

/*
 * Returns 1 with an answer, 0 if the module has no debug information, or -1 and
 * a reason, which is the answer's trouble too. Free the answer in any case. Without details
 * the question is that for functions.
 */
int sym_dwarf_ask(struct sym_module *module, const struct sym_spec *spec,
		  const struct sym_dwarf_details *details, struct sym_dwarf_answer *answer,
		  struct error *err);
/* inlined.c: the question for functions at these addresses, which it sorts. */
int sym_dwarf_ask_of(struct sym_module *module, uint64_t *addresses, size_t count, uint64_t size_limit,
		     struct sym_dwarf_answer *answer, struct error *err);
/* The places of a function; returns how many. */
size_t sym_dwarf_places(const struct sym_dwarf_answer *answer, uint64_t identity,
			const struct sym_dwarf_place **places);
void sym_dwarf_answer_free(struct sym_dwarf_answer *answer);

/* ---- the child's half -------------------------------------------------- */

/* Records that go through the pipe: the kind, then its fields; numbers as
 * uint64_t in the machine's order, strings as a number and their bytes. */
enum sym_dwarf_record {
	SYM_DWARF_FUNCTION = 'F', /* address, size, line, name, linkage name, file */
	SYM_DWARF_FILE = 'U',     /* name of a unit */
	SYM_DWARF_KNOWN = 'K',    /* a unit takes FILE */
	SYM_DWARF_INLINED = 'I',  /* identity, name, linkage name, file, line */
	SYM_DWARF_CODE = 'C',     /* identity: an inlined function has code of its own too */
	SYM_DWARF_PLACE = 'P',    /* identity, file, line */
	SYM_DWARF_PLACES = 'N',   /* identity, number of places */
	SYM_DWARF_SPLIT = 'S',    /* some of it comes from other files (.dwo) */
	SYM_DWARF_TROUBLE = 'T',  /* message */
	SYM_DWARF_END = '.',      /* all was written */
};

struct sym_dwarf_task {
	const struct sym_module *module;
	struct sym_elf *elf; /* the file that has the debug information */
	const struct sym_spec *spec;
	const struct sym_dwarf_details *details; /* NULL: the question is for functions */
};

/* Of a child that reads so many bytes of debug information. */
struct sym_child_limits sym_dwarf_limits(uint64_t size);

/* Reads the debug information and writes records to out. Returns the child's
 * exit status. */
int sym_dwarf_child(const struct sym_dwarf_task *task, int out);

#endif
