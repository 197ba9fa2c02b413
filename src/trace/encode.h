/*
 * How names and free text are written in the file: bytes that would break a
 * line, a field or stock mprof become %XX, and come back unchanged.
 */
#ifndef FMPROF_TRACE_ENCODE_H
#define FMPROF_TRACE_ENCODE_H

#include "fmprof/trace.h"

enum trace_encoding {
	TRACE_ENCODE_NAME,  /* a function's name: no space, '.', '$', bare '%' */
	TRACE_ENCODE_VALUE, /* one field: no space, no bare '%' */
	TRACE_ENCODE_TEXT,  /* the rest of a line: '%' only before two hex digits */
};

/* All of them also encode control characters and bytes that are not UTF-8.
 * An empty name or value is written "%", so that no field is ever empty. */
void trace_put_encoded(struct text *out, const char *string, enum trace_encoding encoding);

/* In place: what is decoded is never longer. string[length] must be writable; the result
 * ends with NUL. Returns its length. */
size_t trace_decode(char *string, size_t length, enum trace_encoding encoding);

#endif
