/* ELF files mapped in a process. Private to record/. */
#ifndef RECORD_MODULES_H
#define RECORD_MODULES_H

#include "fmprof/sym.h"
#include "fmprof/target.h"

struct loaded_module {
	struct sym_module *file;
	uint64_t bias;          /* to add to the file's addresses */
	uint64_t start, end;    /* of its mappings */
	uint64_t device, inode; /* of the file, 0 of the main executable's */
	bool is_new;            /* found by the latest refresh */
	bool seen;              /* private to modules_refresh */
};

/* A library whose file was deleted or replaced while it is mapped, and may not be read any more. */
struct lost_module {
	char *path;
	bool told; /* for the user of this list */
};

struct loaded_modules {
	struct loaded_module *items; /* [0] is the main executable */
	size_t count, capacity;
	struct lost_module *lost;
	size_t lost_count, lost_capacity;
	const struct sym_sources *sources; /* for the files that are opened */
};

/* The main executable of the process that thread tid belongs to; `shown` is its name where the
 * kernel does not tell one. */
int modules_open_main(struct loaded_modules *modules, pid_t tid, const char *shown, struct error *err);

/*
 * Reads the mappings, opens files that are new and calls `gone` for each that is
 * not mapped any more before it is closed. Files that cannot be read are passed over: deleted ones, unless we
 * are root, among them.
 */
void modules_refresh(struct loaded_modules *modules, pid_t tid,
		     void (*gone)(void *context, const struct loaded_module *module), void *context);
void modules_free(struct loaded_modules *modules);

/* Executable bytes behind the code of the module, up to the end of its last
 * page: mapped, but in use by nobody. False if there are none. */
bool module_slack(const struct loaded_module *module, uint64_t *start, uint64_t *length);

#endif
