/*
 * PURPOSE: coroutines with makecontext and swapcontext. See exit_coroutine.h.
 * TRACE: ex_*
 * ARGUMENTS: [SCENE [PLACING [ROUNDS]]] = 0 0 4. Scenes: 0 one coroutine, 1 four in turn, 2 one resumes another, 3 one
 * is abandoned, 4 two without a traced call between them, 5 one is suspended at the end, 6 one
 * is finished by another thread. Placing: stacks 0 in ascending order, 1 descending, 2 and 3 the same within one mapping.
 */
#include "exit_ucontext.h"

int main(int argc, char **argv)
{
	scenes_run(argc, argv);
	exit_log_print();
	printf("truth coroutines 1\n");
	truth_exit(0);
	return 0;
}
