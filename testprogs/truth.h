/*
 * What all test programs share: how a function is kept whole and called at
 * every optimisation level, and the truth lines (README.md has their format).
 */
#ifndef TESTPROGS_TRUTH_H
#define TESTPROGS_TRUTH_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A traced function has one body, which is never inlined, cloned or folded into
 * another. clang knows neither noclone nor noipa; hide() does the rest there. */
#ifdef __clang__
#	define TRACED __attribute__((noinline, used))
#else
#	define TRACED __attribute__((noinline, noclone, noipa, used))
#endif

/* The compiler must produce `value` here and knows nothing about it afterwards:
 * a call before it is really made and is not in tail position. */
static inline long hide(long value)
{
	__asm__ volatile("" : "+r"(value) : : "memory");
	return value;
}

/* Argument `index` as a number of at least `least`; `normal` if it is not there. */
static inline long argument(int argc, char **argv, int index, long least, long normal)
{
	if (index >= argc)
		return normal;
	char *end;
	errno = 0;
	long value = strtol(argv[index], &end, 10);
	if (errno != 0 || end == argv[index] || *end != '\0' || value < least) {
		fprintf(stderr, "%s: '%s' is not a number of at least %ld\n", argv[0], argv[index], least);
		exit(2);
	}
	return value;
}

/* Ends the program with status 1 if it was not served rightly: a tracer must never cause this. */
static inline void require(int holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "harmed: %s\n", what);
		fflush(stdout);
		_Exit(1);
	}
}

static inline void truth_calls(const char *function, long calls)
{
	printf("truth calls %s %ld\n", function, calls);
}

static inline void truth_max_depth(const char *function, long depth)
{
	printf("truth max-depth %s %ld\n", function, depth);
}

static inline void truth_enter(const char *function, long depth)
{
	printf("truth enter %s %ld\n", function, depth);
}

static inline void truth_end(const char *function, const char *how, long calls)
{
	printf("truth end %s %s %ld\n", function, how, calls);
}

static inline void truth_threads(const char *function, long threads)
{
	printf("truth threads %s %ld\n", function, threads);
}

static inline void truth_exit(int status)
{
	printf("truth exit %d\n", status);
}

#endif
