/* Whether a picture's figures are those of a report. */
#ifndef FMPROF_TESTS_SAME_FIGURES_H
#define FMPROF_TESTS_SAME_FIGURES_H

#include "fmprof/analyze.h"
#include "place.h"

static inline void assert_same_figures(const struct run *run, const struct report *report)
{
	size_t called = 0;

	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_row *row = report->rows[i];
		const struct run_function *function = run->functions;
		uint64_t peak = 0;
		if (row->calls == 0)
			continue;
		called++;
		while (strcmp(function->name, report->functions[row->function].name) != 0)
			function++;
		for (size_t at = 0; at < run->call_count; at++) {
			const struct run_call *call = &run->calls[at];
			if (!call->uncounted && &run->functions[call->function] == function &&
			    call->peak_rss > peak)
				peak = call->peak_rss;
		}
		assert_int_equal(function->calls, row->calls);
		assert_int_equal(function->total_ns, row->total_ns);
		assert_int_equal(function->unfinished, report_row_unfinished(row));
		assert_int_equal(peak, row->peak.bytes);
	}
	for (size_t i = 0; i < run->function_count; i++)
		called -= run->functions[i].calls > 0;
	assert_int_equal(called, 0);
}

#endif
