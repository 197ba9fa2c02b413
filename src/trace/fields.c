/* fields: what a line consists of. The exact format is in docs/file-format.md. */
#include "fields.h"

#include <limits.h>
#include <string.h>

#include "number.h"

/* The next field, ended with NUL; NULL if none is left. */
char *field_take(struct fields *fields, size_t *length)
{
	char *field = fields->at;
	if (!field)
		return NULL;
	char *space = memchr(field, ' ', (size_t)(fields->end - field));
	*length = (size_t)((space ? space : fields->end) - field);
	fields->at = space ? space + 1 : NULL;
	field[*length] = '\0';
	return field;
}

char *rest_take(struct fields *fields)
{
	char *rest = fields->at ? fields->at : fields->end;
	fields->at = NULL;
	return rest;
}

bool field_u64(struct fields *fields, uint64_t *number)
{
	size_t length;
	const char *field = field_take(fields, &length);
	return field && number_parse_u64(field, number);
}

bool field_id(struct fields *fields, uint64_t *number)
{
	return field_u64(fields, number) && *number > 0;
}

bool u32_parse(const char *string, uint32_t *number)
{
	uint64_t wide;
	if (!number_parse_u64(string, &wide) || wide > UINT32_MAX)
		return false;
	*number = (uint32_t)wide;
	return true;
}

bool field_u32(struct fields *fields, uint32_t *number)
{
	size_t length;
	const char *field = field_take(fields, &length);
	return field && u32_parse(field, number);
}

bool int_parse(const char *string, int *number)
{
	uint32_t wide;
	if (!u32_parse(string, &wide) || wide > INT_MAX)
		return false;
	*number = (int)wide;
	return true;
}

bool field_pid(struct fields *fields, pid_t *pid)
{
	size_t length;
	const char *field = field_take(fields, &length);
	return field && int_parse(field, pid);
}

bool field_seconds(struct fields *fields, uint64_t *time_ns)
{
	size_t length;
	const char *field = field_take(fields, &length);
	return field && number_parse_seconds(field, time_ns);
}

/* "<MiB> <t>" */
bool field_reading(struct fields *fields, uint64_t *bytes, uint64_t *time_ns)
{
	size_t length;
	const char *field = field_take(fields, &length);
	return field && number_parse_mib(field, bytes) && field_seconds(fields, time_ns);
}

char *field_decode(struct fields *fields, enum trace_encoding encoding)
{
	size_t length;
	char *field = field_take(fields, &length);
	if (!field || length == 0)
		return NULL;
	trace_decode(field, length, encoding);
	return field;
}

char *rest_decode(struct fields *fields)
{
	char *rest = rest_take(fields);
	trace_decode(rest, (size_t)(fields->end - rest), TRACE_ENCODE_TEXT);
	return rest;
}

/* The next "key=value"; value is "" for a word without '='. */
const char *key_take(struct fields *fields, char **value)
{
	size_t length;
	char *key = field_take(fields, &length);
	if (!key)
		return NULL;
	char *equals = memchr(key, '=', length);
	*value = equals ? equals + 1 : key + length;
	if (equals)
		*equals = '\0';
	return key;
}
