/* The one wrapper around ptrace(2). Private to target/. */
#ifndef TARGET_PTRACE_H
#define TARGET_PTRACE_H

#include <stdint.h>
#include <sys/types.h>

/* 0, or the error number. Requests that return their data as the result (PEEK*,
 * GETEVENTMSG is fine) are not for this: -1 would be taken for an error. */
int ptrace_call(int request, pid_t tid, uintptr_t address, uintptr_t data);

/* Why seizing or attaching failed with EPERM, as "why; what to do". A static string. */
const char *ptrace_diagnose_eperm(void);

#endif
