/* fields: figures and names for programs, as members of JSON objects and as fields of CSV. */
#include "fmprof/util.h"

void json_put_key(struct text *out, const char *key)
{
	if (out->length > 0 && out->data[out->length - 1] != '{')
		text_putc(out, ',');
	text_printf(out, "\"%s\":", key);
}

void json_put_string(struct text *out, const char *key, const char *string)
{
	json_put_key(out, key);
	if (string && *string)
		text_put_json_string(out, string);
	else
		text_puts(out, "null");
}

void json_put_u64(struct text *out, const char *key, bool known, uint64_t value)
{
	json_put_key(out, key);
	if (known)
		text_put_u64(out, value);
	else
		text_puts(out, "null");
}

void json_put_i64(struct text *out, const char *key, bool known, int64_t value)
{
	json_put_key(out, key);
	if (known)
		text_put_i64(out, value);
	else
		text_puts(out, "null");
}

void json_put_bool(struct text *out, const char *key, bool value)
{
	json_put_key(out, key);
	text_puts(out, value ? "true" : "false");
}

void text_put_csv_string(struct text *text, const char *string)
{
	struct text visible = {0};

	/* A name that holds line ends or steers terminals does neither here. */
	text_put_visible(&visible, string);
	text_putc(text, '"');
	for (const char *c = visible.data ? visible.data : ""; *c; c++) {
		if (*c == '"')
			text_putc(text, '"');
		text_putc(text, *c);
	}
	text_putc(text, '"');
	text_free(&visible);
}
