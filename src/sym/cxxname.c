/*
 * Reading names of C++: operators, brackets, types; and the one way to write each.
 */
#include "cxxname.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fmprof/util.h"

static const char anonymous[] = "(anonymous namespace)";
static const char plain_brackets[] = "<>()[]";

enum {
	HIDDEN_BRACKET = 1, /* '<' of an operator; the others of plain_brackets follow */
	DEEPEST = 200,      /* nested types; deeper ones are compared as they are written */
};

static bool is_word(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '$' || (byte & 0x80);
}

static size_t word_length(const char *at)
{
	size_t length = 0;

	while (is_word(at[length]))
		length++;
	return length;
}

bool cxx_starts_with(const char *text, const char *part)
{
	return strncmp(text, part, strlen(part)) == 0;
}

static bool word_is(const char *at, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(at, word, length) == 0;
}

static const char *skip_space(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* ---- operators and brackets -------------------------------------------- */

size_t cxx_operator_length(const char *text, const char *at)
{
	/* Longest first. */
	static const char *const symbols[] = {
		"<=>", "<<=", ">>=", "->*", "()", "[]", "<<", ">>", "<=", ">=", "==", "!=", "&&",
		"||",  "++",  "--",  "+=",  "-=", "*=", "/=", "%=", "^=", "&=", "|=", "->", "+",
		"-",   "*",   "/",   "%",   "^",  "&",  "|",  "~",  "!",  "=",  "<",  ">",  ",",
	};
	static const char *const words[] = {"new", "delete", "co_await"};
	const size_t word = strlen("operator");
	const char *symbol = at + word;
	size_t length;

	if (!cxx_starts_with(at, "operator") || is_word(*symbol) || (at > text && is_word(at[-1])))
		return 0;
	symbol = skip_space(symbol);
	for (size_t which = 0; which < sizeof(symbols) / sizeof(symbols[0]); which++)
		if (cxx_starts_with(symbol, symbols[which]))
			return (size_t)(symbol - at) + strlen(symbols[which]);
	length = word_length(symbol);
	for (size_t which = 0; which < sizeof(words) / sizeof(words[0]); which++)
		if (word_is(symbol, length, words[which])) {
			const char *end = symbol + length, *array = skip_space(end);

			return (size_t)((cxx_starts_with(array, "[]") ? array + 2 : end) - at);
		}
	return word;
}

/* Inside of parentheses '<' and '>' may compare; they are only counted outside. */
const char *cxx_brackets_end(const char *text, const char *at)
{
	size_t angles = 0, others = 0;

	while (*at) {
		const size_t operator_length = cxx_operator_length(text, at);

		if (operator_length) {
			at += operator_length;
			continue;
		}
		if (*at == '(' || *at == '[' || *at == '{')
			others++;
		else if ((*at == ')' || *at == ']' || *at == '}') && others)
			others--;
		else if (*at == '<' && !others)
			angles++;
		else if (*at == '>' && !others && angles && at[-1] != '-')
			angles--;
		at++;
		if (!angles && !others)
			return at;
	}
	return at;
}

bool cxx_name_has_parameters(const char *text)
{
	char *name = cxx_name_without_parameters(text);
	const bool has = name != NULL;

	free(name);
	return has;
}

char *cxx_name_without_parameters(const char *text)
{
	const char *parameters = NULL;

	for (const char *at = text; *at;) {
		const size_t operator_length = cxx_operator_length(text, at);

		if (operator_length) {
			at += operator_length;
		} else if (cxx_starts_with(at, anonymous)) {
			at += strlen(anonymous);
		} else if (*at == '(' || *at == '<') {
			if (*at == '(')
				parameters = at;
			at = cxx_brackets_end(text, at);
		} else {
			at++;
		}
	}
	return parameters ? mem_strndup(text, (size_t)(parameters - text)) : NULL;
}

/* ---- one way to write a name ------------------------------------------- */

struct writer {
	struct text text;
	const char *start, *at;
	unsigned depth;
};

static void put_word(struct writer *writer, const char *word, size_t length)
{
	if (writer->text.length && is_word(writer->text.data[writer->text.length - 1]))
		text_putc(&writer->text, ' ');
	text_put(&writer->text, word, length);
}

static void put_hidden(struct writer *writer, const char *from, size_t length)
{
	for (size_t index = 0; index < length; index++) {
		const char *bracket = strchr(plain_brackets, from[index]);

		if (isspace((unsigned char)from[index]) &&
		    !(is_word(from[index - 1]) && is_word(from[index + 1])))
			continue;
		text_putc(&writer->text,
			  bracket ? (char)(HIDDEN_BRACKET + (bracket - plain_brackets)) : from[index]);
	}
}

/* What a type's leading words say, in any order. */
struct words {
	bool is_const, is_volatile, is_unsigned, is_signed, is_short;
	unsigned longs;
	const char *base; /* "int", "char" …; NULL if not said */
	size_t base_length;
};

static bool take_type_word(struct words *words, const char *at, size_t length)
{
	static const char *const bases[] = {"int", "char", "double", "__int128"};

	if (word_is(at, length, "const"))
		return words->is_const = true;
	if (word_is(at, length, "volatile"))
		return words->is_volatile = true;
	if (word_is(at, length, "unsigned"))
		return words->is_unsigned = true;
	if (word_is(at, length, "signed"))
		return words->is_signed = true;
	if (word_is(at, length, "short"))
		return words->is_short = true;
	if (word_is(at, length, "long"))
		return ++words->longs;
	for (size_t which = 0; which < sizeof(bases) / sizeof(bases[0]); which++)
		if (!words->base && word_is(at, length, bases[which])) {
			words->base = at;
			words->base_length = length;
			return true;
		}
	return false;
}

static bool is_builtin(const struct words *words)
{
	return words->base || words->is_unsigned || words->is_signed || words->is_short || words->longs;
}

static void put_builtin(struct writer *writer, const struct words *words)
{
	const bool is_int = !words->base || word_is(words->base, words->base_length, "int");

	if (words->is_unsigned)
		put_word(writer, "unsigned", 8);
	else if (words->is_signed && !is_int)
		put_word(writer, "signed", 6);
	if (words->is_short)
		put_word(writer, "short", 5);
	for (unsigned number = 0; number < words->longs; number++)
		put_word(writer, "long", 4);
	if (!is_int)
		put_word(writer, words->base, words->base_length);
	else if (!words->is_short && !words->longs)
		put_word(writer, "int", 3);
}

static void put_list(struct writer *writer, char closing);

/* A class's name: words with :: between them, template arguments. */
static void put_type_name(struct writer *writer)
{
	bool may_be_word = true;

	for (;;) {
		const char *at = skip_space(writer->at);

		if (cxx_starts_with(at, "::")) {
			text_puts(&writer->text, "::");
			writer->at = at + 2;
			may_be_word = true;
		} else if (*at == '<') {
			text_putc(&writer->text, '<');
			writer->at = at + 1;
			put_list(writer, '>');
		} else if (may_be_word && cxx_starts_with(at, anonymous)) {
			put_hidden(writer, at, strlen(anonymous));
			writer->at = at + strlen(anonymous);
			may_be_word = false;
		} else if (may_be_word && is_word(*at)) {
			put_word(writer, at, word_length(at));
			writer->at = at + word_length(at);
			may_be_word = false;
		} else {
			return;
		}
	}
}

/* At the start of a type: its qualifiers come behind its name. */
static void put_type_start(struct writer *writer)
{
	struct words words = {0};

	for (;;) {
		const char *at = skip_space(writer->at);
		const size_t length = word_length(at);

		if (!length || !take_type_word(&words, at, length))
			break;
		writer->at = at + length;
	}
	if (is_builtin(&words))
		put_builtin(writer, &words);
	else if (words.is_const || words.is_volatile)
		put_type_name(writer);
	if (words.is_const)
		put_word(writer, "const", 5);
	if (words.is_volatile)
		put_word(writer, "volatile", 8);
}

static void put_operator(struct writer *writer, size_t length)
{
	put_word(writer, "operator", 8);
	put_hidden(writer, writer->at + 8, length - 8);
	writer->at += length;
	if (length == 8) {
		put_type_start(writer); /* operator const char *() */
	} else if (*skip_space(writer->at) == '<') {
		text_putc(&writer->text, ' '); /* operator< <int> */
	}
}

static void put_one(struct writer *writer)
{
	const size_t operator_length = cxx_operator_length(writer->start, writer->at);
	const char byte = *writer->at;

	if (operator_length) {
		put_operator(writer, operator_length);
	} else if (cxx_starts_with(writer->at, anonymous)) {
		put_hidden(writer, writer->at, strlen(anonymous));
		writer->at += strlen(anonymous);
	} else if (is_word(byte)) {
		put_word(writer, writer->at, word_length(writer->at));
		writer->at += word_length(writer->at);
	} else if (isspace((unsigned char)byte)) {
		writer->at++;
	} else {
		text_putc(&writer->text, byte);
		writer->at++;
		if (byte == '(')
			put_list(writer, ')');
		else if (byte == '<')
			put_list(writer, '>');
	}
}

/* Types, separated by commas, up to the closing bracket and with it. */
static void put_list(struct writer *writer, char closing)
{
	bool starts = true;
	const size_t before = writer->text.length;

	if (++writer->depth > DEEPEST) {
		text_puts(&writer->text, writer->at);
		writer->at += strlen(writer->at);
	}
	while (*writer->at) {
		if (starts)
			put_type_start(writer);
		starts = *writer->at == ',';
		if (*writer->at == closing && !(closing == '>' && writer->at[-1] == '-')) {
			if (closing == ')' && writer->text.length == before + 4 &&
			    strcmp(writer->text.data + before, "void") == 0)
				writer->text.data[writer->text.length = before] = '\0';
			text_putc(&writer->text, closing);
			writer->at++;
			break;
		}
		if (*writer->at)
			put_one(writer);
	}
	writer->depth--;
}

/* Rust's <Type>::method, which people write Type::method; but not <Type as Trait>::method. NULL for all else. */
static char *without_outer_brackets(const char *text)
{
	const char *end = *text == '<' ? cxx_brackets_end(text, text) : text;

	if (!cxx_starts_with(end, "::") || end < text + 2 || memmem(text, (size_t)(end - text), " as ", 4))
		return NULL;
	return mem_printf("%.*s%s", (int)(end - text - 2), text + 1, end);
}

char *cxx_name_canonical(const char *text)
{
	struct writer writer = {.start = text, .at = skip_space(text)};
	char *bare = without_outer_brackets(writer.at), *canonical;

	if (bare) {
		canonical = cxx_name_canonical(bare);
		free(bare);
		return canonical;
	}
	/* "::parse", as one may write for the global one */
	if (cxx_starts_with(writer.at, "::"))
		writer.at += 2;
	while (*writer.at)
		put_one(&writer);
	if (!writer.text.data)
		text_puts(&writer.text, "");
	return writer.text.data;
}
