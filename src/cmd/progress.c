#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd.h"

/* Blanks go over the rest of the line before: there are terminals that cannot clear one. */
enum { CELLS = 70 };

/* A line that reaches the last column may go on in the next. */
static int cells(void)
{
	unsigned width = cmd_terminal_width(STDERR_FILENO);

	return width > 0 && width <= CELLS ? (int)width - 1 : CELLS;
}

/* One that writes from the background may be stopped for that. */
static bool can_show(void)
{
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

void progress_show(void *context, const struct record_progress *now)
{
	struct progress *progress = context;
	int width = cells();
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
	fprintf(stderr, "\r%-*.*s\r", width, width, line.data);
	atomic_store(&progress->shown, true);
	text_free(&line);
}

void progress_clear(struct progress *progress)
{
	if (atomic_exchange(&progress->shown, false) && can_show())
		fprintf(stderr, "\r%*s\r", cells(), "");
}
