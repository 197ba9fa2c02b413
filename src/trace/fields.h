/* The fields of a line, taken from it one after the other; each is ended with NUL where it stands. */
#ifndef TRACE_FIELDS_H
#define TRACE_FIELDS_H

#include "encode.h"
#include "parse.h"

/* What is left of a line; at is NULL once all was taken. */
struct fields {
	char *at, *end;
	struct parse_context *context;
};

/* The next field; NULL if none is left. */
char *field_take(struct fields *fields, size_t *length);
/* All that is left, as it stands; decoded. */
char *rest_take(struct fields *fields);
char *rest_decode(struct fields *fields);
/* A field, decoded; NULL if it is empty. */
char *field_decode(struct fields *fields, enum trace_encoding encoding);
/* The next "key=value"; value is "" for a word without '='. */
const char *key_take(struct fields *fields, char **value);

/* These are false where there is no field, or another thing in it. */
bool field_u64(struct fields *fields, uint64_t *number);
bool field_id(struct fields *fields, uint64_t *number); /* not 0 */
bool field_u32(struct fields *fields, uint32_t *number);
bool field_pid(struct fields *fields, pid_t *pid);
bool field_seconds(struct fields *fields, uint64_t *time_ns);
/* "<MiB> <t>" */
bool field_reading(struct fields *fields, uint64_t *bytes, uint64_t *time_ns);

/* Of a whole string. */
bool u32_parse(const char *string, uint32_t *number);
bool int_parse(const char *string, int *number);

#endif
