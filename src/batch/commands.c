/* commands: suites without a file, and what the command line changes in a suite. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "split.h"
#include "suite.h"

/* ---- programs ------------------------------------------------------------- */

static bool has_name(const struct batch_suite *suite, const char *name)
{
	for (size_t i = 0; i < suite->count; i++)
		if (strcmp(suite->programs[i].name, name) == 0)
			return true;
	return false;
}

static char *free_name(const struct batch_suite *suite, const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *base = slash && slash[1] ? slash + 1 : program;
	char *name = mem_strdup(base);
	size_t number = 1;

	/* Thousands may be called so: the search begins where they are likely to end. */
	for (size_t i = 0; i < suite->count; i++)
		number += strncmp(suite->programs[i].name, base, strlen(base)) == 0;
	for (; has_name(suite, name); number++) {
		free(name);
		name = mem_printf("%s-%zu", base, number);
	}
	return name;
}

/* Takes the command. The reason in err is without it. */
static int add_command(struct batch_suite *suite, char *command, bool shell, struct error *err)
{
	struct batch_program *program;
	char **words = words_split_plain(command, err);

	suite->programs =
		array_reserve(suite->programs, &suite->capacity, suite->count + 1, sizeof(*program));
	program = &suite->programs[suite->count];
	program_init(program);
	program->command = command;
	program->shell = shell;
	program->name = free_name(suite, words && words[0] ? words[0] : "command");
	suite->count++;
	/* What is no word for us may be one for a shell. */
	if (!words && shell)
		error_free(err);
	else if (!words)
		return -1;
	strings_free(words);
	return program_settle(program, err);
}

static char *join(char *const *words, size_t count)
{
	struct text command = {0};

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_putc(&command, ' ');
		text_put_shell_word(&command, words[i]);
	}
	return command.data;
}

/* The command is for people then; what is run are the words, as they are. */
static int add_words(struct batch_suite *suite, char *const *words, size_t count, struct error *err)
{
	struct batch_program *program;

	suite->programs =
		array_reserve(suite->programs, &suite->capacity, suite->count + 1, sizeof(*program));
	program = &suite->programs[suite->count];
	program_init(program);
	program->command = join(words, count);
	program->name = free_name(suite, words[0]);
	suite->count++;
	for (size_t i = 0; i < count; i++)
		program->argv = strings_add(program->argv, mem_strdup(words[i]));
	return program_settle(program, err);
}

int batch_suite_add_words(struct batch_suite *suite, char *const *words, struct error *err)
{
	while (*words) {
		size_t count = 0;

		while (words[count] && strcmp(words[count], "--") != 0)
			count++;
		if (count == 0)
			return error_set(err, STATUS_FAILED, "batch: no program after --; name one");
		if (add_words(suite, words, count, err) < 0)
			return -1;
		words += count;
		if (*words)
			words++;
	}
	return 0;
}

/* One that is empty, or a comment, is none. Its end is that of any system. */
static int add_line(struct batch_suite *suite, char *line, bool shell, struct error *err)
{
	const char *start = line + strspn(line, " \t");

	line[strcspn(line, "\r\n")] = '\0';
	return *start && *start != '#' ? add_command(suite, mem_strdup(start), shell, err) : 0;
}

int batch_suite_add_lines(struct batch_suite *suite, FILE *lines, bool shell, struct error *err)
{
	struct error why = {0};
	char *line = NULL;
	size_t capacity = 0, number = 0;
	int status = 0;
	ssize_t length;

	while (status == 0 && (length = getline(&line, &capacity, lines)) > 0) {
		number++;
		if (strlen(line) < (size_t)length)
			status = error_set(&why, STATUS_FAILED, "a byte 0: not a line of text");
		else
			status = add_line(suite, line, shell, &why);
	}
	if (status < 0)
		error_set(err, STATUS_FAILED, "standard input, line %zu: %s", number, why.message);
	else if (ferror(lines))
		status = error_set(err, STATUS_FAILED, "standard input: %s", strerror(errno));
	else if (suite->count == 0)
		status = error_set(err, STATUS_FAILED, "standard input: no command in it; write one a line");
	error_free(&why);
	free(line);
	return status;
}

/* ---- for all programs ------------------------------------------------------ */

int batch_suite_set(struct batch_suite *suite, const char *key, const char *value, struct error *err)
{
	struct error why = {0};

	for (size_t i = 0; i < suite->count; i++)
		if (program_set(&suite->programs[i], key, value, &why) < 0 ||
		    program_settle(&suite->programs[i], &why) < 0) {
			error_set(err, STATUS_FAILED, "%s '%s': %s", key, value, why.message);
			error_free(&why);
			return -1;
		}
	return 0;
}

int batch_suite_add_function(struct batch_suite *suite, const char *spec, struct error *err)
{
	struct sym_spec parsed;

	if (sym_spec_parse(spec, &parsed, err) < 0)
		return -1;
	sym_spec_free(&parsed);
	for (size_t i = 0; i < suite->count; i++) {
		struct batch_program *program = &suite->programs[i];

		program->functions = strings_add(program->functions, mem_strdup(spec));
	}
	return 0;
}

static bool fits(const char *name, char *const *globs)
{
	for (size_t i = 0; globs && globs[i]; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return !globs || !globs[0];
}

static bool has_tag(const struct batch_program *program, char *const *tags)
{
	for (size_t i = 0; program->tags && program->tags[i]; i++)
		if (fits(program->tags[i], tags))
			return true;
	return !tags || !tags[0];
}

int batch_suite_select(struct batch_suite *suite, char *const *globs, char *const *tags, struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; globs && globs[i]; i++) {
		char *const one[] = {globs[i], NULL};
		bool found = false;

		for (size_t j = 0; j < suite->count; j++)
			found |= fits(suite->programs[j].name, one);
		if (!found)
			return error_set(err, STATUS_FAILED,
					 "%s: no program of the suite is called so; see --list", globs[i]);
	}
	for (size_t i = 0; i < suite->count; i++) {
		struct batch_program *program = &suite->programs[i];

		if (fits(program->name, globs) && has_tag(program, tags))
			suite->programs[kept++] = *program;
		else
			program_free(program);
	}
	suite->count = kept;
	return kept > 0 ? 0 : error_set(err, STATUS_FAILED, "--tags: no program has one of them; see --list");
}
