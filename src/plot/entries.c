#include "entries.h"

#include <stdlib.h>
#include <string.h>

#include "label.h"

static void entry_add(struct entries *entries, enum entry_kind kind, size_t index)
{
	entries->items = array_reserve(entries->items, &entries->capacity, entries->count + 1,
				       sizeof(*entries->items));
	entries->items[entries->count++] = (struct entry){kind, index};
}

static void functions_add(struct entries *entries, const struct scene *scene, size_t recording)
{
	for (size_t i = 0; i < scene->function_count; i++)
		if (scene->run->functions[scene->functions[i].function].recording == recording)
			entry_add(entries, ENTRY_FUNCTION, i);
}

struct entries entries_list(const struct scene *scene, const struct curves *curves)
{
	struct entries entries = {0};

	for (size_t i = 0; i < curves->count; i++) {
		if (!curves->items[i].unnamed)
			entry_add(&entries, ENTRY_CURVE, curves->has_layers ? curves->count - 1 - i : i);
		if (scene->run->recording_count > 0)
			functions_add(&entries, scene, curves->items[i].recording);
	}
	if (scene->run->recording_count == 0)
		functions_add(&entries, scene, 0);
	if (scene->others > 0)
		entry_add(&entries, ENTRY_OTHERS, 0);
	return entries;
}

void entry_put_words(const struct scene *scene, const struct curves *curves, const struct entry *entry,
		     struct text *name, struct text *figures)
{
	text_clear(name);
	text_clear(figures);
	text_puts(figures, "");
	if (entry->kind == ENTRY_CURVE) {
		const struct curve *curve = &curves->items[entry->index];
		text_puts(name, curve->label);
		text_puts(figures, "peak ");
		scene_put_bytes(figures, scene, curve->peak);
		if (scene->run->recording_count > 0) {
			text_puts(figures, ", ");
			label_put_duration(figures, scene->run->recordings[curve->recording].span_ns);
		}
	} else if (entry->kind == ENTRY_FUNCTION) {
		text_puts(name, scene->functions[entry->index].label);
		scene_put_figures(figures, scene, &scene->functions[entry->index]);
	} else {
		text_printf(name, "… and %zu more", scene->others);
	}
}

void entry_fit_figures(struct text *figures, double room, double em)
{
	const char *rise = strstr(figures->data, ", +"), *peak = rise ? strstr(rise, ", peak ") : NULL;

	if (!peak || label_width(figures->data, em) <= room)
		return;
	int kept = (int)(rise - figures->data);
	char *shorter = mem_printf("%.*s%s", kept, figures->data, peak);
	bool fits = label_width(shorter, em) <= room;
	text_clear(figures);
	text_printf(figures, "%.*s", fits ? (int)strlen(shorter) : kept, shorter);
	free(shorter);
}
