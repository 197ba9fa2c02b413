/*
 * What may be left out of a name, and comparing names where it is.
 */
#include "cxxname.h"

#include <string.h>

#include "fmprof/util.h"

/* How much at `at` may be left out by who names it: template arguments, Rust's with
 * "::" before them, or an ABI tag. */
static size_t optional_length(const char *text, const char *at)
{
	const char *open = cxx_starts_with(at, "::<") ? at + 2 : at;

	/* Rust's <T as Trait>::f starts with what is no argument. */
	if (at == text || (open == at && at[-1] == ':'))
		return 0;
	return *open == '<' || cxx_starts_with(at, "[abi:") ? (size_t)(cxx_brackets_end(text, open) - at) : 0;
}

char *cxx_name_strip(const char *text)
{
	struct text stripped = {0};
	bool found = false;

	for (const char *at = text; *at;) {
		const size_t operator_length = cxx_operator_length(text, at);
		const size_t optional = operator_length ? 0 : optional_length(text, at);
		const size_t kept = operator_length ? operator_length : 1;

		if (optional) {
			found = true;
			/* "operator<< <int>" */
			if (stripped.length && stripped.data[stripped.length - 1] == ' ')
				stripped.data[--stripped.length] = '\0';
			at += optional;
			continue;
		}
		text_put(&stripped, at, kept);
		at += kept;
	}
	if (!found)
		text_free(&stripped);
	return stripped.data;
}

char *cxx_name_shorten(const char *text)
{
	static const char verbose[] =
		"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >";
	struct text shorter = {0};
	const char *found = strstr(text, verbose);

	if (!found)
		return NULL;
	for (; found; found = strstr(text, verbose)) {
		text_put(&shorter, text, (size_t)(found - text));
		text_puts(&shorter, "std::string");
		text = found + strlen(verbose);
	}
	text_puts(&shorter, text);
	return shorter.data;
}

/* ---- comparing --------------------------------------------------------- */

/* Between parameters and end: what a spec need not repeat. */
static bool is_only_qualifiers(const char *at)
{
	static const char *const qualifiers[] = {"const", "volatile", "noexcept", "&&", "&", " "};

	while (*at) {
		size_t which = 0;

		while (which < sizeof(qualifiers) / sizeof(qualifiers[0]) &&
		       !cxx_starts_with(at, qualifiers[which]))
			which++;
		if (which == sizeof(qualifiers) / sizeof(qualifiers[0]))
			return false;
		at += strlen(qualifiers[which]);
	}
	return true;
}

/* Namespaces that the source does not write where it names what is in them: an anonymous one, and the
 * inline ones of libstdc++ and libc++. */
static size_t silent_namespace_length(const char *name, const char *at)
{
	static const char *const silent[] = {"\3anonymous namespace\4::", "__cxx11::", "__1::"};

	if (at > name && at[-1] != ':')
		return 0;
	for (size_t which = 0; which < sizeof(silent) / sizeof(silent[0]); which++)
		if (cxx_starts_with(at, silent[which]))
			return strlen(silent[which]);
	return 0;
}

/* The last template arguments of the standard library's containers, which nobody writes. */
static size_t default_arguments_length(const char *name, const char *at)
{
	static const char *const defaults[] = {
		"allocator<", "char_traits<", "less<", "hash<", "equal_to<", "default_delete<", "deque<",
	};
	const char *end = at;

	while (cxx_starts_with(end, ",std::")) {
		const char *word = end + strlen(",std::");
		size_t which = 0;

		while (which < sizeof(defaults) / sizeof(defaults[0]) &&
		       !cxx_starts_with(word, defaults[which]))
			which++;
		if (which == sizeof(defaults) / sizeof(defaults[0]))
			return 0;
		end = cxx_brackets_end(name, word + strlen(defaults[which]) - 1);
		if (*end == '>')
			return (size_t)(end - at);
	}
	return 0;
}

/* How much of the name at `have` the one who wrote `want` may have left out there. */
static size_t left_out(const char *name, const char *have, const char *want, size_t depth)
{
	const size_t silent = silent_namespace_length(name, have);
	const size_t optional = depth ? 0 : optional_length(name, have);

	if (silent && strncmp(want, have, silent) != 0)
		return silent;
	if (optional && !cxx_starts_with(want, *have == ':' ? "::<" : *have == '<' ? "<" : "[abi:"))
		return optional;
	return *want == '>' ? default_arguments_length(name, have) : 0;
}

bool cxx_name_matches(const char *wanted, const char *name)
{
	const char *want = wanted, *have = name;
	size_t depth = 0;

	for (;;) {
		const size_t skipped = left_out(name, have, want, depth);

		if (skipped) {
			have += skipped;
		} else if (*want && *want == *have) {
			if (*want == '(' || *want == '<')
				depth++;
			else if (depth && (*want == ')' || (*want == '>' && want[-1] != '-')))
				depth--;
			want++;
			have++;
		} else if (have[0] == ' ' && have[1] == '<') {
			have++; /* operator< <int> */
		} else {
			break;
		}
	}
	return !*want && (!*have || (want > wanted && want[-1] == ')' && is_only_qualifiers(have)));
}
