/*
 * A stop wakes the tracer, and the tracer's restart wakes the task: when both are
 * on one CPU this is a plain switch between them, across CPUs it is two
 * interrupts and often a wake from idle (measured in a virtual machine: 10 µs
 * against 40 to 90 µs a stop). So the tracer goes where the task is.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/uio.h>

#include "ptrace.h"
#include "target_internal.h"

/*
 * The kernel keeps the number of the CPU a thread last ran on in its rseq area, which
 * glibc registers for every thread since 2.35 (PTRACE_GET_RSEQ_CONFIGURATION: Linux
 * 5.13). Reading it is far cheaper than /proc/PID/task/TID/stat.
 */
static uint64_t find_cpu_address(struct task *task)
{
	struct __ptrace_rseq_configuration rseq = {0};

	if (ptrace_call(PTRACE_GET_RSEQ_CONFIGURATION, task->tid, sizeof(rseq), (uintptr_t)&rseq) != 0 ||
	    rseq.rseq_abi_pointer == 0)
		return 0;
	return rseq.rseq_abi_pointer + 4; /* struct rseq: cpu_id follows cpu_id_start */
}

static int task_cpu(struct task *task)
{
	struct iovec here, there;
	int cpu;

	if (!task->run->cpu_asked) {
		task->run->cpu_address = find_cpu_address(task);
		task->run->cpu_asked = true;
	}
	if (!task->run->cpu_address)
		return -1;
	here = (struct iovec){&cpu, sizeof(cpu)};
	there = (struct iovec){(void *)(uintptr_t)task->run->cpu_address, sizeof(cpu)};
	return process_vm_readv(task->tid, &here, 1, &there, 1, 0) == sizeof(cpu) ? cpu : -1;
}

void target_follow_cpus(struct target *target)
{
	target->follows_cpus = sched_getaffinity(0, sizeof(target->home_cpus), &target->home_cpus) == 0;
}

void target_leave_cpu(struct target *target)
{
	if (target->cpu >= 0)
		sched_setaffinity(0, sizeof(target->home_cpus), &target->home_cpus);
	target->cpu = -1;
}

void target_follow_cpu(struct target *target, struct task *task)
{
	int cpu = target->follows_cpus ? task_cpu(task) : -1;
	cpu_set_t set;

	if (cpu < 0 || cpu == target->cpu || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	/* Refused where a cpuset excludes that CPU: then it stays as slow as it is. */
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		target->cpu = cpu;
}
