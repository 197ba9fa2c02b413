/* Exact numbers from text, the counterparts of text_put_u64, text_put_seconds and text_put_mib. Each takes a
 * whole string and returns false if it is anything else or out of range. */
#ifndef FMPROF_TRACE_NUMBER_H
#define FMPROF_TRACE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

bool number_parse_u64(const char *string, uint64_t *number);
bool number_parse_hex(const char *string, uint64_t *number);      /* "0x1f" */
bool number_parse_seconds(const char *string, uint64_t *time_ns); /* decimals after the ninth are dropped */
/*
 * With four decimals (as mprof writes calls) or more, a number that a multiple
 * of 4096 bytes rounds to is that multiple; otherwise the nearest byte.
 */
bool number_parse_mib(const char *string, uint64_t *bytes);

#endif
