/*
 * What specs name, for programs: docs/symbols.schema.json.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "symbols.h"

static void put_string(struct text *text, const char *key, const char *value)
{
	text_printf(text, ", \"%s\": ", key);
	if (value)
		text_put_json_string(text, value);
	else
		text_puts(text, "null");
}

static void put_address(struct text *text, const char *key, uint64_t address)
{
	if (address)
		text_printf(text, ", \"%s\": \"0x%" PRIx64 "\"", key, address);
	else
		text_printf(text, ", \"%s\": null", key);
}

static void put_line(struct text *text, unsigned line)
{
	if (line)
		text_printf(text, ", \"line\": %u", line);
	else
		text_puts(text, ", \"line\": null");
}

static void put_places(struct text *text, const struct sym_entry *entry)
{
	text_puts(text, ", \"inlined\": [");
	for (size_t i = 0; i < entry->place_count; i++) {
		text_puts(text, i ? ", {\"file\": " : "{\"file\": ");
		if (entry->places[i].file)
			text_put_json_string(text, entry->places[i].file);
		else
			text_puts(text, "null");
		put_line(text, entry->places[i].line);
		text_putc(text, '}');
	}
	text_putc(text, ']');
}

/* A row says "constprop isra", with weak and ifunc behind. */
static void put_variant(struct text *text, const struct sym_entry *entry)
{
	const char *separator = "";

	text_puts(text, ", \"variant\": [");
	for (const char *at = entry->clones; at && *at;) {
		size_t length = 0;
		char *word;

		while (at[length] && at[length] != ' ')
			length++;
		word = mem_strndup(at, length);
		text_puts(text, separator);
		text_put_json_string(text, word);
		free(word);
		separator = ", ";
		at += length + (at[length] == ' ');
	}
	if (entry->weak) {
		text_printf(text, "%s\"weak\"", separator);
		separator = ", ";
	}
	if (entry->function.indirect)
		text_printf(text, "%s\"ifunc\"", separator);
	text_putc(text, ']');
}

static void put_entry(struct text *text, const struct sym_module *module, const struct sym_entry *entry)
{
	const struct sym_function *function = &entry->function;
	char *spec = symbols_spec(module, entry);

	text_puts(text, "{\"name\": ");
	text_put_json_string(text, function->name);
	put_string(text, "full_name", function->full_name);
	put_string(text, "linkage_name", function->linkage_name);
	put_string(text, "kind", entry->kind);
	put_string(text, "spec", spec);
	put_string(text, "obstacle", entry->obstacle);
	put_address(text, "address", function->address);
	text_printf(text, ", \"size\": %" PRIu64, function->size);
	put_string(text, "module", module->path);
	put_string(text, "file", function->file);
	put_line(text, function->line);
	put_variant(text, entry);
	put_address(text, "cold", entry->cold);
	text_puts(text, ", \"aliases\": [");
	for (size_t i = 0; i < entry->alias_count; i++) {
		text_puts(text, i ? ", " : "");
		text_put_json_string(text, entry->aliases[i]);
	}
	text_putc(text, ']');
	put_places(text, entry);
	text_putc(text, '}');
	free(spec);
}

void symbols_put_json(const struct listed_modules *modules, struct text *text)
{
	const char *separator = "[";

	for (size_t i = 0; i < modules->count; i++) {
		const struct listed_module *module = &modules->items[i];

		for (size_t at = 0; at < module->listing.count; at++) {
			text_printf(text, "%s\n", separator);
			put_entry(text, module->file, &module->listing.items[at]);
			separator = ",";
		}
	}
	text_puts(text, *separator == '[' ? "[]\n" : "\n]\n");
}
