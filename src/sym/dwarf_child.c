/*
 * The child's half of dwarf.h: walks the units and tells what it finds.
 */
#include "dwarf_child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- telling ----------------------------------------------------------- */

static void flush(struct child *child)
{
	if (!sym_write_all(child->out, child->pending.data, child->pending.length))
		_exit(1); /* nobody listens any more */
	text_clear(&child->pending);
}

void child_tell(struct child *child, enum sym_dwarf_record kind)
{
	if (child->pending.length > 65536)
		flush(child);
	text_putc(&child->pending, (char)kind);
}

void child_tell_number(struct child *child, uint64_t number)
{
	text_put(&child->pending, (const char *)&number, sizeof(number));
}

void child_tell_string(struct child *child, const char *string)
{
	child_tell_number(child, strlen(string));
	text_puts(&child->pending, string);
}

/* ---- walking ----------------------------------------------------------- */

static bool holds_functions(Dwarf_Half tag)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_inlined_subroutine:
		return true;
	default:
		return false;
	}
}

static bool sibling_get(struct child *child, Dwarf_Die entry, Dwarf_Die *sibling)
{
	Dwarf_Off here, there;
	Dwarf_Error error = NULL;

	if (!die_ok(child->reader, dwarf_siblingof_b(child->reader->dwarf, entry, 1, sibling, &error),
		    &error))
		return false;
	/* A damaged DW_AT_sibling that leads back would never let us finish. */
	if (dwarf_dieoffset(entry, &here, &error) == DW_DLV_OK &&
	    dwarf_dieoffset(*sibling, &there, &error) == DW_DLV_OK && there > here)
		return true;
	dwarf_dealloc_die(*sibling);
	return false;
}

/* An entry that is still to be visited, and how deep below top it is. */
struct waiting {
	Dwarf_Die entry;
	size_t level;
};

struct stack {
	struct waiting *items;
	size_t depth, capacity;
};

static void stack_push(struct stack *stack, Dwarf_Die entry, size_t level)
{
	stack->items = array_reserve(stack->items, &stack->capacity, stack->depth + 1, sizeof(*stack->items));
	stack->items[stack->depth++] = (struct waiting){.entry = entry, .level = level};
}

/* What is visited next is inside of this entry. */
static void enter_scope(struct child *child, Dwarf_Die entry, Dwarf_Half tag, size_t level)
{
	const char *name = NULL;

	child->scopes =
		array_reserve(child->scopes, &child->scope_capacity, level + 1, sizeof(*child->scopes));
	switch (tag) {
	case DW_TAG_namespace:
		name = "(anonymous namespace)";
		die_text(child->reader, entry, DW_AT_name, &name);
		break;
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		die_text(child->reader, entry, DW_AT_name, &name);
		break;
	default:
		break;
	}
	child->scopes[level] = name;
}

char *child_scoped_name(const struct child *child, const char *name)
{
	struct text text = {0};

	for (size_t at = 0; at < child->scope_count; at++)
		if (child->scopes[at])
			text_printf(&text, "%s::", child->scopes[at]);
	if (text.length)
		text_puts(&text, name);
	return text.data;
}

/* Visits everything below top that can hold functions. The stack is our own:
 * how deep entries are nested is up to the file. */
void child_walk(struct child *child, Dwarf_Die top, entry_visitor *visit)
{
	struct stack stack = {0};
	Dwarf_Die next;
	Dwarf_Error error = NULL;

	if (die_ok(child->reader, dwarf_child(top, &next, &error), &error))
		stack_push(&stack, next, 0);
	while (stack.depth) {
		const struct waiting at = stack.items[--stack.depth];
		Dwarf_Half tag = 0;

		if (sibling_get(child, at.entry, &next))
			stack_push(&stack, next, at.level);
		child->scope_count = at.level;
		if (die_ok(child->reader, dwarf_tag(at.entry, &tag, &error), &error))
			visit(child, at.entry, tag);
		if (holds_functions(tag) &&
		    die_ok(child->reader, dwarf_child(at.entry, &next, &error), &error)) {
			enter_scope(child, at.entry, tag, at.level);
			stack_push(&stack, next, at.level + 1);
		}
		dwarf_dealloc_die(at.entry);
	}
	free(stack.items);
}

/* A function from another unit's source, such as a header's or LTO's, has its
 * file among the files of the unit that its code is in. */
static bool unit_concerns(const struct child *child, const struct die_unit *unit)
{
	if (!child->spec->file || sym_spec_takes_file(child->spec, unit->name))
		return true;
	/* Only its other half knows. */
	if (unit->split && !unit->file_count)
		return true;
	for (Dwarf_Signed at = 0; at < unit->file_count; at++)
		if (unit->files[at] && sym_spec_takes_file(child->spec, unit->files[at]))
			return true;
	return false;
}

static void visit_unit(struct child *child, Dwarf_Die top, unit_visitor *visit, unit_visitor *other)
{
	struct die_unit *unit = die_unit_get(child->reader, top);

	if (!unit)
		return;
	child->unit = unit;
	child->lines = top;
	if (!unit_concerns(child, unit)) {
		if (other)
			other(child, top);
	} else if (unit->split) {
		child_visit_split(child, top, visit);
	} else {
		visit(child, top);
	}
	/* There can be very many; one that is referred to later is read again. */
	die_unit_forget(child->reader, unit);
}

/* Pages that were read count as ours; so that they are never many, they are given back now and then. */
static void forget_pages(struct child *child, Dwarf_Unsigned offset, Dwarf_Unsigned *forgotten)
{
	static const Dwarf_Unsigned often = 16 << 20;

	if (offset - *forgotten < often)
		return;
	*forgotten = offset;
	sections_forget(child->reader->sections);
}

void child_walk_units(struct child *child, unit_visitor *visit, unit_visitor *other)
{
	Dwarf_Unsigned next = 0, forgotten = 0;

	/* Every round reads the next header; libdwarf starts again after the last one. */
	for (;;) {
		Dwarf_Unsigned length, type_offset;
		Dwarf_Half version, address_size, length_size, extension_size, kind;
		Dwarf_Off abbreviations;
		Dwarf_Error error = NULL;
		Dwarf_Die top;

		if (!die_ok(child->reader,
			    dwarf_next_cu_header_d(child->reader->dwarf, 1, &length, &version, &abbreviations,
						   &address_size, &length_size, &extension_size,
						   &child->signature, &type_offset, &next, &kind, &error),
			    &error))
			return;
		if (!die_ok(child->reader, dwarf_siblingof_b(child->reader->dwarf, NULL, 1, &top, &error),
			    &error))
			continue;
		visit_unit(child, top, visit, other);
		dwarf_dealloc_die(top);
		forget_pages(child, next, &forgotten);
	}
}

/* ---- the whole --------------------------------------------------------- */

/* The first trouble that was met; without a file that dwz moved things to, names are missing. */
static const char *trouble_of(const struct child *child)
{
	const struct die_reader *alternate = child->main.alternate;

	if (child->main.trouble)
		return child->main.trouble;
	return alternate ? alternate->trouble : NULL;
}

static void open_alternate(struct child *child)
{
	struct sym_elf *elf =
		sym_module_alternate(child->task->module, child->task->elf, &child->main.trouble);
	struct die_reader *alternate;
	Dwarf_Error error = NULL;

	if (!elf)
		return;
	alternate = mem_alloc(sizeof(*alternate));
	alternate->number = 1;
	child->main.alternate = alternate;
	if (die_reader_open(alternate, elf->fd, DW_GROUPNUMBER_ANY))
		die_ok(&child->main, dwarf_set_tied_dbg(child->main.dwarf, alternate->dwarf, &error), &error);
	else
		child->main.alternate = NULL;
}

int sym_dwarf_child(const struct sym_dwarf_task *task, int out)
{
	struct child child = {.task = task, .spec = task->spec, .out = out, .reader = &child.main};
	const char *trouble;

	/* libdwarf would keep a tree of all that it handed out; we end with _exit. */
	dwarf_set_de_alloc_flag(0);
	if (die_reader_open(&child.main, task->elf->fd, DW_GROUPNUMBER_ANY)) {
		if (sym_elf_section(task->elf, ".gnu_debugaltlink"))
			open_alternate(&child);
		if (task->details)
			child_tell_details(&child);
		else
			child_tell_functions(&child);
	}
	trouble = trouble_of(&child);
	if (trouble) {
		child_tell(&child, SYM_DWARF_TROUBLE);
		child_tell_string(&child, trouble);
	}
	child_tell(&child, SYM_DWARF_END);
	flush(&child);
	return 0;
}
