/*
 * Reading [MODULE!][FILE:]PATTERN.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "pattern.h"

/* The first '!' outside of brackets that is not C++'s operator! or D's template!(…) */
static const char *find_module_end(const char *text)
{
	static const char operator_word[] = "operator";
	const size_t length = sizeof(operator_word) - 1;

	for (const char *at = text; *at; at++) {
		if (*at == '[')
			at = sym_bracket_end(at);
		else if (*at == '!' && at[1] != '(' &&
			 ((size_t)(at - text) < length || strncmp(at - length, operator_word, length) != 0))
			return at;
	}
	return NULL;
}

/* The first ':' outside of brackets that is no part of '::'. */
static const char *find_file_end(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at == '[')
			at = sym_bracket_end(at);
		else if (at[0] == ':' && at[1] == ':')
			at++;
		else if (*at == ':')
			return at;
	}
	return NULL;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A '/' on both ends is one regular expression, whatever is inside. */
static bool is_regex(const char *text)
{
	return text[0] == '/' && text[1] && text[strlen(text) - 1] == '/';
}

static int bad(const struct sym_spec *spec, const char *why, struct error *err)
{
	return error_set(err, STATUS_FAILED, "function spec '%s': %s", spec->text, why);
}

static int read_address(struct sym_spec *spec, struct error *err)
{
	const char *digits = spec->pattern + 2;
	char *end;

	if (spec->file)
		return bad(spec,
			   "an address belongs to a module, not to a source file; write [MODULE!]0xADDRESS",
			   err);
	errno = 0;
	spec->address = strtoull(digits, &end, 16);
	if (!isxdigit((unsigned char)*digits) || *end || errno)
		return bad(spec, "not an address; write 0x and hexadecimal digits, as nm prints them", err);
	spec->kind = SYM_SPEC_ADDRESS;
	*spec->pattern = '\0';
	return 0;
}

/* name@VERSION, name@@VERSION */
static void read_version(struct sym_spec *spec)
{
	char *at = strrchr(spec->pattern, '@');

	if (!at || at == spec->pattern || !at[1] || strchr(at, ')'))
		return;
	spec->version = mem_strdup(at + 1);
	if (at > spec->pattern + 1 && at[-1] == '@')
		at--;
	*at = '\0';
}

/* Those that keep what follows from being a wildcard. */
static void drop_backslashes(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at == '\\' && at[1] && strchr("*?[\\", at[1]))
			at++;
		*to++ = *at;
	}
	*to = '\0';
}

/* Why it cannot have been meant so; NULL if it can. Names have pairs of brackets, and none begins with a slash. */
static const char *unfinished(const char *pattern)
{
	if (*pattern == '/')
		return "begins as a regular expression, but has no '/' at its end";
	for (const char *at = pattern; *at; at++) {
		if (*at == '[' && !strchr(at, ']'))
			return "has a '[' without a ']'; write '\\[' for the character itself";
		if (*at == '\\' && !*++at)
			return "ends with a backslash, which takes the meaning from what follows";
	}
	return NULL;
}

static int read_pattern(struct sym_spec *spec, struct error *err)
{
	const char *pattern = spec->pattern, *why;
	size_t length = strlen(pattern);
	char *glob;

	if (!length || strcmp(pattern, "//") == 0)
		return bad(spec, "names no function; write [MODULE!][FILE:]NAME, with * ? [ ] for several",
			   err);
	if (is_regex(pattern)) {
		spec->kind = SYM_SPEC_REGEX;
		memmove(spec->pattern, pattern + 1, length - 2);
		spec->pattern[length - 2] = '\0';
		return 0;
	}
	why = unfinished(pattern);
	if (why)
		return bad(spec, why, err);
	if (pattern[0] == '0' && (pattern[1] == 'x' || pattern[1] == 'X'))
		return read_address(spec, err);
	if (is_number(pattern) && !spec->file)
		return bad(spec, "a number names no function; write FILE:LINE or 0xADDRESS", err);
	if (is_number(pattern) && !sym_spec_line(spec))
		return bad(spec, "no such line number; lines count from 1", err);
	read_version(spec);
	glob = sym_pattern_glob(spec->pattern);
	spec->kind = glob ? SYM_SPEC_GLOB : SYM_SPEC_NAME;
	if (!glob)
		drop_backslashes(spec->pattern);
	free(glob);
	return 0;
}

static int compile(struct sym_spec *spec, struct error *err)
{
	char *reason = NULL;

	spec->compiled = sym_pattern_compile(spec, &reason);
	if (spec->compiled)
		return 0;
	bad(spec, reason, err);
	free(reason);
	return -1;
}

static bool is_vdso(const char *module)
{
	return strcmp(module, "[vdso]") == 0 || strncmp(module, "linux-vdso", strlen("linux-vdso")) == 0;
}

int sym_spec_parse(const char *text, struct sym_spec *spec, struct error *err)
{
	const char *rest = text;
	const char *end = find_module_end(rest);

	memset(spec, 0, sizeof(*spec));
	spec->text = mem_strdup(text);
	/* "/usr/lib/libx.so!/re/" has a module, "/a!b/" has none. */
	if (end && (!is_regex(rest) || end[1] == '/')) {
		spec->module = mem_strndup(rest, (size_t)(end - rest));
		rest = end + 1;
	}
	end = is_regex(rest) ? NULL : find_file_end(rest);
	if (end) {
		spec->file = mem_strndup(rest, (size_t)(end - rest));
		rest = end + 1;
	}
	spec->pattern = mem_strdup(rest);
	if (spec->module && !*spec->module)
		bad(spec, "no module before '!'; write MODULE!NAME, or '*!NAME' for every module", err);
	else if (spec->module && is_vdso(spec->module))
		bad(spec,
		    "the vDSO is the kernel's code, in no file; name the function of libc that calls it, "
		    "such as "
		    "'clock_gettime'",
		    err);
	else if (spec->file && !*sym_path_last(spec->file))
		bad(spec, "no source file before ':'; write FILE:NAME", err);
	else if (read_pattern(spec, err) == 0 && compile(spec, err) == 0)
		return 0;
	sym_spec_free(spec);
	return -1;
}

void sym_spec_free(struct sym_spec *spec)
{
	free(spec->text);
	free(spec->module);
	free(spec->file);
	free(spec->pattern);
	free(spec->version);
	sym_pattern_free(spec->compiled);
	memset(spec, 0, sizeof(*spec));
}

unsigned sym_spec_line(const struct sym_spec *spec)
{
	unsigned long line;

	if (!spec->file || !is_number(spec->pattern))
		return 0;
	errno = 0;
	line = strtoul(spec->pattern, NULL, 10);
	return errno || line > UINT32_MAX ? 0 : (unsigned)line;
}

/* "libsqlite3" and "libsqlite3.so.0" take libsqlite3.so.0.8.6: a library is
 * mapped under its longest name, and nobody calls it that. */
static bool takes_library(const char *wanted, const char *name)
{
	size_t length = strlen(wanted);
	const char *rest = name + length;

	if (strncmp(name, wanted, length) != 0)
		return false;
	if (strstr(sym_path_last(wanted), ".so"))
		return *rest == '.';
	return strncmp(rest, ".so", 3) == 0 && (rest[3] == '\0' || rest[3] == '.');
}

bool sym_spec_takes_module(const struct sym_spec *spec, const struct sym_module *module)
{
	const char *names[] = {module->name, module->path};

	if (!spec->module)
		return true;
	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		if (strcmp(spec->module, names[at]) == 0 || fnmatch(spec->module, names[at], 0) == 0 ||
		    takes_library(spec->module, names[at]))
			return true;
	return false;
}

bool sym_spec_takes_file(const struct sym_spec *spec, const char *path)
{
	const char *file = spec->file;
	size_t length, path_length = strlen(path);

	while (file && strncmp(file, "./", 2) == 0)
		file += 2;
	if (!file)
		return true;
	length = strlen(file);
	if (length > path_length || strcmp(path + path_length - length, file) != 0)
		return false;
	return length == path_length || file[0] == '/' || path[path_length - length - 1] == '/';
}
