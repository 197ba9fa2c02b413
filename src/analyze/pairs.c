/*
 * pairs: the functions of two builds. Addresses differ, folders do, and debug information may be there or not.
 *
 * What is alike in more is paired first: module, full name and source file; without the file; and with the bare name
 * instead of the full one, for one build may know arguments and the other not.
 */
#include "pairs.h"

#include <stdlib.h>
#include <string.h>

enum { BY_SOURCE, BY_FULL_NAME, BY_NAME, WAYS };

struct candidate {
	size_t side, index;
	const char *name, *source;
	char *module;
	bool is_bare; /* arguments are not known */
	int way;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "" is the program itself, whatever it is called; a library is the same in another version. */
static char *module_key(const struct report *report, const struct run_function *function)
{
	const char *base = base_name(function->module), *suffix = strstr(base, ".so");

	if (strcmp(function->module, report->executable) == 0)
		return mem_strdup("");
	return suffix ? mem_strndup(base, (size_t)(suffix - base) + 3) : mem_strdup(base);
}

static int candidate_alike(const struct candidate *a, const struct candidate *b)
{
	int order = strcmp(a->module, b->module);

	order = order ? order : strcmp(a->name, b->name);
	return order || a->way != BY_SOURCE ? order : strcmp(a->source, b->source);
}

static int candidate_order(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = candidate_alike(a, b);

	if (order)
		return order;
	if (a->side != b->side)
		return a->side < b->side ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* Of those without a partner; sorted, alike ones lie together, those of the first recording first. */
static struct candidate *candidates_of(const struct report *const reports[2], bool *const paired[2], int way,
				       size_t *count)
{
	struct candidate *list =
		mem_alloc((reports[0]->function_count + reports[1]->function_count + 1) * sizeof(*list));

	*count = 0;
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < reports[side]->function_count; i++) {
			const struct run_function *function = &reports[side]->functions[i];
			if (paired[side][i])
				continue;
			list[(*count)++] = (struct candidate){
				.side = side,
				.index = i,
				.name = way == BY_NAME ? function->name : function->full_name,
				.source = function->file ? base_name(function->file) : "",
				.module = module_key(reports[side], function),
				.is_bare = strcmp(function->name, function->full_name) == 0,
				.way = way,
			};
		}
	if (*count > 0)
		qsort(list, *count, sizeof(*list), candidate_order);
	return list;
}

static void pairs_take(const struct candidate *list, size_t count, int way, bool *const paired[2],
		       struct pair *pairs, size_t *found)
{
	for (size_t from = 0, to; from < count; from = to) {
		size_t first = 0;
		for (to = from; to < count && candidate_alike(&list[from], &list[to]) == 0; to++)
			first += list[to].side == 0;
		size_t second = to - from - first, alike = first < second ? first : second;
		/* Overloads have it in common. */
		if (way == BY_NAME &&
		    (first != 1 || second != 1 || list[from].is_bare == list[from + 1].is_bare))
			alike = 0;
		for (size_t i = 0; i < alike; i++) {
			const struct candidate *a = &list[from + i], *b = &list[from + first + i];
			pairs[(*found)++] = (struct pair){{true, true}, {a->index, b->index}};
			paired[0][a->index] = paired[1][b->index] = true;
		}
	}
}

struct pair *pairs_find(const struct report *before, const struct report *after, size_t *count)
{
	const struct report *const reports[2] = {before, after};
	bool *const paired[2] = {mem_alloc(before->function_count + 1), mem_alloc(after->function_count + 1)};
	struct pair *pairs = mem_alloc((before->function_count + after->function_count + 1) * sizeof(*pairs));

	*count = 0;
	for (int way = 0; way < WAYS; way++) {
		size_t candidates;
		struct candidate *list = candidates_of(reports, paired, way, &candidates);
		pairs_take(list, candidates, way, paired, pairs, count);
		for (size_t i = 0; i < candidates; i++)
			free(list[i].module);
		free(list);
	}
	for (size_t side = 0; side < 2; side++) {
		for (size_t i = 0; i < reports[side]->function_count; i++) {
			if (paired[side][i])
				continue;
			struct pair alone = {0};
			alone.has[side] = true;
			alone.index[side] = i;
			pairs[(*count)++] = alone;
		}
		free(paired[side]);
	}
	return pairs;
}
