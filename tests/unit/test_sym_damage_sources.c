/*
 * sym: damage in sections that hold symbols, one kind at a time. Whatever is found must be where the
 * whole program has a function; what is not found must have been told, if the damage can be known. Each case runs in
 * a process of its own, which must end by itself.
 */
#include "test_sym.h"

#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char source[] =
	"#include <stdlib.h>\n"
	"volatile int sink;\n"
	"static __attribute__((noinline)) int parse(int n) { sink = n; return n + sink; }\n"
	"__attribute__((noinline)) int work(int n) { sink = n; return parse(n) + 2; }\n"
	"int main(void) { return work(1) + atoi(\"1\"); }\n";

static uint64_t parse_address, work_address;

static size_t rounds(size_t usual)
{
	const char *stress = getenv("FMPROF_STRESS");

	return stress && *stress ? 1000 : usual;
}

static unsigned long long seed = 20260101;

static size_t dice(size_t sides)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)(seed >> 33) % sides;
}

/* full: as compiled; mini: stripped, with .gnu_debugdata; linked: stripped, with .gnu_debuglink. */
static int programs_make(void **state)
{
	struct sym_module *module;

	if (folder_make(state) < 0)
		return -1;
	write_file("p.c", source, strlen(source));
	if (!run("gcc -g -O1 -o full p.c && objcopy --only-keep-debug full p.debug && objcopy -S full bare "
		 "&& "
		 "objcopy -S --keep-symbol=parse --keep-symbol=work --keep-symbol=main full small && xz -k "
		 "small && "
		 "objcopy --add-section .gnu_debugdata=small.xz bare mini && "
		 "objcopy --add-gnu-debuglink=p.debug bare linked"))
		return -1;
	module = open_made("full");
	parse_address = find_one(module, "parse", NULL);
	work_address = find_one(module, "work", NULL);
	sym_module_close(module);
	return 0;
}

static char *read_whole(const char *name, size_t *length)
{
	char *path = in_folder(name), *bytes;
	FILE *file = fopen(path, "r");
	struct stat status;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = mem_alloc((size_t)status.st_size);
	*length = fread(bytes, 1, (size_t)status.st_size, file);
	fclose(file);
	free(path);
	return bytes;
}

/* Where a section whose name begins so is in the file; the index-th of them, counted round. */
static bool section_place(char *bytes, size_t length, const char *start, size_t index, size_t *place,
			  size_t *size)
{
	Elf *elf;
	size_t names, count = 0;
	bool found = false;

	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, length);
	assert_non_null(elf);
	assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
	while (!found) {
		Elf_Scn *section = NULL;
		GElf_Shdr header;

		while ((section = elf_nextscn(elf, section)) && !found) {
			assert_non_null(gelf_getshdr(section, &header));
			if (strncmp(elf_strptr(elf, names, header.sh_name), start, strlen(start)) != 0)
				continue;
			found = count++ == index;
			*place = header.sh_offset;
			*size = header.sh_size;
		}
		if (!count)
			break;
	}
	elf_end(elf);
	return found;
}

/* What may become of a function when a section is damaged. */
enum loss {
	FOUND,  /* what is left has it */
	TOLD,   /* it may not be found, and a line says that something is damaged */
	UNTOLD, /* nobody can know: its name is another one */
};

/* Finds one spec; the exit status says what was wrong. */
static void look(struct sym_module *module, const char *text, uint64_t expected, enum loss loss)
{
	struct sym_functions functions = {0};
	struct sym_spec spec;
	struct error err = {0};
	struct text reason = {0};
	int count;

	if (sym_spec_parse(text, &spec, &err) < 0)
		_exit(2);
	count = sym_module_find(module, &spec, &functions, &err);
	for (size_t at = 0; at < functions.count; at++)
		if (functions.items[at].address != expected)
			_exit(3);
	for (size_t at = 0; at < module->trouble.count; at++)
		if (!*module->trouble.lines[at] || strchr(module->trouble.lines[at], '\n'))
			_exit(4);
	if (count < 0 && (!err.message || strchr(err.message, '\n')))
		_exit(5);
	if (count <= 0 && (loss == FOUND || (loss == TOLD && count == 0 && !module->trouble.count)))
		_exit(8);
	sym_explain_no_match(&spec, &module, 1, &reason);
	if (!reason.length || strchr(reason.data, '\n'))
		_exit(6);
	text_free(&reason);
	sym_functions_free(&functions);
	sym_spec_free(&spec);
	error_free(&err);
}

static void use_damaged(enum loss named, enum loss in_file)
{
	char *path = in_folder("damaged");
	struct sym_module *module;
	struct error err = {0};

	if (sym_module_open(path, path, &module, &err) < 0)
		_exit(7);
	look(module, "work", work_address, named);
	look(module, "parse", parse_address, named);
	look(module, "p.c:parse", parse_address, named);
	look(module, "p.c:work", work_address, in_file);
	sym_module_close(module);
	free(path);
}

static void assert_survives(const char *what, size_t number, enum loss named, enum loss in_file)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		alarm(120);
		use_damaged(named, in_file);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		fail_msg("%s %zu: wait status 0x%x", what, number, (unsigned)status);
}

/* One to eight bytes of a section of the program. */
static void damage(const char *program, const char *section, size_t count, enum loss named, enum loss in_file)
{
	size_t length, place = 0, size = 0;
	char *bytes = read_whole(program, &length), *damaged = mem_alloc(length);

	for (size_t at = 0; at < count; at++) {
		memcpy(damaged, bytes, length);
		assert_true(section_place(bytes, length, section, at % 16, &place, &size) ||
			    section_place(bytes, length, section, 0, &place, &size));
		for (size_t blows = dice(8) + 1; blows; blows--)
			damaged[place + dice(size)] = (char)dice(256);
		write_file("damaged", damaged, length);
		assert_survives(section, at, named, in_file);
	}
	free(damaged);
	free(bytes);
}

static void test_debug_data(void **state)
{
	(void)state;
	damage("mini", ".gnu_debugdata", rounds(60), TOLD, TOLD);
}

static void test_debug_link(void **state)
{
	(void)state;
	damage("linked", ".gnu_debuglink", rounds(60), UNTOLD, UNTOLD);
}

static void test_symbol_tables(void **state)
{
	(void)state;
	damage("full", ".strtab", rounds(50), UNTOLD, UNTOLD);
}

static void test_debug_information(void **state)
{
	(void)state;
	/* The symbols are whole, and say of a static function which file it is from. */
	damage("full", ".debug_", rounds(120), FOUND, UNTOLD);
}

/* Each single byte that tells where functions are and what they are called. */
static void test_every_byte(void **state)
{
	static const char changes[] = {8, 1};
	size_t length, place = 0, size = 0;
	char *bytes = read_whole("full", &length);

	(void)state;
	assert_true(section_place(bytes, length, ".debug_info", 0, &place, &size));
	for (size_t at = place; at < place + size; at++) {
		for (size_t round = 0; round < (rounds(0) ? sizeof(changes) : 1); round++) {
			const char before = bytes[at];

			bytes[at] = (char)(before + changes[round]);
			write_file("damaged", bytes, length);
			assert_survives("byte of .debug_info", at - place, FOUND, UNTOLD);
			bytes[at] = before;
		}
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debug_data),    cmocka_unit_test(test_debug_link),
		cmocka_unit_test(test_symbol_tables), cmocka_unit_test(test_debug_information),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests(tests, programs_make, folder_remove);
}
