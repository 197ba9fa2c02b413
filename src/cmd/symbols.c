#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "fmprof/arch.h"
#include "source_options.h"
#include "spec_list.h"
#include "symbols.h"

enum { OPTION_FUNCS_FROM = 256, OPTION_DEBUG_DIR, OPTION_NO_CACHE, OPTION_JSON };

struct options {
	struct spec_list specs, excludes;
	struct source_options sources;
	bool json;
};

static void print_help(void)
{
	printf("usage: fmprof symbols [options] BINARY|PID [SPEC...]\n"
	       "Shows the functions that specs name in a program or library, or in a running process;\n"
	       "without SPEC all. Each row begins with a spec for exactly this function, so that the output\n"
	       "can be given to fmprof run --funcs-from.\n\n"
	       "      --json              an array of objects\n"
	       "      --funcs-from FILE   specs from this file too, one a line\n"
	       "  -x, --exclude SPEC      but not these; may be given often\n"
	       "%s"
	       "  -h, --help\n\n"
	       "SPEC as in fmprof run. Exit status: 0, 1 if nothing is named that can be recorded, 125 if "
	       "fmprof failed.\n",
	       source_options_help);
}

/* ---- options ----------------------------------------------------------- */

/* 1 go on, 0 no such option, -1 and a reason. */
static int take_option(struct options *options, int letter, struct error *err)
{
	switch (letter) {
	case 'x':
		return spec_list_add(&options->excludes, optarg, err) < 0 ? -1 : 1;
	case OPTION_FUNCS_FROM:
		return spec_list_read(&options->specs, optarg, err) < 0 ? -1 : 1;
	case OPTION_DEBUG_DIR:
		return source_options_add_folder(&options->sources, optarg, err) < 0 ? -1 : 1;
	case OPTION_NO_CACHE:
		options->sources.sources.cache = false;
		return 1;
	case OPTION_JSON:
		options->json = true;
		return 1;
	default:
		return 0;
	}
}

/* 1 go on, 0 done (help was printed), -1 err is set, or a usage error was printed (err empty). */
static int parse_options(struct options *options, int argc, char **argv, struct error *err)
{
	static const struct option long_options[] = {
		{"exclude", required_argument, NULL, 'x'},
		{"funcs-from", required_argument, NULL, OPTION_FUNCS_FROM},
		{"debug-dir", required_argument, NULL, OPTION_DEBUG_DIR},
		{"no-cache", no_argument, NULL, OPTION_NO_CACHE},
		{"json", no_argument, NULL, OPTION_JSON},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter, taken;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":x:h", long_options, NULL)) != -1) {
		if (letter == 'h') {
			print_help();
			return 0;
		}
		taken = take_option(options, letter, err);
		if (!taken)
			cmd_usage(argc, argv, letter);
		if (taken <= 0)
			return -1;
	}
	if (optind == argc)
		return error_set(err, STATUS_FAILED,
				 "symbols: no file; name one: fmprof symbols PROGRAM [FUNCTION...]");
	for (int i = optind + 1; i < argc; i++)
		if (spec_list_add(&options->specs, argv[i], err) < 0)
			return -1;
	return 1;
}

/* ---- finding ----------------------------------------------------------- */

static int by_address(const void *left, const void *right)
{
	const struct sym_function *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

/* Several specs may match one function. Among equals sorting keeps no order, so doubles go first. */
static void drop_doubles(struct sym_functions *functions)
{
	struct table seen = {0};
	size_t kept = 0;

	for (size_t i = 0; i < functions->count; i++) {
		struct sym_function *function = &functions->items[i];

		if (table_get(&seen, function->address)) {
			sym_function_free(function);
			continue;
		}
		table_put(&seen, function->address, functions);
		functions->items[kept++] = *function;
	}
	table_free(&seen);
	functions->count = kept;
	if (kept)
		qsort(functions->items, kept, sizeof(*functions->items), by_address);
}

/* Without a module in the spec the program is searched, and only if it has nothing the libraries, where a
 * bare address means nothing: as when recording. Without a spec of the user's (`everywhere`) all are. */
static int find(struct listed_modules *modules, const struct sym_spec *spec, bool everywhere,
		struct error *err)
{
	int total = 0;

	for (size_t i = 0; i < modules->count; i++) {
		struct listed_module *module = &modules->items[i];
		int count;

		if (i > 0 && !spec->module && spec->kind == SYM_SPEC_ADDRESS)
			break;
		count = sym_module_find(module->file, spec, &module->functions, err);
		if (count < 0)
			return -1;
		total += count;
		if (!spec->module && !everywhere && total && i == 0)
			break;
	}
	return total;
}

static int exclude(struct listed_module *module, const struct sym_spec *spec, struct error *err)
{
	struct sym_functions excluded = {0};
	struct table addresses = {0};
	size_t kept = 0;

	if (sym_module_find(module->file, spec, &excluded, err) < 0)
		return -1;
	for (size_t i = 0; i < excluded.count; i++)
		table_put(&addresses, excluded.items[i].address, module);
	for (size_t i = 0; i < module->functions.count; i++) {
		struct sym_function *function = &module->functions.items[i];

		if (table_get(&addresses, function->address))
			sym_function_free(function);
		else
			module->functions.items[kept++] = *function;
	}
	module->functions.count = kept;
	table_free(&addresses);
	sym_functions_free(&excluded);
	return 0;
}

static void explain(const struct listed_modules *modules, const struct sym_spec *spec)
{
	struct sym_module **files = mem_alloc(modules->count * sizeof(struct sym_module *));
	struct text reason = {0};

	for (size_t i = 0; i < modules->count; i++)
		files[i] = modules->items[i].file;
	sym_explain_no_match(spec, files, modules->count, &reason);
	fprintf(stderr, "fmprof: function '%s': %s\n", spec->text, reason.data ? reason.data : "not found");
	free(files);
	text_free(&reason);
}

static int find_all(struct listed_modules *modules, const struct options *options, bool *found,
		    struct error *err)
{
	struct sym_spec everything;
	int count;

	if (!options->specs.count) {
		if (sym_spec_parse("*", &everything, err) < 0)
			return -1;
		count = find(modules, &everything, true, err);
		sym_spec_free(&everything);
		return count < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < options->specs.count; i++) {
		count = find(modules, &options->specs.items[i], false, err);
		if (count < 0)
			return -1;
		found[i] = count > 0;
	}
	return 0;
}

/* ---- describing -------------------------------------------------------- */

/* Whether a trap can stand there, which is so nearly always. */
static void check_instruction(struct sym_module *module, struct sym_entry *entry)
{
	static const uint64_t near = 65536;
	const uint64_t address = entry->function.address;
	uint8_t code[ARCH_INSTRUCTION_MAX];
	struct arch_slot slot;
	struct error why = {0};
	const size_t length = sym_module_code(module, address, code, sizeof(code));

	if (module->machine != arch_elf_machine || !module->is_64bit)
		entry->obstacle = mem_strdup("code for another machine");
	else if (!length)
		entry->obstacle = mem_strdup("its code is not in the file");
	else if (arch_relocate(code, length, address, address + near, &slot, &why) < 0)
		entry->obstacle = mem_printf("cannot be traced: %s", why.message);
	error_free(&why);
}

static void describe(struct listed_modules *modules, const struct options *options, const bool *found)
{
	for (size_t i = 0; i < modules->count; i++) {
		struct listed_module *module = &modules->items[i];
		const char *line;

		drop_doubles(&module->functions);
		sym_module_describe(module->file, &module->functions, &module->listing);
		for (size_t at = 0; at < module->listing.count; at++)
			if (!module->listing.items[at].obstacle &&
			    !module->listing.items[at].function.indirect)
				check_instruction(module->file, &module->listing.items[at]);
		/* Debug information is read again only for what is not found otherwise. */
		for (size_t spec = 0; spec < options->specs.count; spec++)
			if (!found[spec] || i == 0 || options->specs.items[spec].module)
				sym_module_find_others(module->file, &options->specs.items[spec],
						       !found[spec] || options->specs.items[spec].kind !=
									       SYM_SPEC_NAME,
						       &module->listing);
		while ((line = sym_module_trouble(module->file)))
			fprintf(stderr, "fmprof: %s\n", line);
	}
}

static bool can_record_any(const struct listed_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		for (size_t at = 0; at < modules->items[i].listing.count; at++)
			if (!modules->items[i].listing.items[at].obstacle)
				return true;
	return false;
}

/* ---- the command ------------------------------------------------------- */

static size_t table_width(void)
{
	const char *columns = getenv("COLUMNS");

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	return cmd_terminal_width(STDOUT_FILENO);
}

/* A reader that has gone has seen enough. */
static int print(const struct listed_modules *modules, const struct options *options, struct error *err)
{
	struct text text = {0};
	int failed = 0;

	if (options->json)
		symbols_put_json(modules, &text);
	else
		symbols_put_table(modules, table_width(), &text);
	if ((fwrite(text.data, 1, text.length, stdout) < text.length || fflush(stdout)) && errno != EPIPE)
		failed = error_set(err, STATUS_FAILED,
				   "standard output: %s; nothing, or not all, was written", strerror(errno));
	text_free(&text);
	return failed;
}

static int list(const struct options *options, const char *word, struct error *err)
{
	struct listed_modules modules = {0};
	bool *found = mem_alloc(options->specs.count + 1);
	int status = listed_modules_open(&modules, word, &options->sources.sources, err);

	if (!status)
		status = find_all(&modules, options, found, err);
	for (size_t i = 0; !status && i < options->excludes.count; i++)
		for (size_t at = 0; !status && at < modules.count; at++)
			status = exclude(&modules.items[at], &options->excludes.items[i], err);
	if (!status) {
		describe(&modules, options, found);
		for (size_t i = 0; i < options->specs.count; i++)
			if (!found[i])
				explain(&modules, &options->specs.items[i]);
		status = print(&modules, options, err);
	}
	if (!status)
		status = can_record_any(&modules) ? 0 : 1;
	listed_modules_free(&modules);
	free(found);
	return status;
}

int cmd_symbols(int argc, char **argv)
{
	struct options options = {0};
	struct error err = {0};
	int status;

	source_options_init(&options.sources);
	status = parse_options(&options, argc, argv, &err);
	if (status > 0)
		status = list(&options, argv[optind], &err);
	spec_list_free(&options.specs);
	spec_list_free(&options.excludes);
	source_options_free(&options.sources);
	if (status >= 0)
		return status;
	if (err.message)
		cmd_fail(&err);
	return STATUS_FAILED;
}
