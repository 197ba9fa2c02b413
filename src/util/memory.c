#include "fmprof/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *block)
{
	if (!block) {
		fputs("fmprof: out of memory; close other programs or record fewer functions\n", stderr);
		_Exit(STATUS_FAILED);
	}
	return block;
}

void *mem_alloc(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

char *mem_strdup(const char *string)
{
	return must(strdup(string));
}

char *mem_strndup(const char *string, size_t length)
{
	return must(strndup(string, length));
}

char *mem_printf(const char *format, ...)
{
	char *string = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&string, format, arguments) < 0)
		string = NULL;
	va_end(arguments);
	return must(string);
}

void *array_reserve(void *items, size_t *capacity, size_t need, size_t item_size)
{
	size_t room = *capacity ? *capacity : 8;

	if (need <= *capacity)
		return items;
	while (room < need)
		room += room / 2 + 1;
	items = must(reallocarray(items, room, item_size));
	*capacity = room;
	return items;
}
