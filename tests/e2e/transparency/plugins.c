/*
 * PURPOSE: libraries that are loaded, used and unloaded over and over, at changing addresses, with their constructors and destructors.
 * ARGUMENTS: CYCLES LIBRARY..., [ROUNDS]: before another round it says so and waits for a line
 * TRACE: LIBRARY!plugin_*, cycle
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

__attribute__((noinline)) int cycle(const char *path, int number)
{
	void *library = dlopen(path, number % 2 ? RTLD_NOW : RTLD_LAZY);
	int (*use)(int), result;

	if (!library) {
		printf("%s\n", dlerror());
		exit(1);
	}
	use = (int (*)(int))(uintptr_t)dlsym(library, "plugin_use");
	result = use(number);
	if (dlclose(library) != 0)
		printf("%s\n", dlerror());
	return result;
}

static void next_round(void)
{
	printf("round\n");
	fflush(stdout);
	while (getchar() != '\n')
		;
}

int main(int argc, char **argv)
{
	int cycles = argc > 1 ? atoi(argv[1]) : 0, rounds = argc > 2 ? atoi(argv[argc - 1]) : 0;
	unsigned sum = 0;
	void *hole = NULL;

	argc -= rounds > 0;
	for (int i = 0; i < cycles; i++) {
		for (int j = 2; j < argc; j++)
			sum = sum * 31 + (unsigned)cycle(argv[j], i + j);
		/* What is mapped where the library was changes, so the next comes elsewhere. */
		if (hole)
			munmap(hole, 1 << 16);
		hole = i % 3 ? mmap(NULL, 1 << 16, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : NULL;
		if (i + 1 == cycles && rounds-- > 1) {
			next_round();
			i = -1;
		}
	}
	printf("%d cycles: %u\n", cycles, sum);
}
