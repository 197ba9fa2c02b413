/*
 * util: what every room may use. It uses no other room.
 *
 * Errors, growable arrays and text, a hash table keyed by 64-bit numbers, the
 * clock of a recording, quoting, labels, and the reading of durations.
 */
#ifndef FMPROF_UTIL_H
#define FMPROF_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors ------------------------------------------------------------ */

/* Exit statuses of our own, as env(1), timeout(1) and shells use them. */
enum {
	STATUS_FAILED = 125,         /* fmprof itself failed */
	STATUS_NOT_EXECUTABLE = 126, /* the program cannot be executed */
	STATUS_NOT_FOUND = 127,      /* the program was not found */
};

/*
 * Why something failed, in one line without "fmprof:" and without a newline:
 * "what: why; what to do". Start with {0}. A function that takes one either
 * succeeds and leaves it alone, or fills it and returns -1 (or NULL).
 */
struct error {
	int status;    /* exit status that fits, one of the above */
	char *message; /* owned; NULL while nothing failed */
};

/* Replaces what err holds. Returns -1, so that callers write
 * `return error_set(...)`. */
int error_set(struct error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void error_free(struct error *err);

/* ---- memory ------------------------------------------------------------ */

/* These never return NULL: without memory they say so on stderr and end
 * fmprof with STATUS_FAILED (a launched target ends with it, see target.h). */
void *mem_alloc(size_t size); /* zeroed; free() it */
char *mem_strdup(const char *string);
char *mem_strndup(const char *string, size_t length);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Room for at least `need` items of `item_size` bytes in `items` (may be NULL);
 * *capacity is kept. Returns the array, perhaps moved; new room is not zeroed.
 */
void *array_reserve(void *items, size_t *capacity, size_t need, size_t item_size);

/* ---- text -------------------------------------------------------------- */

/* A growing byte string; data is always NUL-terminated once something was
 * put. Start with {0}, end with text_free. */
struct text {
	char *data;
	size_t length, capacity;
};

void text_free(struct text *text);
void text_clear(struct text *text); /* keeps the room */
void text_put(struct text *text, const char *bytes, size_t length);
void text_puts(struct text *text, const char *string);
void text_putc(struct text *text, char byte);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next three exist because they run twice per traced call, where printf
 * with doubles would cost as much as a system call. */
void text_put_u64(struct text *text, uint64_t number);
void text_put_mib(struct text *text, uint64_t bytes);       /* MiB, six decimals, rounded to nearest */
void text_put_seconds(struct text *text, uint64_t time_ns); /* seconds, nine decimals */
void text_put_i64(struct text *text, int64_t number);

/* One word, quoted so that a POSIX shell reads it back; control characters
 * and bytes that are not UTF-8 as $'...', so that the result is one line of
 * valid UTF-8. Every '$' that is not the start of such a piece is written \$. */
void text_put_shell_word(struct text *text, const char *word);

/* For a terminal: as it is, but control characters and bytes that are not
 * UTF-8 are shown as '?'. */
void text_put_visible(struct text *text, const char *string);

/* A string of JSON, of printable characters only; bytes that are not UTF-8 become U+FFFD. */
void text_put_json_string(struct text *text, const char *string);

/* Members of a JSON object, with a comma in front where one is needed. A string is null if it is NULL or empty. */
void json_put_key(struct text *out, const char *key);
void json_put_string(struct text *out, const char *key, const char *string);
void json_put_u64(struct text *out, const char *key, bool known, uint64_t value);
void json_put_i64(struct text *out, const char *key, bool known, int64_t value);
void json_put_bool(struct text *out, const char *key, bool value);

/* A field of CSV (RFC 4180), in quotes; of printable characters only, as text_put_visible. */
void text_put_csv_string(struct text *text, const char *string);
/* Text or attribute of XML 1.0 and HTML, read back as it was; what XML cannot hold (control characters, bytes that
 * are not UTF-8) becomes U+FFFD. */
void text_put_markup(struct text *text, const char *string);

/* Length of the printable UTF-8 character at bytes (NUL-terminated); 0 for control characters (C0,
 * DEL, C1), U+2028, U+2029 and what is no UTF-8. */
size_t utf8_printable(const char *bytes);

/* ---- output ------------------------------------------------------------ */

/* A file that is written bit by bit, and taken back if not all of it can be. Start with {.path}; NULL is
 * standard output. The first put opens it. */
struct output {
	const char *path;
	bool is_open;
	int fd, kept;
	int failed; /* errno, once it has; nothing more is written then */
};

/* Whether a file of that name could be written, said before the work and without leaving one behind. */
int output_check(const char *path, struct error *err);
void output_put(struct output *output, const char *bytes, size_t length);
/* Also takes it back if it is not whole for another reason. */
int output_close(struct output *output, bool is_whole, struct error *err);

/* ---- labels ------------------------------------------------------------ */

/*
 * Words and figures as people see them, in pictures and tables. A name comes from
 * the recording and is never trusted: it is cleaned once, then measured and shortened.
 */

/* A new string: valid UTF-8 on one line, without control characters and
 * without those that turn the direction of writing. */
char *label_clean(const char *name);

/* The same of a recorded command, which is quoted for a shell, for a title: a blank in place of line ends and
 * other control characters, and no two blanks in a row. */
char *label_command(const char *command);

/* The character at *position, which moves on; -1 for a byte that begins no printable one. */
long label_next(const char **position);

/*
 * Width of a cleaned string in pixels when an em is `em` pixels; near enough for
 * DejaVu Sans and its likes. em == 0: in cells of a terminal.
 */
double label_width(const char *clean, double em);

/* A new string that is at most `width` wide: the middle gives way to "…", which parts no backslash from what
 * follows it. */
char *label_shorten(const char *clean, double width, double em);

void label_put_bytes(struct text *out, uint64_t bytes);                   /* "480.2 MiB" */
void label_put_duration(struct text *out, uint64_t ns);                   /* "1.204 s" */
void label_put_number(struct text *out, uint64_t number);                 /* "2,000" */
void label_put_count(struct text *out, uint64_t count, const char *noun); /* "1 call", "2,000 calls" */

/* ---- hash table -------------------------------------------------------- */

/* uint64_t -> pointer (never NULL), open addressing, grows. Start with {0}. */
struct table {
	struct table_slot *slots;
	size_t capacity, used, filled;
};

void table_free(struct table *table); /* the values are the caller's */
void *table_get(const struct table *table, uint64_t key);
void table_put(struct table *table, uint64_t key, void *value); /* replaces */
void *table_remove(struct table *table, uint64_t key);          /* NULL if absent */
/* Iterates: start with *position = 0; returns NULL at the end. The value just
 * returned may be removed while iterating; nothing may be added. */
void *table_next(const struct table *table, size_t *position, uint64_t *key);

/* ---- time -------------------------------------------------------------- */

/* The clock of one recording: CLOCK_MONOTONIC, shifted once to the epoch, so
 * that times never jump when the system's clock is set. */
struct clock_anchor {
	int64_t epoch_minus_monotonic_ns;
};

void clock_anchor_set(struct clock_anchor *anchor);
uint64_t clock_epoch_ns(const struct clock_anchor *anchor); /* now */
uint64_t clock_monotonic_ns(void);

/*
 * "0.01" (seconds), "10ms", "500us", "2s", "1min". Positive. Returns -1 and a
 * reason in err otherwise; `what` names the value in that reason.
 */
int parse_duration(const char *string, const char *what, uint64_t *ns, struct error *err);

/* "512KiB", "1.5 MiB" without the blank, "10MB", "0"; of `length` bytes. To the nearest byte, at most 2^62 either way. */
bool parse_bytes(const char *value, size_t length, double *bytes);

#endif
