/* What the files of sample/ share. */
#ifndef SAMPLE_STATUS_H
#define SAMPLE_STATUS_H

#include "fmprof/sample.h"

/* Of lines "Name:   123 kB". */
bool text_find_kib(const char *text, const char *name, uint64_t *bytes);

#endif
