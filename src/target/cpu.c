/*
 * A stop wakes the tracer, and the tracer's restart wakes the task: when both are
 * on one CPU this is a plain switch between them, across CPUs it is two
 * interrupts and often a wake from idle (measured in a virtual machine: 10 µs
 * against 40 to 90 µs a stop). So the tracer goes where the task is.
 *
 * While another CPU is idle, the task does not stay there (see wait.c). Narrowing its affinity for the moment of
 * its wake-up would keep it: 29 µs a call instead of 38, but the task could then see that
 * mask, and did, after 0.7 % of its stops.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "ptrace.h"
#include "target_internal.h"

/* Asking costs a tenth of a stop, and tasks seldom move. */
enum { STOPS_BETWEEN_CPU_CHECKS = 16 };

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
	int cpu;

	if (!task->run->cpu_asked) {
		task->run->cpu_address = find_cpu_address(task);
		task->run->cpu_asked = true;
	}
	if (!task->run->cpu_address)
		return -1;
	return space_read(task->process->space, task->run->cpu_address, &cpu, sizeof(cpu)) == sizeof(cpu)
		       ? cpu
		       : -1;
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
	cpu_set_t set;
	int cpu;

	if (!target->follows_cpus || target->stops_to_cpu_check-- > 0)
		return;
	target->stops_to_cpu_check = STOPS_BETWEEN_CPU_CHECKS;
	cpu = task_cpu(task);
	if (cpu < 0 || cpu == target->cpu || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	/* Refused where a cpuset excludes that CPU: then it stays as slow as it is. */
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		target->cpu = cpu;
}
