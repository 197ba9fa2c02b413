#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"

enum metric_source { FROM_STATUS, FROM_ROLLUP, FROM_CGROUP };

/* A metric is a row; docs/metrics.md has the same rows with what they mean. */
struct sample_metric {
	const char *name;
	enum metric_source source;
	const char *lines[3]; /* of the file, whose sum it is; those that it does not have count as 0 */
};

static const struct sample_metric table[] = {
	{"rss", FROM_STATUS, {"VmRSS"}},
	{"anon", FROM_STATUS, {"RssAnon"}},
	{"file", FROM_STATUS, {"RssFile"}},
	{"shmem", FROM_STATUS, {"RssShmem"}},
	{"swap", FROM_STATUS, {"VmSwap"}},
	{"vms", FROM_STATUS, {"VmSize"}},
	{"pss", FROM_ROLLUP, {"Pss"}},
	{"uss", FROM_ROLLUP, {"Private_Clean", "Private_Dirty", "Private_Hugetlb"}},
	{"private", FROM_ROLLUP, {"Private_Clean", "Private_Dirty"}},
	{"shared", FROM_ROLLUP, {"Shared_Clean", "Shared_Dirty"}},
	{"cgroup", FROM_CGROUP, {NULL}},
};

enum { ROWS = sizeof(table) / sizeof(table[0]), LINES = sizeof(table[0].lines) / sizeof(table[0].lines[0]) };

/* ---- choosing ---------------------------------------------------------- */

static const struct sample_metric *row_find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static int name_unknown(const char *name, struct error *err)
{
	struct text names = {0};

	for (size_t i = 0; i < ROWS; i++)
		text_printf(&names, "%s%s", i ? ", " : "", table[i].name);
	error_set(err, STATUS_FAILED, "metric '%s': there is none of that name; choose from %s", name,
		  names.data);
	text_free(&names);
	return -1;
}

/* Each stands in a line once, however often it is asked for. */
static void row_add(struct sample_metrics *metrics, const struct sample_metric *row)
{
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->rows[i] == row)
			return;
	metrics->rows[metrics->count++] = row;
	metrics->from_status |= row->source == FROM_STATUS;
	metrics->from_rollup |= row->source == FROM_ROLLUP;
	metrics->from_cgroup |= row->source == FROM_CGROUP;
}

int sample_metrics_choose(struct sample_metrics *metrics, const char *list, struct error *err)
{
	char *copy = mem_strdup(list), *rest = copy, *name;
	int failed = 0;

	*metrics = (struct sample_metrics){.rows = mem_alloc(ROWS * sizeof(*metrics->rows))};
	row_add(metrics, row_find("rss"));
	while (!failed && (name = strsep(&rest, ","))) {
		const struct sample_metric *row = row_find(name);

		if (row)
			row_add(metrics, row);
		else
			failed = name_unknown(name, err);
	}
	free(copy);
	if (failed)
		sample_metrics_free(metrics);
	return failed;
}

void sample_metrics_free(struct sample_metrics *metrics)
{
	free(metrics->rows);
	*metrics = (struct sample_metrics){0};
}

void sample_metrics_put_names(const struct sample_metrics *metrics, struct text *out)
{
	for (size_t i = 0; i < metrics->count; i++)
		text_printf(out, "%s%s", i ? "," : "", metrics->rows[i]->name);
}

bool sample_metric_adds_up(const struct sample_metrics *metrics, size_t index)
{
	return metrics->rows[index]->source != FROM_CGROUP;
}

/* ---- reading ----------------------------------------------------------- */

static uint64_t row_value(const struct sample_metric *row, const char *text)
{
	uint64_t sum = 0, bytes;
	bool found = false;

	for (size_t i = 0; i < LINES && row->lines[i]; i++) {
		if (!text_find_kib(text, row->lines[i], &bytes))
			continue;
		sum += bytes;
		found = true;
	}
	return found ? sum : SAMPLE_NOT_KNOWN;
}

/* `text` is NULL if it could not be read. */
static void values_set(const struct sample_metrics *metrics, enum metric_source source, const char *text,
		       uint64_t *values)
{
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->rows[i]->source == source)
			values[i] = text ? row_value(metrics->rows[i], text) : SAMPLE_NOT_KNOWN;
}

void sample_metrics_from_status(const struct sample_metrics *metrics, const struct sample_source *source,
				uint64_t *values)
{
	values_set(metrics, FROM_STATUS, source->text.length ? source->text.data : NULL, values);
}

void sample_metrics_from_rollup(const struct sample_metrics *metrics, pid_t pid, pid_t tid, uint64_t *values)
{
	char path[64], text[4096];
	ssize_t length = -1;
	int fd;

	/* Opened each time: the open file belongs to one program, and is empty after exec. */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/smaps_rollup", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[length > 0 ? length : 0] = '\0';
	values_set(metrics, FROM_ROLLUP, length > 0 ? text : NULL, values);
}

void sample_metrics_from_cgroup(const struct sample_metrics *metrics, int cgroup, uint64_t *values)
{
	char text[64];
	ssize_t length = cgroup >= 0 ? pread(cgroup, text, sizeof(text) - 1, 0) : -1;

	text[length > 0 ? length : 0] = '\0';
	for (size_t i = 0; i < metrics->count; i++)
		if (metrics->rows[i]->source == FROM_CGROUP)
			values[i] = length > 0 ? strtoull(text, NULL, 10) : SAMPLE_NOT_KNOWN;
}
