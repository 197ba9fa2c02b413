/* Private to the files of `fmprof symbols`. */
#ifndef CMD_SYMBOLS_H
#define CMD_SYMBOLS_H

#include <sys/types.h>

#include "fmprof/sym.h"

/* A file and what was found in it. */
struct listed_module {
	struct sym_module *file;
	struct sym_functions functions; /* on their way into the listing */
	struct sym_listing listing;     /* functions by address, then others */
};

struct listed_modules { /* start with {0} */
	struct listed_module *items;
	size_t count, capacity;
};

/* symbols_modules.c: opens the file that the word names, or the program and the libraries of a process. */
int listed_modules_open(struct listed_modules *modules, const char *word, const struct sym_sources *sources,
			struct error *err);
void listed_modules_free(struct listed_modules *modules);

/* A spec that names exactly this function, without characters that mean something in a spec. NULL if it cannot
 * be recorded. Free it. */
char *symbols_spec(const struct sym_module *module, const struct sym_entry *entry);

/* symbols_table.c, symbols_json.c: width is the terminal's, 0 if there is none. */
void symbols_put_table(const struct listed_modules *modules, size_t width, struct text *text);
void symbols_put_json(const struct listed_modules *modules, struct text *text);

#endif
