/* The library of exit_library, and what it tells the program, which keeps the log. */
#ifndef TESTPROGS_LIBEXITLIB_H
#define TESTPROGS_LIBEXITLIB_H

#include "truth.h"

extern "C" {
TRACED void ex_lib_throw();
TRACED void ex_lib_through(void (*function)());
/* `calls` are left when it catches. */
TRACED void ex_lib_catch(void (*function)(), long calls);

void observe_enter(const char *function);
void observe_return();
void observe_left(long calls);
}

#endif
