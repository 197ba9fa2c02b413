#include "suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 6 }; /* a name of fewer letters becomes another word by one */

void sym_suggest_start(struct sym_suggest *suggest, const char *wanted)
{
	*suggest = (struct sym_suggest){.wanted = wanted, .length = strlen(wanted)};
	suggest->rows = mem_alloc(3 * (suggest->length + 1) * sizeof(*suggest->rows));
}

void sym_suggest_end(struct sym_suggest *suggest)
{
	for (size_t at = 0; at < suggest->count; at++)
		free(suggest->best[at].name);
	free(suggest->rows);
	*suggest = (struct sym_suggest){0};
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool is_swapped(const char *a, const char *b)
{
	return same_letter(a[0], b[1]) && same_letter(a[1], b[0]);
}

/* How many letters must be put in, taken out, replaced or swapped with the next; more than limit
 * once that is certain. */
static size_t distance(const struct sym_suggest *suggest, const char *name, size_t length, size_t limit)
{
	const char *wanted = suggest->wanted;
	size_t *row = suggest->rows, *last = row + suggest->length + 1, *older = last + suggest->length + 1;

	if (length > suggest->length + limit || suggest->length > length + limit)
		return limit + 1;
	for (size_t column = 0; column <= suggest->length; column++)
		row[column] = column;
	for (size_t at = 0; at < length; at++) {
		size_t *oldest = older, least = at + 1;

		older = last;
		last = row;
		row = oldest;
		row[0] = at + 1;
		for (size_t column = 1; column <= suggest->length; column++) {
			const size_t replaced = last[column - 1] + !same_letter(name[at], wanted[column - 1]);

			row[column] = smaller(replaced, smaller(last[column], row[column - 1]) + 1);
			if (at > 0 && column > 1 && is_swapped(&name[at - 1], &wanted[column - 2]))
				row[column] = smaller(row[column], older[column - 2] + 1);
			least = smaller(least, row[column]);
		}
		if (least > limit)
			return limit + 1;
	}
	return row[suggest->length];
}

static bool same_letters(const char *a, const char *b, size_t length)
{
	return strncasecmp(a, b, length) == 0;
}

/* ns::Parser::parse where Parser::parse was wanted. */
static bool is_in_scope(const struct sym_suggest *suggest, const char *name, size_t length)
{
	const size_t before = length - suggest->length;

	return length > suggest->length + 2 && name[before - 1] == ':' &&
	       same_letters(name + before, suggest->wanted, suggest->length);
}

/* ns::parse where other::parse was wanted. */
static bool is_in_other_scope(const struct sym_suggest *suggest, const char *name, size_t length)
{
	const char *last = strrchr(suggest->wanted, ':');
	const size_t tail = last ? strlen(last) : 0;

	return tail > 1 && length >= tail && same_letters(name + length - tail, last, tail);
}

/* parse_int where parse was wanted, or do_parse: not sparse. */
static bool is_longer_form(const struct sym_suggest *suggest, const char *name, size_t length)
{
	const size_t more = length - suggest->length;

	if (suggest->length < 3 || length <= suggest->length)
		return false;
	return same_letters(name, suggest->wanted, suggest->length) ||
	       (same_letters(name + more, suggest->wanted, suggest->length) &&
		!isalnum((unsigned char)name[more - 1]));
}

/* How many letters may differ. Of short names one is another word already: a first letter is seldom mistyped. */
static size_t letters_allowed(const struct sym_suggest *suggest, const char *name, size_t length)
{
	const char *wanted_last = strrchr(suggest->wanted, ':');
	const char *last = memrchr(name, ':', length);
	const char letter = last ? last[1] : *name;

	if (suggest->length < 3)
		return 0;
	if (suggest->length < SHORT)
		return length && same_letter(wanted_last ? wanted_last[1] : *suggest->wanted, letter);
	return smaller(suggest->length / 3, 3);
}

static size_t cost_of(const struct sym_suggest *suggest, const char *name, size_t length)
{
	const size_t limit = letters_allowed(suggest, name, length);
	const size_t letters = distance(suggest, name, length, limit);

	/* pause where parse was wanted is another word. */
	if (suggest->distant && letters && suggest->length < SHORT && length == suggest->length)
		return SIZE_MAX;
	if (letters <= limit)
		return letters;
	if (suggest->distant)
		return SIZE_MAX;
	if (is_in_scope(suggest, name, length))
		return 1;
	if (is_in_other_scope(suggest, name, length))
		return limit;
	if (is_longer_form(suggest, name, length))
		return limit + length - suggest->length;
	return SIZE_MAX;
}

static void offer_at_cost(struct sym_suggest *suggest, const char *name, size_t length, size_t cost)
{
	size_t place = suggest->count;

	if (cost == SIZE_MAX)
		return;
	for (size_t at = 0; at < suggest->count; at++)
		if (strlen(suggest->best[at].name) == length &&
		    memcmp(suggest->best[at].name, name, length) == 0)
			return;
	while (place > 0 && (suggest->best[place - 1].cost > cost ||
			     (suggest->best[place - 1].cost == cost &&
			      strncmp(suggest->best[place - 1].name, name, length) > 0)))
		place--;
	if (place == SYM_SUGGESTIONS)
		return;
	if (suggest->count == SYM_SUGGESTIONS)
		free(suggest->best[--suggest->count].name);
	for (size_t at = suggest->count; at > place; at--)
		suggest->best[at] = suggest->best[at - 1];
	suggest->best[place].name = mem_strndup(name, length);
	suggest->best[place].cost = cost;
	suggest->count++;
}

void sym_suggest_offer(struct sym_suggest *suggest, const char *name, size_t length)
{
	offer_at_cost(suggest, name, length, suggest->length ? cost_of(suggest, name, length) : SIZE_MAX);
}

void sym_suggest_offer_match(struct sym_suggest *suggest, const char *name)
{
	offer_at_cost(suggest, name, strlen(name), 0);
}

void sym_suggest_put(const struct sym_suggest *suggest, const char *otherwise, struct text *text)
{
	if (!suggest->count) {
		text_puts(text, otherwise);
		return;
	}
	text_puts(text, "; did you mean ");
	for (size_t at = 0; at < suggest->count; at++)
		text_printf(text, "%s'%s'", at ? ", " : "", suggest->best[at].name);
	text_putc(text, '?');
}
