#include "fmprof/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

/* Room for `more` bytes and the terminating NUL. */
static char *text_room(struct text *text, size_t more)
{
	if (text->length + more + 1 > text->capacity)
		text->data = array_reserve(text->data, &text->capacity, text->length + more + 1, 1);
	return text->data + text->length;
}

void text_put(struct text *text, const char *bytes, size_t length)
{
	char *end = text_room(text, length);

	if (length)
		memcpy(end, bytes, length);
	end[length] = '\0';
	text->length += length;
}

void text_puts(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void text_putc(struct text *text, char byte)
{
	text_put(text, &byte, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	char *end = text_room(text, (size_t)length);

	va_start(arguments, format);
	vsnprintf(end, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

/* Decimal digits of number, at least `width` of them, with leading zeros. */
static void text_put_digits(struct text *text, uint64_t number, unsigned width)
{
	char digits[20];
	size_t start = sizeof(digits);

	while (number || width) {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
		if (width)
			width--;
	}
	text_put(text, digits + start, sizeof(digits) - start);
}

void text_put_u64(struct text *text, uint64_t number)
{
	text_put_digits(text, number, 1);
}

void text_put_i64(struct text *text, int64_t number)
{
	if (number < 0)
		text_putc(text, '-');
	text_put_digits(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

void text_put_mib(struct text *text, uint64_t bytes)
{
	const uint64_t mib = UINT64_C(1) << 20;
	/* fraction < 2^20, times 10^6 < 2^40: exact; halves round up. */
	uint64_t whole = bytes / mib, millionths = ((bytes % mib) * 1000000 + mib / 2) / mib;

	if (millionths == 1000000) {
		whole++;
		millionths = 0;
	}
	text_put_digits(text, whole, 1);
	text_putc(text, '.');
	text_put_digits(text, millionths, 6);
}

void text_put_seconds(struct text *text, uint64_t time_ns)
{
	text_put_digits(text, time_ns / 1000000000, 1);
	text_putc(text, '.');
	text_put_digits(text, time_ns % 1000000000, 9);
}
