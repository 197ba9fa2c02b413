#include "fonts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "label.h"

enum {
	CHARACTERS = 0x110000,
	LATIN_1_END = 0x100,          /* fonts for screens have these … */
	ELLIPSIS = 0x2026,            /* … and this; gnuplot needs some font anyway */
	LATIN_EXTENDED_B_END = 0x250, /* what DejaVu Sans has without a gap */
};

static bool is_in_every_font(long character)
{
	return character < LATIN_1_END || character == ELLIPSIS;
}

/* fc-list's line "TrueType 20-7e a0 a2-17f", hexadecimal. */
static void ranges_read(const char *line, bool *known)
{
	while (*line && *line != '\n') {
		char *rest;
		unsigned long from = strtoul(line, &rest, 16), to = from;
		if (rest == line) {
			line++;
			continue;
		}
		if (*rest == '-')
			to = strtoul(rest + 1, &rest, 16);
		if (from <= to && to < CHARACTERS)
			memset(known + from, true, to - from + 1);
		line = rest;
	}
}

/* Bitmaps and Type 1 fonts are none to pango, since its 1.44. */
static void fonts_read(const char *lines, bool *known)
{
	static const char *const formats[] = {"TrueType ", "CFF "};

	for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n')
		for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
			if (strncmp(line, formats[i], strlen(formats[i])) == 0)
				ranges_read(line + strlen(formats[i]), known);
}

/* Asks fontconfig's own program: pango depends on it, and gnuplot's cairo
 * terminals on pango, so that it is there whenever it is needed. */
static void fonts_ask(bool *known)
{
	char program[] = "fc-list", format[] = "--format=%{fontformat} %{charset}\n",
	     which[] = ":outline=true", formats[] = "fontformat", characters[] = "charset";
	char *const argv[] = {program, format, which, formats, characters, NULL};
	struct child_result result;

	if (child_run(argv, environ, &(struct text){0}, &result) == 0 && WIFEXITED(result.status) &&
	    WEXITSTATUS(result.status) == 0)
		fonts_read(result.output.data ? result.output.data : "", known);
	else
		memset(known, true, LATIN_EXTENDED_B_END);
	child_result_free(&result);
}

static bool all_in_every_font(const char *at)
{
	while (*at)
		if (!is_in_every_font(label_next(&at)))
			return false;
	return true;
}

void fonts_replace_missing(struct text *script)
{
	struct text out = {0};

	if (all_in_every_font(script->data))
		return;
	bool *known = mem_alloc(CHARACTERS * sizeof(*known));
	fonts_ask(known);
	for (const char *at = script->data; *at;) {
		const char *start = at;
		long character = label_next(&at);
		if (is_in_every_font(character) || known[character])
			text_put(&out, start, (size_t)(at - start));
		else
			text_putc(&out, '?');
	}
	free(known);
	text_free(script);
	*script = out;
}
