/*
 * PURPOSE: two threads load and close a library all the time, three others use whatever memory is free just then, until the input ends. A
 * tracer that comes and goes changes none of it.
 * ARGUMENTS: LIBRARY
 * TRACE: LIBRARY!plugin_*
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LOADERS = 2, USERS = 3, SIZE = 5 * 4096 };

static atomic_int ended;
static atomic_long wrong, changed;
static const char *path;

static void *loads(void *argument)
{
	while (!ended) {
		void *library = dlopen(path, RTLD_NOW);
		int (*step)(int) = library ? (int (*)(int))(uintptr_t)dlsym(library, "plugin_add") : NULL;

		if (!step || step(1) != 2)
			wrong++;
		if (library)
			dlclose(library);
	}
	return argument;
}

static void *uses(void *argument)
{
	while (!ended) {
		char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			continue;
		memset(memory, 0x55, SIZE);
		usleep(200);
		for (int i = 0; i < SIZE; i++)
			changed += memory[i] != 0x55;
		munmap(memory, SIZE);
	}
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t threads[LOADERS + USERS];

	path = argc > 1 ? argv[1] : "";
	for (int i = 0; i < LOADERS + USERS; i++)
		pthread_create(&threads[i], NULL, i < LOADERS ? loads : uses, NULL);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	ended = 1;
	for (int i = 0; i < LOADERS + USERS; i++)
		pthread_join(threads[i], NULL);
	printf("wrong %ld changed %ld\n", (long)wrong, (long)changed);
}
