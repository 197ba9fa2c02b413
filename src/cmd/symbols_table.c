/*
 * What specs name, for people, and for --funcs-from: a spec, " # ", and the rest.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "symbols.h"

enum { PLACES_TOLD = 5, NAME_LEAST = 16, NAME_MOST = 48 };

/* ---- specs ------------------------------------------------------------- */

/* '?' is a wildcard for what must not stand there: a character that ends the module, opens a bracket, begins
 * a comment, or cannot be shown. */
static void put_part(struct text *text, const char *part)
{
	const size_t start = text->length, word = strlen("operator");
	size_t length;

	text_put_visible(text, part);
	for (char *at = text->data + start; *at; at++)
		if (strchr("![]*#\\:() \t", *at))
			*at = '?';
	/* The '!' behind this word would be C++'s. */
	length = text->length - start;
	if (length >= word && strcmp(text->data + text->length - word, "operator") == 0)
		text->data[text->length - 1] = '?';
}

char *symbols_spec(const struct sym_module *module, const struct sym_entry *entry)
{
	struct text text = {0};

	if (entry->obstacle)
		return NULL;
	put_part(&text, module->name);
	text_putc(&text, '!');
	if (entry->function.indirect)
		put_part(&text, entry->function.linkage_name);
	else
		text_printf(&text, "0x%" PRIx64, entry->function.address);
	return text.data;
}

/* ---- columns ----------------------------------------------------------- */

struct row {
	char *spec; /* NULL: it cannot be recorded */
	char *address, *size, *name, *place, *notes;
};

struct widths {
	size_t spec, size, name, place;
};

/* Characters, which are columns but for the rare wide ones. */
static size_t width_of(const char *string)
{
	size_t width = 0;

	for (; *string; string++)
		width += (*string & 0xc0) != 0x80;
	return width;
}

static void widen(size_t *width, const char *string)
{
	const size_t needed = width_of(string);

	if (needed > *width)
		*width = needed;
}

/* At most `most` columns of it, and "…" if that is not all. */
static void put_cut(struct text *text, const char *string, size_t most)
{
	const bool cut = width_of(string) > most;
	size_t bytes = 0, columns = 0;

	while (string[bytes] && (!cut || columns + 1 < most)) {
		bytes++;
		while ((string[bytes] & 0xc0) == 0x80)
			bytes++;
		columns++;
	}
	text_put(text, string, bytes);
	if (cut && most)
		text_puts(text, "…");
}

static void put_left(struct text *text, const char *string, size_t width, bool may_cut)
{
	size_t used = width_of(string);

	if (may_cut && used > width) {
		put_cut(text, string, width);
		used = width;
	} else {
		text_puts(text, string);
	}
	for (; used < width; used++)
		text_putc(text, ' ');
}

/* ---- rows -------------------------------------------------------------- */

static void put_note(struct text *text, const char *word, const char *value)
{
	text_printf(text, "%s%s%s", text->length ? "; " : "", word, value);
}

static void put_inlined(struct text *text, const struct sym_entry *entry)
{
	text_printf(text, "%sinlined at %zu place%s: ", text->length ? "; " : "", entry->place_count,
		    entry->place_count == 1 ? "" : "s");
	for (size_t i = 0; i < entry->place_count && i < PLACES_TOLD; i++) {
		const char *file = entry->places[i].file, *slash = file ? strrchr(file, '/') : NULL;

		text_printf(text, "%s%s:%u", i ? ", " : "",
			    slash  ? slash + 1
			    : file ? file
				   : "?",
			    entry->places[i].line);
	}
	if (entry->place_count > PLACES_TOLD)
		text_puts(text, ", …");
}

static char *notes_of(const struct sym_entry *entry)
{
	struct text text = {0};

	if (entry->obstacle)
		put_note(&text, "", entry->obstacle);
	if (entry->function.indirect && !entry->obstacle)
		put_note(&text, "", "ifunc");
	if (entry->clones)
		put_note(&text, "", entry->clones);
	if (entry->weak)
		put_note(&text, "", "weak");
	for (size_t i = 0; i < entry->alias_count; i++)
		put_note(&text, "also ", entry->aliases[i]);
	if (entry->cold)
		text_printf(&text, "%scold part at 0x%" PRIx64, text.length ? "; " : "", entry->cold);
	if (entry->place_count)
		put_inlined(&text, entry);
	return text.data ? text.data : mem_strdup("");
}

static char *visible(char *string)
{
	struct text text = {0};

	text_puts(&text, "");
	text_put_visible(&text, string);
	free(string);
	return text.data;
}

static char *place_of(const struct sym_function *function)
{
	const char *slash = function->file ? strrchr(function->file, '/') : NULL;

	if (!function->file)
		return mem_strdup("-");
	if (!function->line)
		return mem_strdup(slash ? slash + 1 : function->file);
	return mem_printf("%s:%u", slash ? slash + 1 : function->file, function->line);
}

static struct row row_of(const struct sym_module *module, const struct sym_entry *entry)
{
	const struct sym_function *function = &entry->function;

	return (struct row){
		.spec = symbols_spec(module, entry),
		.address = function->address ? mem_printf("0x%" PRIx64, function->address) : mem_strdup("-"),
		.size = mem_printf("%" PRIu64, function->size),
		.name = visible(mem_strdup(function->name)),
		.place = visible(place_of(function)),
		.notes = visible(notes_of(entry)),
	};
}

static void row_free(struct row *row)
{
	free(row->spec);
	free(row->address);
	free(row->size);
	free(row->name);
	free(row->place);
	free(row->notes);
}

static void put_row(struct text *text, const struct row *row, const struct widths *widths, size_t width)
{
	struct text line = {0};

	if (row->spec)
		put_left(&line, row->spec, widths->spec, false);
	else {
		text_puts(&line, "# ");
		put_left(&line, row->address, widths->spec > 2 ? widths->spec - 2 : 0, false);
	}
	text_puts(&line, " # ");
	for (size_t used = width_of(row->size); used < widths->size; used++)
		text_putc(&line, ' ');
	text_printf(&line, "%s  ", row->size);
	put_left(&line, row->name, widths->name, width > 0);
	text_puts(&line, "  ");
	put_left(&line, row->place, *row->notes ? widths->place : 0, false);
	text_printf(&line, "%s%s", *row->notes ? "  " : "", row->notes);
	put_cut(text, line.data, width ? width : line.length);
	text_putc(text, '\n');
	text_free(&line);
}

static void put_titles(struct text *text, const struct widths *widths, size_t width)
{
	struct row titles = {
		.spec = mem_strdup("# spec"),
		.address = mem_strdup(""),
		.size = mem_strdup("size"),
		.name = mem_strdup("name"),
		.place = mem_strdup("file:line"),
		.notes = mem_strdup("notes"),
	};

	put_row(text, &titles, widths, width);
	row_free(&titles);
}

/* The name gives way first; what is right of it is cut at the edge. */
static struct widths fit(const struct row *rows, size_t count, size_t width)
{
	struct widths widths = {.size = strlen("size"), .name = strlen("name"), .place = strlen("file:line")};
	size_t others;

	for (size_t i = 0; i < count; i++) {
		widen(&widths.spec, rows[i].spec ? rows[i].spec : rows[i].address);
		widen(&widths.size, rows[i].size);
		widen(&widths.name, rows[i].name);
		widen(&widths.place, rows[i].place);
	}
	others = widths.spec + 3 + widths.size + 2 + 2 + widths.place;
	if (!width && widths.name > NAME_MOST)
		widths.name = NAME_MOST;
	if (width && widths.name + others > width)
		widths.name = width > others + NAME_LEAST ? width - others : NAME_LEAST;
	return widths;
}

static void put_module(struct text *text, const struct listed_module *module, size_t width)
{
	const struct sym_listing *listing = &module->listing;
	struct row *rows = mem_alloc((listing->count + 1) * sizeof(*rows));
	struct widths widths;
	size_t can = 0;

	for (size_t i = 0; i < listing->count; i++) {
		rows[i] = row_of(module->file, &listing->items[i]);
		can += rows[i].spec != NULL;
	}
	widths = fit(rows, listing->count, width);
	text_puts(text, "# ");
	text_put_visible(text, module->file->path);
	text_printf(text, ": %zu function%s\n", can, can == 1 ? "" : "s");
	if (can)
		put_titles(text, &widths, width);
	for (size_t i = 0; i < listing->count; i++)
		if (rows[i].spec)
			put_row(text, &rows[i], &widths, width);
	if (can < listing->count)
		text_puts(text, "# cannot be recorded:\n");
	for (size_t i = 0; i < listing->count; i++) {
		if (!rows[i].spec)
			put_row(text, &rows[i], &widths, width);
		row_free(&rows[i]);
	}
	free(rows);
}

void symbols_put_table(const struct listed_modules *modules, size_t width, struct text *text)
{
	bool any = false;

	for (size_t i = 0; i < modules->count; i++) {
		if (!modules->items[i].listing.count && modules->count > 1)
			continue;
		if (any)
			text_putc(text, '\n');
		put_module(text, &modules->items[i], width);
		any = true;
	}
	if (!any)
		put_module(text, &modules->items[0], width);
}
