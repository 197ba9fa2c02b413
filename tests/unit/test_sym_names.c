/*
 * sym: functions whose names compilers have mangled, found by the names that people write.
 */
#include "test_sym.h"

#include <time.h>

#include "../../src/sym/elf.h"

static const char cplusplus_source[] =
	"struct base { int n; virtual ~base(); virtual int act(); };\n"
	"base::~base() { n = 1; }\n"
	"int base::act() { return n; }\n"
	"struct other { virtual int work() { return 2; } };\n"
	"struct derived : base, other { int work() override; };\n"
	"int derived::work() { return 3; }\n"
	"namespace { __attribute__((noinline, used)) int lone(int n) { return n + 1; } }\n"
	"int over(int n) { return lone(n); }\n"
	"int over(double n) { return static_cast<int>(n); }\n"
	"template <class T> T id(T n) { return n; }\n"
	"template int id(int);\n"
	"template char id(char);\n"
	"extern int absent(int);\n"
	"int uses(int n) { return n ? absent(n) : 0; }\n"
	"int shared_data = 5;\n"
	"namespace ns { int shared = 3; int parse(int n) { return n; } }\n"
	"extern \"C\" int parse_a() { return 1; }\n"
	"int main() { derived d; return d.work() + over(1); }\n";

static void test_cplusplus_symbols(void **state)
{
	struct sym_module *module;
	struct sym_functions functions;

	(void)state;
	write_file("cc.cc", cplusplus_source, strlen(cplusplus_source));
	if (!run("g++ --version >gxx.txt"))
		skip();
	assert_true(run("g++ -O1 -g -shared -fPIC -o libcc.so cc.cc && cp libcc.so libstrip.so && strip "
			"libstrip.so"));
	module = open_made("libcc.so");
	/* The destructor that frees is a function of its own, of the same name. */
	functions = find(module, "base::~base");
	assert_int_equal(functions.count, 2);
	assert_string_not_equal(functions.items[0].name, functions.items[1].name);
	for (size_t at = 0; at < 2; at++)
		if (strcmp(functions.items[at].linkage_name, "_ZN4baseD0Ev") == 0)
			assert_string_equal(functions.items[at].name, "base::~base[deleting]");
		else
			assert_int_equal(strncmp(functions.items[at].name, "base::~base[", 12), 0);
	assert_string_equal(functions.items[0].full_name, "base::~base()");
	sym_functions_free(&functions);
	/* A thunk is no function of its own, though its name says so. */
	assert_true(run("nm -C libcc.so | grep -q 'non-virtual thunk to derived::work'"));
	find_one(module, "derived::work", "derived::work");
	find_one(module, "*::wor*", NULL);
	find_one(module, "/^derived::w/", "derived::work");
	find_one(module, "*thunk*work*", NULL);
	find_one(module, "lone", "(anonymous namespace)::lone");
	find_one(module, "over(int)", "over(int)");
	functions = find(module, "over");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].name, "over(int)");
	assert_string_equal(functions.items[1].name, "over(double)");
	sym_functions_free(&functions);
	functions = find(module, "id");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].name, "id<int>");
	assert_string_equal(functions.items[0].full_name, "int id<int>(int)");
	assert_string_equal(functions.items[0].linkage_name, "_Z2idIiET_S0_");
	sym_functions_free(&functions);
	assert_finds(module, "parse", 0);
	assert_finds(module, "over(long)", 0);
	assert_explains(module, "parse", "did you mean 'ns::parse', 'parse_a'?");
	assert_explains(module, "other::parse", "'ns::parse'");
	/* What is another word is not near. */
	assert_explains(module, "farse", "'nm -C ");
	assert_explains(module, "pars", "did you mean 'parse_a'?");
	assert_explains(module, "arse", "'nm -C ");
	assert_explains(module, "overt", "did you mean 'over'?");
	assert_explains(module, "i", "'nm -C ");
	assert_explains(module, "NS::Parse", "'ns::parse'");
	assert_explains(module, "over(long)",
			"'over' has other parameters in libcc.so; did you mean 'over(double)', 'over(int)'?");
	assert_explains(module, "NS::*", "no function matches in libcc.so; did you mean 'ns::parse'");
	assert_explains(module, "/^Over$/", "did you mean 'over'?");
	assert_explains(module, "absent", "uses 'absent' but does not define it");
	assert_explains(module, "ns::shared", "'ns::shared' of libcc.so is data");
	assert_explains(module, "over@plt", "name 'over'");
	sym_module_close(module);
	module = open_made("libstrip.so");
	find_one(module, "ns::parse", "ns::parse");
	assert_explains(module, "lone", "has no symbol table, only ");
	sym_module_close(module);
}

/* What compilers that are not at hand make. */
static void test_other_languages(void **state)
{
	static const char *const symbols[] = {
		"_ZN4core3fmt5write17h0123456789abcdefE",
		"_ZN4core3fmt5write17hfedcba9876543210E",
		"_RNvNtCs1234_4core3fmt4read",
		"_RINvNtC4core3ptr13drop_in_placehEB4_",
		"_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
		"_RNvMNtCs6GmmlP4bgsG_1r3geoINtB2_5ShapexE4growB4_",
		"_D3foo3barFiZv",
		"_D3foo3barFlZv",
		"pkg__sub__proc",
		"_ZN2ns1fEi.constprop.0",
		"_ZN2ns1fEi.isra.0",
		"_ZN2ns1fEi.cold",
		"_ZN2ns1gEi.llvm.123456",
	};
	struct sym_module *module;
	struct sym_functions functions;
	struct text source = {0};

	(void)state;
	text_puts(&source, ".text\n.globl _start\n_start: ret\n");
	for (size_t at = 0; at < sizeof(symbols) / sizeof(symbols[0]); at++)
		text_printf(&source, ".globl \"%s\"\n.type \"%s\",@function\n\"%s\": ret\n", symbols[at],
			    symbols[at], symbols[at]);
	write_file("other.s", source.data, source.length);
	text_free(&source);
	assert_true(run("gcc -nostdlib -no-pie -o other other.s"));
	module = open_made("other");
	/* Two crates' copies of one path. */
	assert_finds(module, "core::fmt::write", 2);
	find_one(module, "core::fmt::read", "core::fmt::read");
	assert_finds(module, "core::fmt::*", 3);
	find_one(module, "core::ptr::drop_in_place", NULL);
	find_one(module, "<alloc::string::String as core::fmt::Display>::fmt",
		 "<alloc::string::String as core::fmt::Display>::fmt");
	find_one(module, "r::geo::Shape::grow", "<r::geo::Shape<i64>>::grow");
	functions = find(module, "foo.bar");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].name, "foo.bar(int)");
	sym_functions_free(&functions);
	find_one(module, "foo.bar(int)", "foo.bar(int)");
	find_one(module, "pkg.sub.proc", "pkg.sub.proc");
	find_one(module, "pkg__sub__proc", "pkg__sub__proc");
	/* Clones are told apart by what the compiler hung on; a part split off is none. */
	functions = find(module, "ns::f");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].name, "ns::f.constprop.0");
	assert_string_equal(functions.items[1].name, "ns::f.isra.0");
	assert_string_equal(functions.items[1].full_name, "ns::f(int) [clone .isra.0]");
	sym_functions_free(&functions);
	find_one(module, "ns::f.isra.0", "ns::f.isra.0");
	assert_finds(module, "ns::f(int)", 2);
	find_one(module, "ns::g", "ns::g.llvm.123456");
	sym_module_close(module);
}

/* What __attribute__((target_clones)) makes: all of them, but not what chooses. */
static void test_target_clones(void **state)
{
	static const char source[] =
		"__attribute__((target_clones(\"avx2\", \"default\"))) int sum(const int *a, int n)\n"
		"{ int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }\n"
		"int main(int c, char **v) { int a[] = {1, 2, c}; (void)v; return sum(a, 3); }\n";
	static const char *const builds[] = {"gcc -O2 -o clones clones.c", "clang -O2 -o clones clones.c",
					     "g++ -O2 -o clones -xc++ clones.c"};
	struct sym_module *module;
	struct sym_functions functions;

	(void)state;
	write_file("clones.c", source, strlen(source));
	for (size_t at = 0; at < sizeof(builds) / sizeof(builds[0]); at++) {
		if (!run("%s 2>errors", builds[at]))
			continue; /* a machine or a compiler that has none */
		module = open_made("clones");
		functions = find(module, "sum");
		if (functions.count != 2)
			fail_msg("%s: %zu functions", builds[at], functions.count);
		for (size_t which = 0; which < 2; which++) {
			assert_int_equal(strncmp(functions.items[which].name, "sum.", 4), 0);
			assert_null(strstr(functions.items[which].name, "resolver"));
		}
		sym_functions_free(&functions);
		assert_finds(module, "su*", 2);
		sym_module_close(module);
	}
}

/* ---- the same set as another reader's ---------------------------------- */

static void cut_arguments(char *name)
{
	size_t depth = 0;
	char *to = name;

	for (const char *at = name; *at; at++) {
		const char *word = at >= name + 8 && strncmp(at - 8, "operator", 8) == 0 ? at : NULL;

		if (word && (*at == '<' || *at == '>' || strncmp(at, "->", 2) == 0)) {
			while (*at && strchr("<>=-*", *at))
				*to++ = *at++;
			at--;
		} else if (*at == '<') {
			if (!depth++ && to > name && to[-1] == ' ')
				to--;
		} else if (*at == '>' && depth) {
			depth--;
		} else if (!depth && strncmp(at, "[abi:", 5) == 0) {
			at = strchr(at, ']');
		} else if (!depth) {
			*to++ = *at;
		}
	}
	*to = '\0';
}

/* What nm and c++filt show of the functions that are exported: `glob` against each form of the name. */
static struct addresses nm_functions(const char *path, const char *glob)
{
	static const char list[] = "nm -D --defined-only --without-symbol-versions '%s'";
	char *plain = mem_printf(list, path), *readable = mem_printf("%s | c++filt -p -i", plain);
	FILE *one = popen(plain, "r"), *other = popen(readable, "r");
	struct addresses addresses = {0};
	char *name = NULL, *form = NULL;
	size_t room = 0, form_room = 0;

	while (getline(&name, &room, one) > 0 && getline(&form, &form_room, other) > 0) {
		const char type = name[17];
		char *symbol = name + 19, *shown = form + 19;
		bool takes;

		if (!strchr("TtWwi", type) || strstr(shown, "thunk to "))
			continue;
		symbol[strcspn(symbol, "\n")] = '\0';
		shown[strcspn(shown, "\n")] = '\0';
		takes = fnmatch(glob, symbol, 0) == 0 || fnmatch(glob, shown, 0) == 0;
		if (!takes && !strchr(glob, '<')) {
			cut_arguments(shown);
			takes = fnmatch(glob, shown, 0) == 0;
		}
		if (takes)
			addresses_add(&addresses, strtoull(name, NULL, 16));
	}
	pclose(one);
	pclose(other);
	free(name);
	free(form);
	free(plain);
	free(readable);
	addresses_sort(&addresses);
	return addresses;
}

static void assert_as_nm(const char *path, const char *glob, size_t least)
{
	struct addresses expected;
	struct sym_module *module;
	struct sym_functions functions;

	if (access(path, R_OK) < 0)
		return;
	module = open_module(path);
	expected = nm_functions(path, glob);
	functions = find(module, glob);
	/* With debug symbols installed there are more than the exported ones. */
	if (functions.count < expected.count || expected.count < least)
		fail_msg("%s: '%s' finds %zu functions, nm %zu", path, glob, functions.count, expected.count);
	for (size_t at = 0, theirs = 0; theirs < expected.count; theirs++) {
		while (at < functions.count && functions.items[at].address < expected.items[theirs])
			at++;
		if (at == functions.count || functions.items[at].address != expected.items[theirs])
			fail_msg("%s: '%s' does not find 0x%llx", path, glob,
				 (unsigned long long)expected.items[theirs]);
	}
	if (sym_module_functions(module) == &module->elf->dynsym)
		assert_int_equal(functions.count, expected.count);
	sym_functions_free(&functions);
	free(expected.items);
	sym_module_close(module);
}

static void test_as_nm(void **state)
{
	static const char libstdcxx[] = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6";
	static const char *const globs[] = {"*",
					    "std::*",
					    "std::*::append",
					    "*operator*",
					    "std::__cxx11::*",
					    "*::do_get",
					    "_ZNSt*",
					    "__cxa_*",
					    "*string*",
					    "*<wchar_t*",
					    "std::*stream::*",
					    "*::~*",
					    "std::basic_*<char, *::[a-f]*"};

	(void)state;
	if (!run("c++filt --version >cxxfilt.txt"))
		skip();
	for (size_t at = 0; at < sizeof(globs) / sizeof(globs[0]); at++)
		assert_as_nm(libstdcxx, globs[at], 10);
	assert_as_nm("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", "sqlite3_*_v2", 5);
	assert_as_nm("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", "sqlite3*", 100);
	assert_as_nm("/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "Py*_New", 10);
	assert_as_nm("/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "*", 500);
}

/* ---- speed ------------------------------------------------------------- */

/* Among 50,000 mangled names one is found in a part of the 50 ms that a start may take. */
static void test_speed(void **state)
{
	static const char *const specs[] = {"ns::Klass_777::method_25777", "plain_name", "ns::Klass_77?::*",
					    "/^ns::Klass_77[0-9]::m/", "operator new"};
	struct sym_module *module;
	char *path = in_folder("fast.s");
	FILE *file = fopen(path, "w");

	(void)state;
	fputs(".text\n.globl _start\n_start: ret\n", file);
	for (int at = 0; at < 50000; at++) {
		char *klass = mem_printf("Klass_%d", at % 1000), *method = mem_printf("method_%d", at);
		char *name = mem_printf("_ZN2ns%zu%s%zu%sERKSt6vectorIiSaIiEE", strlen(klass), klass,
					strlen(method), method);

		fprintf(file, ".globl %s\n.type %s,@function\n%s: ret\n", name, name, name);
		free(name);
		free(klass);
		free(method);
	}
	fclose(file);
	free(path);
	assert_true(run("gcc -nostdlib -no-pie -o fast fast.s"));
	module = open_made("fast");
	for (size_t at = 0; at < sizeof(specs) / sizeof(specs[0]); at++) {
		const clock_t start = clock();
		struct sym_functions functions = find(module, specs[at]);
		const double ms = (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC;

		print_message("%s: %zu in %.1f ms\n", specs[at], functions.count, ms);
#if !defined(__SANITIZE_ADDRESS__)
		assert_true(ms < 50);
#endif
		sym_functions_free(&functions);
	}
	sym_module_close(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cplusplus_symbols),
		cmocka_unit_test(test_other_languages),
		cmocka_unit_test(test_target_clones),
		cmocka_unit_test(test_as_nm),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
