/* Keys of a suite. */
#ifndef BATCH_SUITE_H
#define BATCH_SUITE_H

#include "fmprof/batch.h"

/* What a program is before anything is said of it. */
void program_init(struct batch_program *program);
void program_free(struct batch_program *program);
/* Sets what the key says; the reason in err is without the key. */
int program_set(struct batch_program *program, const char *key, const char *value, struct error *err);
/* After the last key: argv. May be done again after more keys. */
int program_settle(struct batch_program *program, struct error *err);
/* What is recorded: its functions, and those of budgets. A new list. */
char **program_specs(const struct batch_program *program);

#endif
