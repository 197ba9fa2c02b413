/*
 * A program that was executed by a traced task has not got the rights of its file (set-user-ID, file
 * capabilities): the kernel gives no more than the tracer has. At its first instruction everything that execve(2) was
 * given is still there: the name (AT_EXECFN) and, where the stack begins, argc, argv and envp. What exec
 * changes it has changed once already, to what it would be again. So the task makes the same call
 * a second time and is let go at its entry.
 */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "target_internal.h"

/* As the task finds it. */
static bool leads_to_program(const struct task *task, const char *name)
{
	char *path = mem_printf("/proc/%d/%s/%s", task->tid, *name == '/' ? "root" : "cwd", name);
	char *program = mem_printf("/proc/%d/exe", task->tid);
	struct stat found, running;
	bool same = stat(path, &found) == 0 && stat(program, &running) == 0 &&
		    found.st_dev == running.st_dev && found.st_ino == running.st_ino;

	free(path);
	free(program);
	return same;
}

/* The first three arguments of execve. In a program of another machine the words have another
 * size: its auxiliary vector makes no sense then, and has no such entry. */
static bool find_arguments(struct task *task, uint64_t arguments[6])
{
	struct arch_regs regs;
	char name[PATH_MAX];
	uint64_t argc;
	ssize_t length;

	if (!process_auxv(task->tid, AT_EXECFN, &arguments[0]) || task_get_registers(task, &regs) < 0 ||
	    task_read_word(task, arch_sp(&regs), &argc) < 0)
		return false;
	/* It ends near the end of the stack. */
	length = space_read(task->process->space, arguments[0], name, sizeof(name));
	if (length <= 0 || !memchr(name, '\0', (size_t)length) || !leads_to_program(task, name))
		return false;
	arguments[1] = arch_sp(&regs) + sizeof(uint64_t);
	arguments[2] = arguments[1] + (argc + 1) * sizeof(uint64_t);
	return true;
}

/*
 * If the second execve failed where the first one has just succeeded (the machine is out of memory),
 * the task would end by SIGSEGV, as it does when execve itself fails that late.
 */
int target_detach_by_exec(struct target *target, struct task *task)
{
	uint64_t arguments[6] = {0};

	if (!find_arguments(task, arguments) || task_begin_syscall(target, task, SYS_execve, arguments) < 0)
		return -1;
	target_detach(target, task, 0);
	return 0;
}
