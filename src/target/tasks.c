#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "target_internal.h"

static int memory_open(pid_t pid)
{
	char *path = mem_printf("/proc/%d/mem", pid);
	int fd = open(path, O_RDWR | O_CLOEXEC), error = errno;

	free(path);
	errno = error;
	return fd;
}

static struct address_space *space_create(pid_t pid)
{
	struct address_space *space = mem_alloc(sizeof(*space));

	/* Opened anew after every exec: a descriptor from before reads 0 bytes (Linux 6.18). */
	space->memory_fd = memory_open(pid);
	if (space->memory_fd < 0)
		space->memory_error = errno;
	return space;
}

static void space_leave(struct target *target, struct address_space *space)
{
	if (--space->processes)
		return;
	if (space->probes && target->release_space)
		target->release_space(space->probes);
	if (space->memory_fd >= 0)
		close(space->memory_fd);
	free(space);
}

struct process *process_create(struct target *target, pid_t pid, struct address_space *shared)
{
	struct process *process = mem_alloc(sizeof(*process));

	process->pid = pid;
	process->space = shared ? shared : space_create(pid);
	process->space->processes++;
	table_put(&target->processes, (uint64_t)pid, process);
	return process;
}

static void process_leave(struct target *target, struct process *process)
{
	if (--process->tasks)
		return;
	table_remove(&target->processes, (uint64_t)process->pid);
	space_leave(target, process->space);
	if (process->copied_from)
		space_leave(target, process->copied_from);
	/* The launched one is asked for until the end. */
	if (process == target->process)
		target->process = NULL;
	free(process);
}

struct task *task_create(struct target *target, pid_t tid, struct process *process)
{
	struct task *task = mem_alloc(sizeof(*task));

	task->tid = tid;
	task->process = process;
	task->run = mem_alloc(sizeof(*task->run));
	process->tasks++;
	table_put(&target->tasks, (uint64_t)tid, task);
	return task;
}

void task_forget(struct target *target, struct task *task)
{
	if (task->frames && target->release_task)
		target->release_task(task->frames);
	table_remove(&target->tasks, (uint64_t)task->tid);
	process_leave(target, task->process);
	free(task->run->masks.items);
	free(task->run);
	free(task);
}

void target_renew_memory(struct target *target, struct process *process)
{
	struct address_space *old = process->space;
	struct task *task;
	size_t position = 0;

	process->space = space_create(process->pid);
	process->space->processes = 1;
	space_leave(target, old);
	if (process->copied_from)
		space_leave(target, process->copied_from);
	process->copied_from = NULL;
	while ((task = table_next(&target->tasks, &position, NULL))) {
		if (task->process != process)
			continue;
		task->run->cpu_asked = false;
		task->run->cpu_address = 0;
	}
}

struct target *target_create(pid_t pid)
{
	struct target *target = mem_alloc(sizeof(*target));
	struct task *task;

	target->pid = pid;
	target->tracer = pthread_self();
	target->cpu = -1;
	target->process = process_create(target, pid, NULL);
	task = task_create(target, pid, target->process);
	task->run->stopped = true;
	return target;
}

struct process *target_process(struct target *target)
{
	return target->process;
}

struct task *target_first_task(struct target *target)
{
	return table_get(&target->tasks, (uint64_t)target->pid);
}

struct task *target_other_task(struct target *target, const struct task *task)
{
	struct task *other;
	size_t position = 0;

	while ((other = table_next(&target->tasks, &position, NULL)))
		if (other->process == task->process && other != task && !other->run->ending)
			return other;
	return NULL;
}

void target_set_release(struct target *target, void (*space)(void *probes), void (*task)(void *frames))
{
	target->release_space = space;
	target->release_task = task;
}

bool target_exit_status(const struct target *target, int *status)
{
	if (target->ended)
		*status = target->status;
	return target->ended;
}

void target_destroy(struct target *target)
{
	struct wait_report *report;
	struct task *task;
	size_t position = 0;

	if (!target)
		return;
	target_leave_cpu(target);
	while ((task = table_next(&target->tasks, &position, NULL)))
		task_forget(target, task);
	position = 0;
	while ((report = table_next(&target->early, &position, NULL)))
		free(report);
	table_free(&target->tasks);
	table_free(&target->processes);
	table_free(&target->early);
	free(target->queue.items);
	free(target);
}
