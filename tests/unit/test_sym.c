/*
 * sym: modules, and functions found by name and address.
 */
#include "test_sym.h"

#include <elf.h>
#include <sys/auxv.h>

static const char libc_path[] = "/usr/lib/x86_64-linux-gnu/libc.so.6";

int named_by_the_test(int number);
static int once(int number);

__attribute__((noinline)) int named_by_the_test(int number)
{
	return number * 7 + 1;
}

__attribute__((noinline, used)) static int once(int number)
{
	return number ^ 3;
}

/* ---- modules ----------------------------------------------------------- */

static void test_own_binary(void **state)
{
	struct sym_module *module = open_module("/proc/self/exe");
	const uint64_t bias = (uint64_t)getauxval(AT_PHDR) - module->program_headers;
	uint64_t address;
	unsigned char code[16];

	(void)state;
	assert_true(module->is_64bit);
	assert_string_equal(module->name, "exe");
	assert_non_null(module->interpreter);
	assert_int_equal(access(module->interpreter, X_OK), 0);
	assert_int_equal(module->entry + bias, getauxval(AT_ENTRY));
	assert_int_equal(find_one(module, "named_by_the_test", "named_by_the_test") + bias,
			 (uintptr_t)named_by_the_test);
	assert_int_equal(find_one(module, "once", "once") + bias, (uintptr_t)once);
	assert_true(sym_module_symbol(module, "main", &address));
	assert_int_equal(find_one(module, "main", NULL), address);
	assert_int_equal(sym_module_code(module, find_one(module, "once", NULL), code, sizeof(code)),
			 sizeof(code));
	assert_memory_equal(code, (const void *)(uintptr_t)once, sizeof(code));
	assert_int_equal(sym_module_code(module, 0, code, sizeof(code)), 0);
	assert_false(sym_module_symbol(module, "no_such_symbol", &address));
	sym_module_close(module);
}

static void test_loader_symbols(void **state)
{
	struct sym_module *exe = open_module("/proc/self/exe");
	struct sym_module *loader = open_module(exe->interpreter);
	uint64_t state_hook, data;

	(void)state;
	assert_null(loader->interpreter);
	assert_true(loader->position_independent);
	assert_true(sym_module_symbol(loader, "_dl_debug_state", &state_hook));
	assert_true(sym_module_symbol(loader, "_r_debug", &data));
	assert_int_not_equal(state_hook, data);
	sym_module_close(loader);
	sym_module_close(exe);
}

static void assert_open_fails(const char *path, int status, const char *part)
{
	struct sym_module *module = NULL;
	struct error err = {0};

	assert_int_equal(sym_module_open(path, path, &module, &err), -1);
	assert_null(module);
	assert_int_equal(err.status, status);
	if (!strstr(err.message, part))
		fail_msg("%s", err.message);
	error_free(&err);
}

static void test_not_a_module(void **state)
{
	char *script = in_folder("script"), *object = in_folder("object.o"), *fifo = in_folder("fifo");

	(void)state;
	write_file("script", "#!/bin/sh\n", 10);
	assert_true(run("echo 'int x;' | cc -c -o object.o -xc - && mkfifo fifo && : >empty"));
	assert_open_fails("/no/such/file", STATUS_NOT_FOUND, "no such file");
	assert_open_fails("/etc/passwd", STATUS_NOT_EXECUTABLE, "not an ELF file");
	assert_open_fails("/", STATUS_NOT_EXECUTABLE, "not a regular file");
	assert_open_fails(script, STATUS_NOT_EXECUTABLE, "is a script");
	assert_open_fails(object, STATUS_NOT_EXECUTABLE, "an object file");
	assert_open_fails(fifo, STATUS_NOT_EXECUTABLE, "not a regular file");
	free(script);
	free(object);
	free(fifo);
}

/* The file that is read and the name that is shown are two things. */
static void test_shown_path(void **state)
{
	struct sym_module *module = NULL;
	struct error err = {0};

	(void)state;
	assert_int_equal(sym_module_open("/proc/self/exe", "/opt/shown/prog", &module, &err), 0);
	assert_string_equal(module->path, "/opt/shown/prog");
	assert_string_equal(module->name, "prog");
	sym_module_close(module);
}

static void test_build_id(void **state)
{
	struct sym_module *module;

	(void)state;
	write_file("id.c", "int main(void) { return 0; }\n", 29);
	assert_true(run(
		"cc -Wl,--build-id=0x0123456789abcdef -o id id.c && cc -Wl,--build-id=none -o noid id.c"));
	module = open_made("id");
	assert_string_equal(module->build_id, "0123456789abcdef");
	sym_module_close(module);
	module = open_made("noid");
	assert_null(module->build_id);
	sym_module_close(module);
}

/* ---- functions --------------------------------------------------------- */

static void test_as_readelf(void **state)
{
	static const char *const globs[] = {"*", "m*", "*alloc*", "?[a-m]*", "sqlite3_*", "no_such_*"};
	char exe[4096] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	for (size_t at = 0; at < sizeof(globs) / sizeof(globs[0]); at++) {
		assert_as_readelf(exe, globs[at]);
		if (access(libc_path, R_OK) == 0)
			assert_as_readelf(libc_path, globs[at]);
		if (access("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", R_OK) == 0)
			assert_as_readelf("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", globs[at]);
	}
	assert_true(assert_as_readelf(exe, "*") > 20);
}

static const char names_source[] =
	"int variable = 3;\n"
	"extern int puts(const char *);\n"
	"int alias_a(void) { return variable; }\n"
	"int alias_b(void) __attribute__((alias(\"alias_a\")));\n"
	"static int alias_c(void) __attribute__((alias(\"alias_a\"), used));\n"
	"int piece_cold(void) __asm__(\"work.cold\"); int piece_cold(void) { return 1; }\n"
	"int piece_part(void) __asm__(\"work.part.0\"); int piece_part(void) { return 2; }\n"
	"int only_cold(void) __asm__(\"lone.part.1.cold\"); int only_cold(void) { return 2; }\n"
	"int clone_1(void) __asm__(\"work.constprop.0\"); int clone_1(void) { return 3; }\n"
	"int clone_2(void) __asm__(\"work.isra.0.constprop.12\"); int clone_2(void) { return 4; }\n"
	"int clone_3(void) __asm__(\"work.lto_priv.0\"); int clone_3(void) { return 5; }\n"
	"int other(void) __asm__(\"work.constpropx\"); int other(void) { return 6; }\n"
	"int nested(void) __asm__(\"work.7\"); int nested(void) { return 7; }\n"
	"int work(void) { return 8; }\n"
	"static int chosen_1(void) { return 1; }\n"
	"static int (*resolve(void))(void) { return chosen_1; }\n"
	"int chosen(void) __attribute__((ifunc(\"resolve\")));\n"
	"__asm__(\".text\\nlabel_only: nop\\n\");\n"
	"int main(void) { return puts(\"\") + alias_b() + chosen(); }\n";

/* The function is one that is chosen, and `least` places hold its address. */
static void assert_ifunc(struct sym_module *module, const char *spec, size_t least)
{
	struct sym_functions functions = find(module, spec);
	struct sym_slot *slots;

	assert_int_equal(functions.count, 1);
	assert_true(functions.items[0].indirect);
	assert_true(sym_module_slots(module, &functions.items[0], true, &slots) >= least);
	for (size_t at = 0; at < least; at++)
		assert_true(slots[at].address > 0);
	free(slots);
	/* To another module these are no places that it knows. */
	functions.items[0].linkage_name[0] = '?';
	assert_int_equal(sym_module_slots(module, &functions.items[0], false, &slots), 0);
	free(slots);
	sym_functions_free(&functions);
}

static void test_names(void **state)
{
	struct sym_module *module;
	uint64_t address;
	char *text;

	(void)state;
	write_file("names.c", names_source, strlen(names_source));
	assert_true(run("gcc -O1 -o names names.c"));
	module = open_made("names");
	/* Aliases are one function under the name that was asked for, else under a global one. */
	address = find_one(module, "alias_a", "alias_a");
	assert_int_equal(find_one(module, "alias_b", "alias_b"), address);
	assert_int_equal(find_one(module, "alias_c", "alias_c"), address);
	assert_int_equal(find_one(module, "alias_[c]*", "alias_c"), address);
	assert_int_equal(find_one(module, "alias_?", NULL), address);
	assert_finds(module, "work", 4);
	assert_finds(module, "work.isra.0.constprop.12", 1);
	assert_finds(module, "wor?", 4);
	assert_finds(module, "work.cold", 0);
	assert_finds(module, "work.*", 5);
	assert_ifunc(module, "chosen", 1);
	assert_finds(module, "variable", 0);
	assert_finds(module, "puts", 0);
	assert_finds(module, "label_only", 0);
	assert_finds(module, "other!main", 0);
	assert_finds(module, "names!main", 1);
	/* Addresses: of a symbol, inside of one, of none. */
	address = find_one(module, "main", NULL);
	text = mem_printf("0x%llx", (unsigned long long)address);
	assert_int_equal(find_one(module, text, "main"), address);
	free(text);
	text = mem_printf("0x%llx", (unsigned long long)address + 2);
	assert_refuses(module, text, "inside of 'main'");
	free(text);
	assert_finds(module, "0x1", 0);
	assert_explains(module, "0x1", "is no code of names");
	assert_explains(module, "chosen", "is an IFUNC");
	assert_explains(module, "chosen", "'chosen_1'");
	assert_explains(module, "variable", "is data");
	assert_explains(module, "puts", "'*!puts'");
	assert_explains(module, "label_only", "not marked as a function");
	assert_explains(module, "lone", "split off");
	assert_explains(module, "ALIAS_A", "did you mean 'alias_a'");
	assert_explains(module, "aliasa", "'alias_a', 'alias_b'");
	assert_explains(module, "alias", "'alias_a'");
	assert_explains(module, "zzzzzzzzz", "no function of that name in names");
	assert_explains(module, "zzz*", "no function matches in names");
	assert_explains(module, "libfoo!alias_a", "no module is called 'libfoo'; there is names");
	sym_module_close(module);
}

/* memcpy is an IFUNC, and a function in an old version that nothing calls. */
static void test_libc_ifunc(void **state)
{
	struct sym_module *module;

	(void)state;
	if (access(libc_path, R_OK) < 0)
		skip();
	module = open_module(libc_path);
	assert_ifunc(module, "memcpy", 1);
	assert_ifunc(module, "memcpy@@GLIBC_2.14", 1);
	assert_explains(module, "libc!memcpy", "is an IFUNC");
	assert_finds(module, "memcpy@GLIBC_2.2.5", 1);
	assert_explains(module, "memcpy@GLIBC_9", "has no version 'GLIBC_9'");
	assert_finds(module, "malloc", 1);
	assert_explains(module, "environ", "is data");
	sym_module_close(module);
}

static void test_versions(void **state)
{
	static const char source[] =
		"int old_impl(void) { return 1; }\nint new_impl(void) { return 2; }\n"
		"__asm__(\".symver old_impl,verse@V1\\n.symver new_impl,verse@@V2\\n\");\n";
	struct sym_module *module;
	struct sym_functions functions;

	(void)state;
	write_file("v.c", source, strlen(source));
	write_file("v.map", "V1 { };\nV2 { };\n", 16);
	assert_true(run("gcc -shared -fPIC -Wl,--version-script=v.map -o libv.so.1.2 v.c"));
	module = open_made("libv.so.1.2");
	functions = find(module, "libv!verse");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].full_name, "verse");
	assert_string_equal(functions.items[1].full_name, "verse");
	assert_string_equal(functions.items[0].name, "verse@V1");
	assert_string_equal(functions.items[1].name, "verse@V2");
	assert_int_equal(find_one(module, "verse@V1", "verse"), functions.items[0].address);
	assert_int_equal(find_one(module, "verse@@V2", "verse"), functions.items[1].address);
	assert_explains(module, "verse@V3", "has no version 'V3'");
	sym_functions_free(&functions);
	sym_module_close(module);
	/* Without .symtab versions are in sections of their own. */
	assert_true(run("strip libv.so.1.2"));
	module = open_made("libv.so.1.2");
	find_one(module, "verse@V1", "verse");
	functions = find(module, "verse");
	assert_int_equal(functions.count, 2);
	assert_string_equal(functions.items[0].name, "verse@V1");
	assert_string_equal(functions.items[1].name, "verse@V2");
	sym_functions_free(&functions);
	sym_module_close(module);
}

static void test_stripped(void **state)
{
	struct sym_module *module;

	(void)state;
	write_file("s.c", names_source, strlen(names_source));
	assert_true(run("gcc -O1 -rdynamic -o s s.c && strip s && gcc -O1 -static -o st s.c && strip st"));
	module = open_made("s");
	assert_finds(module, "alias_b", 1);
	assert_finds(module, "chosen_1", 0);
	assert_explains(module, "chosen_1", "has no symbol table, only ");
	sym_module_close(module);
	module = open_made("st");
	assert_null(module->interpreter);
	assert_finds(module, "main", 0);
	assert_explains(module, "main", "stripped and static");
	assert_finds(module, "0x401000", 1);
	sym_module_close(module);
}

/* A stripped program's functions are found in its separate debug file. */
static void test_debug_link(void **state)
{
	struct sym_module *module;

	(void)state;
	write_file("d.c", names_source, strlen(names_source));
	assert_true(run("gcc -g -O1 -Wl,--build-id=none -o d d.c && objcopy --only-keep-debug d d.debug && "
			"strip d && objcopy --add-gnu-debuglink=d.debug d && cp d d2 && cp d.debug e.debug"));
	module = open_made("d");
	assert_finds(module, "chosen_1", 1);
	assert_finds(module, "d.c:chosen_1", 1);
	sym_module_close(module);
	/* One that is not of this program is not believed. */
	assert_true(run("echo x >>d.debug"));
	module = open_made("d2");
	assert_finds(module, "chosen_1", 0);
	sym_module_close(module);
}

static void test_module_names_told(void **state)
{
	struct sym_module fakes[7] = {0}, *modules[7];
	struct sym_spec spec;
	struct error err = {0};
	struct text reason = {0};

	(void)state;
	for (size_t at = 0; at < 7; at++) {
		fakes[at].path = fakes[at].name = mem_printf("lib%zu.so", at);
		modules[at] = &fakes[at];
	}
	assert_int_equal(sym_spec_parse("libx!f", &spec, &err), 0);
	sym_explain_no_match(&spec, modules, 7, &reason);
	assert_string_equal(
		reason.data,
		"no module is called 'libx'; there are lib0.so, lib1.so, lib2.so, lib3.so, lib4.so "
		"and 2 more");
	text_free(&reason);
	sym_spec_free(&spec);
	for (size_t at = 0; at < 7; at++)
		free(fakes[at].path);
}

/* 50,000 functions; each is found, once, and a far name is explained. */
static void test_many(void **state)
{
	char *path = in_folder("many.s");
	FILE *file = fopen(path, "w");
	struct sym_module *module;

	(void)state;
	assert_non_null(file);
	fputs(".text\n.globl _start\n_start: ret\n", file);
	for (int at = 0; at < 50000; at++)
		fprintf(file, ".globl many_%d\n.type many_%d,@function\nmany_%d: ret\n.size many_%d,1\n", at,
			at, at, at);
	fclose(file);
	free(path);
	assert_true(run("gcc -nostdlib -no-pie -o many many.s"));
	module = open_made("many");
	for (uint64_t at = 0; at < 50000; at += 12345) {
		char *name = mem_printf("many_%llu", (unsigned long long)at);

		assert_int_equal(find_one(module, name, name), find_one(module, "many_0", NULL) + at);
		free(name);
	}
	assert_finds(module, "many_*", 50000);
	assert_explains(module, "manny_49999", "'many_49999'");
	sym_module_close(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_binary),
		cmocka_unit_test(test_loader_symbols),
		cmocka_unit_test(test_not_a_module),
		cmocka_unit_test(test_shown_path),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_as_readelf),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_debug_link),
		cmocka_unit_test(test_module_names_told),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_libc_ifunc),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
