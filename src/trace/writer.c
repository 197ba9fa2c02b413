/* writer: gathers lines under a lock and writes them from a thread of its own. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A reader of a pipe who does not read must not hold the program that waits for the flush. */
#define FLUSH_PATIENCE_NS UINT64_C(1000000000)

enum {
	WAKE_BYTES = 256 << 10, /* worth a write of its own before the flush time is over */
	CROWDED_BYTES =
		64 << 20, /* the disk does not keep up: let callers wait instead of taking more memory */
};

/* Writes it all, or returns the errno; *done is what was written anyway. */
static int write_whole(int fd, const char *data, size_t length, size_t *done)
{
	*done = 0;
	while (*done < length) {
		ssize_t n = write(fd, data + *done, length - *done);
		if (n >= 0) {
			*done += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return errno;
		/* stdout may be a pipe that somebody else made non-blocking */
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		if (poll(&ready, 1, -1) < 0 && errno != EINTR)
			return errno;
	}
	return 0;
}

static void lines_write(struct trace_writer *writer, const struct text *lines)
{
	size_t done;
	int failure = write_whole(writer->fd, lines->data, lines->length, &done);
	if (failure == 0) {
		writer->kept += done;
		return;
	}
	const char *newline = done > 0 ? memrchr(lines->data, '\n', done) : NULL;
	size_t whole = newline ? (size_t)(newline - lines->data) + 1 : 0;
	writer->kept += whole;
	/* Should the cut fail as well, readers drop a cut last line. */
	if (writer->can_cut && whole < done && ftruncate(writer->fd, (off_t)writer->kept) != 0)
		writer->kept += done - whole;
	writer->failure = failure;
	atomic_store(&writer->failed, true);
}

/* Called and returns with the lock held; it is free while writing. */
static void pending_write(struct trace_writer *writer, struct text *lines)
{
	struct text empty = *lines;
	*lines = writer->pending;
	writer->pending = empty;
	writer->taken += lines->length;
	writer->urgent = false;
	pthread_cond_broadcast(&writer->progress);

	if (lines->length > 0 && !atomic_load(&writer->failed)) {
		pthread_mutex_unlock(&writer->lock);
		lines_write(writer, lines);
		pthread_mutex_lock(&writer->lock);
	}
	text_clear(lines);
	writer->written = writer->taken;
	pthread_cond_broadcast(&writer->progress);
}

static struct timespec deadline_in(uint64_t ns)
{
	uint64_t deadline = clock_monotonic_ns() + ns;
	return (struct timespec){
		.tv_sec = (time_t)(deadline / 1000000000),
		.tv_nsec = (long)(deadline % 1000000000),
	};
}

static void work_wait(struct trace_writer *writer)
{
	struct timespec until = deadline_in(TRACE_FLUSH_NS);
	while (!writer->urgent && !writer->closing) {
		if (pthread_cond_timedwait(&writer->work, &writer->lock, &until) == ETIMEDOUT)
			return;
	}
}

static void *flusher_run(void *argument)
{
	struct trace_writer *writer = argument;
	struct text lines = {0};
	bool last = false;

	pthread_mutex_lock(&writer->lock);
	while (!last) {
		work_wait(writer);
		last = writer->closing;
		pending_write(writer, &lines);
	}
	pthread_mutex_unlock(&writer->lock);
	text_free(&lines);
	return NULL;
}

/*
 * The flusher takes no signals: they are for the threads that expect them. It
 * also keeps SIGXFSZ and SIGPIPE, which the kernel sends to the thread that writes, from ending
 * the recording: with them blocked, write(2) returns EFBIG or EPIPE.
 */
static int flusher_start(struct trace_writer *writer)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failure = pthread_create(&writer->flusher, NULL, flusher_run, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failure;
}

static void locks_init(struct trace_writer *writer)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->work, &monotonic);
	pthread_cond_init(&writer->progress, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static void writer_free(struct trace_writer *writer)
{
	pthread_cond_destroy(&writer->progress);
	pthread_cond_destroy(&writer->work);
	pthread_mutex_destroy(&writer->lock);
	text_free(&writer->pending);
	metric_names_free(&writer->metrics);
	free(writer->path);
	free(writer);
}

int trace_writer_open(const char *path, struct trace_writer **writer, struct error *err)
{
	bool is_stdout = strcmp(path, "-") == 0;
	int fd = is_stdout ? STDOUT_FILENO
			   : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return error_set(err, STATUS_FAILED, "%s: %s; name a file that can be written with --output",
				 path, strerror(errno));

	struct trace_writer *w = mem_alloc(sizeof *w);
	struct stat info;
	w->path = mem_strdup(is_stdout ? "standard output" : path);
	w->fd = fd;
	w->is_stdout = is_stdout;
	/* What is behind stdout may hold the output of others as well. */
	w->can_cut = !is_stdout && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
	locks_init(w);

	int failure = flusher_start(w);
	if (failure != 0) {
		error_set(
			err, STATUS_FAILED,
			"cannot start a thread that writes %s: %s; raise the limit of processes (ulimit -u)",
			w->path, strerror(failure));
		if (!is_stdout)
			close(fd);
		writer_free(w);
		return -1;
	}
	*writer = w;
	return 0;
}

static const char *failure_remedy(int failure)
{
	switch (failure) {
	case ENOSPC:
	case EDQUOT:
		return "free some space and record again";
	case EFBIG:
		return "raise the limit of file sizes (ulimit -f) and record again";
	case EPIPE:
		return "let its reader read on to the end and record again";
	default:
		return "record again to another place";
	}
}

int trace_writer_close(struct trace_writer *writer, struct error *err)
{
	pthread_mutex_lock(&writer->lock);
	writer->closing = true;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->flusher, NULL);

	int failure = atomic_load(&writer->failed) ? writer->failure : 0;
	/* Network file systems may tell only now that there is no space. */
	if (!writer->is_stdout && close(writer->fd) != 0 && failure == 0 && errno != EINTR)
		failure = errno;
	if (failure != 0)
		error_set(err, STATUS_FAILED, "%s: %s; recording stopped after %llu bytes, %s", writer->path,
			  strerror(failure), (unsigned long long)writer->kept, failure_remedy(failure));
	writer_free(writer);
	return failure != 0 ? -1 : 0;
}

void trace_writer_flush(struct trace_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	uint64_t wanted = writer->taken + writer->pending.length;
	struct timespec until = deadline_in(FLUSH_PATIENCE_NS);
	writer->urgent = true;
	pthread_cond_signal(&writer->work);
	while (writer->written < wanted)
		if (pthread_cond_timedwait(&writer->progress, &writer->lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&writer->lock);
}

bool trace_writer_failed(struct trace_writer *writer)
{
	return atomic_load(&writer->failed);
}

uint64_t trace_begin(struct trace_writer *writer, const struct clock_anchor *clock)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->pending.length >= CROWDED_BYTES)
		pthread_cond_wait(&writer->progress, &writer->lock);
	uint64_t now = clock_epoch_ns(clock);
	if (now > writer->last_ns)
		writer->last_ns = now;
	return writer->last_ns;
}

void trace_end(struct trace_writer *writer)
{
	bool wake = !writer->urgent && writer->pending.length >= WAKE_BYTES;
	if (wake)
		writer->urgent = true;
	pthread_mutex_unlock(&writer->lock);
	if (wake)
		pthread_cond_signal(&writer->work);
}
