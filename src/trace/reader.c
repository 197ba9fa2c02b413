/* reader: a recording, line by line, from a file or a pipe that may be cut anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"

enum {
	READ_BYTES = 256 << 10,
	/* Longer than any command line or name. Reading /dev/zero by mistake should not fill the memory. */
	LONGEST_LINE = 64 << 20,
	/* What has no event for so long is no recording; /dev/urandom never ends. */
	LONGEST_NONSENSE = LONGEST_LINE,
};

struct trace_reader {
	char *path;
	int fd;
	bool is_stdin, at_end;
	char *data; /* data[from .. to) was read and not used */
	size_t capacity, from, to;
	size_t searched; /* bytes after `from` known to hold no newline */
	bool skipping;   /* in a line that is too long */
	size_t line_number, damaged, first_damaged;
	bool has_event;  /* one was read, so this is a recording */
	size_t nonsense; /* bytes that were read before that */
	struct parse_context context;
};

int trace_reader_open(const char *path, struct trace_reader **reader, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(err, STATUS_FAILED, "%s: %s; name a recording that exists", path,
				 strerror(errno));
	struct trace_reader *r = mem_alloc(sizeof *r);
	r->path = mem_strdup(is_stdin ? "standard input" : path);
	r->fd = fd;
	r->is_stdin = is_stdin;
	*reader = r;
	return 0;
}

void trace_reader_close(struct trace_reader *reader)
{
	if (!reader->is_stdin)
		close(reader->fd);
	free(reader->data);
	free(reader->path);
	metric_names_free(&reader->context.metrics);
	free(reader->context.values);
	free(reader);
}

size_t trace_reader_damaged(const struct trace_reader *reader, size_t *first_line)
{
	*first_line = reader->first_damaged;
	return reader->damaged;
}

size_t trace_reader_metrics(const struct trace_reader *reader, const char *const **names)
{
	*names = reader->context.metrics.names;
	return reader->context.metrics.count;
}

static void damage_count(struct trace_reader *reader)
{
	if (reader->damaged++ == 0)
		reader->first_damaged = reader->line_number;
}

/* For bytes that hold no event. */
static int nonsense_count(struct trace_reader *reader, size_t bytes, struct error *err)
{
	if (reader->has_event)
		return 0;
	reader->nonsense += bytes;
	if (reader->nonsense <= LONGEST_NONSENSE)
		return 0;
	return error_set(err, STATUS_FAILED,
			 "%s: not a recording: no line of one in its first %d MiB; name another file",
			 reader->path, LONGEST_NONSENSE >> 20);
}

/* Reads more behind what is there; at_end when there is no more. */
static int buffer_fill(struct trace_reader *reader, struct error *err)
{
	if (reader->from > 0) {
		memmove(reader->data, reader->data + reader->from, reader->to - reader->from);
		reader->to -= reader->from;
		reader->from = 0;
	}
	reader->data = array_reserve(reader->data, &reader->capacity, reader->to + READ_BYTES, 1);
	ssize_t n;
	do {
		n = read(reader->fd, reader->data + reader->to, reader->capacity - reader->to);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, STATUS_FAILED, "%s: %s; check that it is a recording that can be read",
				 reader->path, strerror(errno));
	reader->at_end = n == 0;
	reader->to += (size_t)n;
	return 0;
}

/* 1 and the next whole line with NUL in place of its newline, 0 at the end, or -1. */
static int line_next(struct trace_reader *reader, char **line, size_t *length, struct error *err)
{
	while (true) {
		size_t unseen = reader->to - reader->from - reader->searched;
		char *newline = unseen > 0
					? memchr(reader->data + reader->from + reader->searched, '\n', unseen)
					: NULL;
		if (newline) {
			*line = reader->data + reader->from;
			*length = (size_t)(newline - *line);
			*newline = '\0';
			reader->from += *length + 1;
			reader->searched = 0;
			return 1;
		}
		reader->searched += unseen;
		if (reader->searched > LONGEST_LINE) {
			if (nonsense_count(reader, reader->searched, err) != 0)
				return -1;
			reader->skipping = true;
			reader->from = reader->to;
			reader->searched = 0;
		}
		if (reader->at_end)
			return 0;
		if (buffer_fill(reader, err) != 0)
			return -1;
	}
}

static int version_check(const struct trace_reader *reader, const struct trace_event *event,
			 struct error *err)
{
	if (event->kind != TRACE_HEADER || event->u.header.version == TRACE_VERSION)
		return 0;
	return error_set(err, STATUS_FAILED,
			 "%s: recorded in version %u of the file format, this fmprof reads version %d; "
			 "use the fmprof that recorded it",
			 reader->path, event->u.header.version, TRACE_VERSION);
}

/* The line's verdict; too long a line was not kept, and is damaged. */
static enum line_verdict line_judge(struct trace_reader *reader, char *line, size_t length,
				    struct trace_event *event)
{
	if (reader->skipping) {
		reader->skipping = false;
		return LINE_DAMAGED;
	}
	/* Some ways of copying text turn newlines into CR LF. */
	if (length > 0 && line[length - 1] == '\r')
		line[--length] = '\0';
	return line_parse(&reader->context, line, length, event);
}

int trace_reader_next(struct trace_reader *reader, struct trace_event *event, struct error *err)
{
	char *line;
	size_t length;
	int status;

	while ((status = line_next(reader, &line, &length, err)) > 0) {
		reader->line_number++;
		enum line_verdict verdict = line_judge(reader, line, length, event);
		if (verdict == LINE_EVENT) {
			reader->has_event = true;
			return version_check(reader, event, err) == 0 ? 1 : -1;
		}
		if (verdict == LINE_DAMAGED)
			damage_count(reader);
		if (nonsense_count(reader, length + 1, err) != 0)
			return -1;
	}
	return status;
}
