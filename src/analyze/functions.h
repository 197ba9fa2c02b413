/* The functions of a recording as its lines name them: by number, or in mprof's files by name. */
#ifndef FMPROF_ANALYZE_FUNCTIONS_H
#define FMPROF_ANALYZE_FUNCTIONS_H

#include "fmprof/analyze.h"

/* Start with {0}. */
struct function_list {
	struct run_function *items; /* in the order in which the file names them */
	size_t count, capacity;
	struct table by_key;
};

void function_list_take(struct function_list *list, const struct trace_function *function);
void function_list_end(struct function_list *list, const struct trace_function_end *end);
/* These return an index. A call may name a function whose own line was damaged; `name` may be NULL. */
size_t function_list_by_id(struct function_list *list, uint32_t id, const char *name);
size_t function_list_of_call(struct function_list *list, const struct trace_call *call);

void functions_free(struct run_function *functions, size_t count);

#endif
