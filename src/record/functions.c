#include <stdlib.h>
#include <string.h>

#include "recorder.h"

static uint64_t place_hash(const char *module, uint64_t address)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ address; /* FNV-1a */

	for (const char *byte = module; *byte; byte++)
		hash = (hash ^ (unsigned char)*byte) * UINT64_C(0x100000001b3);
	return hash;
}

static void put_function(struct recorder *recorder, uint32_t id, const struct loaded_module *module,
			 const struct sym_function *function)
{
	trace_begin(recorder->writer, &recorder->clock);
	trace_put_function(recorder->writer, &(struct trace_function){
						     .id = id,
						     .name = function->name,
						     .full_name = function->full_name,
						     .module = module->file->path,
						     .address = function->address,
						     .file = function->file,
						     .line = function->line,
					     });
	trace_end(recorder->writer);
}

/* A function is the same in every process and at every load: it has one number. */
static uint32_t function_number(struct recorder *recorder, const struct loaded_module *module,
				const struct sym_function *function)
{
	uint64_t hash = place_hash(module->file->path, function->address);
	struct recorded_function *known = table_get(&recorder->functions_by_place, hash);

	for (; known; known = known->same_hash)
		if (known->address == function->address && strcmp(known->module, module->file->path) == 0)
			return known->id;
	recorder->functions = array_reserve(recorder->functions, &recorder->function_capacity,
					    recorder->function_count + 1, sizeof(*recorder->functions));
	known = mem_alloc(sizeof(*known));
	*known = (struct recorded_function){
		.id = (uint32_t)recorder->function_count + 1,
		.name = mem_strdup(function->name),
		.module = mem_strdup(module->file->path),
		.address = function->address,
		.same_hash = table_get(&recorder->functions_by_place, hash),
	};
	table_put(&recorder->functions_by_place, hash, known);
	recorder->functions[recorder->function_count++] = known;
	put_function(recorder, known->id, module, function);
	return known->id;
}

void record_function(struct recorded *recorded, struct task *task, const struct loaded_module *module,
		     const struct sym_function *function)
{
	struct recorder *recorder = recorded->recorder;
	uint64_t address = module->bias + function->address;
	struct error err = {0};
	uint32_t number;

	/* Several specs may match one function. */
	if (table_get(&recorded->traced, address))
		return;
	number = function_number(recorder, module, function);
	if (recorder->functions[number - 1]->let_go)
		return;
	if (probe_add_entry(recorder->probe, task, number, address, function->size, &err) < 0) {
		char *text = mem_printf("function %s: cannot be traced: %s", function->name, err.message);

		recorder_note(recorder, text);
		free(text);
		error_free(&err);
		return;
	}
	table_put(&recorded->traced, address, recorded);
}

void recorded_functions_free(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->function_count; i++) {
		free(recorder->functions[i]->name);
		free(recorder->functions[i]->module);
		free(recorder->functions[i]);
	}
	free(recorder->functions);
	table_free(&recorder->functions_by_place);
}
