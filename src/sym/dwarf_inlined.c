/*
 * Functions that are inlined, for the child that reads debug information.
 */
#include "dwarf_child.h"

/* Constructors and destructors have several linkage names for one source (C1, C2; D0, D1, D2), and one more,
 * C4 or D4, for where they are inlined. */
static unsigned char common_letter(const char *name, const char *at)
{
	return at > name && (at[-1] == 'C' || at[-1] == 'D') && *at >= '0' && *at <= '5' && at[1] == 'E'
		       ? '4'
		       : (unsigned char)*at;
}

static uint64_t hash_string(uint64_t hash, const char *string)
{
	for (const char *at = string; *at; at++)
		hash = (hash ^ common_letter(string, at)) * UINT64_C(0x100000001b3); /* FNV-1a */
	return hash * UINT64_C(0x100000001b3);
}

uint64_t sym_dwarf_identity(const char *name, const char *linkage_name, const char *file, unsigned line)
{
	const uint64_t start = UINT64_C(0xcbf29ce484222325);

	if (*linkage_name)
		return hash_string(start, linkage_name);
	return hash_string(hash_string(start ^ line, name), file);
}

struct inlined_group *child_group(struct child *child, const struct die_function *function)
{
	const uint64_t identity = sym_dwarf_identity(function->name, function->linkage_name,
						     child_function_file(child, function), function->line);
	struct inlined_group *group = table_get(&child->groups, identity);

	if (!group) {
		group = mem_alloc(sizeof(*group));
		group->identity = identity;
		table_put(&child->groups, identity, group);
	}
	return group;
}

/* Which function it is that is inlined, looked up once. */
static struct inlined_group *group_at(struct child *child, const struct die_place *origin)
{
	static struct inlined_group elsewhere;
	struct inlined_group *group = table_get(&child->inlinable, die_place_key(origin));
	struct die_function function;
	Dwarf_Die entry;
	Dwarf_Error error = NULL;

	if (group)
		return group;
	group = &elsewhere;
	if (die_ok(origin->reader, dwarf_offdie_b(origin->reader->dwarf, origin->offset, 1, &entry, &error),
		   &error)) {
		function = die_function_get(origin->reader, entry);
		if (sym_spec_takes_file(child->spec, child_function_file(child, &function)))
			group = child_group(child, &function);
		dwarf_dealloc_die(entry);
	}
	table_put(&child->inlinable, die_place_key(origin), group);
	return group;
}

void child_count_inlined(struct child *child, Dwarf_Die entry)
{
	struct die_place origin;

	if (die_reference(child->reader, entry, DW_AT_abstract_origin, &origin))
		group_at(child, &origin)->places++;
}

void child_tell_inlinings(struct child *child)
{
	const struct inlined_group *group;
	uint64_t identity;
	size_t position = 0;

	while ((group = table_next(&child->groups, &position, &identity))) {
		if (!group->places)
			continue;
		child_tell(child, SYM_DWARF_PLACES);
		child_tell_number(child, identity);
		child_tell_number(child, group->places);
	}
}
