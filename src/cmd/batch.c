#include <stdio.h>

#include "batch_options.h"
#include "batch_show.h"
#include "cmd.h"

enum { SOME_FAILED = 1 };

static int run(const struct batch_command *command, const struct batch_suite *suite,
	       struct batch_summary *summary, struct error *err)
{
	struct batch_progress *progress = command->quiet ? NULL : batch_progress_begin(suite, command->jobs);
	const struct batch_options options = {
		.folder = command->folder,
		.jobs = command->jobs,
		.fail_fast = command->fail_fast,
		.pictures = command->pictures,
		.sources = &command->sources.sources,
		.observer = progress ? batch_progress_observer(progress) : NULL,
	};
	int status = batch_suite_run(suite, &options, summary, err);

	batch_progress_end(progress);
	return status;
}

/* What is for people gives way to what a program reads. */
static int show(const struct batch_command *command, const struct text *shown, const struct text *file,
		struct error *err)
{
	if (!batch_results_take_stdout(&command->results))
		return cmd_print(shown, err);
	fputs(shown->data, stderr);
	return cmd_print(file, err);
}

/* The exit status, or -1 and a reason. What was run is shown even where something cannot be written. */
static int finish(struct batch_command *command, struct batch_summary *summary, struct error *err)
{
	const bool partial = command->names || command->tags;
	struct text file = {0}, annotations = {0}, shown = {0};
	struct error unwritten = {0};
	int written =
		batch_results_finish(&command->results, summary, partial, &file, &annotations, &unwritten);
	int status;

	batch_put_table(&shown, summary, command->width);
	batch_put_closing(&shown, summary);
	text_put(&shown, annotations.data, annotations.length);
	status = show(command, &shown, &file, err);
	if (status == 0 && written < 0) {
		*err = unwritten;
		status = -1;
	} else {
		error_free(&unwritten);
	}
	text_free(&file);
	text_free(&annotations);
	text_free(&shown);
	return status < 0 ? status : batch_summary_is_good(summary) ? 0 : SOME_FAILED;
}

/* What was run although batch itself has failed since. The reason is told behind it. */
static void show_unfinished(const struct batch_command *command, const struct batch_summary *summary)
{
	struct text shown = {0};

	if (summary->count == 0)
		return;
	batch_put_table(&shown, summary, command->width);
	fputs(shown.data, stderr);
	text_free(&shown);
}

static int run_and_show(struct batch_command *command, const struct batch_suite *suite, struct error *err)
{
	const char *folder = command->from ? command->from : command->folder;
	struct batch_summary summary = {0};
	int status = batch_results_begin(&command->results, folder, err);

	if (status == 0)
		status = command->from ? batch_summary_read(command->from, &summary, err)
				       : run(command, suite, &summary, err);
	if (status < 0)
		show_unfinished(command, &summary);
	else
		status = finish(command, &summary, err);
	batch_summary_free(&summary);
	return status;
}

static int list(const struct batch_command *command, const struct batch_suite *suite, struct error *err)
{
	struct text out = {0};
	int status;

	batch_put_list(&out, suite, command->width);
	status = cmd_print(&out, err);
	text_free(&out);
	return status;
}

int cmd_batch(int argc, char **argv)
{
	struct batch_command command;
	struct batch_suite suite = {0};
	struct error err = {0};
	int status = batch_command_parse(&command, argc, argv, &err);

	if (status > 0)
		status = command.from ? 0 : batch_command_suite(&command, &suite, &err);
	else if (status == 0)
		return 0;
	if (status == 0) {
		status = command.list ? list(&command, &suite, &err) : run_and_show(&command, &suite, &err);
		batch_suite_free(&suite);
	}
	batch_command_free(&command);
	if (status < 0)
		return err.message ? cmd_fail(&err) : STATUS_FAILED;
	return status;
}
