#include "fmprof/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int error_set(struct error *err, int status, const char *format, ...)
{
	struct text visible = {0};
	char *message;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&message, format, arguments) < 0)
		message = mem_strdup("out of memory");
	va_end(arguments);
	/* Messages may hold names from a file or a command line: one line stays one line. */
	text_put_visible(&visible, message);
	free(message);
	free(err->message);
	err->message = visible.data ? visible.data : mem_strdup("");
	err->status = status;
	return -1;
}

void error_free(struct error *err)
{
	free(err->message);
	err->message = NULL;
	err->status = 0;
}
