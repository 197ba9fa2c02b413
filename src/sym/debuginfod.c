/*
 * Debug files from debuginfod's servers. The library for that brings a client for
 * HTTP, threads and settings of its own: it is looked for when it is needed, and runs in a child.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "elf.h"

static const struct sym_child_limits limits = {
	.memory = UINT64_C(2) << 30,
	.cpu_seconds = 60,
	.stalled_seconds = 120, /* debug files are large; what came late is in its cache the next time */
};

/* A machine without the library has no servers to ask; that is no news to anyone. */
static int ask_servers(void *context, int out)
{
	const struct sym_module *module = context;
	void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL), *client;
	void *(*begin)(void);
	int (*find)(void *client, const unsigned char *build_id, int length, char **path);
	char *path = NULL;

	if (!library)
		return 0;
	/* The detour that POSIX gives for dlsym of functions. */
	*(void **)&begin = dlsym(library, "debuginfod_begin");
	*(void **)&find = dlsym(library, "debuginfod_find_debuginfo");
	client = begin && find ? begin() : NULL;
	if (!client)
		return 0;
	/* Length 0: the build id is text. */
	if (find(client, (const unsigned char *)module->build_id, 0, &path) >= 0 && path)
		return !sym_write_all(out, path, strlen(path));
	return 0;
}

char *sym_debuginfod_find(struct sym_module *module)
{
	const char *servers = getenv("DEBUGINFOD_URLS");
	struct text path = {0};
	enum sym_child_end end;

	if (!servers || !servers[strspn(servers, " ")])
		return NULL;
	end = sym_child_run(ask_servers, module, &limits, &path);
	if (end == SYM_CHILD_ENDED && path.length && !memchr(path.data, '\0', path.length))
		return path.data;
	text_free(&path);
	if (end == SYM_CHILD_TOO_LONG)
		sym_trouble_add(
			&module->trouble,
			"%s: debuginfod did not bring its debug symbols within %u s; unset DEBUGINFOD_URLS, "
			"or try again later",
			module->name, limits.stalled_seconds);
	else if (end != SYM_CHILD_ENDED)
		sym_trouble_add(
			&module->trouble,
			"%s: debuginfod failed to look for its debug symbols; unset DEBUGINFOD_URLS to go "
			"without",
			module->name);
	return NULL;
}
