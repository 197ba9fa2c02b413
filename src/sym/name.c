/*
 * What compilers and linkers hang on a symbol's name.
 */
#include <ctype.h>
#include <string.h>

#include "elf.h"

/* What compilers hang on the name of a function that they copied, changed or
 * cut up; each may be followed by a number. */
static const struct suffix {
	const char *word;
	bool piece;
} suffixes[] = {
	{".constprop", false}, {".isra", false},        {".lto_priv", false},
	{".llvm", false},      {".specialized", false}, {".localalias", false},
	{".cold", true},       {".part", true},         {".resolver", true},
};

static bool ends_here(char byte)
{
	return byte == '\0' || byte == '@' || byte == '.';
}

static const char *skip_suffix(const char *at, bool *piece)
{
	for (size_t which = 0; which < sizeof(suffixes) / sizeof(suffixes[0]); which++) {
		size_t length = strlen(suffixes[which].word);
		const char *digits;

		if (strncmp(at, suffixes[which].word, length) != 0 || !ends_here(at[length]))
			continue;
		*piece = *piece || suffixes[which].piece;
		at += length;
		if (*at == '.' && isdigit((unsigned char)at[1])) {
			for (digits = at + 1; isdigit((unsigned char)*digits); digits++)
				continue;
			if (ends_here(*digits))
				at = digits;
		}
		return at;
	}
	return NULL;
}

static bool is_suffixes(const char *at, const char *end, bool *piece)
{
	*piece = false;
	while (at && at < end)
		at = skip_suffix(at, piece);
	return at != NULL;
}

/* Names that C++ mangles hold no dot of their own; Rust's older ones, which look alike, do. */
static bool is_dotless(const char *name, const char *end)
{
	return name[0] == '_' && name[1] == 'Z' && !memchr(name, '$', (size_t)(end - name)) &&
	       !memmem(name, (size_t)(end - name), "..", 2);
}

static bool has_piece(const char *dot, const char *end)
{
	bool piece = false;

	for (; dot; dot = memchr(dot + 1, '.', (size_t)(end - dot - 1)))
		skip_suffix(dot, &piece);
	return piece;
}

struct sym_name sym_name_split(const char *name)
{
	struct sym_name split = {0};
	const char *dot = *name ? name + 1 : name;
	const char *end = dot + strcspn(dot, "@");

	split.length = split.base = (size_t)(end - name);
	while ((dot = memchr(dot, '.', (size_t)(end - dot)))) {
		if (is_suffixes(dot, end, &split.piece)) {
			split.base = (size_t)(dot - name);
			return split;
		}
		if (is_dotless(name, end)) {
			split.base = (size_t)(dot - name);
			split.piece = has_piece(dot, end);
			return split;
		}
		dot++;
	}
	split.piece = false;
	return split;
}
