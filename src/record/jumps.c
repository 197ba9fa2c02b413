/*
 * Where programs leave calls without returning: the unwinder's functions (Itanium C++ ABI, exception
 * handling level I and II; libgcc_s, libunwind, libc++abi, libstdc++ or linked in) and libc's longjmp.
 */
#include <string.h>

#include "recorder.h"

static const struct {
	const char *name;
	enum probe_jump jump;
} watched[] = {
	{"_Unwind_RaiseException", PROBE_JUMP_THROW},
	{"_Unwind_ForcedUnwind", PROBE_JUMP_THROW},
	{"_Unwind_Resume_or_Rethrow", PROBE_JUMP_THROW},
	{"_Unwind_Resume", PROBE_JUMP_RESUME},
	{"__cxa_begin_catch", PROBE_JUMP_CATCH},
	{"longjmp", PROBE_JUMP_LONGJMP},
	{"_longjmp", PROBE_JUMP_LONGJMP},
	{"siglongjmp", PROBE_JUMP_LONGJMP},
	{"__longjmp_chk", PROBE_JUMP_LONGJMP},
	{"sigaction", PROBE_JUMP_SIGACTION},
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

void watch_jumps(struct recorded *recorded, struct task *task, const struct loaded_module *module)
{
	uint64_t address;

	if (!may_define_them(recorded, module))
		return;
	for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++) {
		struct error err = {0};

		if (sym_module_symbol(module->file, watched[i].name, &address) &&
		    probe_add_jump(recorded->recorder->probe, task, watched[i].jump, module->bias + address,
				   &err) < 0)
			recorder_note(recorded->recorder, err.message);
		error_free(&err);
	}
}
