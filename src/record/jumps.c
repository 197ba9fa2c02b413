/*
 * Where programs leave calls without returning: the unwinder's functions (Itanium C++ ABI, exception
 * handling level I and II; libgcc_s, libunwind, libc++abi, libstdc++ or linked in) and libc's longjmp.
 */
#include <string.h>

#include "recorder.h"

struct watched {
	const char *name; /* NULL ends a list */
	enum probe_jump jump;
};

static const struct watched libgcc_unwinder[] = {
	{"_Unwind_SetIP", PROBE_JUMP_LAND},
	{"_Unwind_ForcedUnwind", PROBE_JUMP_FORCE},
	{0},
};

static const struct watched other_unwinder[] = {
	{"_Unwind_RaiseException", PROBE_JUMP_THROW},
	{"_Unwind_ForcedUnwind", PROBE_JUMP_THROW},
	{"_Unwind_Resume_or_Rethrow", PROBE_JUMP_THROW},
	{"_Unwind_Resume", PROBE_JUMP_RESUME},
	{0},
};

static const struct watched catching[] = {{"__cxa_begin_catch", PROBE_JUMP_CATCH}, {0}};

static const struct watched in_libc[] = {
	{"longjmp", PROBE_JUMP_LONGJMP},
	{"_longjmp", PROBE_JUMP_LONGJMP},
	{"siglongjmp", PROBE_JUMP_LONGJMP},
	{"__longjmp_chk", PROBE_JUMP_LONGJMP},
	{"makecontext", PROBE_JUMP_CONTEXT},
	{"sigaltstack", PROBE_JUMP_SIGNAL_STACK},
	{"sigaction", PROBE_JUMP_SIGACTION},
	{"pthread_sigmask", PROBE_JUMP_SIGMASK},
	{0},
};

/* The main executable may have them linked in; of the libraries only these define them. */
static bool may_define_them(const struct recorded *recorded, const struct loaded_module *module)
{
	static const char *const libraries[] = {"libgcc_s.",  "libstdc++.", "libc++abi.",
						"libunwind.", "libc.",      "libc-"};

	if (module == &recorded->modules.items[0])
		return true;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (strncmp(module->file->name, libraries[i], strlen(libraries[i])) == 0)
			return true;
	return false;
}

static void watch(struct recorded *recorded, struct task *task, const struct loaded_module *module,
		  const struct watched *list)
{
	uint64_t address;

	for (; list->name; list++) {
		struct error err = {0};

		if (sym_module_symbol(module->file, list->name, &address) &&
		    probe_add_jump(recorded->recorder->probe, task, list->jump, module->bias + address,
				   &err) < 0)
			recorder_note(recorded->recorder, err.message);
		error_free(&err);
	}
}

static bool has_libgcc_unwinder(struct task *task, const struct loaded_module *module)
{
	uint64_t address;

	return sym_module_symbol(module->file, "_Unwind_SetIP", &address) &&
	       probe_follows_landing(task, module->bias + address);
}

static bool has_other_unwinder(struct task *task, const struct loaded_module *module)
{
	uint64_t address;

	return sym_module_symbol(module->file, "_Unwind_RaiseException", &address) &&
	       !has_libgcc_unwinder(task, module);
}

/* __cxa_begin_catch, a stop for each exception, is of use only with another unwinder, which
 * may be loaded before or after what defines it. */
static void watch_catching(struct recorded *recorded, struct task *task)
{
	const struct loaded_modules *modules = &recorded->modules;
	bool needed = false;

	for (size_t i = 0; i < modules->count && !needed; i++)
		needed = may_define_them(recorded, &modules->items[i]) &&
			 has_other_unwinder(task, &modules->items[i]);
	for (size_t i = 0; i < modules->count && needed; i++)
		if (may_define_them(recorded, &modules->items[i]))
			watch(recorded, task, &modules->items[i], catching);
}

void watch_jumps(struct recorded *recorded, struct task *task, const struct loaded_module *module)
{
	if (!may_define_them(recorded, module))
		return;
	watch(recorded, task, module, has_libgcc_unwinder(task, module) ? libgcc_unwinder : other_unwinder);
	watch(recorded, task, module, in_libc);
	watch_catching(recorded, task);
}
