#include "ptrace.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ptrace.h>

int ptrace_call(int request, pid_t tid, uintptr_t address, uintptr_t data)
{
	errno = 0;
	/* Only requests that store through `data` are used, so that the result is
	 * never anything but 0 or -1. */
	return ptrace((enum __ptrace_request)request, tid, address, data) < 0 ? errno : 0;
}

const char *ptrace_diagnose_eperm(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = file ? fgetc(file) : '0';

	if (file)
		fclose(file);
	if (scope == '3')
		return "Yama forbids tracing until the next boot (kernel.yama.ptrace_scope is 3); reboot "
		       "with a lower value";
	if (scope == '2')
		return "Yama allows tracing only with CAP_SYS_PTRACE (kernel.yama.ptrace_scope is 2); run as "
		       "root or lower it";
	return "tracing is not permitted here; a seccomp filter, a container without CAP_SYS_PTRACE or "
	       "another tracer "
	       "forbids it";
}
