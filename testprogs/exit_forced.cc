/*
 * PURPOSE: threads that end inside of calls, in C++: pthread_exit and pthread_cancel run destructors, and handlers that
 * catch everything and must throw on.
 * TRACE: ex_*
 * ARGUMENTS: [ROUNDS] = 10
 */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "exit_log.h"

static pthread_key_t key;
static sem_t is_inside;

extern "C" {

TRACED void ex_work()
{
	entered(__func__);
	hide(0);
	returns();
}

TRACED void ex_inner(bool cancelled)
{
	entered(__func__);
	if (!cancelled)
		pthread_exit(nullptr);
	sem_post(&is_inside);
	while (hide(1))
		pause();
	returns();
}

TRACED void ex_catches_all(bool cancelled)
{
	entered(__func__);
	try {
		ex_inner(cancelled);
	} catch (...) {
		left("unwound/exact", 1);
		ex_work();
		throw;
	}
	returns();
}
}

namespace
{

struct cleaner {
	~cleaner()
	{
		left("unwound/exact", 1);
		ex_work();
		try {
			throw 1;
		} catch (int) {
			ex_work();
		}
	}
};

} // namespace

extern "C" {

TRACED void ex_clean(bool cancelled)
{
	entered(__func__);
	cleaner object;
	ex_catches_all(cancelled);
	returns();
}

TRACED void ex_outer(bool cancelled)
{
	entered(__func__);
	ex_clean(cancelled);
	hide(0);
	returns();
}

static void unwound(void *)
{
	left("unwound/exact", 2);
	ex_work();
}

static void *thread(void *cancelled)
{
	pthread_setspecific(key, &key);
	ex_outer(cancelled != nullptr);
	return nullptr;
}
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 10);

	require(pthread_key_create(&key, unwound) == 0, "pthread_key_create");
	sem_init(&is_inside, 0, 0);
	for (long i = 0; i < rounds; i++) {
		for (int cancelled = 0; cancelled < 2; cancelled++) {
			pthread_t id;

			require(pthread_create(&id, nullptr, thread, cancelled ? &key : nullptr) == 0,
				"pthread_create");
			if (cancelled) {
				while (sem_wait(&is_inside) != 0)
					continue;
				pthread_cancel(id);
			}
			pthread_join(id, nullptr);
		}
	}
	exit_log_print();
	truth_exit(0);
	return 0;
}
