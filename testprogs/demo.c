/*
 * PURPOSE: the picture that shows what fmprof is for. Two functions, my_func1 and my_func2,
 * each build a linked list (about 80 and 240 MiB) in visible steps, hold it
 * for a second and free it, so the second bracket is the higher one and both come back down.
 * TRACE: my_func1 my_func2
 * ARGUMENTS: [MIB1 [MIB2 [HOLD_MS]]] = 80 240 1000
 */
#include <malloc.h>
#include <string.h>
#include <time.h>

#include "truth.h"

enum { NODE_SIZE = 4 << 20, NODE_MIB = 4, STEP_MS = 12, TOLERANCE_MIB = 4 };

struct node {
	struct node *next;
	char payload[NODE_SIZE - sizeof(struct node *)];
};

TRACED void my_func1(long mib, long hold_ms);
TRACED void my_func2(long mib, long hold_ms);

static void sleep_ms(long ms)
{
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&pause, &pause) != 0) {
	}
}

static struct node *list_build(long mib)
{
	struct node *list = NULL;

	for (long built = 0; built < mib; built += NODE_MIB) {
		struct node *node = malloc(sizeof(*node));
		require(node != NULL, "out of memory");
		memset(node->payload, 1, sizeof(node->payload));
		node->next = list;
		list = node;
		sleep_ms(STEP_MS);
	}
	return list;
}

static void list_free(struct node *list)
{
	while (list != NULL) {
		struct node *next = list->next;
		free(list);
		list = next;
	}
}

void my_func1(long mib, long hold_ms)
{
	struct node *list = list_build(mib);

	sleep_ms(hold_ms);
	list_free(list);
	hide(0);
}

void my_func2(long mib, long hold_ms)
{
	struct node *list = list_build(mib);

	sleep_ms(hold_ms);
	list_free(list);
	hide(1);
}

static void tell(const char *function, long mib)
{
	long whole_nodes = (mib + NODE_MIB - 1) / NODE_MIB * NODE_MIB;

	truth_calls(function, 1);
	truth_max_depth(function, 0);
	truth_end(function, "return", 1);
	printf("truth rise %s %ld %d\n", function, whole_nodes, TOLERANCE_MIB);
	printf("truth net %s 0 %d\n", function, TOLERANCE_MIB);
}

int main(int argc, char **argv)
{
	long mib1 = argument(argc, argv, 1, 0, 80);
	long mib2 = argument(argc, argv, 2, 0, 240);
	long hold_ms = argument(argc, argv, 3, 0, 1000);

	/* Left alone, glibc raises the threshold at the first free, and later nodes would stay in the heap. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);

	my_func1(mib1, hold_ms);
	sleep_ms(hold_ms / 4);
	my_func2(mib2, hold_ms);
	sleep_ms(hold_ms / 4);

	tell("my_func1", mib1);
	tell("my_func2", mib2);
	truth_enter("my_func1", 0);
	truth_enter("my_func2", 0);
	truth_exit(0);
	return 0;
}
