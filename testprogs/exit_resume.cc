/*
 * PURPOSE: an exception is on its way, and a destructor resumes a coroutine, on whose stack calls are made and others
 * wait; a handler does so when it has arrived.
 * TRACE: ex_*
 * ARGUMENTS: [THREADED [ROUNDS]] = 0 4
 */
#include <pthread.h>

extern "C" {
#include "exit_ucontext.h"

TRACED void ex_thrower(long deeper);
TRACED void ex_catcher(long deeper);
TRACED long ex_clean(void);
}

static struct coroutine busy;
static long rounds;

/* Suspended within each call. */
static void generate_for_ever(struct coroutine *self)
{
	for (;;)
		ex_generator(self, 3);
}

/* Its result is no exception's address, as what a void function leaves there may be. */
long ex_clean(void)
{
	entered(__func__);
	resume(&busy);
	ex_tick();
	returns();
	return hide(0);
}

namespace
{

struct cleaner {
	~cleaner()
	{
		ex_clean();
	}
};

} // namespace

/* What it leaves ends before the destructor runs. */
void ex_thrower(long deeper)
{
	entered(__func__);
	if (deeper > 0) {
		cleaner one;
		ex_thrower(deeper - 1);
		hide(0);
	} else if (hide(1)) {
		left_sometime("unwound/exact", 1);
		throw 1;
	}
	returns();
}

void ex_catcher(long deeper)
{
	entered(__func__);
	try {
		cleaner one;
		ex_thrower(deeper);
	} catch (int) {
		ex_tick();
		resume(&busy);
		ex_tick();
	}
	returns();
}

static void *play(void *)
{
	static char *stack = map_stacks(1, 4096);

	busy = coroutine_on(stack, generate_for_ever);
	machine_start(&busy);
	for (long i = 0; i < rounds; i++) {
		ex_catcher(0);
		resume(&busy);
	}
	return nullptr;
}

int main(int argc, char **argv)
{
	rounds = argument(argc, argv, 2, 1, 4);
	if (argument(argc, argv, 1, 0, 0)) {
		pthread_t id;

		require(pthread_create(&id, nullptr, play, nullptr) == 0, "pthread_create");
		pthread_join(id, nullptr);
	} else {
		play(nullptr);
	}
	exit_calls_running = &busy.calls;
	left_sometime("exit/exact", busy.calls.count);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
