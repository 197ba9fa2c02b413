/* Values of options that several commands have. */
#ifndef CMD_VALUES_H
#define CMD_VALUES_H

#include "fmprof/util.h"

/* A number from 1 to `most`. */
int value_parse_number(const char *word, const char *option, unsigned most, unsigned *number,
		       struct error *err);
/* Of --tolerance: "5%", or "5", is 0.05. */
int value_parse_tolerance(const char *word, double *tolerance, struct error *err);

#endif
