/*
 * PURPOSE: threads that end inside of calls. pthread_exit and pthread_cancel unwind the stack: cleanup handlers run in
 * frames that are still there, destructors of thread-specific data when all are gone. In C, handlers are reached by
 * a longjmp inside of libc, which is not the program's. The bare system call leaves everything as it is.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 5
 */
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_log.h"

enum way { EXIT, CANCEL, CANCEL_ANYWHERE, SYSTEM_CALL, WAYS };

TRACED void ex_work(void);
TRACED void ex_gone(void);
TRACED void ex_inner(enum way way);
TRACED void ex_middle(enum way way);
TRACED void ex_outer(enum way way);

static pthread_key_t key;
static sem_t is_inside;
static volatile long spins;

void ex_work(void)
{
	entered(__func__);
	hide(0);
	returns();
}

/* Called when the thread has no frames any more. */
void ex_gone(void)
{
	entered(__func__);
	hide(0);
	returns();
}

void ex_inner(enum way way)
{
	entered(__func__);
	if (way == SYSTEM_CALL) {
		left_sometime("thread-exit/exact", 3);
		syscall(SYS_exit, 0);
	}
	if (way == EXIT)
		pthread_exit(NULL);
	if (way == CANCEL_ANYWHERE)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	sem_post(&is_inside);
	while (way == CANCEL_ANYWHERE)
		spins++;
	for (;;)
		pause();
	returns();
}

static void clean(void *unused)
{
	(void)unused;
	left("unwound/exact", 1);
	ex_work();
}

void ex_middle(enum way way)
{
	entered(__func__);
	pthread_cleanup_push(clean, NULL);
	ex_work();
	ex_inner(way);
	pthread_cleanup_pop(0);
	returns();
}

void ex_outer(enum way way)
{
	entered(__func__);
	ex_middle(way);
	hide(0);
	returns();
}

static void unwound(void *unused)
{
	(void)unused;
	left("unwound/exact", 2);
	ex_gone();
}

static void *thread(void *way)
{
	pthread_setspecific(key, &key);
	ex_outer(*(enum way *)way);
	return NULL;
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 5);

	require(pthread_key_create(&key, unwound) == 0, "pthread_key_create");
	sem_init(&is_inside, 0, 0);
	for (long i = 0; i < rounds; i++) {
		for (enum way way = EXIT; way < WAYS; way++) {
			pthread_t id;

			require(pthread_create(&id, NULL, thread, &way) == 0, "pthread_create");
			if (way == CANCEL || way == CANCEL_ANYWHERE) {
				while (sem_wait(&is_inside) != 0)
					continue;
				pthread_cancel(id);
			}
			pthread_join(id, NULL);
		}
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}
