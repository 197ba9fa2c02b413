/* How figures are shown: columns, and the three forms of a report. */
#ifndef CMD_REPORT_SHOW_H
#define CMD_REPORT_SHOW_H

#include "fmprof/analyze.h"

enum report_unit { REPORT_COUNT, REPORT_TIME, REPORT_GROWTH, REPORT_MEMORY, REPORT_PEAK };

struct report_column {
	const char *key;   /* in CSV and JSON, with its unit */
	const char *name;  /* for --sort */
	const char *title; /* over a table; NULL: not in it */
	enum report_unit unit;
	unsigned rank;    /* the higher, the earlier it gives way in a narrow table */
	bool only_if_any; /* not in a table where it is 0 in all rows */
	size_t offset;    /* of a 64-bit figure in a row, unless there is `derive` */
	int64_t (*derive)(const struct report_row *row);
	bool of_outermost; /* there is none without outermost calls */
};

extern const struct report_column report_columns[];
extern const size_t report_column_count;

/* By its name, or its key; NULL: there is none. */
const struct report_column *report_column_find(const char *name);
/* False: this row has none. */
bool report_column_value(const struct report_column *column, const struct report_row *row, int64_t *value);

/* Names rise, figures fall. */
enum report_order { REPORT_ORDER_COLUMN, REPORT_ORDER_NAME, REPORT_ORDER_LEAK };

struct report_show {
	const char *const *globs; /* functions to show; all if there are none */
	size_t glob_count;
	enum report_order order;
	const struct report_column *column; /* of REPORT_ORDER_COLUMN */
	bool reverse, leaks;
	unsigned top;   /* at most so many rows; 0: all */
	unsigned width; /* of text, in cells; 0: as wide as it is */
	enum report_by by;
	uint64_t from_ns, to_ns; /* the window; 0 and UINT64_MAX: all */
};

/* Whether figures of a function are asked for. */
bool report_shows(const struct report_show *show, const struct run_function *function);
/* The rows that are to be shown, in order; free() it. */
const struct report_row **report_rows_choose(const struct report *report, const struct report_show *show,
					     size_t *count);

/* "+1.5 MiB", "-12.0 KiB", "0" */
void report_put_growth(struct text *out, int64_t bytes);

void report_put_text(struct text *out, const struct report *report, const struct report_show *show);
void report_put_csv_heading(struct text *out, const struct report_show *show);
void report_put_csv(struct text *out, const struct report *report, const struct report_show *show);
/* One element of "recordings"; see docs/report.schema.json. */
void report_put_json(struct text *out, const struct report *report, const struct report_show *show);

#endif
