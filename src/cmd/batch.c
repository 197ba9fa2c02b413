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

/* The exit status, or -1 and a reason. */
static int run_and_show(const struct batch_command *command, const struct batch_suite *suite,
			struct error *err)
{
	struct batch_summary summary;
	struct text out = {0};
	int status = run(command, suite, &summary, err);

	if (status == 0) {
		batch_put_table(&out, &summary, command->width);
		batch_put_closing(&out, &summary);
		status = cmd_print(&out, err);
	}
	if (status == 0 && !batch_summary_is_good(&summary))
		status = SOME_FAILED;
	text_free(&out);
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
		status = batch_command_suite(&command, &suite, &err);
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
