/* suite: the programs that a suite's file names. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "suite.h"
#include "suite_lines.h"

static const char defaults_name[] = "defaults";

void batch_suite_free(struct batch_suite *suite)
{
	for (size_t i = 0; i < suite->count; i++)
		program_free(&suite->programs[i]);
	free(suite->programs);
	free(suite->path);
	*suite = (struct batch_suite){0};
}

/* Puts path, line and what it is about before the reason. */
static int set_at(const char *path, unsigned line, const char *what, const char *name, struct error *why,
		  struct error *err)
{
	error_set(err, STATUS_FAILED, "%s:%u: %s%s: %s", path, line, what, name, why->message);
	error_free(why);
	return -1;
}

static bool is_given_twice(const struct suite_section *section, size_t entry)
{
	const char *key = section->entries[entry].key;

	for (size_t i = 0; i < entry; i++)
		if (strcmp(section->entries[i].key, key) == 0 && strcmp(key, "env") != 0)
			return true;
	return false;
}

static int take_entries(struct batch_program *program, const char *path, const struct suite_section *section,
			struct error *err)
{
	bool is_defaults = strcmp(section->name, defaults_name) == 0;
	struct error why = {0};

	for (size_t i = 0; i < section->count; i++) {
		const struct suite_entry *entry = &section->entries[i];

		if (is_given_twice(section, i))
			error_set(&why, STATUS_FAILED, "given twice in [%s]", section->name);
		else if (is_defaults && strcmp(entry->key, "command") == 0)
			error_set(&why, STATUS_FAILED, "is for the section of a program");
		else if (program_set(program, entry->key, entry->value, &why) == 0)
			continue;
		return set_at(path, entry->line, "", entry->key, &why, err);
	}
	return 0;
}

static int take_section(struct batch_suite *suite, const struct suite_section *defaults,
			const struct suite_section *section, struct error *err)
{
	struct batch_program *program;
	unsigned line = section->line;
	struct error why = {0};

	suite->programs =
		array_reserve(suite->programs, &suite->capacity, suite->count + 1, sizeof(*program));
	program = &suite->programs[suite->count++];
	program_init(program);
	program->name = mem_strdup(section->name);
	program->line = section->line;
	if ((defaults && take_entries(program, suite->path, defaults, err) < 0) ||
	    take_entries(program, suite->path, section, err) < 0)
		return -1;
	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->entries[i].key, "command") == 0)
			line = section->entries[i].line;
	if (!*section->name)
		error_set(&why, STATUS_FAILED, "has no name");
	else if (program_settle(program, &why) == 0)
		return 0;
	return set_at(suite->path, line, "section ", section->name, &why, err);
}

int batch_suite_read(const char *path, struct batch_suite *suite, struct error *err)
{
	const struct suite_section *defaults = NULL;
	struct suite_sections sections;
	int status = 0;

	*suite = (struct batch_suite){.path = mem_strdup(path)};
	if (suite_sections_read(path, &sections, err) < 0) {
		batch_suite_free(suite);
		return -1;
	}
	for (size_t i = 0; i < sections.count; i++)
		if (strcmp(sections.items[i].name, defaults_name) == 0)
			defaults = &sections.items[i];
	for (size_t i = 0; status == 0 && i < sections.count; i++)
		if (&sections.items[i] != defaults)
			status = take_section(suite, defaults, &sections.items[i], err);
	if (status == 0 && suite->count == 0)
		status = error_set(err, STATUS_FAILED,
				   "%s: no program in it; write a [section] with a command", path);
	suite_sections_free(&sections);
	if (status < 0)
		batch_suite_free(suite);
	return status;
}
