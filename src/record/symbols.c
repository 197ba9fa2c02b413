#include <stdlib.h>
#include <string.h>

#include "recorder.h"

static bool is_asked_for(const struct recorder *recorder, char *path)
{
	const struct sym_module module = {.path = path, .name = strrchr(path, '/') + 1};

	for (size_t i = 0; i < recorder->plan->spec_count; i++)
		if (recorder->plan->specs[i].module &&
		    sym_spec_takes_module(&recorder->plan->specs[i], &module))
			return true;
	return false;
}

static void tell_about_lost(struct recorder *recorder, struct lost_module *lost)
{
	char *text;

	if (lost->told || !is_asked_for(recorder, lost->path))
		return;
	lost->told = true;
	text = mem_printf(
		"library %s: deleted or replaced on disk since it was loaded, and what is mapped may be "
		"read by root only; restart the program, or run fmprof as root",
		lost->path);
	recorder_note(recorder, text);
	free(text);
}

void tell_about_symbols(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;
	const char *line;

	for (size_t i = 0; i < recorded->modules.lost_count; i++)
		tell_about_lost(recorder, &recorded->modules.lost[i]);

	for (size_t i = 0; i < recorded->modules.count; i++)
		while ((line = sym_module_trouble(recorded->modules.items[i].file)))
			recorder_note(recorder, line);
}

void warn_about_go(struct recorder *recorder, const struct loaded_module *module)
{
	char *text;

	if (recorder->go_told || !sym_module_is_go(module->file))
		return;
	recorder->go_told = true;
	text = mem_printf(
		"%s: made by Go, whose stacks move and whose goroutines change threads: some calls may be "
		"lost, others end late; take counts and times as approximate",
		module->file->name);
	recorder_note(recorder, text);
	free(text);
}
