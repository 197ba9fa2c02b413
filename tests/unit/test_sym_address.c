/*
 * sym: functions named by their address, where no symbol says what stands there. The same program before it was
 * stripped knows better.
 */
#include "test_sym.h"

static const char source[] =
	"#include <cstdio>\n"
	"#include <stdexcept>\n"
	"#include <vector>\n"
	"__attribute__((noinline)) int thrower(int n) { if (n > 3) throw std::runtime_error(\"n\"); return "
	"n; }\n"
	"__attribute__((noinline)) int catcher(int n) { try { return thrower(n); } catch (std::exception &e) "
	"{ return "
	"puts(e.what()); } }\n"
	"int main(int c, char **) { std::vector<int> v(c); for (int &e : v) e = catcher(c); return v[0]; }\n";

static bool is_accepted(struct sym_module *module, uint64_t address, char **message)
{
	char *text = mem_printf("0x%llx", (unsigned long long)address);
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};
	int count;

	assert_int_equal(sym_spec_parse(text, &spec, &err), 0);
	count = sym_module_find(module, &spec, &functions, &err);
	*message = err.message ? mem_strdup(err.message) : NULL;
	error_free(&err);
	sym_functions_free(&functions);
	sym_spec_free(&spec);
	free(text);
	return count == 1;
}

static void assert_refused(struct sym_module *module, uint64_t address, const struct sym_function *function)
{
	char *start = mem_printf("begins at 0x%llx;", (unsigned long long)function->address), *message;

	if (is_accepted(module, address, &message))
		fail_msg("%s+%llu is accepted", function->name,
			 (unsigned long long)(address - function->address));
	if (!message || !strstr(message, start))
		fail_msg("%s+%llu: %s", function->name, (unsigned long long)(address - function->address),
			 message ? message : "no error");
	free(message);
	free(start);
}

/* The start of each function is taken; its inside is not. Returns how many were looked at. */
static size_t assert_starts(const char *with_symbols, const char *stripped, const char *glob)
{
	struct sym_module *whole = open_made(with_symbols), *module = open_made(stripped);
	struct sym_functions functions = find(whole, glob);
	size_t count = 0;

	for (size_t at = 0; at < functions.count; at++) {
		const struct sym_function *function = &functions.items[at];
		char *message;

		/* What assemblers wrote has no tables. */
		if (function->size < 2 || strcmp(function->name, "_start") == 0)
			continue;
		if (!is_accepted(module, function->address, &message))
			fail_msg("%s: %s", function->name, message ? message : "is no code");
		free(message);
		assert_refused(module, function->address + 1, function);
		assert_refused(module, function->address + function->size / 2, function);
		assert_refused(module, function->address + function->size - 1, function);
		count++;
	}
	sym_functions_free(&functions);
	sym_module_close(module);
	sym_module_close(whole);
	return count;
}

static void test_stripped(void **state)
{
	static const char *const compilers[] = {"g++ -O1", "g++ -O2 -no-pie", "g++ -O1 -static",
						"clang++ -O1"};

	(void)state;
	write_file("t.cc", source, strlen(source));
	for (size_t at = 0; at < sizeof(compilers) / sizeof(compilers[0]); at++) {
		assert_true(run("%s -o t t.cc && strip -s -o s t", compilers[at]));
		assert_in_range(assert_starts("t", "s", "main"), 1, 1);
		assert_in_range(assert_starts("t", "s", "*er"), 2, 1000);
	}
}

/* Hundreds of functions: of this program. */
static void test_many(void **state)
{
	char path[4096];
	const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	(void)state;
	assert_true(length > 0);
	path[length] = '\0';
	assert_true(run("cp '%s' t && strip -s -o s t", path));
	assert_in_range(assert_starts("t", "s", "sym_*"), 50, 10000);
}

static const char no_tables[] = "int used(int n) { return n; }\nint main(int c) { return used(c); }\n";

/* Without tables an address is taken as it was given, but not without a word. */
static void test_no_tables(void **state)
{
	struct sym_module *module;
	struct sym_functions functions;
	char *text;

	(void)state;
	write_file("n.c", no_tables, strlen(no_tables));
	assert_true(run("gcc -O0 -fno-asynchronous-unwind-tables -nostartfiles -static -e main -o t n.c && "
			"strip -s -o s t"));
	module = open_made("t");
	text = mem_printf("0x%llx", (unsigned long long)find_one(module, "main", NULL) + 4);
	assert_refuses(module, text, "inside of 'main'");
	sym_module_close(module);
	module = open_made("s");
	functions = find(module, text);
	assert_int_equal(functions.count, 1);
	assert_non_null(
		strstr(sym_module_trouble(module), "nothing in s tells whether a function begins there"));
	sym_functions_free(&functions);
	sym_module_close(module);
	free(text);
}

/* An entry in the middle of code that is unwound as one. */
static void test_labels(void **state)
{
	static const char assembly[] =
		".globl outer, main\n.type main, @function\n.text\nmain:\n.cfi_startproc\nnop\n"
		"outer:\nnop\nxor %eax, %eax\nret\n.cfi_endproc\nnop\nnop\n"
		".section .note.GNU-stack,\"\",@progbits\n";
	struct sym_module *module;
	uint64_t address;
	char *text;

	(void)state;
	write_file("a.s", assembly, strlen(assembly));
	assert_true(run("gcc -o t a.s"));
	module = open_made("t");
	assert_true(sym_module_symbol(module, "outer", &address));
	text = mem_printf("0x%llx", (unsigned long long)address);
	assert_finds(module, text, 1);
	free(text);
	text = mem_printf("0x%llx", (unsigned long long)address + 1);
	assert_refuses(module, text, "inside of code of t that begins at");
	free(text);
	text = mem_printf("0x%llx", (unsigned long long)address + 4);
	assert_refuses(module, text, "no function of t is there");
	free(text);
	sym_module_close(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_tables),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
