/*
 * sym: damaged files. Each case runs in a process of its own, which must end
 * by itself, whatever it found.
 */
#include "test_sym.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "../../src/sym/dwarf.h"

enum { CUTS = 32, BLOWS = 40 };

/* make fuzz goes for more. */
static size_t rounds(size_t usual)
{
	const char *stress = getenv("FMPROF_STRESS");

	return stress && *stress ? 1000 : usual;
}

static const char source[] =
	"#include <stdlib.h>\n"
	"static inline __attribute__((always_inline)) int tiny(int n) { return n * 3; }\n"
	"static int parse(int n) { return tiny(n) + 2; }\n"
	"int (*volatile used)(int) = parse;\n"
	"int main(void) { return used(tiny(1)) + atoi(\"1\"); }\n";

static unsigned char *original;
static size_t original_size;

static int damage_make(void **state)
{
	char *path;
	FILE *file;

	if (folder_make(state) < 0)
		return -1;
	write_file("p.c", source, strlen(source));
	if (!run("gcc -g -O1 -o p p.c"))
		return -1;
	path = in_folder("p");
	file = fopen(path, "r");
	free(path);
	if (!file || fseek(file, 0, SEEK_END) < 0)
		return -1;
	original_size = (size_t)ftell(file);
	rewind(file);
	original = mem_alloc(original_size);
	return fread(original, 1, original_size, file) == original_size && fclose(file) == 0 ? 0 : -1;
}

static int damage_remove(void **state)
{
	free(original);
	return folder_remove(state);
}

static void use(struct sym_module *module, const char *text)
{
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};
	struct sym_listing listing = {0};
	struct text reason = {0};
	unsigned char code[64];

	if (sym_spec_parse(text, &spec, &err) < 0)
		_exit(2);
	sym_module_find(module, &spec, &functions, &err);
	for (size_t at = 0; at < functions.count; at++) {
		if (!functions.items[at].name || !functions.items[at].full_name)
			_exit(3);
		sym_module_code(module, functions.items[at].address, code, sizeof(code));
	}
	sym_explain_no_match(&spec, &module, 1, &reason);
	if (!reason.length)
		_exit(4);
	sym_module_describe(module, &functions, &listing);
	sym_module_find_others(module, &spec, true, &listing);
	for (size_t at = 0; at < listing.count; at++)
		if (!listing.items[at].function.name || !listing.items[at].function.full_name)
			_exit(5);
	sym_listing_free(&listing);
	text_free(&reason);
	sym_functions_free(&functions);
	sym_spec_free(&spec);
	error_free(&err);
}

static void use_all(void)
{
	static const char *const specs[] = {"*", "main", "tiny", "p.c:parse", "p.c:3", "0x1000"};
	struct sym_module *module = NULL;
	struct error err = {0};
	char *path = in_folder("damaged");
	uint64_t address;

	if (sym_module_open(path, path, &module, &err) == 0) {
		for (size_t at = 0; at < sizeof(specs) / sizeof(specs[0]); at++)
			use(module, specs[at]);
		sym_module_symbol(module, "nowhere", &address);
		sym_module_close(module);
	} else if (!err.message || module) {
		_exit(5);
	}
	error_free(&err);
	free(path);
}

static void assert_survives(const unsigned char *bytes, size_t length, const char *what, size_t number)
{
	int status = 0;
	pid_t child;

	write_file("damaged", bytes, length);
	child = fork();
	if (child == 0) {
		alarm(300);
		use_all();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		fail_msg("%s %zu: wait status 0x%x", what, number, (unsigned)status);
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t at = 0; at < CUTS; at++)
		assert_survives(original, original_size * at / CUTS, "cut at part", at);
	for (size_t length = 0; length < 128; length += 7)
		assert_survives(original, length, "cut at byte", length);
}

static unsigned long long seed = 20240229;

static size_t dice(size_t sides)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)(seed >> 33) % sides;
}

/* One to eight random bytes; every second time only where headers, symbols
 * and debug information are, which is where it hurts. */
static void test_flips(void **state)
{
	unsigned char *bytes = mem_alloc(original_size);

	(void)state;
	for (size_t at = 0; at < rounds(100); at++) {
		const size_t from = at % 2 ? original_size * 2 / 3 : 0;

		memcpy(bytes, original, original_size);
		for (size_t count = dice(8) + 1; count; count--)
			bytes[from + dice(original_size - from)] = (unsigned char)dice(256);
		assert_survives(bytes, original_size, "flip", at);
	}
	free(bytes);
}

/* The header, the program headers and the section headers: fields set to
 * extreme values. */
static void test_headers(void **state)
{
	static const unsigned char extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	unsigned char *bytes = mem_alloc(original_size);

	(void)state;
	for (size_t at = 0; at < BLOWS; at++) {
		const size_t place = at % 3 == 0   ? 16 + dice(48)
				     : at % 3 == 1 ? 64 + dice(13 * 56)
						   : original_size - 1 - dice(37 * 64);
		const size_t room = original_size - place;

		memcpy(bytes, original, original_size);
		memset(bytes + place, extremes[dice(sizeof(extremes))], room < 8 ? room : dice(8) + 1);
		assert_survives(bytes, original_size, "header", at);
	}
	free(bytes);
}

/* The original with one program header of this type at another place, of another size. */
static void assert_refused(uint32_t type, uint64_t offset, uint64_t size, const char *part)
{
	unsigned char *bytes = mem_alloc(original_size);
	char *path = in_folder("damaged");
	struct sym_module *module = NULL;
	struct error err = {0};
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	size_t at;

	memcpy(bytes, original, original_size);
	memcpy(&header, bytes, sizeof(header));
	at = header.e_phoff;
	do {
		memcpy(&segment, bytes + at, sizeof(segment));
		at += sizeof(segment);
	} while (segment.p_type != type);
	segment.p_offset = offset;
	segment.p_filesz = segment.p_memsz = size;
	memcpy(bytes + at - sizeof(segment), &segment, sizeof(segment));
	write_file("damaged", bytes, original_size);
	assert_int_equal(sym_module_open(path, path, &module, &err), -1);
	assert_null(module);
	if (!strstr(err.message, part))
		fail_msg("%s", err.message);
	error_free(&err);
	free(path);
	free(bytes);
}

static void test_beyond_the_end(void **state)
{
	static const char segment[] = "a segment reaches beyond its end";
	static const char interpreter[] = "the name of its interpreter lies beyond its end";

	(void)state;
	assert_refused(PT_LOAD, original_size + 1, 1, segment);
	assert_refused(PT_LOAD, 1, original_size, segment);
	assert_refused(PT_LOAD, UINT64_MAX, 2, segment);
	assert_refused(PT_INTERP, original_size + 1, 1, interpreter);
	assert_refused(PT_INTERP, 1, original_size, interpreter);
}

/* A child whose parent is gone ends, also where SIGPIPE is ignored. */
static void test_nobody_listens(void **state)
{
	int ends[2], status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	child = fork();
	if (child == 0) {
		struct sym_spec spec;
		struct error err = {0};
		struct sym_module *module = open_made("p");
		const struct sym_dwarf_task task = {.module = module, .elf = module->elf, .spec = &spec};

		signal(SIGPIPE, SIG_IGN);
		alarm(60);
		if (sym_spec_parse("p.c:parse", &spec, &err) < 0)
			_exit(2);
		_exit(sym_dwarf_child(&task, ends[1]));
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* What took too long once would again, for every spec. */
static void test_given_up(void **state)
{
	struct sym_module *module = open_made("p");

	(void)state;
	assert_finds(module, "p.c:3", 1);
	module->elf->dwarf_given_up = true;
	assert_refuses(module, "p.c:3", "it takes too long");
	assert_finds(module, "parse", 1);
	sym_module_close(module);
}

/* Debug information whose reading crashes, or never ends, costs an error. */
static void test_nothing_left_over(void **state)
{
	(void)state;
	assert_survives(original, original_size, "whole", 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_beyond_the_end),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_nothing_left_over),
	};

	return cmocka_run_group_tests(tests, damage_make, damage_remove);
}
