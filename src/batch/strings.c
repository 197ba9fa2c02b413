/* strings: lists of strings with NULL at the end. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void strings_free(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

size_t strings_count(char *const *strings)
{
	size_t count = 0;

	while (strings && strings[count])
		count++;
	return count;
}

char **strings_add(char **strings, char *string)
{
	size_t count = strings_count(strings);
	char **longer = mem_alloc((count + 2) * sizeof(*longer));

	if (strings)
		memcpy(longer, strings, count * sizeof(*longer));
	longer[count] = string;
	free(strings);
	return longer;
}

char **strings_copy(char *const *strings)
{
	size_t count = strings_count(strings);
	char **copy = mem_alloc((count + 1) * sizeof(*copy));

	for (size_t i = 0; i < count; i++)
		copy[i] = mem_strdup(strings[i]);
	return copy;
}
