/* What the two halves of the writer share: writer.c owns the buffers and the thread, put.c forms the lines. */
#ifndef FMPROF_TRACE_WRITER_H
#define FMPROF_TRACE_WRITER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fmprof/trace.h"
#include "metric_names.h"

struct trace_writer {
	char *path; /* as the user gave it, for messages */
	int fd;
	bool is_stdout, can_cut;
	pthread_t flusher;

	pthread_mutex_t lock;    /* held from trace_begin to trace_end; guards what follows */
	pthread_cond_t work;     /* the flusher waits for it */
	pthread_cond_t progress; /* the flusher took or wrote something */
	struct text pending;     /* whole lines that the flusher has not taken yet */
	uint64_t taken, written; /* bytes taken from pending so far, and done with */
	bool urgent, closing;
	uint64_t last_ns;        /* what trace_begin returned last */
	uint64_t last_sample_ns; /* of the last MEM line */
	struct metric_names metrics;

	atomic_bool failed;
	int failure;   /* the errno behind `failed` */
	uint64_t kept; /* bytes of whole lines in the file; the flusher's alone while it runs */
};

#endif
