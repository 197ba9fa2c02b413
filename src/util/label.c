#include "fmprof/util.h"

#include <stdio.h>
#include <string.h>

long label_next(const char **position)
{
	const unsigned char *byte = (const unsigned char *)*position;
	size_t length = utf8_printable(*position);
	long character = length < 2 ? byte[0] : byte[0] & (0x7f >> length);

	for (size_t i = 1; i < length; i++)
		character = character << 6 | (byte[i] & 0x3f);
	*position += length ? length : 1;
	return length ? character : -1;
}

/* What utf8_printable lets through and still moves, hides or turns what stands around it. */
static bool character_is_unsafe(long character)
{
	return (character >= 0x200b && character <= 0x200f) || /* no width, direction marks */
	       (character >= 0x202a && character <= 0x202e) || /* direction overrides */
	       (character >= 0x2060 && character <= 0x206f) || character == 0xfeff ||
	       (character >= 0xfff0 && character <= 0xffff) || character >= 0xe0000;
}

char *label_clean(const char *name)
{
	struct text out = {0};
	text_puts(&out, "");
	while (*name) {
		const char *start = name;
		long character = label_next(&name);
		if (*start == '\t' || *start == '\n')
			text_putc(&out, ' ');
		else if (character >= 0 && !character_is_unsafe(character))
			text_put(&out, start, (size_t)(name - start));
		else if ((unsigned char)*start >= 0x80)
			text_putc(&out, '?');
	}
	return out.data;
}

/* What stands in $'…', with a blank for each control character; `at` is behind the first quote. Returns what
 * follows the second, or the end: the line comes from a file. */
static const char *escaped_put(struct text *out, const char *at)
{
	while (*at && *at != '\'') {
		unsigned value = (unsigned char)*at++;
		if (value == '\\' && *at >= '0' && *at <= '7') {
			value = 0;
			for (int digits = 0; digits < 3 && *at >= '0' && *at <= '7'; digits++)
				value = value * 8 + (unsigned)(*at++ - '0');
		} else if (value == '\\' && *at) {
			value = strchr("abefnrtv", *at) ? ' ' : (unsigned char)*at;
			at++;
		}
		text_putc(out, value <= ' ' || value == 0x7f ? ' ' : value < 0x80 ? (char)value : '?');
	}
	return *at ? at + 1 : at;
}

/* The command with what shells quote, but without pieces like '…'$'\012''…' between two lines of a word: those
 * become blanks of the word. */
static void command_put(struct text *out, const char *at)
{
	bool quoted = false;

	while (*at) {
		const char *piece = quoted && *at == '\'' ? at + 1 : at;
		if ((!quoted || piece != at) && piece[0] == '$' && piece[1] == '\'') {
			at = escaped_put(out, piece + 2);
			if (quoted && *at == '\'') {
				at++;
			} else if (quoted) {
				text_putc(out, '\'');
				quoted = false;
			}
			continue;
		}
		if (!quoted && at[0] == '\\' && at[1])
			text_putc(out, *at++);
		else if (*at == '\'')
			quoted = !quoted;
		text_putc(out, *at++);
	}
}

char *label_command(const char *command)
{
	struct text out = {0};

	text_puts(&out, "");
	command_put(&out, command);
	char *clean = label_clean(out.data), *end = clean;
	for (const char *at = clean; *at; at++)
		if (*at != ' ' || (end > clean && end[-1] != ' '))
			*end++ = *at;
	*end = 0;
	text_free(&out);
	return clean;
}

static double character_width(long character)
{
	/* Advance widths of DejaVu Sans, ' ' to '~', in hundredths of an em. */
	static const unsigned char widths[] = {
		32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36,  32, 34, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63,
		58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63,  61, 73, 68, 99, 69,
		61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35,  63, 63, 28, 28, 58,
		28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59,  52, 64, 34, 64, 84,
	};
	if (character >= ' ' && character <= '~')
		return widths[character - ' '] / 100.0;
	if (character == 0xb7) /* the dot between figures */
		return 0.32;
	return character < 0x1100 ? 0.65 : 1.0;
}

double label_width(const char *clean, double em)
{
	double width = 0;
	while (*clean) {
		long character = label_next(&clean);
		width += em > 0 ? character_width(character) * em : 1;
	}
	return width;
}

static const char *utf8_back(const char *start, const char *position)
{
	do
		position--;
	while (position > start && ((unsigned char)*position & 0xc0) == 0x80);
	return position;
}

char *label_shorten(const char *clean, double width, double em)
{
	if (label_width(clean, em) <= width)
		return mem_strdup(clean);

	const char *head = clean, *tail = clean + strlen(clean);
	double used = label_width("…", em), head_used = 0, tail_used = 0;
	while (head < tail) {
		bool from_head = head_used <= tail_used;
		const char *next = head, *start = from_head ? head : utf8_back(head, tail);
		long character = label_next(from_head ? &next : &start);
		double more = em > 0 ? character_width(character) * em : 1;
		if (used + more > width)
			break;
		used += more;
		if (from_head) {
			head = next;
			head_used += more;
		} else {
			tail = utf8_back(head, tail);
			tail_used += more;
		}
	}
	/* A backslash says something of the character behind it: both are shown or none. */
	if (tail[-1] == '\\' && *tail)
		label_next(&tail);
	while (head > clean && head[-1] == '\\')
		head--;
	return mem_printf("%.*s…%s", (int)(head - clean), clean, tail);
}

void label_put_bytes(struct text *out, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;
	/* 1023.95 would be shown as "1024.0". */
	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units)) {
		value /= 1024;
		unit++;
	}
	text_printf(out, unit == 0 ? "%.0f %s" : unit == 1 ? "%.1f %s" : "%.2f %s", value, units[unit]);
}

void label_put_duration(struct text *out, uint64_t ns)
{
	double seconds = (double)ns / 1e9;
	if (ns < 1000)
		text_printf(out, ns > 0 ? "%u ns" : "%u s", (unsigned)ns);
	else if (seconds < 0.0009995)
		text_printf(out, "%.0f µs", seconds * 1e6);
	else if (seconds < 0.09995)
		text_printf(out, "%.1f ms", seconds * 1e3);
	else if (seconds < 0.9995)
		text_printf(out, "%.0f ms", seconds * 1e3);
	else if (seconds < 99.9995)
		text_printf(out, "%.3f s", seconds);
	else if (seconds < 599.95)
		text_printf(out, "%.1f s", seconds);
	else if (seconds < 3600 * 10)
		text_printf(out, "%u min %02u s", (unsigned)(seconds / 60), (unsigned)seconds % 60);
	else
		text_printf(out, "%.1f h", seconds / 3600);
}

void label_put_number(struct text *out, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text_putc(out, ',');
		text_putc(out, digits[i]);
	}
}

void label_put_count(struct text *out, uint64_t count, const char *noun)
{
	label_put_number(out, count);
	text_printf(out, " %s%s", noun, count == 1 ? "" : "s");
}
