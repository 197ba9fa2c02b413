#include "functions.h"

#include <stdlib.h>
#include <string.h>

/* The table holds pointers that are not NULL: an index + 1. */
static void *index_pack(size_t index)
{
	return (void *)(uintptr_t)(index + 1);
}

static size_t index_unpack(const void *packed)
{
	return (size_t)(uintptr_t)packed - 1;
}

static size_t function_add(struct function_list *list, uint64_t key, const struct trace_function *source)
{
	list->items = array_reserve(list->items, &list->capacity, list->count + 1, sizeof *list->items);
	list->items[list->count] = (struct run_function){
		.id = source->id,
		.name = mem_strdup(source->name),
		.full_name = mem_strdup(source->full_name),
		.module = mem_strdup(source->module),
		.address = source->address,
		.file = source->file ? mem_strdup(source->file) : NULL,
		.line = source->line,
	};
	table_put(&list->by_key, key, index_pack(list->count));
	return list->count++;
}

size_t function_list_by_id(struct function_list *list, uint32_t id, const char *name)
{
	const void *known = table_get(&list->by_key, id);
	if (known)
		return index_unpack(known);
	char *made_up = name ? NULL : mem_printf("function-%u", id);
	const char *known_name = name ? name : made_up;
	struct trace_function function = {
		.id = id, .name = known_name, .full_name = known_name, .module = ""};
	size_t index = function_add(list, id, &function);
	free(made_up);
	return index;
}

/* FNV-1a, above all numbers that functions have in files. */
static uint64_t name_key(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return hash | UINT64_C(1) << 63;
}

/* For mprof's files, where functions have names only. */
static size_t function_by_name(struct function_list *list, const char *name)
{
	uint64_t key = name_key(name);
	for (const void *known; (known = table_get(&list->by_key, key));
	     key = (key + 1) | UINT64_C(1) << 63) {
		size_t index = index_unpack(known);
		if (strcmp(list->items[index].name, name) == 0)
			return index;
	}
	struct trace_function function = {.name = name, .full_name = name, .module = ""};
	return function_add(list, key, &function);
}

size_t function_list_of_call(struct function_list *list, const struct trace_call *call)
{
	return call->function > 0 ? function_list_by_id(list, call->function, call->name)
				  : function_by_name(list, call->name);
}

void function_list_take(struct function_list *list, const struct trace_function *function)
{
	if (!table_get(&list->by_key, function->id))
		function_add(list, function->id, function);
}

void function_list_end(struct function_list *list, const struct trace_function_end *end)
{
	size_t index = function_list_by_id(list, end->id, NULL); /* may move the items */

	list->items[index].until_ns = end->time_ns;
}

void functions_free(struct run_function *functions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(functions[i].name);
		free(functions[i].full_name);
		free(functions[i].module);
		free(functions[i].file);
	}
	free(functions);
}
