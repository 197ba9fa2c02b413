/*
 * sym: reading specs, and which modules they take.
 */
#include "test_sym.h"

#include "../../src/sym/elf.h"

static void assert_spec(const char *text, const char *module, const char *file, const char *pattern,
			enum sym_spec_kind kind)
{
	struct sym_spec spec;
	struct error err = {0};

	if (sym_spec_parse(text, &spec, &err) < 0)
		fail_msg("%s", err.message);
	assert_string_equal(spec.text, text);
	assert_string_equal(spec.module ? spec.module : "-", module ? module : "-");
	assert_string_equal(spec.file ? spec.file : "-", file ? file : "-");
	assert_string_equal(spec.pattern, pattern);
	assert_int_equal(spec.kind, kind);
	sym_spec_free(&spec);
}

static void assert_no_spec(const char *text, const char *part)
{
	struct sym_spec spec;
	struct error err = {0};

	assert_int_equal(sym_spec_parse(text, &spec, &err), -1);
	if (!strstr(err.message, part))
		fail_msg("%s", err.message);
	error_free(&err);
}

static void test_spec_parse(void **state)
{
	(void)state;
	assert_spec("parse", NULL, NULL, "parse", SYM_SPEC_NAME);
	assert_spec("parse_*", NULL, NULL, "parse_*", SYM_SPEC_GLOB);
	assert_spec("[!a]?", NULL, NULL, "[!a]?", SYM_SPEC_GLOB);
	assert_spec("[[:alpha:]]x", NULL, NULL, "[[:alpha:]]x", SYM_SPEC_GLOB);
	assert_spec("libsqlite3.so*!sqlite3_step", "libsqlite3.so*", NULL, "sqlite3_step", SYM_SPEC_NAME);
	assert_spec("*!free_tree", "*", NULL, "free_tree", SYM_SPEC_NAME);
	assert_spec("lib[!x]*!f[!a]*", "lib[!x]*", NULL, "f[!a]*", SYM_SPEC_GLOB);
	/* A ']' in the first place closes nothing. */
	assert_spec("[]!]x!f", "[]!]x", NULL, "f", SYM_SPEC_NAME);
	assert_spec("lib[!]!]x!f", "lib[!]!]x", NULL, "f", SYM_SPEC_NAME);
	assert_spec("lib[^]!]x!f", "lib[^]!]x", NULL, "f", SYM_SPEC_NAME);
	assert_spec("f[!]:]", NULL, NULL, "f[!]:]", SYM_SPEC_GLOB);
	assert_spec("parser.c:parse", NULL, "parser.c", "parse", SYM_SPEC_NAME);
	assert_spec("m!/src/parser.c:parse", "m", "/src/parser.c", "parse", SYM_SPEC_NAME);
	assert_spec("ns::parse", NULL, NULL, "ns::parse", SYM_SPEC_NAME);
	assert_spec("a.cc:ns::parse", NULL, "a.cc", "ns::parse", SYM_SPEC_NAME);
	assert_spec("A::operator!", NULL, NULL, "A::operator!", SYM_SPEC_NAME);
	assert_spec("parser.c:120", NULL, "parser.c", "120", SYM_SPEC_NAME);
	assert_spec("m!0x12aB", "m", NULL, "", SYM_SPEC_ADDRESS);
	assert_spec("/^parse_(a|b:c)$/", NULL, NULL, "^parse_(a|b:c)$", SYM_SPEC_REGEX);
	assert_spec("m!a.c:/x/", "m", "a.c", "x", SYM_SPEC_REGEX);
	assert_spec("/a!b/", NULL, NULL, "a!b", SYM_SPEC_REGEX);
	assert_spec("/usr/lib/libx.so!/a/", "/usr/lib/libx.so", NULL, "a", SYM_SPEC_REGEX);
}

/* What is a wildcard, and what belongs to a type or an operator. */
static void test_spec_cplusplus(void **state)
{
	static const char *const names[] = {
		"ns::f(int, char*)",
		"f(void (*)(int))",
		"f(int (&) [3])",
		"Parser<int*>::parse",
		"A<B*, C&>::f",
		"operator*",
		"ns::A::operator[]",
		"operator new[]",
		"operator delete []",
		"A::operator->*",
		"A::operator char*",
		"f[abi:cxx11]",
		"A::~A",
		"A::operator!=",
		"f<char const*>",
		"foo.bar!(int*).f",
		"a::operator()",
		"ns::f(char**)",
	};
	static const char *const globs[] = {
		"ns::*",      "Parser<*>::parse", "f(*)",           "*<char*",
		"*operator*", "ns::operator?*",   "A<int, *>::f",   "f(int, *)",
		"operator_*", "[a-c]::f",         "A::operator*=?",
	};

	(void)state;
	for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
		assert_spec(names[at], NULL, NULL, names[at], SYM_SPEC_NAME);
	for (size_t at = 0; at < sizeof(globs) / sizeof(globs[0]); at++)
		assert_spec(globs[at], NULL, NULL, globs[at], SYM_SPEC_GLOB);
	assert_spec("lib!a.cc:ns::f(int)", "lib", "a.cc", "ns::f(int)", SYM_SPEC_NAME);
	assert_spec("A<int\\*>::f", NULL, NULL, "A<int*>::f", SYM_SPEC_NAME);
	assert_spec("f(\\*)", NULL, NULL, "f(*)", SYM_SPEC_NAME);
	assert_spec("f\\?*", NULL, NULL, "f\\?*", SYM_SPEC_GLOB);
	assert_spec("::f", NULL, NULL, "::f", SYM_SPEC_NAME);
}

/* Whatever is written is read or refused, and compared with anything. */
static void test_spec_any_text(void **state)
{
	static const char alphabet[] = "<>()[]*?!:/\\|{@^$~ .,&-#a1operator";
	static const char *const names[] = {
		"_ZN2ns1fIiEET_Pc", "_ZNK1AclEv.constprop.0", "a1.b", "", "_", "_Z"};
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[32] = "";
		struct sym_spec spec;
		struct error err = {0};

		for (size_t at = 0; at < (size_t)round % (sizeof(text) - 1); at++) {
			seed = seed * 1103515245 + 12345;
			text[at] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		if (sym_spec_parse(text, &spec, &err) < 0) {
			assert_null(strchr(err.message, '\n'));
			error_free(&err);
			continue;
		}
		for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
			sym_spec_takes_name(&spec, names[at]);
		sym_spec_takes_name(&spec, text);
		sym_spec_free(&spec);
	}
}

static void assert_version(const char *text, const char *pattern, const char *version)
{
	struct sym_spec spec;
	struct error err = {0};

	assert_int_equal(sym_spec_parse(text, &spec, &err), 0);
	assert_string_equal(spec.pattern, pattern);
	assert_string_equal(spec.version ? spec.version : "-", version);
	sym_spec_free(&spec);
}

static void test_spec_version(void **state)
{
	(void)state;
	assert_version("memcpy", "memcpy", "-");
	assert_version("memcpy@GLIBC_2.14", "memcpy", "GLIBC_2.14");
	assert_version("libc!memcpy@@GLIBC_2.14", "memcpy", "GLIBC_2.14");
	assert_version("mem*@V1", "mem*", "V1");
	assert_version("@x", "@x", "-");
	assert_version("x@", "x@", "-");
	assert_version("f(int @safe)", "f(int @safe)", "-");
}

static void test_spec_refused(void **state)
{
	(void)state;
	assert_no_spec("", "names no function");
	assert_no_spec("m!", "names no function");
	assert_no_spec("a.c:", "names no function");
	assert_no_spec("!f", "no module");
	assert_no_spec(":f", "no source file");
	assert_no_spec("0x", "not an address");
	assert_no_spec("0x12g", "not an address");
	assert_no_spec("0x12345678123456789", "not an address");
	assert_no_spec("0x-1", "not an address");
	assert_no_spec("a.c:0x12", "belongs to a module");
	assert_no_spec("120", "FILE:LINE");
	assert_no_spec("a.c:0", "line");
	assert_no_spec("a.c:99999999999", "line");
	assert_no_spec("[vdso]!clock_gettime", "the kernel's code");
	assert_no_spec("linux-vdso.so.1!time", "the kernel's code");
	assert_no_spec("//", "names no function");
	assert_no_spec("/", "no '/' at its end");
	assert_no_spec("/usr/lib/libx.so", "no '/' at its end");
	assert_no_spec("m!/x", "no '/' at its end");
	assert_no_spec("[", "without a ']'");
	assert_no_spec("a.c:f[ab", "without a ']'");
	assert_no_spec("\\", "ends with a backslash");
	assert_no_spec("f\\", "ends with a backslash");
	assert_spec("f\\[", NULL, NULL, "f[", SYM_SPEC_NAME);
	assert_no_spec("/(/", "not an extended regular expression");
	assert_no_spec("m!/[/", "not an extended regular expression");
}

static bool takes(const char *text, const char *path)
{
	struct sym_module module = {.path = mem_strdup(path)};
	struct sym_spec spec;
	struct error err = {0};
	bool result;

	module.name = strrchr(module.path, '/') ? strrchr(module.path, '/') + 1 : module.path;
	assert_int_equal(sym_spec_parse(text, &spec, &err), 0);
	result = sym_spec_takes_module(&spec, &module);
	sym_spec_free(&spec);
	free(module.path);
	return result;
}

static void test_spec_takes_module(void **state)
{
	static const char path[] = "/usr/lib/libsqlite3.so.0.8.6";

	(void)state;
	assert_true(takes("f", path));
	assert_true(takes("libsqlite3.so*!f", path));
	assert_true(takes("libsqlite3!f", path));
	assert_true(takes("libsqlite3.so!f", path));
	assert_true(takes("libsqlite3.so.0!f", path));
	assert_true(takes("/usr/lib/*!f", path));
	assert_true(takes("/usr/lib/libsqlite3.so.0!f", path));
	assert_true(takes("*!f", path));
	assert_false(takes("libsqlite!f", path));
	assert_false(takes("libsqlite3.so.1!f", path));
	assert_false(takes("sqlite3!f", path));
	assert_false(takes("libsqlite3.s!f", path));
	assert_true(takes("prog!f", "prog"));
	assert_false(takes("pro!f", "prog"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec_parse),   cmocka_unit_test(test_spec_cplusplus),
		cmocka_unit_test(test_spec_version), cmocka_unit_test(test_spec_any_text),
		cmocka_unit_test(test_spec_refused), cmocka_unit_test(test_spec_takes_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
