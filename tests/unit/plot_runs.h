/* Recordings built by hand, for the tests of plot. */
#ifndef FMPROF_TESTS_PLOT_RUNS_H
#define FMPROF_TESTS_PLOT_RUNS_H

#include "fmprof/plot.h"
#include "place.h"

enum { SECOND = 1000000000 };
#define MIB      UINT64_C(1048576)
#define START_NS UINT64_C(1700000000000000000)

struct made {
	struct run run;
	size_t samples, functions, calls; /* capacities */
};

static inline void sample_add(struct made *made, double seconds, double mib)
{
	struct run *run = &made->run;
	struct run_sample sample = {START_NS + (uint64_t)(seconds * SECOND), (uint64_t)(mib * (double)MIB)};

	run->samples =
		array_reserve(run->samples, &made->samples, run->sample_count + 1, sizeof(*run->samples));
	run->samples[run->sample_count++] = sample;
	if (run->sample_count == 1)
		run->start_ns = sample.time_ns;
	if (run->end_ns < sample.time_ns)
		run->end_ns = sample.time_ns;
	if (run->peak_sample_rss < sample.rss) {
		run->peak_sample_rss = sample.rss;
		run->peak_sample_ns = sample.time_ns;
	}
	if (run->peak_rss < sample.rss)
		run->peak_rss = sample.rss;
}

static inline size_t function_add(struct made *made, const char *name)
{
	struct run *run = &made->run;

	run->functions = array_reserve(run->functions, &made->functions, run->function_count + 1,
				       sizeof(*run->functions));
	run->functions[run->function_count] = (struct run_function){
		.id = (uint32_t)run->function_count + 1,
		.name = mem_strdup(name),
		.full_name = mem_strdup(name),
		.module = mem_strdup("/bin/program"),
	};
	return run->function_count++;
}

/* Calls must be added in the order of their times. */
static inline struct run_call *call_add(struct made *made, size_t function, unsigned depth, double from,
					double to, double from_mib, double to_mib)
{
	struct run *run = &made->run;

	run->calls = array_reserve(run->calls, &made->calls, run->call_count + 1, sizeof(*run->calls));
	struct run_call *call = &run->calls[run->call_count++];
	*call = (struct run_call){
		.function = function,
		.pid = 1,
		.tid = 1,
		.depth = depth,
		.call = run->call_count,
		.enter_ns = START_NS + (uint64_t)(from * SECOND),
		.leave_ns = START_NS + (uint64_t)(to * SECOND),
		.enter_rss = (uint64_t)(from_mib * (double)MIB),
		.leave_rss = (uint64_t)(to_mib * (double)MIB),
		.end = TRACE_END_RETURN,
		.exact = true,
	};
	run->functions[function].calls++;
	run->functions[function].total_ns += call->leave_ns - call->enter_ns;
	return call;
}

static inline void made_free(struct made *made)
{
	for (size_t i = 0; i < made->run.function_count; i++) {
		free(made->run.functions[i].name);
		free(made->run.functions[i].full_name);
		free(made->run.functions[i].module);
	}
	free(made->run.path);
	free(made->run.command);
	free(made->run.samples);
	free(made->run.functions);
	free(made->run.calls);
}

static inline struct made made_new(const char *command)
{
	return (struct made){.run = {.path = mem_strdup("r.dat"),
				     .command = mem_strdup(command),
				     .interval_ns = 10000000,
				     .complete = true}};
}

/* 10 seconds with memory rising from 10 to 110 MiB. */
static inline struct made ramp(const char *command)
{
	struct made made = made_new(command);
	for (int i = 0; i <= 1000; i++)
		sample_add(&made, i / 100.0, 10 + i / 10.0);
	return made;
}

static inline size_t occurrences(const char *text, const char *what)
{
	size_t count = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

/* cmocka's own takes floats. */
static inline void assert_near(double value, double expected, double error)
{
	if (!(value >= expected - error && value <= expected + error))
		fail_msg("%.9g is not %.9g", value, expected);
}

static inline char *script_with(struct made *made, const struct plot_options *options)
{
	struct text script = {0};
	run_find_peaks(&made->run);
	plot_script(&made->run, options, &script);
	assert_int_equal(strlen(script.data), script.length);
	return script.data;
}

static inline char *script_of(struct made *made, enum plot_format format)
{
	return script_with(made, &(struct plot_options){.format = format});
}

/* Points of the index-th line of a data block; lines are parted by an empty one. */
static inline size_t line_points(const char *script, const char *block, size_t index, double (*points)[2])
{
	const char *at = strstr(script, block);
	size_t count = 0;

	assert_non_null(at);
	at = strchr(at, '\n') + 1;
	for (; index > 0; index--) {
		at = strstr(at, "\n\n");
		assert_non_null(at);
		at += 2;
	}
	while (count < 8 && sscanf(at, "%lf %lf\n", &points[count][0], &points[count][1]) == 2) {
		count++;
		at = strchr(at, '\n') + 1;
		if (*at == '\n')
			break;
	}
	return count;
}

/* Names that try to run something, or to break out of what holds them. */
static const char *const hostile[] = {
	"`touch HARM`",
	"$(touch HARM)",
	"'`touch HARM`'",
	"'''''HARM''",
	"a\nset output 'HARM'\n",
	"\"; system(\"touch HARM\"); \"",
	"'; system('touch HARM'); '",
	"end \\",
	"@HARM ^{HARM}_{x} %HARM",
	"<script>HARM</script>",
	"\033]0;HARM\a",
};

static inline struct made hostile_run(void)
{
	struct made made = ramp("'HARM' \"`touch HARM`\"\nHARM");
	size_t count = sizeof(hostile) / sizeof(*hostile);
	for (size_t i = 0; i < count; i++) {
		double from = 10.0 * (double)i / (double)count;
		call_add(&made, function_add(&made, hostile[i]), 0, from, from + 0.8, 10 + from * 10,
			 18 + from * 10);
	}
	return made;
}

#endif
