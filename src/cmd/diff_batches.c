/* diff_batches: what two batches measured, program by program, as `batch --baseline` compares. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diff.h"
#include "fmprof/batch.h"
#include "sheet.h"

bool diff_is_batch(const char *path)
{
	static const char suffix[] = ".json";
	size_t length = strlen(path);
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return true;
	return length > strlen(suffix) && strcmp(path + length - strlen(suffix), suffix) == 0;
}

/* A program of either. */
struct program {
	const struct batch_result *before, *after; /* NULL: only in the other */
	bool worse;
};

struct batches {
	const struct diff_command *command;
	struct batch_summary before, after;
	struct program *programs; /* in the order of the second; those that only the first has come last */
	size_t count;
	size_t worse;
};

/* ---- comparing --------------------------------------------------------- */

/* That it came to its end as it should, however much memory it took. */
static bool is_fine(const struct batch_result *result)
{
	return result->verdict == BATCH_PASSED || result->verdict == BATCH_OVER_BUDGET ||
	       result->verdict == BATCH_WORSE;
}

static bool is_worse(const struct batch_result *before, const struct batch_result *after)
{
	if (is_fine(before) && !is_fine(after))
		return true;
	for (size_t i = 0; i < after->change_count; i++)
		if (batch_change_is_worse(&after->changes[i]))
			return true;
	return false;
}

static void program_add(struct batches *batches, const struct batch_result *before,
			const struct batch_result *after)
{
	struct program *program = &batches->programs[batches->count++];

	*program = (struct program){before, after, before && after && is_worse(before, after)};
	batches->worse += program->worse;
}

static void programs_find(struct batches *batches)
{
	const struct batch_summary *before = &batches->before, *after = &batches->after;

	batches->programs = mem_alloc((before->count + after->count + 1) * sizeof(*batches->programs));
	for (size_t i = 0; i < after->count; i++)
		program_add(batches, batch_summary_find(before, after->results[i].name), &after->results[i]);
	for (size_t i = 0; i < before->count; i++)
		if (!batch_summary_find(after, before->results[i].name))
			program_add(batches, &before->results[i], NULL);
}

static const char *program_name(const struct program *program)
{
	return program->after ? program->after->name : program->before->name;
}

static const char *program_where(const struct program *program)
{
	return !program->after ? "before" : !program->before ? "after" : "both";
}

/* Worse than a baseline is what this comparison says itself. */
static const char *verdict_of(const struct batch_result *result)
{
	return batch_verdict_name(result->verdict == BATCH_WORSE ? BATCH_PASSED : result->verdict);
}

/* ---- for people -------------------------------------------------------- */

static void put_verdict(struct text *out, const struct program *program)
{
	if (!program->after)
		text_puts(out, "only in the first");
	else if (!program->before)
		text_puts(out, "only in the second");
	else if (strcmp(verdict_of(program->before), verdict_of(program->after)) == 0)
		text_puts(out, verdict_of(program->after));
	else
		text_printf(out, "%s → %s", verdict_of(program->before), verdict_of(program->after));
}

/* The peak of the run: "12.0 MiB → 14.0 MiB (+17 %)", or what the only one has. */
static void put_peak(struct text *out, const struct program *program)
{
	const struct batch_result *result = program->after ? program->after : program->before;

	for (size_t i = 0; i < result->change_count && program->before; i++) {
		const struct batch_change *change = &result->changes[i];
		if (change->kind != BATCH_MAX_RSS)
			continue;
		batch_put_value(out, BATCH_BYTES, change->before);
		text_puts(out, " → ");
		batch_put_value(out, BATCH_BYTES, change->now);
		return;
	}
	if (result->median.peak > 0)
		batch_put_value(out, BATCH_BYTES, (int64_t)result->median.peak);
	else
		text_putc(out, '-');
}

static size_t count_of(const struct program *program, enum batch_trend trend)
{
	size_t count = 0;

	for (size_t i = 0; program->after && i < program->after->change_count; i++)
		count += program->after->changes[i].counts && program->after->changes[i].trend == trend;
	return count;
}

static void put_counts(struct text *out, const struct program *program)
{
	size_t worse = count_of(program, BATCH_HIGHER), better = count_of(program, BATCH_BETTER);

	if (worse > 0)
		text_printf(out, "%zu worse%s", worse, better > 0 ? ", " : "");
	if (better > 0)
		text_printf(out, "%zu better", better);
	if (worse == 0 && better == 0)
		text_putc(out, '-');
}

static void put_name(struct text *out, const struct program *program)
{
	char *name = label_clean(program_name(program));

	text_puts(out, name);
	free(name);
}

static void put_table(struct text *out, const struct batches *batches)
{
	static const struct {
		const char *title;
		unsigned rank;
		void (*put)(struct text *out, const struct program *program);
	} columns[] = {
		{"program", 0, put_name},
		{"result", 2, put_verdict},
		{"peak", 1, put_peak},
		{"figures", 0, put_counts},
	};
	struct sheet sheet = {.rows = batches->count};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		struct sheet_column *column = sheet_column(&sheet, columns[i].title, columns[i].rank);
		for (size_t row = 0; row < sheet.rows; row++) {
			struct text cell = {0};
			columns[i].put(&cell, &batches->programs[row]);
			sheet_cell(column, row, &cell);
		}
	}
	sheet_fit(&sheet, batches->command->width);
	sheet_put_heading(out, &sheet);
	for (size_t row = 0; row < sheet.rows; row++)
		sheet_put_row(out, &sheet, row);
	sheet_put_hidden(out, &sheet);
	sheet_free(&sheet);
}

/* All that became worse in a program, the worst first. */
static void put_worse(struct text *out, const struct program *program)
{
	put_name(out, program);
	text_puts(out, ":\n");
	if (is_fine(program->before) && !is_fine(program->after))
		text_printf(out, "  %s\n", verdict_of(program->after));
	for (size_t i = 0; i < program->after->change_count; i++) {
		const struct batch_change *change = &program->after->changes[i];
		if (!batch_change_is_worse(change))
			continue;
		text_puts(out, "  ");
		batch_put_change(out, change);
		text_putc(out, '\n');
	}
}

static void put_text(struct text *out, const struct batches *batches)
{
	put_table(out, batches);
	text_putc(out, '\n');
	for (size_t i = 0; i < batches->count; i++)
		if (batches->programs[i].worse)
			put_worse(out, &batches->programs[i]);
	if (batches->worse > 0)
		text_printf(out, "worse: %zu of ", batches->worse);
	else
		text_puts(out, "not worse: ");
	label_put_count(out, batches->count, "program");
	text_printf(out, ", by more than %g %% and more than noise\n",
		    100 * batches->command->options.tolerance);
}

/* ---- for programs ------------------------------------------------------ */

static void put_csv_start(struct text *out, const struct program *program)
{
	text_put_csv_string(out, program_name(program));
	text_printf(out, ",%s,%s,%s", program_where(program),
		    program->before ? verdict_of(program->before) : "",
		    program->after ? verdict_of(program->after) : "");
}

static void put_csv_change(struct text *out, const struct batch_change *change)
{
	text_printf(out, ",%s,", batch_figure_word(change->kind));
	if (change->function)
		text_put_csv_string(out, change->function);
	text_printf(out, ",%lld,%lld,%s,%s,%lld,%s,%s\r\n", (long long)change->before, (long long)change->now,
		    change->before_exact ? "true" : "false", change->now_exact ? "true" : "false",
		    (long long)change->noise, batch_trend_name(change->trend),
		    change->counts ? "true" : "false");
}

/* One line a figure; a program that has none to compare has one line as well. */
static void put_csv(struct text *out, const struct batches *batches)
{
	text_puts(out, "program,in,result_before,result_after,figure,function,before,after,before_exact,"
		       "after_exact,noise,trend,counts\r\n");
	for (size_t i = 0; i < batches->count; i++) {
		const struct program *program = &batches->programs[i];
		size_t count = program->before && program->after ? program->after->change_count : 0;
		for (size_t j = 0; j < count; j++) {
			put_csv_start(out, program);
			put_csv_change(out, &program->after->changes[j]);
		}
		if (count == 0) {
			put_csv_start(out, program);
			text_puts(out, ",,,,,,,,,\r\n");
		}
	}
}

static void put_json_change(struct text *out, const struct batch_change *change)
{
	text_putc(out, '{');
	json_put_string(out, "figure", batch_figure_word(change->kind));
	json_put_string(out, "function", change->function);
	json_put_i64(out, "before", true, change->before);
	json_put_i64(out, "after", true, change->now);
	json_put_bool(out, "before_exact", change->before_exact);
	json_put_bool(out, "after_exact", change->now_exact);
	json_put_i64(out, "noise", true, change->noise);
	json_put_string(out, "trend", batch_trend_name(change->trend));
	json_put_bool(out, "counts", change->counts);
	text_putc(out, '}');
}

static void put_json_program(struct text *out, const struct program *program)
{
	size_t count = program->before && program->after ? program->after->change_count : 0;

	text_putc(out, '{');
	json_put_string(out, "program", program_name(program));
	json_put_string(out, "in", program_where(program));
	json_put_string(out, "result_before", program->before ? verdict_of(program->before) : NULL);
	json_put_string(out, "result_after", program->after ? verdict_of(program->after) : NULL);
	json_put_bool(out, "worse", program->worse);
	json_put_key(out, "figures");
	text_putc(out, '[');
	for (size_t i = 0; i < count; i++) {
		text_puts(out, i > 0 ? "," : "");
		put_json_change(out, &program->after->changes[i]);
	}
	text_puts(out, "]}");
}

static void put_json(struct text *out, const struct batches *batches)
{
	text_putc(out, '{');
	json_put_u64(out, "fmprof_diff_batches", true, 1);
	json_put_bool(out, "worse", batches->worse > 0);
	json_put_key(out, "tolerance");
	text_printf(out, "%.12g", batches->command->options.tolerance);
	json_put_string(out, "before", batches->command->files.paths[0]);
	json_put_string(out, "after", batches->command->files.paths[1]);
	json_put_key(out, "programs");
	text_putc(out, '[');
	for (size_t i = 0; i < batches->count; i++) {
		text_puts(out, i > 0 ? ",\n" : "\n");
		put_json_program(out, &batches->programs[i]);
	}
	text_puts(out, "]}\n");
}

/* ---- both -------------------------------------------------------------- */

/* Options that only recordings have a meaning for. */
static int options_check(const struct diff_command *command, struct error *err)
{
	const char *asked = command->output               ? "--output"
			    : command->options.has_floor  ? "--floor"
			    : command->options.glob_count ? "--func"
							  : NULL;

	return asked ? error_set(err, STATUS_FAILED, "%s: of recordings only, not of batches; leave it out",
				 asked)
		     : 0;
}

int diff_batches(const struct diff_command *command, struct text *out, struct error *err)
{
	struct batches batches = {.command = command};
	const struct batch_comparison how = {
		.path = command->files.paths[0],
		.tolerance = command->options.tolerance,
		.times = command->options.times,
	};

	if (options_check(command, err) < 0 ||
	    batch_summary_read(command->files.paths[0], &batches.before, err) < 0)
		return -1;
	if (batch_summary_read(command->files.paths[1], &batches.after, err) < 0) {
		batch_summary_free(&batches.before);
		return -1;
	}
	batch_compare(&batches.after, &batches.before, &how);
	programs_find(&batches);
	if (command->form == DIFF_CSV)
		put_csv(out, &batches);
	else if (command->form == DIFF_JSON)
		put_json(out, &batches);
	else
		put_text(out, &batches);
	free(batches.programs);
	batch_summary_free(&batches.before);
	batch_summary_free(&batches.after);
	return batches.worse > 0;
}
