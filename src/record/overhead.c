/*
 * --max-overhead: what is recorded costs the program no more than a share of its time. Each call counts as RECORD_CALL_NS. When
 * the calls of all functions that are still recorded have cost more than that share of the time so far, the one that was
 * called most is let go: its calls that are open end as ever, later ones are not seen any more.
 */
#include "recorder.h"

/* A program may begin with a burst. */
#define FIRST_NS UINT64_C(1000000000)

static bool is_too_much(const struct recorder *recorder, uint64_t elapsed_ns)
{
	double cost = (double)recorder->charged * RECORD_CALL_NS;
	double time = (double)(elapsed_ns > FIRST_NS ? elapsed_ns : FIRST_NS);

	return cost > time * recorder->plan->max_overhead / 100;
}

static struct recorded_function *most_called(const struct recorder *recorder)
{
	struct recorded_function *most = NULL;

	for (size_t i = 0; i < recorder->function_count; i++) {
		struct recorded_function *function = recorder->functions[i];

		if (!function->let_go && (!most || function->calls > most->calls))
			most = function;
	}
	return most;
}

static void let_go(struct recorder *recorder, struct recorded_function *function, uint64_t elapsed_ns)
{
	const struct recorded *recorded;
	struct text text = {0};
	size_t position = 0;

	function->let_go = true;
	recorder->charged -= function->calls;
	while ((recorded = table_next(&recorder->processes, &position, NULL)))
		probe_drop_function(recorded->process->space, function->id);
	trace_put_function_end(recorder->writer,
			       &(struct trace_function_end){
				       .id = function->id,
				       .time_ns = trace_begin(recorder->writer, &recorder->clock),
				       .calls = function->calls,
			       });
	trace_end(recorder->writer);
	text_printf(&text, "function %s: ", function->name);
	label_put_count(&text, function->calls, "call");
	text_puts(&text, " in ");
	label_put_duration(&text, elapsed_ns);
	text_printf(&text, " cost more than --max-overhead %g allows: it is no longer recorded",
		    recorder->plan->max_overhead);
	recorder_note(recorder, text.data);
	text_free(&text);
}

void recorder_limit_overhead(struct recorder *recorder)
{
	uint64_t elapsed_ns;

	if (recorder->plan->max_overhead <= 0 || !recorder->charged || recorder->disarmed)
		return;
	elapsed_ns = clock_epoch_ns(&recorder->clock) - recorder->start_ns;
	while (is_too_much(recorder, elapsed_ns))
		let_go(recorder, most_called(recorder), elapsed_ns);
}
