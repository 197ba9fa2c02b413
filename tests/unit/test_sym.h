/*
 * What the tests of sym/ share: a folder for made programs, commands run in
 * it, and readelf as the independent reader of symbol tables.
 */
#ifndef FMPROF_TEST_SYM_H
#define FMPROF_TEST_SYM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fmprof/sym.h"

static char folder[256];

static inline int folder_make(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/fmprof-sym-XXXXXX", parent && *parent ? parent : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *status, int kind, struct FTW *position)
{
	(void)status, (void)kind, (void)position;
	return remove(path);
}

static inline int folder_remove(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline char *in_folder(const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static inline void write_file(const char *name, const void *bytes, size_t length)
{
	char *path = in_folder(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	free(path);
}

/* Runs a shell command in the folder; returns whether it succeeded. */
__attribute__((format(printf, 1, 2))) static inline bool run(const char *format, ...)
{
	va_list arguments;
	char *command, *whole;
	int status;

	va_start(arguments, format);
	assert_true(vasprintf(&command, format, arguments) >= 0);
	va_end(arguments);
	whole = mem_printf("cd '%s' && { %s; }", folder, command);
	status = system(whole);
	free(whole);
	free(command);
	return status == 0;
}

static inline struct sym_module *open_module(const char *path)
{
	struct sym_module *module = NULL;
	struct error err = {0};

	if (sym_module_open(path, path, &module, &err) < 0)
		fail_msg("%s", err.message);
	return module;
}

static inline struct sym_module *open_made(const char *name)
{
	char *path = in_folder(name);
	struct sym_module *module = open_module(path);

	free(path);
	return module;
}

/* Parses the spec and finds what it matches; failing is a failed test. */
static inline struct sym_functions find(struct sym_module *module, const char *text)
{
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};

	if (sym_spec_parse(text, &spec, &err) < 0 || sym_module_find(module, &spec, &functions, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	sym_spec_free(&spec);
	return functions;
}

static inline void assert_finds(struct sym_module *module, const char *text, size_t count)
{
	struct sym_functions functions = find(module, text);

	if (functions.count != count) {
		for (size_t at = 0; at < functions.count; at++)
			print_message("  %s at 0x%llx\n", functions.items[at].name,
				      (unsigned long long)functions.items[at].address);
		fail_msg("'%s' finds %zu functions, not %zu", text, functions.count, count);
	}
	sym_functions_free(&functions);
}

/* The only function that the spec finds. */
static inline uint64_t find_one(struct sym_module *module, const char *text, const char *name)
{
	struct sym_functions functions = find(module, text);
	uint64_t address;

	if (functions.count != 1)
		fail_msg("'%s' finds %zu functions", text, functions.count);
	if (name)
		assert_string_equal(functions.items[0].name, name);
	address = functions.items[0].address;
	sym_functions_free(&functions);
	return address;
}

static inline void assert_refuses(struct sym_module *module, const char *text, const char *part)
{
	struct sym_functions functions = {0};
	struct error err = {0};
	struct sym_spec spec;

	assert_int_equal(sym_spec_parse(text, &spec, &err), 0);
	assert_int_equal(sym_module_find(module, &spec, &functions, &err), -1);
	assert_non_null(strstr(err.message, part));
	assert_int_equal(functions.count, 0);
	error_free(&err);
	sym_spec_free(&spec);
	sym_functions_free(&functions);
}

static inline void assert_explains(struct sym_module *module, const char *text, const char *part)
{
	struct sym_spec spec;
	struct error err = {0};
	struct text reason = {0};

	assert_int_equal(sym_spec_parse(text, &spec, &err), 0);
	sym_explain_no_match(&spec, &module, 1, &reason);
	if (!reason.data || !strstr(reason.data, part))
		fail_msg("'%s' is explained by \"%s\", without \"%s\"", text, reason.data, part);
	assert_null(strchr(reason.data, '\n'));
	text_free(&reason);
	sym_spec_free(&spec);
}

/* ---- readelf ----------------------------------------------------------- */

struct addresses {
	uint64_t *items;
	size_t count, capacity;
};

static inline int address_order(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static inline void addresses_add(struct addresses *addresses, uint64_t address)
{
	addresses->items =
		array_reserve(addresses->items, &addresses->capacity, addresses->count + 1, sizeof(uint64_t));
	addresses->items[addresses->count++] = address;
}

static inline void addresses_sort(struct addresses *addresses)
{
	size_t kept = 0;

	if (addresses->count)
		qsort(addresses->items, addresses->count, sizeof(uint64_t), address_order);
	for (size_t at = 0; at < addresses->count; at++)
		if (!kept || addresses->items[kept - 1] != addresses->items[at])
			addresses->items[kept++] = addresses->items[at];
	addresses->count = kept;
}

/* Functions in `table` of the file whose names match the glob, as readelf has them. */
static inline struct addresses readelf_functions(const char *path, const char *table, const char *glob)
{
	char *command = mem_printf("readelf -sW '%s' 2>/dev/null", path);
	FILE *pipe = popen(command, "r");
	struct addresses addresses = {0};
	char *line = NULL;
	size_t room = 0;
	bool inside = false;

	assert_non_null(pipe);
	while (getline(&line, &room, pipe) > 0) {
		unsigned long long value;
		char type[32], section[32], name[4096];

		if (strncmp(line, "Symbol table", 12) == 0)
			inside = strstr(line, table) != NULL;
		if (!inside || sscanf(line, " %*[0-9]: %llx %*s %31s %*s %*s %31s %4095[^@ \n]", &value, type,
				      section, name) != 4)
			continue;
		if ((strcmp(type, "FUNC") == 0 || strcmp(type, "IFUNC") == 0) &&
		    strcmp(section, "UND") != 0 && value && !strstr(name, ".cold") &&
		    !strstr(name, ".part.") && fnmatch(glob, name, 0) == 0)
			addresses_add(&addresses, value);
	}
	pclose(pipe);
	free(line);
	free(command);
	addresses_sort(&addresses);
	return addresses;
}

/* The glob must find exactly what readelf shows. Returns how many. */
static inline size_t assert_as_readelf(const char *path, const char *glob)
{
	struct sym_module *module = open_module(path);
	struct addresses expected = readelf_functions(path, "'.symtab'", "*");
	const char *table = expected.count ? "'.symtab'" : "'.dynsym'";
	char *source = mem_strdup(path);
	struct sym_functions functions;
	size_t count;

	if (!expected.count && module->build_id) {
		char *debug = mem_printf("/usr/lib/debug/.build-id/%.2s/%s.debug", module->build_id,
					 module->build_id + 2);

		if (access(debug, R_OK) == 0) {
			free(source);
			source = mem_strdup(debug);
			table = "'.symtab'";
		}
		free(debug);
	}
	free(expected.items);
	expected = readelf_functions(source, table, glob);
	functions = find(module, glob);
	if (functions.count != expected.count)
		fail_msg("%s: '%s' finds %zu functions, readelf %zu", path, glob, functions.count,
			 expected.count);
	for (size_t at = 0; at < functions.count; at++)
		assert_int_equal(functions.items[at].address, expected.items[at]);
	count = functions.count;
	sym_functions_free(&functions);
	free(expected.items);
	free(source);
	sym_module_close(module);
	return count;
}

#endif
