/* A folder of its own with one file for each test: setup, teardown, contents. */
#ifndef FMPROF_TESTS_PLACE_H
#define FMPROF_TESTS_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmprof/util.h"

struct place {
	char *folder, *file;
};

static inline int place_setup(void **state)
{
	const char *temporary = getenv("TMPDIR");
	struct place *place = mem_alloc(sizeof *place);
	place->folder = mem_printf("%s/fmprof-XXXXXX", temporary ? temporary : "/tmp");
	if (!mkdtemp(place->folder))
		return -1;
	place->file = mem_printf("%s/s.dat", place->folder);
	*state = place;
	return 0;
}

static inline int place_teardown(void **state)
{
	struct place *place = *state;
	unlink(place->file);
	int status = rmdir(place->folder);
	free(place->file);
	free(place->folder);
	free(place);
	return status;
}

static inline void bytes_write(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* The caller frees it. */
static inline struct text bytes_read(const char *path)
{
	struct text content = {0};
	char block[4096];
	size_t n;
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		text_put(&content, block, n);
	fclose(file);
	text_puts(&content, "");
	return content;
}

#endif
