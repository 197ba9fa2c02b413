/* page_program: a program's card: what came of it, its picture and its figures. */
#include <math.h>
#include <stdlib.h>

#include "page.h"

enum {
	NAME_CELLS = 80,
	COMMAND_CELLS = 400,
	REASON_CELLS = 300,
	FUNCTIONS = 12, /* that are shown; the recording has all */
	CHANGES = 20,
	TAIL = 4096
};

/* ---- the line that is always seen --------------------------------------- */

static void put_peak(struct text *out, const struct batch_measures *measures)
{
	if (measures->peak > 0)
		page_put_value(out, BATCH_BYTES, (int64_t)measures->peak, measures->peak_exact);
	else
		text_puts(out, "–");
}

static void put_summary_line(struct text *out, const struct batch_result *result)
{
	text_puts(out, "<summary><span class=\"verdict\">");
	text_put_markup(out, batch_verdict_name(result->verdict));
	text_puts(out, "</span> <strong>");
	page_put_name(out, result->name, NAME_CELLS);
	text_puts(out, "</strong>");
	if (result->median.peak > 0) {
		text_puts(out, " <span class=\"figures\">");
		put_peak(out, &result->median);
		text_puts(out, " · ");
		page_put_value(out, BATCH_NANOSECONDS, (int64_t)result->median.wall_ns, true);
		text_puts(out, "</span>");
	}
	if (result->reason) {
		text_puts(out, " <span class=\"why\">");
		page_put_name(out, result->reason, REASON_CELLS);
		text_puts(out, "</span>");
	}
	text_puts(out, "</summary>\n");
}

/* ---- figures ------------------------------------------------------------ */

static void put_fact(struct text *out, const char *name, enum batch_unit unit, int64_t value, bool exact,
		     uint64_t bound)
{
	text_printf(out, "<div><dt>%s</dt><dd>", name);
	page_put_value(out, unit, value, exact);
	if (bound > 0) {
		text_puts(out, " <small>± ");
		page_put_value(out, unit, (int64_t)bound, true);
		text_puts(out, "</small>");
	}
	text_puts(out, "</dd></div>");
}

static void put_facts(struct text *out, const struct batch_result *result)
{
	const struct batch_measures *median = &result->median;
	const struct batch_run *run = result->run_count > 0 ? &result->runs[0] : NULL;

	if (!run || (run->samples == 0 && median->peak == 0)) /* it never began */
		return;
	text_puts(out, "<dl class=\"facts\">");
	if (median->peak > 0)
		put_fact(out, "peak", BATCH_BYTES, (int64_t)median->peak, median->peak_exact,
			 median->peak_exact ? median->peak_bound : 0);
	if (median->wall_ns > 0)
		put_fact(out, "time", BATCH_NANOSECONDS, (int64_t)median->wall_ns, true, 0);
	if (median->slope_known && fabs(median->slope) < 9e18)
		put_fact(out, "slope", BATCH_BYTES_PER_SECOND, (int64_t)median->slope, true, 0);
	if (result->run_count == 1) {
		put_fact(out, "calls", BATCH_CALLS, (int64_t)run->calls, true, 0);
		put_fact(out, "samples", BATCH_CALLS, (int64_t)run->samples, true, 0);
		if (run->missed_samples > 0)
			put_fact(out, "missed", BATCH_CALLS, (int64_t)run->missed_samples, true, 0);
		if (run->exit_status >= 0)
			put_fact(out, "exit status", BATCH_CALLS, run->exit_status, true, 0);
		if (run->signal > 0)
			put_fact(out, "signal", BATCH_CALLS, run->signal, true, 0);
	}
	text_puts(out, "</dl>\n");
}

static void put_figures(struct text *out, const struct batch_result *result)
{
	if (result->median.figure_count == 0)
		return;
	text_puts(out, "<h3>Budgets</h3><div class=\"scroll\">");
	page_put_figure_heading(out, false);
	for (size_t i = 0; i < result->median.figure_count; i++)
		page_put_figure_row(out, &result->median.figures[i], result, -1);
	text_puts(out, "</tbody></table></div>\n");
}

/* What differs; all of the run itself. */
static void put_changes(struct text *out, const struct batch_result *result)
{
	size_t shown = 0;

	if (result->change_count == 0)
		return;
	text_puts(out, "<h3>Next to the baseline</h3><div class=\"scroll\">");
	page_put_change_heading(out, false);
	for (size_t i = 0; i < result->change_count; i++) {
		const struct batch_change *change = &result->changes[i];
		if (change->function && (change->trend == BATCH_SAME || shown == CHANGES))
			continue;
		page_put_change_row(out, change, result, -1);
		shown++;
	}
	text_puts(out, "</tbody></table></div>\n");
	if (shown < result->change_count)
		text_printf(out, "<p class=\"faint\">%zu more in summary.json.</p>\n",
			    result->change_count - shown);
}

/* ---- functions ---------------------------------------------------------- */

static int function_compare(const void *left, const void *right)
{
	const struct batch_function *a = *(const struct batch_function *const *)left,
				    *b = *(const struct batch_function *const *)right;

	if (a->net_growth != b->net_growth)
		return a->net_growth > b->net_growth ? -1 : 1;
	if (a->peak != b->peak)
		return a->peak > b->peak ? -1 : 1;
	return (a > b) - (a < b);
}

static void put_cell(struct text *out, enum batch_unit unit, int64_t value, bool exact)
{
	text_puts(out, "<td class=\"n\">");
	page_put_value(out, unit, value, exact);
	text_puts(out, "</td>");
}

static void put_function(struct text *out, const struct batch_function *function)
{
	text_puts(out, "<tr><td class=\"name\">");
	page_put_name(out, function->name, NAME_CELLS);
	text_puts(out, "</td>");
	put_cell(out, BATCH_CALLS, (int64_t)function->calls, true);
	put_cell(out, BATCH_NANOSECONDS, (int64_t)function->total_ns, true);
	put_cell(out, BATCH_BYTES, function->largest_growth, true);
	put_cell(out, BATCH_BYTES, function->net_growth, true);
	put_cell(out, BATCH_BYTES, (int64_t)function->peak, function->peak_exact);
	text_puts(out, "</tr>\n");
}

static void put_functions(struct text *out, const struct batch_measures *median)
{
	const size_t count = median->function_count, shown = count < FUNCTIONS ? count : FUNCTIONS;
	const struct batch_function **sorted = mem_alloc((count + 1) * sizeof(const struct batch_function *));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &median->functions[i];
	if (count > 0) {
		qsort(sorted, count, sizeof(*sorted), function_compare);
		text_puts(out,
			  "<h3>Functions</h3><div class=\"scroll\"><table><thead><tr><th>function</th>"
			  "<th class=\"n\">calls</th><th class=\"n\">time</th><th class=\"n\">growth</th>"
			  "<th class=\"n\">retained</th><th class=\"n\">peak</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < shown; i++)
			put_function(out, sorted[i]);
		text_puts(out, "</tbody></table></div>\n");
	}
	if (shown < count)
		text_printf(out, "<p class=\"faint\">%zu more in the recording.</p>\n", count - shown);
	free(sorted);
}

/* ---- runs and files ----------------------------------------------------- */

static void put_links(struct text *out, const struct batch_run *run)
{
	page_put_link(out, run->data, "recording");
	page_put_link(out, run->picture, "picture");
	page_put_link(out, run->out, "stdout");
	page_put_link(out, run->err, "stderr");
}

static void put_run(struct text *out, const struct batch_run *run, size_t number)
{
	text_printf(out, "<tr class=\"%s\"><td>%zu</td><td class=\"mark\">", page_class(run->verdict),
		    number);
	text_put_markup(out, batch_verdict_name(run->verdict));
	text_puts(out, "</td><td class=\"n\">");
	put_peak(out, &run->measures);
	text_puts(out, "</td>");
	put_cell(out, BATCH_NANOSECONDS, (int64_t)run->measures.wall_ns, true);
	put_cell(out, BATCH_CALLS, run->attempts, true);
	text_puts(out, "<td class=\"links\">");
	put_links(out, run);
	text_puts(out, "</td></tr>\n");
}

static void put_runs(struct text *out, const struct batch_result *result)
{
	if (result->run_count == 1) {
		text_puts(out, "<p class=\"links\">");
		put_links(out, &result->runs[0]);
		text_puts(out, "</p>\n");
		return;
	}
	text_puts(out,
		  "<h3>Runs</h3><div class=\"scroll\"><table><thead><tr><th>run</th><th>verdict</th>"
		  "<th class=\"n\">peak</th><th class=\"n\">time</th><th class=\"n\">attempts</th><th>files"
		  "</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < result->run_count; i++)
		put_run(out, &result->runs[i], i + 1);
	text_puts(out, "</tbody></table></div>\n");
}

/* Of the worst run that has one. */
static const struct batch_run *pictured_run(const struct batch_result *result)
{
	const struct batch_run *found = NULL;

	for (size_t i = 0; i < result->run_count; i++) {
		const struct batch_run *run = &result->runs[i];
		if (run->picture && (!found || run->verdict > found->verdict))
			found = run;
	}
	return found;
}

static void put_picture(struct text *out, const struct batch_result *result)
{
	const struct batch_run *run = pictured_run(result);

	if (!run)
		return;
	text_puts(out, "<a class=\"picture\" href=\"");
	page_put_address(out, run->picture);
	text_puts(out, "\"><img loading=\"lazy\" alt=\"memory over time\" src=\"");
	page_put_address(out, run->picture);
	text_puts(out, "\"></a>\n");
}

/* What those that failed said last, and what fmprof had to say of the recording. */
static void put_words(struct text *out, const struct batch_summary *summary,
		      const struct batch_result *result)
{
	for (size_t i = 0; i < result->run_count; i++) {
		const struct batch_run *run = &result->runs[i];
		struct text tail = {0};
		for (char **warning = run->warnings; warning && *warning; warning++) {
			text_puts(out, "<p class=\"faint\">");
			page_put_name(out, *warning, REASON_CELLS);
			text_puts(out, "</p>\n");
		}
		if (!run_is_comparable(run))
			tail_put(&tail, summary, run->err, TAIL);
		if (tail.length > 0) {
			text_puts(out, "<h3>The end of stderr</h3><pre>");
			text_put_markup(out, tail.data);
			text_puts(out, "</pre>\n");
		}
		text_free(&tail);
	}
}

void page_put_program(struct text *out, const struct batch_summary *summary, size_t number)
{
	const struct batch_result *result = &summary->results[number];
	const bool is_open = result->verdict != BATCH_PASSED && result->verdict != BATCH_NOT_RUN;

	text_printf(out, "<details class=\"program %s\" id=\"p%zu\"%s>", page_class(result->verdict), number,
		    is_open ? " open" : "");
	put_summary_line(out, result);
	text_puts(out, "<div class=\"body\"><p><code>");
	page_put_name(out, result->command, COMMAND_CELLS);
	text_puts(out, "</code></p>\n");
	put_facts(out, result);
	put_words(out, summary, result);
	put_picture(out, result);
	put_figures(out, result);
	put_changes(out, result);
	put_functions(out, &result->median);
	put_runs(out, result);
	text_puts(out, "</div></details>\n");
}
