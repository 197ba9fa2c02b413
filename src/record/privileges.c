#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "recorder.h"

/* The kernel gives a traced program no more rights than its tracer has. */
static bool lacks_rights(const struct task *task)
{
	char *path = mem_printf("/proc/%d/exe", task->tid);
	struct stat info;
	bool lacks = geteuid() != 0 && stat(path, &info) == 0 &&
		     ((info.st_mode & S_ISUID && info.st_uid != geteuid()) ||
		      (info.st_mode & S_ISGID && info.st_gid != getegid()) ||
		      getxattr(path, "security.capability", NULL, 0) > 0);

	free(path);
	return lacks;
}

void warn_about_privileges(struct recorder *recorder, const struct task *task)
{
	if (lacks_rights(task))
		recorder->plan->warn(
			recorder->plan->context,
			"the program is set to run with more rights than you have: traced, it runs "
			"without them; run fmprof as root to record it with them");
}

void let_go_with_privileges(struct recorder *recorder, struct task *task)
{
	if (lacks_rights(task) && target_detach_by_exec(recorder->target, task) == 0)
		return;
	warn_about_privileges(recorder, task);
	target_detach(recorder->target, task, 0);
}
