/* One attempt at one run of a program, in processes of its own. */
#ifndef BATCH_TASK_H
#define BATCH_TASK_H

#include <signal.h>

#include "fmprof/batch.h"

/* What the processes of an attempt need to know; all of it lives until it is over. */
struct task {
	const struct batch_program *program;
	const struct batch_options *options;
	char *folder; /* of the run's files, absolute */
	char *shown;  /* the same, relative to the summary's folder */
	char *name;   /* of the files NAME.dat and NAME.png */
	/* How the program finds signals: as batch did. */
	sigset_t mask;
	struct sigaction pipe_action, child_action;
};

/* How an attempt was ended from outside; also the keeper's exit status. */
enum task_outcome { TASK_BY_ITSELF, TASK_TIMED_OUT, TASK_INTERRUPTED };

/* The signals that the keeper is sent: by batch, to end it all; by the recorder, when the program has ended. */
enum { TASK_STOP = SIGTERM, TASK_ENDED = SIGUSR1 };

/* ---- keeper.c: looks after a recorder and all that comes of its program -- */

/*
 * Starts a keeper in a process group of its own, without a terminal; returns its pid, or -1 and errno. SIGCHLD, TASK_STOP and TASK_ENDED are blocked.
 * It writes the run, as JSON, to result_fd, and exits with an enum task_outcome.
 */
pid_t keeper_start(const struct task *task, int result_fd);

/* ---- recorder.c ---------------------------------------------------------- */

/* Records and judges the program, and writes the run to result_fd. `keeper` is its parent. */
void recorder_run(const struct task *task, pid_t keeper, int result_fd);

/* ---- tree.c -------------------------------------------------------------- */

struct tree { /* all processes; start with {0} */
	struct tree_member {
		pid_t pid, parent;
		bool alive, below;
	} * members;
	size_t count, capacity;
};

void tree_read(struct tree *tree);
/*
 * SIGKILLs the descendants of this process that tree_read has found, but not `spared`; what is below that only
 * `with_its_own`. Returns how many were alive: more may have been made in the meantime, so go on until there is none.
 */
size_t tree_kill(struct tree *tree, pid_t spared, bool with_its_own);
void tree_free(struct tree *tree);

#endif
