/* One line of the file as an event. */
#ifndef FMPROF_TRACE_PARSE_H
#define FMPROF_TRACE_PARSE_H

#include "fmprof/trace.h"

enum line_verdict { LINE_EVENT, LINE_UNKNOWN, LINE_DAMAGED };

/*
 * `line` has `length` bytes and a NUL behind them. It is cut up and decoded in
 * place: pointers in the event point into it.
 */
enum line_verdict line_parse(char *line, size_t length, struct trace_event *event);

#endif
