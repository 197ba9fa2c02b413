/* Options that say where to look for symbols. */
#ifndef CMD_SOURCE_OPTIONS_H
#define CMD_SOURCE_OPTIONS_H

#include "fmprof/sym.h"

/* Their lines in --help. */
extern const char source_options_help[];

struct source_options {
	struct sym_sources sources;
	size_t folder_capacity;
};

void source_options_init(struct source_options *options);
void source_options_free(struct source_options *options);
int source_options_add_folder(struct source_options *options, const char *word, struct error *err);

#endif
