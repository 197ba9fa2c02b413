/* encode: %XX for names, values and free text, and the words for how a call ended. */
#include "encode.h"

#include <string.h>

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

static bool ascii_is_plain(const char *s, enum trace_encoding encoding)
{
	if (s[0] < ' ' || s[0] == 0x7f)
		return false;
	switch (s[0]) {
	case ' ':
		return encoding == TRACE_ENCODE_TEXT;
	case '%':
		return encoding == TRACE_ENCODE_TEXT && (hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0);
	case '.':
	case '$':
		return encoding != TRACE_ENCODE_NAME;
	default:
		return true;
	}
}

/* How many bytes at `s` can stand as they are; 0 for a byte to encode. */
static size_t plain_length(const char *s, enum trace_encoding encoding)
{
	if ((unsigned char)s[0] < 0x80)
		return ascii_is_plain(s, encoding) ? 1 : 0;
	return utf8_printable(s);
}

void trace_put_encoded(struct text *out, const char *string, enum trace_encoding encoding)
{
	static const char digits[] = "0123456789ABCDEF";

	if (!*string && encoding != TRACE_ENCODE_TEXT) {
		text_putc(out, '%');
		return;
	}
	const char *from = string;
	const char *s = string;
	while (*s) {
		size_t plain = plain_length(s, encoding);
		if (plain > 0) {
			s += plain;
			continue;
		}
		unsigned char byte = (unsigned char)*s;
		char code[3] = {'%', digits[byte >> 4], digits[byte & 15]};
		text_put(out, from, (size_t)(s - from));
		text_put(out, code, sizeof code);
		from = ++s;
	}
	text_put(out, from, (size_t)(s - from));
}

size_t trace_decode(char *string, size_t length, enum trace_encoding encoding)
{
	if (length == 1 && string[0] == '%' && encoding != TRACE_ENCODE_TEXT)
		length = 0;
	size_t to = 0;
	for (size_t from = 0; from < length; to++) {
		int high = -1, low = -1;
		if (string[from] == '%' && length - from >= 3) {
			high = hex_digit(string[from + 1]);
			low = hex_digit(string[from + 2]);
		}
		if (high >= 0 && low >= 0) {
			string[to] = (char)(high * 16 + low);
			from += 3;
		} else {
			string[to] = string[from++];
		}
	}
	string[to] = '\0';
	return to;
}

void trace_encode_name(struct text *out, const char *name)
{
	trace_put_encoded(out, name, TRACE_ENCODE_NAME);
}

void trace_decode_name(struct text *out, const char *encoded, size_t length)
{
	size_t before = out->length;
	text_put(out, encoded, length);
	out->length = before + trace_decode(out->data + before, length, TRACE_ENCODE_NAME);
}
