#include "pattern.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cxxname.h"
#include "demangle.h"
#include "elf.h"

/* [!a], []a] and [[:alpha:]] hold what would close them. */
const char *sym_bracket_end(const char *at)
{
	const char *inside = at + 1;

	if (*inside == '!' || *inside == '^')
		inside++;
	if (*inside == ']')
		inside++;
	while (*inside && *inside != ']') {
		const char *class_end =
			inside[0] == '[' && inside[1] == ':' ? strstr(inside + 2, ":]") : NULL;

		inside = class_end ? class_end + 2 : inside + 1;
	}
	return *inside ? inside : at;
}

/* ---- wildcards --------------------------------------------------------- */

struct glob_reader {
	struct text glob;
	const char *text, *at;
	size_t depth;    /* of < and ( */
	bool conversion; /* behind the word operator, where a type stands */
	bool wild;
};

/* Between a type and the end of an argument '*' is a pointer: f(char *), but f(*), Parser<*>, *<char*. */
static bool is_pointer(const struct glob_reader *reader)
{
	const char *before = reader->at, *after = reader->at;

	if (!reader->depth && !reader->conversion)
		return false;
	while (*after && strchr("*& ", *after))
		after++;
	if (!(*after ? strchr(",>)", *after) != NULL || strncmp(after, "const", 5) == 0 : reader->conversion))
		return false;
	do
		before--;
	while (before > reader->text && isspace((unsigned char)*before));
	return isalnum((unsigned char)*before) || strchr("_*&>)", *before) ||
	       (*before == '(' && reader->depth > 1);
}

/* f(int (&)[3]) */
static bool is_array(const struct glob_reader *reader)
{
	const char *inside = reader->at + 1;

	return reader->depth && inside[strspn(inside, "0123456789")] == ']';
}

static void put_literal(struct glob_reader *reader, size_t length)
{
	for (size_t index = 0; index < length; index++) {
		if (strchr("*?[\\", reader->at[index]))
			text_putc(&reader->glob, '\\');
		text_putc(&reader->glob, reader->at[index]);
	}
	reader->at += length;
}

static void read_wildcard(struct glob_reader *reader)
{
	const char *end = reader->at;

	if (*reader->at == '[') {
		end = sym_bracket_end(reader->at);
		if (is_array(reader) || end == reader->at || strncmp(reader->at, "[abi:", 5) == 0) {
			put_literal(reader, 1);
			return;
		}
	} else if (*reader->at == '*' && is_pointer(reader)) {
		put_literal(reader, 1);
		return;
	}
	reader->wild = true;
	text_put(&reader->glob, reader->at, (size_t)(end - reader->at) + 1);
	reader->at = end + 1;
}

char *sym_pattern_glob(const char *text)
{
	struct glob_reader reader = {.text = text, .at = text};

	while (*reader.at) {
		const bool may_be_operator = reader.at == text || strchr(": ", reader.at[-1]);
		const size_t operator_length = may_be_operator ? cxx_operator_length(text, reader.at) : 0;
		const char byte = *reader.at;

		if (operator_length) {
			reader.conversion = operator_length == strlen("operator");
			put_literal(&reader, operator_length);
			continue;
		}
		if (strchr("*?[", byte)) {
			read_wildcard(&reader);
			continue;
		}
		if (byte == '(')
			reader.conversion = false;
		if (byte == '(' || byte == '<')
			reader.depth++;
		else if ((byte == ')' || byte == '>') && reader.depth)
			reader.depth--;
		text_putc(&reader.glob, byte);
		reader.at++;
		if (byte == '\\' && *reader.at)
			text_putc(&reader.glob, *reader.at++);
	}
	if (!reader.wild)
		text_free(&reader.glob);
	return reader.glob.data;
}

/* ---- ready for use ----------------------------------------------------- */

/* Words that demanglers make of a few letters, or of nothing: all others are in the mangled name too. */
static bool is_generated(const char *part)
{
	static const char words[] =
		"operator new delete co_await std string basic_string allocator char_traits basic_istream "
		"basic_ostream basic_iostream this main anonymous namespace lambda unnamed type default arg "
		"non-virtual thunk to covariant return guard variable for TLS init wrapper function "
		"transaction clone reference temporary construction vtable in VTT typeinfo name fn "
		"signed unsigned short long int char bool double float wchar_t __int128 __float128 decimal32 "
		"decimal64 decimal128 half char8_t char16_t char32_t auto decltype nullptr_t const volatile "
		"restrict void complex imaginary true false sizeof alignof noexcept throw typeid closure "
		"shim "
		"impl as dyn unsafe extern mut usize isize str clone initializer ModuleInfo "
		"0123456789";

	return strstr(words, part) != NULL;
}

static void keep_longer(char **best, const char *part, size_t length)
{
	char *copy = mem_strndup(part, length);

	if (is_generated(copy) || (*best && strlen(*best) >= length)) {
		free(copy);
		return;
	}
	free(*best);
	*best = copy;
}

/*
 * The longest part of an identifier that must be in whatever is meant, so that most
 * names need not be demangled. Mangling keeps identifiers as they are, but not Rust's that are
 * not ASCII. Where `optional` follows a letter, the letter need not be there.
 */
static char *find_hint(const char *text, const char *optional)
{
	const char *at = text;
	char *best = NULL;

	while (*at && *at != '(' && *at != '{' && !cxx_operator_length(text, at)) {
		size_t length = 0;

		if (*at & 0x80)
			break;
		if (*at == '<') {
			at = cxx_brackets_end(text, at);
			continue;
		}
		if (*at == '[') {
			at = sym_bracket_end(at) + 1;
			continue;
		}
		if (*at == '\\' && at[1]) {
			at += 2;
			continue;
		}
		while (isalnum((unsigned char)at[length]) || at[length] == '_')
			length++;
		if (at[length] & 0x80)
			break;
		if (length)
			keep_longer(&best, at, length - (at[length] && strchr(optional, at[length])));
		at += length ? length : 1;
	}
	return best;
}

static bool compile_expression(struct sym_pattern *compiled, const char *pattern, char **reason)
{
	char message[200];
	const int failed = regcomp(&compiled->expression, pattern, REG_EXTENDED | REG_NOSUB);

	compiled->has_parameters = strstr(pattern, "\\(") || strstr(pattern, "[(]");
	compiled->has_expression = !failed;
	if (!failed)
		return true;
	regerror(failed, &compiled->expression, message, sizeof(message));
	*reason = mem_printf("not an extended regular expression: %s; see regex(7)", message);
	return false;
}

struct sym_pattern *sym_pattern_compile(const struct sym_spec *spec, char **reason)
{
	struct sym_pattern *compiled = mem_alloc(sizeof(*compiled));

	compiled->has_parameters = cxx_name_has_parameters(spec->pattern);
	compiled->has_template = strchr(spec->pattern, '<') != NULL;
	if (spec->kind == SYM_SPEC_NAME) {
		const struct sym_name split = sym_name_split(spec->pattern);
		char *base = mem_strndup(spec->pattern, split.base);

		compiled->canonical = cxx_name_canonical(base);
		compiled->hint = find_hint(base, "");
		if (split.base != split.length)
			compiled->suffix = mem_strdup(spec->pattern + split.base);
		free(base);
		compiled->is_dotted = strchr(spec->pattern, '.') != NULL;
	} else if (spec->kind == SYM_SPEC_GLOB) {
		compiled->glob = sym_pattern_glob(spec->pattern);
		compiled->hint = find_hint(compiled->glob, "");
	} else if (spec->kind == SYM_SPEC_REGEX && !compile_expression(compiled, spec->pattern, reason)) {
		sym_pattern_free(compiled);
		return NULL;
	}
	/* With alternatives nothing has to be there. */
	if (spec->kind == SYM_SPEC_REGEX && !strpbrk(spec->pattern, "|("))
		compiled->hint = find_hint(spec->pattern, "?*{");
	return compiled;
}

void sym_pattern_free(struct sym_pattern *pattern)
{
	if (!pattern)
		return;
	if (pattern->has_expression)
		regfree(&pattern->expression);
	free(pattern->canonical);
	free(pattern->suffix);
	free(pattern->hint);
	free(pattern->glob);
	free(pattern);
}

/* ---- comparing --------------------------------------------------------- */

static bool text_takes(const struct sym_spec *spec, const char *text)
{
	const struct sym_pattern *compiled = spec->compiled;
	char *canonical;
	bool takes;

	switch (spec->kind) {
	case SYM_SPEC_NAME:
		/* Only an anonymous namespace may stand before what is wanted, or a bracket around it. */
		if (*text != *compiled->canonical && *text != '(' && *text != '<')
			return false;
		canonical = cxx_name_canonical(text);
		takes = cxx_name_matches(compiled->canonical, canonical);
		free(canonical);
		return takes;
	case SYM_SPEC_GLOB:
		return fnmatch(compiled->glob, text, 0) == 0;
	case SYM_SPEC_REGEX:
		return regexec(&compiled->expression, text, 0, NULL, 0) == 0;
	case SYM_SPEC_ADDRESS:
		break;
	}
	return false;
}

static bool form_takes(const struct sym_spec *spec, char *form)
{
	const bool takes = form && text_takes(spec, form);

	free(form);
	return takes;
}

/* The same name may be said at length and in short. What is compared by cxx_name_matches may lack template
 * arguments anyway. */
static bool any_form_takes(const struct sym_spec *spec, const char *text)
{
	return text_takes(spec, text) || form_takes(spec, cxx_name_shorten(text)) ||
	       (spec->kind != SYM_SPEC_NAME && !spec->compiled->has_template &&
		form_takes(spec, cxx_name_strip(text)));
}

static bool takes_demangled(const struct sym_spec *spec, const char *name, size_t length,
			    enum sym_demangled form)
{
	char *demangled = sym_demangle(name, length, form);
	const bool takes = demangled && any_form_takes(spec, demangled);

	free(demangled);
	return takes;
}

static bool takes_ada(const struct sym_spec *spec, const char *name, size_t length)
{
	char *demangled = spec->compiled->is_dotted ? sym_demangle_ada(name, length) : NULL;
	const bool takes = demangled && strcmp(demangled, spec->pattern) == 0;

	free(demangled);
	return takes;
}

/* By what it means to people. */
static bool takes_readable(const struct sym_spec *spec, const char *name, size_t length)
{
	if (!sym_is_mangled(name))
		return takes_ada(spec, name, length) ||
		       /* as debug information has it: id<int> */
		       (spec->kind == SYM_SPEC_NAME && memchr(name, '<', length) && text_takes(spec, name));
	return takes_demangled(spec, name, length, SYM_DEMANGLED_NAME) ||
	       (spec->compiled->has_parameters &&
		takes_demangled(spec, name, length, SYM_DEMANGLED_SIGNATURE));
}

/* By its symbol's own name. */
static bool takes_linkage(const struct sym_spec *spec, const char *name, size_t length)
{
	char *part;
	bool takes;

	if (spec->kind == SYM_SPEC_NAME)
		return strncmp(name, spec->pattern, length) == 0 && !spec->pattern[length];
	if (!name[length])
		return text_takes(spec, name);
	part = mem_strndup(name, length);
	takes = text_takes(spec, part);
	free(part);
	return takes;
}

/* Thunks correct `this` and jump to the function, which is recorded itself. */
static bool is_thunk(const struct sym_spec *spec, const char *name)
{
	return strncmp(name, "_ZT", 3) == 0 && name[3] && strchr("hvc", name[3]) &&
	       !strstr(spec->pattern, "thunk") && !strstr(spec->pattern, "_ZT");
}

/* Most names differ at once; everything else that is asked of a name is slow. */
static bool differs_at_once(const struct sym_spec *spec, const char *name)
{
	const struct sym_pattern *compiled = spec->compiled;

	switch (spec->kind) {
	case SYM_SPEC_NAME:
		if (strncmp(name, spec->pattern, strlen(spec->pattern)) == 0)
			return false;
		if (sym_is_mangled(name))
			return compiled->hint && !strstr(name, compiled->hint);
		return !compiled->is_dotted && !strchr(name, '<');
	case SYM_SPEC_GLOB:
		if (is_thunk(spec, name))
			return true;
		if (sym_is_mangled(name))
			return compiled->hint && !strstr(name, compiled->hint);
		return strncmp(name, compiled->glob, strcspn(compiled->glob, "*?[\\")) != 0;
	case SYM_SPEC_REGEX:
		return is_thunk(spec, name) || (compiled->hint && !strstr(name, compiled->hint));
	case SYM_SPEC_ADDRESS:
		break;
	}
	return true;
}

static enum sym_match match(const struct sym_spec *spec, const char *name, const struct sym_name *split)
{
	const char *suffix = spec->compiled->suffix;

	if (takes_linkage(spec, name, split->length))
		return SYM_MATCH_EXACT;
	if (split->base != split->length && takes_linkage(spec, name, split->base))
		return SYM_MATCH_VARIANT;
	if (suffix && (strlen(suffix) != split->length - split->base ||
		       memcmp(name + split->base, suffix, split->length - split->base) != 0))
		return SYM_MATCH_NONE;
	if (!takes_readable(spec, name, split->base))
		return SYM_MATCH_NONE;
	return split->base == split->length ? SYM_MATCH_EXACT : SYM_MATCH_VARIANT;
}

static enum sym_match match_unless(const struct sym_spec *spec, const char *name, bool refuse_piece)
{
	struct sym_name split;

	if (differs_at_once(spec, name))
		return SYM_MATCH_NONE;
	split = sym_name_split(name);
	return refuse_piece && split.piece ? SYM_MATCH_NONE : match(spec, name, &split);
}

bool sym_spec_takes_source(const struct sym_spec *spec, const char *name)
{
	return strstr(name, "::") && any_form_takes(spec, name);
}

enum sym_match sym_spec_takes_name(const struct sym_spec *spec, const char *name)
{
	return match_unless(spec, name, true);
}

enum sym_match sym_spec_takes_piece(const struct sym_spec *spec, const char *name)
{
	return match_unless(spec, name, false);
}

bool sym_spec_means(const struct sym_spec *spec, const char *name)
{
	return sym_spec_takes_name(spec, name) != SYM_MATCH_NONE || any_form_takes(spec, name);
}
