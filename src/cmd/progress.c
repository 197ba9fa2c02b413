#include "progress.h"

#include <stdio.h>
#include <unistd.h>

/* Blanks go over the rest of the line before: there are terminals that cannot clear one. */
enum { CELLS = 70 };

/* One that writes from the background may be stopped for that. */
static bool can_show(void)
{
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void progress_show(void *context, const struct record_progress *now)
{
	const struct progress *progress = context;
	struct text line = {0};

	if (!progress->wanted || !can_show())
		return;
	text_puts(&line, "fmprof: ");
	text_printf(&line, "%.1f s, ", (double)now->elapsed_ns / 1e9);
	label_put_bytes(&line, now->rss);
	text_puts(&line, ", highest ");
	label_put_bytes(&line, now->peak);
	text_puts(&line, ", ");
	label_put_count(&line, now->calls, "call");
	fprintf(stderr, "\r%-*.*s\r", CELLS, CELLS, line.data);
	text_free(&line);
}

void progress_clear(const struct progress *progress)
{
	if (progress->wanted && can_show())
		fprintf(stderr, "\r%*s\r", CELLS, "");
}
