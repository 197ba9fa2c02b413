/* program: what the keys of a section say. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "amounts.h"
#include "folders.h"
#include "internal.h"
#include "split.h"
#include "suite.h"

void program_init(struct batch_program *program)
{
	*program = (struct batch_program){
		.interval_ns = 10000000,
		.metrics = mem_strdup("rss"),
		.repeat = 1,
	};
}

static void budget_free(struct batch_budget *budget)
{
	free(budget->function);
}

void program_free(struct batch_program *program)
{
	for (size_t i = 0; i < program->budget_count; i++)
		budget_free(&program->budgets[i]);
	free(program->budgets);
	strings_free(program->argv);
	strings_free(program->functions);
	strings_free(program->excludes);
	strings_free(program->environment);
	strings_free(program->tags);
	free(program->name);
	free(program->command);
	free(program->metrics);
	free(program->folder);
	free(program->input);
}

/* ---- one function a key ------------------------------------------------- */

static void replace(char **string, const char *value)
{
	free(*string);
	*string = mem_strdup(value);
}

static void forget_words(struct batch_program *program)
{
	strings_free(program->argv);
	program->argv = NULL;
}

static int set_command(struct batch_program *program, const char *value, struct error *err)
{
	(void)err; /* it is split when `shell` is known */
	replace(&program->command, value);
	forget_words(program);
	return 0;
}

static int set_shell(struct batch_program *program, const char *value, struct error *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return error_set(err, STATUS_FAILED, "neither yes nor no");
	program->shell = strcmp(value, "yes") == 0;
	forget_words(program);
	return 0;
}

static int set_specs(char ***list, const char *value, struct error *err)
{
	char **words = words_split_plain(value, err);
	struct sym_spec spec;
	int status = 0;

	for (size_t i = 0; words && words[i] && status == 0; i++) {
		status = sym_spec_parse(words[i], &spec, err);
		if (status == 0)
			sym_spec_free(&spec);
	}
	if (!words || status < 0) {
		strings_free(words);
		return -1;
	}
	strings_free(*list);
	*list = words;
	return 0;
}

static int set_functions(struct batch_program *program, const char *value, struct error *err)
{
	return set_specs(&program->functions, value, err);
}

static int set_excludes(struct batch_program *program, const char *value, struct error *err)
{
	return set_specs(&program->excludes, value, err);
}

static int set_interval(struct batch_program *program, const char *value, struct error *err)
{
	uint64_t interval;

	if (amount_parse_time(value, "interval", &interval, err) < 0)
		return -1;
	if (interval < 100000)
		return error_set(err, STATUS_FAILED, "shorter than 100us, which no reading keeps up with");
	program->interval_ns = interval;
	return 0;
}

static int set_metrics(struct batch_program *program, const char *value, struct error *err)
{
	struct sample_metrics metrics;

	if (sample_metrics_choose(&metrics, value, err) < 0)
		return -1;
	sample_metrics_free(&metrics);
	replace(&program->metrics, value);
	return 0;
}

static int set_children(struct batch_program *program, const char *value, struct error *err)
{
	static const char *const words[] = {
		[RECORD_CHILDREN_NOT] = "no",
		[RECORD_CHILDREN_SUM] = "sum",
		[RECORD_CHILDREN_SEPARATE] = "separate",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], value) == 0) {
			program->children = (enum record_children)i;
			return 0;
		}
	return error_set(err, STATUS_FAILED, "neither no, sum nor separate");
}

static int set_folder(struct batch_program *program, const char *value, struct error *err)
{
	(void)err; /* whether it is there is seen when the program is started */
	replace(&program->folder, value);
	return 0;
}

static int set_input(struct batch_program *program, const char *value, struct error *err)
{
	(void)err;
	replace(&program->input, value);
	return 0;
}

/* NAME=value, one a line. */
static int set_environment(struct batch_program *program, const char *value, struct error *err)
{
	while (*value) {
		size_t length = strcspn(value, "\n"), name = strcspn(value, "=\n");

		if (length > 0) {
			if (name == 0 || name == length)
				return error_set(err, STATUS_FAILED, "not NAME=value");
			program->environment = strings_add(program->environment, mem_strndup(value, length));
		}
		value += length + (value[length] == '\n');
	}
	return 0;
}

static int set_timeout(struct batch_program *program, const char *value, struct error *err)
{
	return amount_parse_time(value, "timeout", &program->timeout_ns, err);
}

static int set_expected(struct batch_program *program, const char *value, struct error *err)
{
	return amount_parse_expected(value, &program->expected, err);
}

static int set_repeat(struct batch_program *program, const char *value, struct error *err)
{
	return amount_parse_count(value, 1, &program->repeat, err);
}

static int set_retry(struct batch_program *program, const char *value, struct error *err)
{
	return amount_parse_count(value, 0, &program->retry, err);
}

/* Words, with or without commas between them. */
static int set_tags(struct batch_program *program, const char *value, struct error *err)
{
	(void)err;
	strings_free(program->tags);
	program->tags = NULL;
	for (;;) {
		size_t length;

		value += strspn(value, ", \t\n");
		length = strcspn(value, ", \t\n");
		if (length == 0)
			return 0;
		program->tags = strings_add(program->tags, mem_strndup(value, length));
		value += length;
	}
}

/* ---- budgets ------------------------------------------------------------ */

static bool same_budget(const struct batch_budget *budget, int kind, const char *function)
{
	if ((int)budget->kind != kind || !budget->function != !function)
		return false;
	return !function || strcmp(budget->function, function) == 0;
}

/* What is told of a budget last holds; "none" takes one of [defaults] away. */
static void remove_budget(struct batch_program *program, int kind, const char *function)
{
	size_t kept = 0;

	for (size_t i = 0; i < program->budget_count; i++) {
		if (same_budget(&program->budgets[i], kind, function))
			budget_free(&program->budgets[i]);
		else
			program->budgets[kept++] = program->budgets[i];
	}
	program->budget_count = kept;
}

/* A name or a glob, which is looked for among the functions of the recording: no file, line or address. */
static int check_function(const char *function, struct error *err)
{
	struct sym_spec spec;
	bool fine;

	if (sym_spec_parse(function, &spec, err) < 0)
		return -1;
	fine = !spec.file && (spec.kind == SYM_SPEC_NAME || spec.kind == SYM_SPEC_GLOB);
	sym_spec_free(&spec);
	return fine ? 0
		    : error_set(err, STATUS_FAILED,
				"'%s': a budget's function is a name or a glob, without a file", function);
}

static int set_budget(struct batch_program *program, int kind, const char *function, const char *value,
		      struct error *err)
{
	struct batch_budget budget = {.kind = kind};

	if (batch_budget_has_function(kind) != (function != NULL))
		return error_set(err, STATUS_FAILED,
				 function ? "is of the whole run and takes no function"
					  : "of which function? write %s.FUNCTION",
				 batch_budget_word(kind));
	if (function && check_function(function, err) < 0)
		return -1;
	remove_budget(program, kind, function);
	if (strcmp(value, "none") == 0)
		return 0;
	if (amount_parse(value, &budget, err) < 0)
		return -1;
	budget.function = function ? mem_strdup(function) : NULL;
	program->budgets = array_reserve(program->budgets, &program->budget_capacity,
					 program->budget_count + 1, sizeof(budget));
	program->budgets[program->budget_count++] = budget;
	return 0;
}

/* ---- all ---------------------------------------------------------------- */

static const struct {
	const char *key;
	int (*set)(struct batch_program *program, const char *value, struct error *err);
} keys[] = {
	{"command", set_command},   {"shell", set_shell},       {"functions", set_functions},
	{"exclude", set_excludes},  {"interval", set_interval}, {"metrics", set_metrics},
	{"children", set_children}, {"cwd", set_folder},        {"env", set_environment},
	{"stdin", set_input},       {"timeout", set_timeout},   {"exit", set_expected},
	{"repeat", set_repeat},     {"retry", set_retry},       {"tags", set_tags},
};

int program_set(struct batch_program *program, const char *key, const char *value, struct error *err)
{
	const char *dot = strchr(key, '.');
	int kind = batch_budget_from_word(key, dot ? (size_t)(dot - key) : strlen(key));

	if (kind >= 0)
		return set_budget(program, kind, dot && dot[1] ? dot + 1 : NULL, value, err);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(keys[i].key, key) == 0)
			return *value ? keys[i].set(program, value, err)
				      : error_set(err, STATUS_FAILED, "has no value");
	return error_set(err, STATUS_FAILED, "no such key; docs/batch.md has those there are");
}

static bool is_listed(char *const *list, const char *word)
{
	for (size_t i = 0; list && list[i]; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Its files are called NAME.dat and so on. */
static int check_name(const char *name, struct error *err)
{
	char *file = folder_name(name);
	size_t length = strlen(file);

	free(file);
	return length + sizeof(".dat") <= NAME_MAX
		       ? 0
		       : error_set(err, STATUS_FAILED, "too long a name for files");
}

/* A glob chooses among the functions that are named, if there are any: '*' would record all there are. */
char **program_specs(const struct batch_program *program)
{
	bool has_functions = program->functions != NULL;
	char **specs = strings_copy(program->functions);

	for (size_t i = 0; i < program->budget_count; i++) {
		const char *function = program->budgets[i].function;

		if (function && !(has_functions && strpbrk(function, "*?[")) && !is_listed(specs, function))
			specs = strings_add(specs, mem_strdup(function));
	}
	return specs;
}

static char **command_words(const struct batch_program *program, struct error *err)
{
	const char *const shell[] = {"/bin/sh", "-c", program->command};
	char **words = NULL;

	if (!program->shell)
		return words_split(program->command, err);
	for (size_t i = 0; i < sizeof(shell) / sizeof(*shell); i++)
		words = strings_add(words, mem_strdup(shell[i]));
	return words;
}

int program_settle(struct batch_program *program, struct error *err)
{
	if (!program->command)
		return error_set(err, STATUS_FAILED, "has no command");
	if (check_name(program->name, err) < 0)
		return -1;
	if (!program->argv) /* else it was given in words */
		program->argv = command_words(program, err);
	if (!program->argv)
		return -1;
	if (!program->argv[0] || !program->argv[0][0])
		return error_set(err, STATUS_FAILED, "names no program");
	return 0;
}
