#include "label.h"

void label_put_quoted(struct text *out, const char *clean)
{
	/* In single quotes gnuplot takes everything as it stands, backquotes and
	 * backslashes too. A quote inside could be doubled, but gnuplot 5.4 reads that
	 * wrongly at the start of a string and where two quotes follow each other, so each
	 * is a string of its own, joined by dots: 'it'."'".'s'. */
	text_putc(out, '\'');
	for (; *clean; clean++) {
		if (*clean == '\'')
			text_puts(out, "'.\"'\".'");
		else
			text_putc(out, *clean);
	}
	text_putc(out, '\'');
}
