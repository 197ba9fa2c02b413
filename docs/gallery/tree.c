/* A function that calls itself: each level keeps a little more than the one above until all return. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *nodes[7]; /* seen from outside, or the compiler leaves out what is never read */

__attribute__((noinline)) void build_tree(int level)
{
	size_t size = (size_t)(level + 1) * 2 << 20;

	nodes[level] = malloc(size);
	memset(nodes[level], 1, size);
	usleep(40000);
	if (level < 6)
		build_tree(level + 1);
	usleep(20000);
	free(nodes[level]);
}

__attribute__((noinline)) void balance(void)
{
	usleep(150000);
}

int main(void)
{
	build_tree(0);
	balance();
	build_tree(3);
	return 0;
}
