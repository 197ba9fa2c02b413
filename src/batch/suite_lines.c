/*
 * suite_lines: an INI file by libinih, with what that leaves out: numbers of lines, lines of any length,
 * sections without a line, and keys with colons (max-peak.ns::f), which inih takes for '='. All of it is done
 * by the reader that inih asks for the next line.
 */
#include "suite_lines.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stands for a colon in a key. */
enum { COLON = '\1' };

/* How the bytes that inih has got last go on what it had before. */
enum joint { NEW_LINE, SAME_LINE };

struct lines {
	FILE *file;
	const char *path;
	struct suite_sections *sections;
	char *line; /* that is handed out */
	size_t capacity, length, given;
	unsigned number;
	enum joint joint;
	bool has_comment;  /* a ';' behind a blank, which cuts the line for inih */
	unsigned *numbers; /* of what was handed out: inih counts pieces */
	size_t pieces, numbers_capacity;
	int trouble; /* errno where it could not be read */
	struct error *err;
};

static int set_wrong(struct lines *lines, unsigned number, const char *why, const char *what)
{
	if (!lines->err->message)
		error_set(lines->err, STATUS_FAILED, "%s:%u: %s%s", lines->path, number, why, what);
	return 0; /* what inih's handlers say then */
}

void suite_sections_free(struct suite_sections *sections)
{
	for (size_t i = 0; i < sections->count; i++) {
		struct suite_section *section = &sections->items[i];

		for (size_t j = 0; j < section->count; j++) {
			free(section->entries[j].key);
			free(section->entries[j].value);
		}
		free(section->entries);
		free(section->name);
	}
	free(sections->items);
	*sections = (struct suite_sections){0};
}

static void begin_section(struct lines *lines, const char *start)
{
	struct suite_sections *sections = lines->sections;
	const char *end = strchr(start, ']'), *rest = end ? end + 1 + strspn(end + 1, " \t") : NULL;
	struct suite_section *section;

	if (!end)
		set_wrong(lines, lines->number, "a '[' without ']'", "");
	else if (end == start + 1)
		set_wrong(lines, lines->number, "a section without a name", "");
	else if (*rest && !strchr(";#", *rest))
		set_wrong(lines, lines->number, "after ']' stands ", rest);
	if (lines->err->message)
		return;
	sections->items =
		array_reserve(sections->items, &sections->capacity, sections->count + 1, sizeof(*section));
	section = &sections->items[sections->count++];
	*section = (struct suite_section){.name = mem_strndup(start + 1, (size_t)(end - start - 1)),
					  .line = lines->number};
	for (size_t i = 0; i + 1 < sections->count; i++)
		if (strcmp(sections->items[i].name, section->name) == 0)
			set_wrong(lines, lines->number,
				  "there is a section of this name already: ", section->name);
}

/* Also remembers what inih will not tell. */
static void look_at_line(struct lines *lines)
{
	char *start = lines->line, *equals;

	lines->has_comment = false;
	for (char *c = start; *c; c++)
		lines->has_comment |= *c == ';' && c > start && isspace((unsigned char)c[-1]);
	if (isspace((unsigned char)*start) || *start == ';' || *start == '#')
		return;
	if (strncmp(start, "\xef\xbb\xbf", 3) == 0 && lines->number == 1)
		start += 3;
	if (*start == '[') {
		begin_section(lines, start);
		return;
	}
	equals = strchr(start, '=');
	for (char *c = start; equals && c < equals; c++)
		if (*c == ':')
			*c = COLON;
}

static bool next_line(struct lines *lines)
{
	ssize_t length = getline(&lines->line, &lines->capacity, lines->file);

	if (length < 0) {
		lines->trouble = ferror(lines->file) ? errno : 0;
		return false;
	}
	lines->number++;
	if (strlen(lines->line) < (size_t)length)
		set_wrong(lines, lines->number, "a byte 0: not a file of text", "");
	lines->length = strlen(lines->line);
	while (lines->length > 0 && isspace((unsigned char)lines->line[lines->length - 1]))
		lines->line[--lines->length] = '\0';
	lines->given = 0;
	look_at_line(lines);
	return true;
}

/* Where a line can be cut so that nothing is lost when inih strips blanks and comments; 0: nowhere. */
static size_t find_cut(const char *bytes, size_t most)
{
	size_t cut = most;

	while (cut > 0 && (isspace((unsigned char)bytes[cut - 1]) || isspace((unsigned char)bytes[cut]) ||
			   bytes[cut] == ';' || bytes[cut] == '#'))
		cut--;
	return cut;
}

/* As fgets. A piece that goes on a line begins with a blank, so that inih takes it for a continued line. */
static char *read_piece(char *buffer, int size, void *stream)
{
	struct lines *lines = stream;
	size_t room = (size_t)size - 2, length, at = 0;

	if (lines->given == lines->length && !next_line(lines))
		return NULL;
	lines->joint = lines->given > 0 ? SAME_LINE : NEW_LINE;
	if (lines->joint == SAME_LINE)
		buffer[at++] = ' ';
	length = lines->length - lines->given;
	if (length > room && lines->line[0] == '[')
		set_wrong(lines, lines->number, "too long a name for a section", "");
	if (length > room - at)
		length = find_cut(lines->line + lines->given, room - at);
	if (length == 0 && lines->length > 0) {
		set_wrong(lines, lines->number, "too long a line; continue it on the next one, indented", "");
		length = lines->length - lines->given < room ? lines->length - lines->given : room - at;
	}
	memcpy(buffer + at, lines->line + lines->given, length);
	lines->given += length;
	buffer[at + length] = '\n';
	buffer[at + length + 1] = '\0';
	lines->numbers = array_reserve(lines->numbers, &lines->numbers_capacity, lines->pieces + 1,
				       sizeof(*lines->numbers));
	lines->numbers[lines->pieces++] = lines->number;
	return buffer;
}

static bool is_continued(const struct lines *lines)
{
	return lines->joint == SAME_LINE || isspace((unsigned char)lines->line[0]);
}

/* A command or a variable may hold a ';' that was not meant to begin a comment. */
static bool may_hold_semicolons(const char *key)
{
	return strcmp(key, "command") == 0 || strcmp(key, "env") == 0;
}

static int take_entry(void *context, const char *section_name, const char *name, const char *value)
{
	struct lines *lines = context;
	struct suite_sections *sections = lines->sections;
	struct suite_section *section = sections->count > 0 ? &sections->items[sections->count - 1] : NULL;
	struct suite_entry *entry;

	if (!section || !*section_name)
		return set_wrong(lines, lines->number, "stands before the first [section]: ", name);
	if (lines->has_comment && may_hold_semicolons(name))
		return set_wrong(lines, lines->number,
				 "a ';' after a blank begins a comment; write it without the blank, in ",
				 name);
	if (is_continued(lines) && section->count > 0) {
		entry = &section->entries[section->count - 1];
		char *longer =
			mem_printf("%s%s%s", entry->value, lines->joint == SAME_LINE ? "" : "\n", value);
		free(entry->value);
		entry->value = longer;
		return 1;
	}
	section->entries =
		array_reserve(section->entries, &section->capacity, section->count + 1, sizeof(*entry));
	entry = &section->entries[section->count++];
	*entry = (struct suite_entry){mem_strdup(name), mem_strdup(value), lines->number};
	for (char *c = entry->key; *c; c++)
		if (*c == COLON)
			*c = ':';
	return 1;
}

int suite_sections_read(const char *path, struct suite_sections *sections, struct error *err)
{
	struct error first = {0};
	struct lines lines = {.path = path, .sections = sections, .err = &first};
	int wrong;

	*sections = (struct suite_sections){0};
	lines.file = fopen(path, "re");
	if (!lines.file)
		return error_set(err, STATUS_FAILED,
				 "%s: cannot be read: %s; name a suite, or commands after --", path,
				 strerror(errno));
	wrong = ini_parse_stream(read_piece, &lines, take_entry, &lines);
	if (lines.trouble && !first.message)
		error_set(&first, STATUS_FAILED, "%s: cannot be read: %s; name a suite", path,
			  strerror(lines.trouble));
	if (wrong > 0 && (size_t)wrong <= lines.pieces)
		set_wrong(&lines, lines.numbers[wrong - 1], "neither [section] nor key = value", "");
	fclose(lines.file);
	free(lines.line);
	free(lines.numbers);
	if (!first.message)
		return 0;
	suite_sections_free(sections);
	*err = first;
	return -1;
}
