/* Three children load a shard each, the second one by far the largest. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

char *all; /* seen from outside, or the compiler leaves out what is never read */

__attribute__((noinline)) void load_shard(int mib)
{
	char *shard = malloc((size_t)mib * MIB);

	for (int i = 0; i < mib; i++) {
		memset(shard + (size_t)i * MIB, 1, MIB);
		usleep(4000);
	}
	usleep(200000);
	free(shard);
}

__attribute__((noinline)) void merge_shards(void)
{
	all = malloc(30 * MIB);
	memset(all, 1, 30 * MIB);
	usleep(300000);
	free(all);
}

int main(void)
{
	static const int sizes[] = {30, 150, 50};

	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			load_shard(sizes[i]);
			_exit(0);
		}
		usleep(150000);
	}
	while (wait(NULL) > 0)
		;
	merge_shards();
	return 0;
}
