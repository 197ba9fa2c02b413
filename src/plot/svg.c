#include "svg.h"

#include <stdbool.h>
#include <string.h>

static bool starts_with(const char *at, const char *what)
{
	return strncmp(at, what, strlen(what)) == 0;
}

/* The attribute with a family, if that stands here; how long it is, or 0. */
static size_t family_put(const char *at, const char *family, struct text *page)
{
	static const char name[] = "font-family=\"", bold[] = ":Bold";
	size_t length = strlen(name) + strlen(family);

	if (!starts_with(at, name) || !starts_with(at + strlen(name), family))
		return 0;
	bool is_bold = starts_with(at + length, bold);
	length += is_bold ? strlen(bold) : 0;
	if (at[length] != '"')
		return 0;
	text_printf(page, "%s%s,Verdana,sans-serif\"%s", name, family,
		    is_bold ? " font-weight=\"bold\"" : "");
	return length + 1;
}

/* A tag, from '<' to '>'; no attribute of gnuplot's holds one. Returns what follows it. */
static const char *tag_put(const char *at, const char *family, struct text *page)
{
	while (*at && *at != '>') {
		size_t taken = family_put(at, family, page);
		if (taken == 0)
			text_putc(page, *at++);
		at += taken;
	}
	if (*at)
		text_putc(page, *at++);
	return at;
}

void svg_mend(const struct text *drawn, const char *family, struct text *page)
{
	static const char title[] = "<title>", title_end[] = "</title>";

	for (const char *at = drawn->data; *at;) {
		const char *end = starts_with(at, title) ? strstr(at, title_end) : NULL;
		if (end) {
			at = end + strlen(title_end);
		} else if (*at == '<') {
			at = tag_put(at, family, page);
		} else {
			text_put(page, *at == '>' ? "&gt;" : at, *at == '>' ? strlen("&gt;") : 1);
			at++;
		}
	}
}
