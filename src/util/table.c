#include "fmprof/util.h"

#include <stdlib.h>

struct table_slot {
	uint64_t key;
	void *value; /* NULL: never used; &removed: used once */
};

/* Its address marks a slot whose value was taken out; nothing is stored in it. */
static char removed;

/* Addresses differ mostly in a few middle bits: Fibonacci hashing spreads them
 * (Knuth, The Art of Computer Programming 3, 6.4). */
static size_t table_home(const struct table *table, uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (table->capacity - 1);
}

void table_free(struct table *table)
{
	free(table->slots);
	*table = (struct table){0};
}

/* The slot of key, or NULL. */
static struct table_slot *table_find(const struct table *table, uint64_t key)
{
	if (!table->capacity)
		return NULL;
	for (size_t at = table_home(table, key);; at = (at + 1) & (table->capacity - 1)) {
		struct table_slot *slot = &table->slots[at];

		if (!slot->value)
			return NULL;
		if (slot->key == key && slot->value != &removed)
			return slot;
	}
}

void *table_get(const struct table *table, uint64_t key)
{
	struct table_slot *slot = table_find(table, key);

	return slot ? slot->value : NULL;
}

static void table_insert(struct table *table, uint64_t key, void *value)
{
	size_t at = table_home(table, key);

	while (table->slots[at].value && table->slots[at].value != &removed)
		at = (at + 1) & (table->capacity - 1);
	if (!table->slots[at].value)
		table->filled++;
	table->slots[at] = (struct table_slot){key, value};
	table->used++;
}

static void table_rehash(struct table *table, size_t capacity)
{
	struct table old = *table;

	*table = (struct table){.slots = mem_alloc(capacity * sizeof(struct table_slot)),
				.capacity = capacity};
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].value && old.slots[i].value != &removed)
			table_insert(table, old.slots[i].key, old.slots[i].value);
	free(old.slots);
}

void table_put(struct table *table, uint64_t key, void *value)
{
	struct table_slot *slot = table_find(table, key);

	if (slot) {
		slot->value = value;
		return;
	}
	/* At most three quarters filled, removed ones included; after many
	 * removals the same size is enough. */
	if ((table->filled + 1) * 4 > table->capacity * 3)
		table_rehash(table, (table->used + 1) * 2 > table->capacity
					    ? (table->capacity ? table->capacity * 2 : 16)
					    : table->capacity);
	table_insert(table, key, value);
}

void *table_remove(struct table *table, uint64_t key)
{
	struct table_slot *slot = table_find(table, key);
	void *value = slot ? slot->value : NULL;

	if (slot) {
		slot->value = &removed;
		table->used--;
	}
	return value;
}

void *table_next(const struct table *table, size_t *position, uint64_t *key)
{
	while (*position < table->capacity) {
		const struct table_slot *slot = &table->slots[(*position)++];

		if (!slot->value || slot->value == &removed)
			continue;
		if (key)
			*key = slot->key;
		return slot->value;
	}
	return NULL;
}
