/*
 * Private to the child that reads debug information: the sections of a file, as
 * libdwarf wants them. Runs in the child only.
 *
 * libdwarf's own way reads whole sections into memory, which for large files is
 * all that we may use. Here they are mapped, and unmapped as the reading goes on.
 */
#ifndef FMPROF_SYM_DWARF_SECTIONS_H
#define FMPROF_SYM_DWARF_SECTIONS_H

#include <libdwarf/libdwarf.h>

#include "fmprof/util.h"

struct dwarf_sections;

/* NULL if the file cannot be mapped, or is no ELF file. */
struct dwarf_sections *sections_open(int fd);

void sections_close(struct dwarf_sections *file);

/* libdwarf's result; group is DW_GROUPNUMBER_ANY or the number of one group of sections. */
int sections_init(struct dwarf_sections *file, unsigned group, Dwarf_Debug *dwarf, Dwarf_Error *error);

/* The bytes of one section, as libdwarf gets them, from an offset on. size is 0 if it has none there. */
struct sections_bytes {
	const unsigned char *data;
	uint64_t size;
};
struct sections_bytes sections_get(struct dwarf_sections *file, const char *name, uint64_t from);

/* Gives back the memory of pages read so far; they are read again when needed. */
void sections_forget(const struct dwarf_sections *file);

/* Why a section could not be given to libdwarf; NULL if all could. */
const char *sections_trouble(const struct dwarf_sections *file);

#endif
