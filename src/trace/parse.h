/* One line of the file as an event. */
#ifndef FMPROF_TRACE_PARSE_H
#define FMPROF_TRACE_PARSE_H

#include "fmprof/trace.h"
#include "metric_names.h"

enum line_verdict { LINE_EVENT, LINE_UNKNOWN, LINE_DAMAGED };

/* What the header said, and room for the values of one line. */
struct parse_context {
	struct metric_names metrics;
	uint64_t *values; /* [metrics.count] */
};

/*
 * `line` has `length` bytes and a NUL behind them. It is cut up and decoded in
 * place: pointers in the event point into it, and those to values into the context.
 */
enum line_verdict line_parse(struct parse_context *context, char *line, size_t length,
			     struct trace_event *event);

#endif
