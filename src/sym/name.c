/*
 * How compilers build a symbol's name, and whether a spec takes it.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"

/* What compilers hang on the name of a function that they copied, changed or
 * cut up; each may be followed by a number. */
static const struct suffix {
	const char *word;
	bool piece;
} suffixes[] = {
	{".constprop", false},   {".isra", false},       {".lto_priv", false}, {".llvm", false},
	{".specialized", false}, {".localalias", false}, {".cold", true},      {".part", true},
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
		dot++;
	}
	split.piece = false;
	return split;
}

static enum sym_match match_name(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);
	struct sym_name split;

	if (strncmp(name, pattern, length) != 0 || !ends_here(name[length]))
		return SYM_MATCH_NONE;
	split = sym_name_split(name);
	if (split.piece)
		return SYM_MATCH_NONE;
	if (split.length == length)
		return SYM_MATCH_EXACT;
	return split.base == length ? SYM_MATCH_VARIANT : SYM_MATCH_NONE;
}

static bool glob_takes(const char *pattern, const char *name, size_t length)
{
	char *part;
	bool takes;

	if (!name[length])
		return fnmatch(pattern, name, 0) == 0;
	part = mem_strndup(name, length);
	takes = fnmatch(pattern, part, 0) == 0;
	free(part);
	return takes;
}

static enum sym_match match_glob(const char *pattern, const char *name)
{
	size_t plain = strcspn(pattern, "*?[\\");
	struct sym_name split;

	/* Most names differ from the pattern at once; fnmatch is slow. */
	if (strncmp(pattern, name, plain) != 0)
		return SYM_MATCH_NONE;
	split = sym_name_split(name);
	if (split.piece)
		return SYM_MATCH_NONE;
	if (glob_takes(pattern, name, split.length))
		return SYM_MATCH_EXACT;
	if (split.base != split.length && glob_takes(pattern, name, split.base))
		return SYM_MATCH_VARIANT;
	return SYM_MATCH_NONE;
}

enum sym_match sym_spec_takes_name(const struct sym_spec *spec, const char *name)
{
	switch (spec->kind) {
	case SYM_SPEC_NAME:
		return match_name(spec->pattern, name);
	case SYM_SPEC_GLOB:
		return match_glob(spec->pattern, name);
	case SYM_SPEC_ADDRESS:
		break;
	}
	return SYM_MATCH_NONE;
}
