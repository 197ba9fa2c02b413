/*
 * Split debug information (-gsplit-dwarf): the program has only the skeletons of its units;
 * the rest of each lies in a .dwo file, or in the .dwp file beside the program. For the child that
 * reads debug information.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dwarf_child.h"
#include "dwarf_skeleton.h"

/* In front of a unit's offsets of range lists: length, version, sizes, count. */
enum { LISTS_HEADER = 12 };

/* Numbers of readers; 0 is the program's, 1 that of what dwz moved away. */
enum { PACKAGE = 2, FIRST_FILE = 3 };

static void keep_trouble(struct child *child, char *trouble)
{
	if (child->main.trouble)
		free(trouble);
	else
		child->main.trouble = trouble;
}

static void reader_close(struct die_reader *reader)
{
	die_reader_close(reader);
	free(reader);
}

/* The limits we began with were for the program's file alone. */
static void allow_for(struct child *child, int fd)
{
	const struct sym_child_limits before = sym_dwarf_limits(child->split_size);
	struct sym_child_limits now;
	struct stat info;

	if (fstat(fd, &info) < 0)
		return;
	child->split_size += (uint64_t)info.st_size;
	now = sym_dwarf_limits(child->split_size);
	sym_child_raise_limits(&before, &now);
}

/* NULL and a trouble if it cannot be read. Closes fd. */
static struct die_reader *reader_open(struct child *child, int fd, uint64_t number, const char *path)
{
	struct die_reader *reader = mem_alloc(sizeof(*reader));
	bool opened;

	allow_for(child, fd);
	opened = die_reader_open(reader, fd, DW_GROUPNUMBER_DWO);
	close(fd);
	reader->number = number;
	if (opened)
		return reader;
	keep_trouble(child, mem_printf("%s cannot be read%s%s", path, reader->trouble ? ": " : "",
				       reader->trouble ? reader->trouble : ""));
	reader_close(reader);
	return NULL;
}

/* What is no file may never be read to its end. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))) {
		close(fd);
		errno = EINVAL;
		fd = -1;
	}
	return fd;
}

/* ---- where it lies ----------------------------------------------------- */

static struct die_reader *package_of(struct child *child)
{
	char *path;
	int fd;

	if (child->package_sought)
		return child->package;
	child->package_sought = true;
	path = mem_printf("%s.dwp", child->task->elf->path);
	fd = open_file(path);
	if (fd >= 0)
		child->package = reader_open(child, fd, PACKAGE, path);
	free(path);
	return child->package;
}

/* Where it was built, else beside the program. */
static struct die_reader *file_of(struct child *child, Dwarf_Die skeleton)
{
	const char *name = child->unit->split, *folder = "", *program = child->task->elf->path;
	char *path;
	struct die_reader *reader = NULL;
	int fd, why;

	if (*name != '/')
		die_text(child->reader, skeleton, DW_AT_comp_dir, &folder);
	path = mem_printf("%s%s%s", folder, *folder ? "/" : "", name);
	fd = open_file(path);
	why = errno;
	if (fd < 0) {
		char *beside = mem_printf("%.*s%s", (int)(sym_path_last(program) - program), program,
					  sym_path_last(name));

		fd = open_file(beside);
		free(beside);
	}
	if (fd >= 0)
		reader = reader_open(child, fd, FIRST_FILE + child->unit->offset, path);
	else
		keep_trouble(child, mem_printf("part of it is in %s: %s", path, strerror(why)));
	free(path);
	return reader;
}

/* ---- the unit that belongs to the skeleton ----------------------------- */

/* Up to DWARF 4 the signature is an attribute. */
static Dwarf_Sig8 signature_of(struct die_reader *reader, Dwarf_Die top, Dwarf_Sig8 in_header)
{
	Dwarf_Attribute attribute;
	Dwarf_Error error = NULL;

	if (!die_ok(reader, dwarf_attr(top, DW_AT_GNU_dwo_id, &attribute, &error), &error))
		return in_header;
	if (!die_ok(reader, dwarf_formsig8_const(attribute, &in_header, &error), &error)) {
		Dwarf_Unsigned number = 0;

		if (die_number(reader, top, DW_AT_GNU_dwo_id, &number))
			memcpy(&in_header, &number, sizeof(in_header));
	}
	dwarf_dealloc_attribute(attribute);
	return in_header;
}

static bool find_unit(struct die_reader *reader, Dwarf_Sig8 wanted, Dwarf_Die *found)
{
	bool have = false;

	for (;;) {
		Dwarf_Unsigned length, type_offset, next;
		Dwarf_Half version, address_size, length_size, extension_size, kind;
		Dwarf_Off abbreviations;
		Dwarf_Sig8 signature = {{0}};
		Dwarf_Error error = NULL;
		Dwarf_Die top;

		if (!die_ok(reader,
			    dwarf_next_cu_header_d(reader->dwarf, 1, &length, &version, &abbreviations,
						   &address_size, &length_size, &extension_size, &signature,
						   &type_offset, &next, &kind, &error),
			    &error))
			return have;
		/* To the end in any case: libdwarf starts again only behind the last one. */
		if (have || !die_ok(reader, dwarf_siblingof_b(reader->dwarf, NULL, 1, &top, &error), &error))
			continue;
		signature = signature_of(reader, top, signature);
		if (memcmp(&signature, &wanted, sizeof(wanted)) == 0) {
			*found = top;
			have = true;
		} else {
			dwarf_dealloc_die(top);
		}
	}
}

/* Where the unit's own part of a section of a .dwp file begins. */
static uint64_t part_of(struct die_reader *reader, Dwarf_Die top, unsigned section)
{
	Dwarf_Debug_Fission_Per_CU parts = {0};
	Dwarf_Error error = NULL;

	if (!die_ok(reader, dwarf_get_debugfission_for_die(top, &parts, &error), &error) || !parts.pcu_type)
		return 0;
	return parts.pcu_offset[section];
}

/* A skeleton's base of one of its tables, which has another attribute up to DWARF 4. */
static Dwarf_Unsigned base_of(struct die_reader *reader, Dwarf_Die skeleton, Dwarf_Half attribute,
			      Dwarf_Half attribute_4)
{
	struct die_place place;

	if (die_reference(reader, skeleton, attribute, &place) ||
	    die_reference(reader, skeleton, attribute_4, &place))
		return place.offset;
	return 0;
}

/* What a skeleton alone has: lines with their files, addresses, and what ranges count from. */
static void lend_skeleton(struct child *child, struct die_unit *unit, struct die_skeleton *skeleton,
			  Dwarf_Die skeleton_top)
{
	struct die_reader *main = &child->main;

	*skeleton = (struct die_skeleton){
		.base = child->unit->has_base ? child->unit->base : 0,
		.addresses = sections_get(main->sections, ".debug_addr",
					  base_of(main, skeleton_top, DW_AT_addr_base, DW_AT_GNU_addr_base)),
		.ranges = sections_get(
			main->sections, ".debug_ranges",
			base_of(main, skeleton_top, DW_AT_GNU_ranges_base, DW_AT_GNU_ranges_base)),
	};
	unit->skeleton = skeleton;
}

/* The unit's other half with its own reader, which is the package's or to be closed. */
static struct die_reader *find_half(struct child *child, Dwarf_Die skeleton_top, Dwarf_Die *top)
{
	const Dwarf_Sig8 wanted = signature_of(child->reader, skeleton_top, child->signature);
	struct die_reader *reader = package_of(child);

	if (reader && find_unit(reader, wanted, top))
		return reader;
	reader = file_of(child, skeleton_top);
	if (!reader || find_unit(reader, wanted, top))
		return reader;
	keep_trouble(child, mem_printf("%s is not from the same build", child->unit->split));
	reader_close(reader);
	return NULL;
}

static void visit_half(struct child *child, struct die_unit *unit, Dwarf_Die top, Dwarf_Die skeleton_top,
		       unit_visitor *visit)
{
	struct die_unit own = *unit;
	struct die_skeleton skeleton;

	lend_skeleton(child, unit, &skeleton, skeleton_top);
	skeleton.lists = sections_get(child->reader->sections, ".debug_rnglists.dwo",
				      part_of(child->reader, top, DW_SECT_RNGLISTS) + LISTS_HEADER);
	if (!unit->file_count) {
		unit->files = child->unit->files;
		unit->file_count = child->unit->file_count;
		unit->first_file = child->unit->first_file;
	}
	child->unit = unit;
	visit(child, top);
	*unit = own;
}

void child_visit_split(struct child *child, Dwarf_Die skeleton_top, unit_visitor *visit)
{
	const char *name = child->unit->split;
	struct die_reader *reader;
	struct die_unit *unit;
	Dwarf_Die top;

	if (child->task->details && child->task->details->size_limit)
		return;
	if (!child->split)
		child_tell(child, SYM_DWARF_SPLIT);
	child->split = true;
	reader = find_half(child, skeleton_top, &top);
	if (!reader)
		return;
	unit = die_unit_get(reader, top);
	child->reader = reader;
	if (unit)
		visit_half(child, unit, top, skeleton_top, visit);
	child->reader = &child->main;
	if (reader->trouble)
		keep_trouble(child, mem_printf("%s: %s", name, reader->trouble));
	dwarf_dealloc_die(top);
	if (reader != child->package)
		reader_close(reader);
}
