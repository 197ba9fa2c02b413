#include <stdlib.h>

#include "recorder.h"

void tell_about_symbols(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;
	const char *line;

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
