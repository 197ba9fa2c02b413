#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ptrace.h"
#include "target_internal.h"

/* "TracerPid:" and "Uid:" of a process; -1 where it is not there. */
static long status_field(pid_t pid, const char *name)
{
	char *path = mem_printf("/proc/%d/status", pid), line[256];
	FILE *file = fopen(path, "re");
	long number = -1;

	free(path);
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			number = strtol(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return number;
}

static int set_attach_error(pid_t pid, int failure, struct error *err)
{
	long tracer = status_field(pid, "TracerPid:"), owner = status_field(pid, "Uid:");

	if (failure == ESRCH)
		return error_set(err, STATUS_FAILED, "process %d: there is none; check the number with ps",
				 pid);
	if (tracer > 0)
		return error_set(err, STATUS_FAILED,
				 "process %d: is traced by process %ld already; end that first", pid, tracer);
	if (owner >= 0 && (uid_t)owner != geteuid())
		return error_set(err, STATUS_FAILED,
				 "process %d: belongs to another user (uid %ld); run fmprof as that "
				 "user or as root",
				 pid, owner);
	return error_set(err, STATUS_FAILED, "process %d: cannot be traced: %s", pid,
			 failure == EPERM ? ptrace_diagnose_eperm() : strerror(failure));
}

/*
 * 0 if the thread is ours now or gone, 1 to be tried again: another tracer that lets go of
 * the process does so thread by thread. Every thread has to be ours before a trap is planted: one that is not
 * would die of it.
 */
static int seize_thread(struct target *target, struct process *process, pid_t tid, int *failure)
{
	struct task *task;

	*failure = ptrace_call(PTRACE_SEIZE, tid, 0, TARGET_OPTIONS);
	if (*failure == ESRCH)
		return 0;
	/* Made by a thread that is seized, it was seized with it: its first stop is announced. */
	if (*failure == EPERM && status_field(tid, "TracerPid:") == getpid())
		return 0;
	if (*failure)
		return 1;
	task = task_create(target, tid, process);
	task_learn_mask(task, task_status_number(task, "SigBlk:"));
	return 0;
}

/* One pass over all threads: whether it found something to do. *failure: of one that refuses. */
static bool seize_threads(struct target *target, struct process *process, int *failure)
{
	char *path = mem_printf("/proc/%d/task", process->pid);
	DIR *folder = opendir(path);
	bool again = false;

	*failure = 0;
	free(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
		int refused;

		if (tid <= 0 || table_get(&target->tasks, (uint64_t)tid))
			continue;
		if (seize_thread(target, process, tid, &refused))
			*failure = refused;
		again = again || refused == 0 || *failure;
	}
	if (folder)
		closedir(folder);
	return again;
}

int target_attach(pid_t pid, struct target **result, struct error *err)
{
	enum { PATIENCE = 200 };
	const struct timespec pause = {.tv_nsec = 5000000};
	struct target *target;
	struct process *process;
	struct task *first;
	int failure = 0, tries = 0;

	/* The first thread alone, so that a refusal leaves nothing behind. */
	failure = ptrace_call(PTRACE_SEIZE, pid, 0, TARGET_OPTIONS);
	if (failure)
		return set_attach_error(pid, failure, err);
	target_watch_children();
	target = target_create(pid);
	process = target_process(target);
	first = target_first_task(target);
	first->run->stopped = false;
	task_learn_mask(first, task_status_number(first, "SigBlk:"));
	/* Threads that those not yet seized make meanwhile: until no new one is found. */
	while (seize_threads(target, process, &failure)) {
		if (failure && tries++ == PATIENCE) {
			set_attach_error(pid, failure, err);
			target_destroy(target); /* nothing is planted: they run on when we end */
			return -1;
		}
		if (failure)
			nanosleep(&pause, NULL);
	}
	target->interrupting = true;
	ptrace_call(PTRACE_INTERRUPT, first->tid, 0, 0);
	*result = target;
	return 0;
}
