/*
 * What of a module's symbols could not be read, for the user to know.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

void sym_trouble_add(struct sym_trouble *trouble, const char *format, ...)
{
	va_list arguments;
	char *line;

	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) < 0)
		line = NULL;
	va_end(arguments);
	for (size_t at = 0; line && at < trouble->count; at++) {
		if (strcmp(trouble->lines[at], line) == 0) {
			free(line);
			line = NULL;
		}
	}
	if (!line)
		return;
	trouble->lines = array_reserve(trouble->lines, &trouble->capacity, trouble->count + 1,
				       sizeof(*trouble->lines));
	trouble->lines[trouble->count++] = line;
}

void sym_trouble_free(struct sym_trouble *trouble)
{
	for (size_t at = 0; at < trouble->count; at++)
		free(trouble->lines[at]);
	free(trouble->lines);
	*trouble = (struct sym_trouble){0};
}

const char *sym_module_trouble(struct sym_module *module)
{
	struct sym_trouble *trouble = &module->trouble;

	return trouble->told < trouble->count ? trouble->lines[trouble->told++] : NULL;
}
