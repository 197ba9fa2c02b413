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

enum { CUTS = 32 };

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

/* ---- which bytes were hit ---------------------------------------------- */

/* What damage may do without a word of it: */
enum {
	ALL_TOLD = 0,
	NAMES_CHANGE =
		1, /* symbols, or what sections and functions are called: only a checksum would show it */
	DEBUG_CHANGES = 2,    /* FILE: may find less */
	CANNOT_BE_OPENED = 4, /* nor would the kernel load it */
};

/* By the undamaged file: what a change of the byte at this place may do. */
static unsigned char *hurts;

static void mark(size_t from, size_t length, unsigned char how)
{
	for (size_t at = from; at < from + length; at++)
		hurts[at] |= how;
}

/* What harm a section's contents may do, and a change of its size. */
static unsigned char harm_of_section(const Elf64_Shdr *section, const char *name)
{
	if (section->sh_type == SHT_SYMTAB || section->sh_type == SHT_DYNSYM ||
	    section->sh_type == SHT_STRTAB || strcmp(name, ".debug_str") == 0 ||
	    strcmp(name, ".debug_line_str") == 0)
		return NAMES_CHANGE;
	return strncmp(name, ".debug_", 7) == 0 ? DEBUG_CHANGES : ALL_TOLD;
}

static void mark_all(void)
{
	Elf64_Ehdr header;
	const char *names;

	hurts = mem_alloc(original_size);
	memcpy(&header, original, sizeof(header));
	mark(0, sizeof(header), CANNOT_BE_OPENED);
	mark(header.e_phoff, (size_t)header.e_phnum * sizeof(Elf64_Phdr), CANNOT_BE_OPENED);
	names = (const char *)original +
		((const Elf64_Shdr *)(original + header.e_shoff))[header.e_shstrndx].sh_offset;
	for (size_t at = 0; at < header.e_shnum; at++) {
		const size_t place = header.e_shoff + at * sizeof(Elf64_Shdr);
		Elf64_Shdr section;
		unsigned char harm;

		memcpy(&section, original + place, sizeof(section));
		harm = harm_of_section(&section, names + section.sh_name);
		if (section.sh_type != SHT_NOBITS)
			mark(section.sh_offset, section.sh_size, harm);
		mark(place + offsetof(Elf64_Shdr, sh_size), sizeof(section.sh_size), harm);
		mark(place + offsetof(Elf64_Shdr, sh_name), sizeof(section.sh_name), NAMES_CHANGE);
	}
}

static unsigned harm_of(const unsigned char *bytes, size_t length)
{
	unsigned harm = length < original_size ? CANNOT_BE_OPENED : ALL_TOLD;

	for (size_t at = 0; at < length; at++)
		if (bytes[at] != original[at])
			harm |= hurts[at];
	return harm;
}

/* ---- what is found ----------------------------------------------------- */

static struct sym_functions whole; /* of the undamaged file */

static const char *const specs[] = {"main", "parse", "*", "p.c:parse", "p.c:3", "tiny", "0x1000"};
enum { NAMED = 5 }; /* the first ones name functions that there are */

__attribute__((format(printf, 1, 2), noreturn)) static void wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(2);
}

/* Whether a line says so by now. */
static bool is_told(const struct sym_module *module)
{
	for (size_t at = 0; at < module->trouble.count; at++) {
		const char *line = module->trouble.lines[at];

		if (strchr(line, '\n') || !(strstr(line, "damaged") || strstr(line, "cannot be read")))
			wrong("trouble: %s", line);
	}
	return module->trouble.count;
}

static bool is_there(const struct sym_function *function)
{
	for (size_t at = 0; at < whole.count; at++)
		if (strcmp(whole.items[at].name, function->name) == 0 &&
		    whole.items[at].address == function->address)
			return true;
	return false;
}

/* Whatever is said is one line. */
static void explain(struct sym_module *module, const struct sym_spec *spec)
{
	struct text reason = {0};

	sym_explain_no_match(spec, &module, 1, &reason);
	if (!reason.length || strchr(reason.data, '\n'))
		wrong("%s is explained by %s", spec->text, reason.data);
	text_free(&reason);
}

static void describe(struct sym_module *module, const struct sym_spec *spec, struct sym_functions *functions)
{
	struct sym_listing listing = {0};

	sym_module_describe(module, functions, &listing);
	sym_module_find_others(module, spec, true, &listing);
	for (size_t at = 0; at < listing.count; at++)
		if (!listing.items[at].function.name || !listing.items[at].function.full_name)
			wrong("%s has something without a name", spec->text);
	sym_listing_free(&listing);
}

static void use(struct sym_module *module, const char *text, bool named, unsigned harm)
{
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};
	unsigned char code[64];
	int count;

	if (sym_spec_parse(text, &spec, &err) < 0)
		wrong("%s", err.message);
	count = sym_module_find(module, &spec, &functions, &err);
	if (count < 0 && (!err.message || strchr(err.message, '\n')))
		wrong("%s is refused by %s", text, err.message);
	for (size_t at = 0; at < functions.count; at++) {
		const struct sym_function *function = &functions.items[at];

		if (named && !is_there(function) && !is_told(module) && !(harm & NAMES_CHANGE))
			wrong("%s finds %s at 0x%llx", text, function->name,
			      (unsigned long long)function->address);
		sym_module_code(module, function->address, code, sizeof(code));
	}
	if (named && count == 0 && !is_told(module) && !(harm & NAMES_CHANGE) &&
	    !(spec.file && harm & DEBUG_CHANGES))
		wrong("%s is not found, without a word", text);
	explain(module, &spec);
	describe(module, &spec, &functions);
	sym_functions_free(&functions);
	sym_spec_free(&spec);
	error_free(&err);
}

static void use_all(unsigned harm)
{
	struct sym_module *module = NULL;
	struct error err = {0};
	char *path = in_folder("damaged");
	uint64_t address;

	if (sym_module_open(path, path, &module, &err) == 0) {
		for (size_t at = 0; at < sizeof(specs) / sizeof(specs[0]); at++)
			use(module, specs[at], at < NAMED, harm);
		sym_module_symbol(module, "nowhere", &address);
		sym_module_close(module);
	} else if (!err.message || module || !(harm & CANNOT_BE_OPENED)) {
		wrong("not opened: %s", err.message);
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
		use_all(harm_of(bytes, length));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		fail_msg("%s %zu: wait status 0x%x", what, number, (unsigned)status);
}

/* ---- damage ------------------------------------------------------------ */

static int damage_make(void **state)
{
	struct sym_module *module;
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
	if (fread(original, 1, original_size, file) != original_size || fclose(file) != 0)
		return -1;
	mark_all();
	module = open_made("p");
	whole = find(module, "*");
	sym_module_close(module);
	return 0;
}

static int damage_remove(void **state)
{
	free(original);
	free(hurts);
	sym_functions_free(&whole);
	return folder_remove(state);
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
 * and debug information are, which is where it hurts, and then but one byte, of which more is told. */
static void test_flips(void **state)
{
	unsigned char *bytes = mem_alloc(original_size);

	(void)state;
	for (size_t at = 0; at < rounds(100); at++) {
		const size_t from = at % 2 ? original_size * 2 / 3 : 0;

		memcpy(bytes, original, original_size);
		for (size_t count = at % 4 == 1 ? 1 : dice(8) + 1; count; count--)
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
	for (size_t at = 0; at < rounds(40); at++) {
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
