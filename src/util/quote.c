#include "fmprof/util.h"

#include <string.h>

/* Length of the well-formed UTF-8 sequence at `bytes`, 0 if there is none.
 * Overlong forms, surrogates and values above U+10FFFF are not well-formed
 * (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *bytes)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (bytes[0] == 0xe0)
		low = 0xa0;
	else if (bytes[0] == 0xed)
		high = 0x9f;
	else if (bytes[0] == 0xf0)
		low = 0x90;
	else if (bytes[0] == 0xf4)
		high = 0x8f;
	if (bytes[1] < low || bytes[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (bytes[i] < 0x80 || bytes[i] > 0xbf)
			return 0;
	return length;
}

/* U+0080..U+009F are controls, U+2028 and U+2029 end lines for some readers. */
static bool is_line_breaking(const unsigned char *bytes, size_t length)
{
	return (length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0) ||
	       (length == 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 &&
		(bytes[2] == 0xa8 || bytes[2] == 0xa9));
}

size_t utf8_printable(const char *string)
{
	const unsigned char *bytes = (const unsigned char *)string;
	size_t length = utf8_length(bytes);

	if (length == 1 && (bytes[0] < 0x20 || bytes[0] == 0x7f))
		return 0;
	return length && is_line_breaking(bytes, length) ? 0 : length;
}

static bool is_safe_word(const char *word)
{
	return *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-+=./:,@%^") == strlen(word);
}

/* Control bytes and stray bytes from *word on, as one $'...' piece. */
static const unsigned char *put_escaped_piece(struct text *text, const unsigned char *word)
{
	text_puts(text, "$'");
	while (*word && !utf8_printable((const char *)word)) {
		size_t length = utf8_length(word);

		/* Octal with three digits: unlike \x it cannot swallow what follows. */
		for (size_t i = 0; i < (length ? length : 1); i++)
			text_printf(text, "\\%03o", word[i]);
		word += length ? length : 1;
	}
	text_putc(text, '\'');
	return word;
}

void text_put_shell_word(struct text *text, const char *string)
{
	const unsigned char *word = (const unsigned char *)string;
	bool quoted = false;

	if (is_safe_word(string)) {
		text_puts(text, string);
		return;
	}
	if (!*string)
		text_puts(text, "''");
	while (*word) {
		size_t length = utf8_printable((const char *)word);
		bool wants_quotes = length && *word != '\'' && *word != '$';

		if (wants_quotes != quoted) {
			text_putc(text, '\'');
			quoted = wants_quotes;
		}
		if (!length) {
			word = put_escaped_piece(text, word);
			continue;
		}
		if (!wants_quotes)
			text_putc(text, '\\');
		text_put(text, (const char *)word, length);
		word += length;
	}
	if (quoted)
		text_putc(text, '\'');
}

/* A character that is no printable one, of at most three bytes. */
static unsigned code_point(const unsigned char *bytes, size_t length)
{
	if (length == 1)
		return bytes[0];
	if (length == 2)
		return (bytes[0] & 0x1fU) << 6 | (bytes[1] & 0x3fU);
	return (bytes[0] & 0x0fU) << 12 | (bytes[1] & 0x3fU) << 6 | (bytes[2] & 0x3fU);
}

void text_put_json_string(struct text *text, const char *string)
{
	const unsigned char *bytes = (const unsigned char *)string;

	text_putc(text, '"');
	while (*bytes) {
		const size_t length = utf8_length(bytes);

		if (*bytes == '"' || *bytes == '\\')
			text_putc(text, '\\');
		if (utf8_printable((const char *)bytes))
			text_put(text, (const char *)bytes, length);
		else
			text_printf(text, "\\u%04x", length ? code_point(bytes, length) : 0xfffd);
		bytes += length ? length : 1;
	}
	text_putc(text, '"');
}

/* U+FFFE and U+FFFF are well-formed UTF-8, and in no XML. */
static bool is_noncharacter(const char *bytes)
{
	return strncmp(bytes, "\xef\xbf\xbe", 3) == 0 || strncmp(bytes, "\xef\xbf\xbf", 3) == 0;
}

void text_put_markup(struct text *text, const char *string)
{
	while (*string) {
		size_t length = utf8_printable(string);

		/* Line ends and tabs as numbers too: in an attribute they would be read as blanks. */
		if (strchr("&<>\"'\t\n\r", *string))
			text_printf(text, "&#%d;", *string);
		else if (length && !is_noncharacter(string))
			text_put(text, string, length);
		else
			text_puts(text, "\xef\xbf\xbd");
		if (!length)
			length = utf8_length((const unsigned char *)string);
		string += length ? length : 1;
	}
}

void text_put_visible(struct text *text, const char *string)
{
	while (*string) {
		size_t length = utf8_printable(string);

		if (length)
			text_put(text, string, length);
		else
			text_putc(text, '?');
		string += length ? length : 1;
	}
}
