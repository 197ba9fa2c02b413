/* Amounts as people write them, and what a program's budgets are. */
#ifndef BATCH_AMOUNTS_H
#define BATCH_AMOUNTS_H

#include "fmprof/batch.h"

/*
 * The limit of a budget whose kind is set: "12 MiB", "10 MB", "10%" (growth and retained), "1,000" or "1000" (calls),
 * "2 s", "1.5 MiB/s". The reason in err tells what can be written.
 */
int amount_parse(const char *value, struct batch_budget *budget, struct error *err);
/* A time as parse_duration has it; also with a blank, and "seconds", "minutes" …; "none" is 0. */
int amount_parse_time(const char *value, const char *what, uint64_t *ns, struct error *err);
/* A whole number of at least `least`. */
int amount_parse_count(const char *value, unsigned least, unsigned *count, struct error *err);
/* "0", "any", "SIGSEGV". */
int amount_parse_expected(const char *value, struct batch_expected *expected, struct error *err);

#endif
