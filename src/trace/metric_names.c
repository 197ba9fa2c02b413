#include "metric_names.h"

#include <stdlib.h>
#include <string.h>

#include "fmprof/util.h"

size_t metric_names_find(const struct metric_names *metrics, const char *name)
{
	size_t i = 0;

	while (i < metrics->count && strcmp(metrics->names[i], name) != 0)
		i++;
	return i;
}

/* "peak" stands in the same place of a line and means something else. */
static bool is_name(const char *word)
{
	return *word && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(word) &&
	       strcmp(word, "peak") != 0;
}

void metric_names_set(struct metric_names *metrics, const char *list)
{
	char *rest, *word;
	size_t capacity = 0;

	metric_names_free(metrics);
	rest = metrics->list = mem_strdup(list);
	while ((word = strsep(&rest, ","))) {
		if (!is_name(word) || metric_names_find(metrics, word) < metrics->count)
			continue;
		metrics->names =
			array_reserve(metrics->names, &capacity, metrics->count + 1, sizeof(*metrics->names));
		metrics->names[metrics->count++] = word;
	}
	metrics->rss = metric_names_find(metrics, "rss");
}

void metric_names_free(struct metric_names *metrics)
{
	free(metrics->list);
	free(metrics->names);
	*metrics = (struct metric_names){0};
}
