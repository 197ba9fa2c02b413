#include "split.h"

#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct splitting {
	const char *at;
	bool refuses; /* what only a shell can do */
	struct text word;
	struct error *err;
};

static int refuse(struct splitting *splitting, char byte)
{
	return error_set(splitting->err, STATUS_FAILED, "'%c' is for a shell; quote it, or set shell = yes",
			 byte);
}

/* Behind the opening quote. */
static int take_quoted(struct splitting *splitting, char quote)
{
	for (; *splitting->at && *splitting->at != quote; splitting->at++) {
		if (quote == '"' && *splitting->at == '\\' && strchr("\"\\$`\n", splitting->at[1]) &&
		    splitting->at[1]) {
			splitting->at++;
			if (*splitting->at == '\n')
				continue;
		} else if (quote == '"' && splitting->refuses && strchr("$`", *splitting->at)) {
			return refuse(splitting, *splitting->at);
		}
		text_putc(&splitting->word, *splitting->at);
	}
	if (!*splitting->at)
		return error_set(splitting->err, STATUS_FAILED, "a quote %c that nothing closes", quote);
	splitting->at++;
	return 0;
}

static int take_word(struct splitting *splitting)
{
	bool begins = true;

	text_clear(&splitting->word);
	text_puts(&splitting->word, "");
	for (; *splitting->at && !strchr(" \t\n", *splitting->at); begins = false) {
		char byte = *splitting->at++;

		if (byte == '\'' || byte == '"') {
			if (take_quoted(splitting, byte) < 0)
				return -1;
			continue;
		}
		if (byte == '\\') {
			byte = *splitting->at;
			if (!byte)
				return error_set(splitting->err, STATUS_FAILED, "ends with a lone \\");
			splitting->at++;
			if (byte == '\n')
				continue;
		} else if (splitting->refuses &&
			   (strchr("|&;<>()$`", byte) || (begins && strchr("~#", byte)))) {
			return refuse(splitting, byte);
		}
		text_putc(&splitting->word, byte);
	}
	return 0;
}

static char **split(const char *line, bool refuses, struct error *err)
{
	struct splitting splitting = {.at = line, .refuses = refuses, .err = err};
	char **words = mem_alloc(sizeof(*words));

	for (;;) {
		splitting.at += strspn(splitting.at, " \t\n");
		if (!*splitting.at)
			break;
		if (take_word(&splitting) < 0) {
			strings_free(words);
			words = NULL;
			break;
		}
		words = strings_add(words, mem_strdup(splitting.word.data));
	}
	text_free(&splitting.word);
	return words;
}

char **words_split(const char *line, struct error *err)
{
	return split(line, true, err);
}

char **words_split_plain(const char *line, struct error *err)
{
	return split(line, false, err);
}
