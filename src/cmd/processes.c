#include "processes.h"

#include <stdlib.h>
#include <string.h>

/* As far as lines are moved in: what starts itself again and again makes a tree as deep as it is large. */
enum { DEEPEST = 32 };

static void put_span(struct text *out, const struct report *report, const struct report_process *process)
{
	if (process->start_ns < report->start_ns)
		return;
	text_puts(out, ", from ");
	label_put_duration(out, process->start_ns - report->start_ns);
	if (process->end_ns < process->start_ns)
		return;
	text_puts(out, " to ");
	label_put_duration(out, process->end_ns - report->start_ns);
}

static void put_end(struct text *out, const struct report_process *process)
{
	if (!process->ended || (process->how == TRACE_FINISH_EXIT && process->code == 0))
		return;
	if (process->how == TRACE_FINISH_EXIT)
		text_printf(out, ", exit status %d", process->code);
	else if (process->how == TRACE_FINISH_SIGNAL)
		text_printf(out, ", signal %d", process->code);
	else
		text_puts(out, ", went on");
}

static void put_process(struct text *out, const struct report *report, const struct report_branch *branch)
{
	const struct report_process *process = branch->process;
	bool is_first = process == report->processes[0];
	char *name = label_clean(process->name ? process->name : "");

	for (unsigned i = 0; i <= branch->depth && i <= DEEPEST; i++)
		text_puts(out, "  ");
	if (branch->depth > DEEPEST)
		text_printf(out, "(%u deep) ", branch->depth);
	if (process->pid > 0 || !is_first)
		text_printf(out, "%d ", process->pid);
	text_printf(out, "%s%s", name, is_first ? " (first)" : "");
	put_span(out, report, process);
	if (process->peak.bytes > 0) {
		text_puts(out, process->peak.exact ? ", peak " : ", peak ≥ ");
		label_put_bytes(out, process->peak.bytes);
	}
	text_puts(out, ", ");
	if (process->threads > 1) {
		label_put_count(out, process->threads, "thread");
		text_puts(out, ", ");
	}
	label_put_count(out, process->calls, "call");
	put_end(out, process);
	text_putc(out, '\n');
	free(name);
}

void processes_put(struct text *out, const struct report *report, size_t most)
{
	struct report_branch *branches = report_tree(report);
	size_t count = most > 0 && most < report->process_count ? most : report->process_count;

	for (size_t i = 0; i < count; i++)
		put_process(out, report, &branches[i]);
	if (count < report->process_count) {
		text_puts(out, "  … and ");
		label_put_number(out, report->process_count - count);
		text_puts(out, " more; fmprof info --all shows them\n");
	}
	free(branches);
}
