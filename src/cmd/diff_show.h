/* How two recordings are shown next to each other: for people, and for programs. */
#ifndef CMD_DIFF_SHOW_H
#define CMD_DIFF_SHOW_H

#include "fmprof/analyze.h"

/* In the order of enum compare_kind. */
struct diff_column {
	const char *key;   /* in CSV and JSON, with its unit */
	const char *title; /* of the table, and in words */
	unsigned rank;     /* the higher, the earlier it gives way in a narrow table */
};

extern const struct diff_column diff_columns[COMPARE_KINDS];

struct diff {
	const struct report *before, *after;
	const struct compare_options *options;
	struct comparison comparison;
};

void diff_put_text(struct text *out, const struct diff *diff, unsigned width);
void diff_put_csv(struct text *out, const struct diff *diff);
/* See docs/diff.schema.json. */
void diff_put_json(struct text *out, const struct diff *diff);

#endif
