/*
 * sym: FILE:NAME and FILE:LINE, from debug information in many forms and
 * without any. The made programs print where their functions really are.
 */
#include "test_sym.h"

static const char header_source[] = "#define ALWAYS static inline __attribute__((always_inline))\n"
				    "ALWAYS int tiny(int n)\n"
				    "{\n"
				    "	return n * n + 1;\n"
				    "}\n"
				    "static int in_header(int n)\n"
				    "{\n"
				    "	return n - 3;\n"
				    "}\n";

/* Line numbers matter: see test_lines. */
static const char a_source[] = "#include <stdio.h>\n"                   /* 1 */
			       "#include \"h.h\"\n"                     /* 2 */
			       "int main(void);\n"                      /* 3 */
			       "void b_tell(void);\n"                   /* 4 */
			       "volatile int sink;\n"                   /* 5 */
			       "\n"                                     /* 6 */
			       "static int parse(int n)\n"              /* 7 */
			       "{\n"                                    /* 8 */
			       "	sink = n;\n"                    /* 9 */
			       "	return n + sink;\n"             /* 10 */
			       "}\n"                                    /* 11 */
			       "\n"                                     /* 12 */
			       "int a_global(int n)\n"                  /* 13 */
			       "{\n"                                    /* 14 */
			       "	return tiny(n) + tiny(sink);\n" /* 15 */
			       "}\n"                                    /* 16 */
			       "\n"                                     /* 17 */
			       "/* far from all */\n"                   /* 18 */
			       "#define AT(f) (long)((char *)(f) - (char *)main)\n"
			       "int (*volatile used)(int) = parse;\n"
			       "int (*volatile used_2)(int) = in_header;\n"
			       "int main(void)\n"
			       "{\n"
			       "	printf(\"a.c:parse %ld\\n\", AT(parse));\n"
			       "	printf(\"a.c:a_global %ld\\n\", AT(a_global));\n"
			       "	printf(\"h.h:in_header %ld\\n\", AT(in_header));\n"
			       "	b_tell();\n"
			       "	return used(1) == used_2(2);\n"
			       "}\n";

static const char b_source[] = "#include <stdio.h>\n"
			       "int main(void);\n"
			       "extern volatile int sink;\n"
			       "static int parse(int n)\n"
			       "{\n"
			       "	sink = n * 7;\n"
			       "	return sink;\n"
			       "}\n"
			       "static int only_b(int n) { sink = n; return parse(n) + 1; }\n"
			       "int (*volatile used_b)(int) = parse;\n"
			       "int (*volatile used_b2)(int) = only_b;\n"
			       "#define AT(f) (long)((char *)(f) - (char *)main)\n"
			       "void b_tell(void)\n"
			       "{\n"
			       "	printf(\"src/b.c:parse %ld\\n\", AT(parse));\n"
			       "	printf(\"b.c:only_b %ld\\n\", AT(only_b));\n"
			       "}\n";

static int sources_make(void **state)
{
	if (folder_make(state) < 0 || !run("mkdir -p src"))
		return -1;
	write_file("h.h", header_source, strlen(header_source));
	write_file("a.c", a_source, strlen(a_source));
	write_file("src/b.c", b_source, strlen(b_source));
	return 0;
}

/* Every "SPEC OFFSET" that the program prints must be what sym finds, if it
 * can (a spec whose answer needs debug information may be left out). */
static void assert_truth(const char *program, bool debug)
{
	char *command = mem_printf("'%s/%s'", folder, program);
	struct sym_module *module = open_made(program);
	const uint64_t main_address = find_one(module, "main", "main");
	FILE *pipe = popen(command, "r");
	char spec[64];
	long offset;
	int told = 0;

	assert_non_null(pipe);
	while (fscanf(pipe, "%63s %ld", spec, &offset) == 2) {
		told++;
		if (!debug && (strcmp(spec, "a.c:a_global") == 0 || strcmp(spec, "h.h:in_header") == 0))
			continue;
		/* LTO may call it parse.lto_priv.0. */
		if (find_one(module, spec, NULL) - main_address != (uint64_t)offset)
			fail_msg("%s: %s is elsewhere", program, spec);
	}
	assert_int_equal(told, 5);
	pclose(pipe);
	free(command);
	if (debug) {
		assert_finds(module, "b.c:a_global", 0);
		assert_finds(module, "c.c:parse", 0);
	}
	sym_module_close(module);
}

static void test_forms(void **state)
{
	static const char *const forms[] = {
		"gcc -gdwarf-5 -O0",
		"gcc -gdwarf-5 -O2",
		"gcc -gdwarf-4 -O2 -no-pie",
		"gcc -gdwarf-3 -gstrict-dwarf -O2",
		"gcc -gdwarf-5 -O2 -freorder-blocks-and-partition -ffunction-sections -Wl,--gc-sections",
		"gcc -gdwarf-5 -O2 -static",
		"gcc -gdwarf-4 -O0 -static-pie",
		"gcc -gdwarf-5 -O2 -gz=zlib",
		"gcc -gdwarf-5 -O2 -flto",
		"clang -gdwarf-5 -O0",
		"clang -gdwarf-5 -O2",
		"clang -gdwarf-4 -O2",
	};
	const bool have_clang = run("clang --version >clang.txt 2>&1");

	(void)state;
	for (size_t at = 0; at < sizeof(forms) / sizeof(forms[0]); at++) {
		if (strncmp(forms[at], "clang", 5) == 0 && !have_clang)
			continue;
		if (!run("%s -o form a.c src/b.c", forms[at]))
			fail_msg("cannot build: %s", forms[at]);
		print_message("%s\n", forms[at]);
		assert_truth("form", true);
	}
}

static void test_without_debug(void **state)
{
	struct sym_module *module;

	(void)state;
	assert_true(run("gcc -g0 -O2 -o plain a.c src/b.c && gcc -g0 -O2 -no-pie -o fixed a.c src/b.c"));
	assert_truth("plain", false);
	assert_truth("fixed", false);
	module = open_made("plain");
	assert_explains(module, "a.c:a_global", "has no debug information");
	assert_explains(module, "a.c:9", "FILE:LINE needs");
	sym_module_close(module);
}

/* Functions of one name in several files are several functions. */
static void test_equal_names(void **state)
{
	struct sym_module *module;
	struct sym_functions functions;

	(void)state;
	assert_true(run("gcc -g -O1 -o equal a.c src/b.c"));
	module = open_made("equal");
	functions = find(module, "parse");
	assert_int_equal(functions.count, 2);
	assert_int_not_equal(functions.items[0].address, functions.items[1].address);
	assert_true(functions.items[0].address < functions.items[1].address);
	assert_string_equal(functions.items[0].full_name, "parse");
	assert_string_equal(functions.items[0].name, "a.c:parse");
	assert_string_equal(functions.items[1].name, "b.c:parse");
	sym_functions_free(&functions);
	functions = find(module, "src/b.c:parse");
	assert_int_equal(functions.count, 1);
	assert_non_null(strstr(functions.items[0].file, "/src/b.c"));
	assert_int_equal(functions.items[0].line, 4);
	assert_true(functions.items[0].size > 0);
	sym_functions_free(&functions);
	functions = find(module, "b.c:*");
	assert_int_equal(functions.count, 3);
	sym_functions_free(&functions);
	assert_explains(module, "b.c:parze", "did you mean 'parse'?");
	assert_explains(module, "b.c:a_global", "not known to be in b.c");
	assert_explains(module, "bb.c:parse", "did you mean 'b.c'");
	sym_module_close(module);
}

static void test_lines(void **state)
{
	static const char *const builds[] = {"gcc -g -O0", "gcc -g -O2", "gcc -gdwarf-4 -O1", "clang -g -O0"};
	struct sym_module *module;

	(void)state;
	for (size_t at = 0; at < sizeof(builds) / sizeof(builds[0]); at++) {
		if (!run("%s -o lines a.c src/b.c 2>errors", builds[at])) {
			assert_true(strncmp(builds[at], "clang", 5) == 0);
			continue;
		}
		print_message("%s\n", builds[at]);
		module = open_made("lines");
		find_one(module, "a.c:7", "parse");
		find_one(module, "a.c:9", "parse");
		find_one(module, "a.c:10", "parse");
		assert_finds(module, "a.c:3", 0);
		assert_finds(module, "a.c:12", 0);
		find_one(module, "a.c:13", "a_global");
		find_one(module, "a.c:15", "a_global");
		assert_finds(module, "a.c:18", 0);
		find_one(module, "a.c:25", "main");
		find_one(module, "h.h:8", "in_header");
		assert_finds(module, "h.h:4", 0);
		assert_finds(module, "a.c:4000", 0);
		assert_explains(module, "a.c:18", "no function with code of its own around line 18");
		sym_module_close(module);
	}
}

static void test_only_inlined(void **state)
{
	struct sym_module *module;

	(void)state;
	assert_true(run("gcc -g -O2 -o inlined a.c src/b.c"));
	module = open_made("inlined");
	assert_finds(module, "tiny", 0);
	assert_finds(module, "h.h:tiny", 0);
	assert_explains(module, "tiny", "only inlined, at 2 places (a.c:15, a.c:15)");
	assert_explains(module, "h.h:tiny", "only inlined, at 2 places");
	sym_module_close(module);
}

/* Names that only the source has. */
static void test_cplusplus(void **state)
{
	static const char source[] =
		"namespace ns {\n"
		"struct box { int n; int get(); };\n"
		"int box::get() { return n; }\n"
		"static int twice(int n) { return n * 2; }\n"
		"int (*volatile used)(int) = twice;\n"
		"int over(int n) { return n; }\n"
		"int over(double n) { return (int)n; }\n"
		"}\n"
		"int main() { ns::box b{1}; return b.get() + ns::over(1) + ns::over(1.5); }\n";
	struct sym_module *module;
	struct sym_functions functions;

	(void)state;
	write_file("c.cc", source, strlen(source));
	if (!run("g++ -g -O0 -o cc c.cc"))
		skip();
	module = open_made("cc");
	assert_finds(module, "get", 0);
	find_one(module, "c.cc:get", "ns::box::get");
	find_one(module, "c.cc:ns::box::get", "ns::box::get");
	find_one(module, "c.cc:twice", "ns::twice");
	find_one(module, "_ZN2ns3box3getEv", "ns::box::get");
	find_one(module, "c.cc:ns::over(double)", "ns::over(double)");
	assert_finds(module, "c.cc:/over$/", 2);
	assert_finds(module, "c.cc:ns::*", 4);
	functions = find(module, "c.cc:over");
	assert_int_equal(functions.count, 2);
	assert_string_not_equal(functions.items[0].name, functions.items[1].name);
	sym_functions_free(&functions);
	assert_explains(module, "over", "did you mean 'ns::over'?");
	sym_module_close(module);
}

/* The compiler's copy of a function bears another name in the symbol table
 * than in the debug information. */
static void test_clones(void **state)
{
	static const char source[] =
		"volatile int sink;\n"
		"static __attribute__((noinline)) int work(int n, int flag)\n"
		"{\n"
		"	if (__builtin_expect(flag == 77, 0)) { sink = 1; __builtin_abort(); }\n"
		"	for (int i = 0; i < n; i++) sink += flag;\n"
		"	return sink;\n"
		"}\n"
		"int main(int argc, char **argv) { (void)argv; return work(argc, 3) + work(argc + 1, 3); }\n";
	struct sym_module *module;
	struct sym_functions by_name, by_file;

	(void)state;
	write_file("k.c", source, strlen(source));
	assert_true(run("gcc -g -O2 -o k k.c"));
	module = open_made("k");
	by_name = find(module, "work");
	by_file = find(module, "k.c:work");
	assert_int_equal(by_name.count, 1);
	assert_int_equal(by_file.count, 1);
	assert_int_equal(by_name.items[0].address, by_file.items[0].address);
	assert_string_equal(by_name.items[0].name, by_file.items[0].name);
	assert_int_equal(strncmp(by_name.items[0].name, "work.", 5), 0);
	assert_int_equal(by_file.items[0].line, 2);
	sym_functions_free(&by_name);
	sym_functions_free(&by_file);
	sym_module_close(module);
}

/* Of several symbols at one address, the one that the source calls so is shown, though others are global. */
static void test_alias_by_line(void **state)
{
	static const char source[] = "static int source_name(void)\n" /* 1 */
				     "{\n"
				     "	return 5;\n"
				     "}\n"
				     "int other_name(void) __attribute__((alias(\"source_name\")));\n"
				     "int main(void) { return other_name(); }\n";
	struct sym_module *module;

	(void)state;
	write_file("al.c", source, strlen(source));
	assert_true(run("gcc -g -O0 -o al al.c"));
	module = open_made("al");
	find_one(module, "al.c:3", "source_name");
	find_one(module, "al.c:source_name", "source_name");
	find_one(module, "al.c:other_name", "other_name");
	sym_module_close(module);
}

/* Code that is not entered at its start, told by an address and by a distance from the start. Compilers
 * write that seldom, hence by hand. */
static void test_entry_is_not_the_start(void **state)
{
	static const char source[] =
		".text\n.globl main\n.type main,@function\nmain: ret\n"
		"start_1: .fill 4,1,0x90\nentry_1: ret\nend_1: .fill 3,1,0x90\n"
		"start_2: .fill 6,1,0x90\nentry_2: ret\nend_2: nop\n"
		".section .debug_abbrev,\"\",@progbits\n"
		".uleb128 1,0x11\n.byte 1\n.uleb128 3,8, 0,0\n"                    /* unit: name */
		".uleb128 2,0x2e\n.byte 0\n.uleb128 3,8, 17,1, 18,1, 82,1, 0,0\n"  /* entry_pc: address */
		".uleb128 3,0x2e\n.byte 0\n.uleb128 3,8, 17,1, 18,1, 82,11, 0,0\n" /* entry_pc: data1 */
		".uleb128 0\n"
		".section .debug_info,\"\",@progbits\n"
		".long 2f-1f\n1: .short 5\n.byte 1,8\n.long .debug_abbrev\n"
		".uleb128 1\n.asciz \"entry.c\"\n"
		".uleb128 2\n.asciz \"by_address\"\n.quad start_1,end_1,entry_1\n"
		".uleb128 3\n.asciz \"by_distance\"\n.quad start_2,end_2\n.byte 6\n"
		".uleb128 0\n2:\n"
		".section .note.GNU-stack,\"\",@progbits\n";
	struct sym_module *module;
	uint64_t entry;

	(void)state;
	write_file("entry.s", source, strlen(source));
	assert_true(run("gcc -no-pie -o entry entry.s"));
	module = open_made("entry");
	assert_true(sym_module_symbol(module, "entry_1", &entry));
	assert_int_equal(find_one(module, "entry.c:by_address", "by_address"), entry);
	assert_true(sym_module_symbol(module, "entry_2", &entry));
	assert_int_equal(find_one(module, "entry.c:by_distance", "by_distance"), entry);
	sym_module_close(module);
}

/* Without readable debug information static functions are still told apart by
 * the symbol table; for others there is a reason. */
static void test_unreadable_debug(void **state)
{
	struct sym_module *module;
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};

	(void)state;
	assert_true(
		run("gcc -g -O1 -o broken a.c src/b.c && head -c 4000 /dev/zero | tr '\\0' '\\377' >junk && "
		    "objcopy --update-section .debug_info=junk broken"));
	assert_truth("broken", false);
	module = open_made("broken");
	assert_int_equal(sym_spec_parse("a.c:a_global", &spec, &err), 0);
	assert_int_equal(sym_module_find(module, &spec, &functions, &err), -1);
	assert_non_null(strstr(err.message, "broken: its debug information cannot be read: "));
	assert_int_equal(functions.count, 0);
	error_free(&err);
	sym_spec_free(&spec);
	sym_module_close(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),         cmocka_unit_test(test_without_debug),
		cmocka_unit_test(test_equal_names),   cmocka_unit_test(test_lines),
		cmocka_unit_test(test_only_inlined),  cmocka_unit_test(test_cplusplus),
		cmocka_unit_test(test_clones),        cmocka_unit_test(test_unreadable_debug),
		cmocka_unit_test(test_alias_by_line), cmocka_unit_test(test_entry_is_not_the_start),
	};

	return cmocka_run_group_tests(tests, sources_make, folder_remove);
}
