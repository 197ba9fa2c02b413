/*
 * PURPOSE: a library is removed by munmap, which nobody is told of, and other memory is put in its place: that stays as it is, when a child
 * shares memory (vfork) and when a tracer goes.
 * ARGUMENTS: LIBRARY vfork, or LIBRARY wait: says ready, removes it when a line is read, and ends with its input
 * TRACE: LIBRARY!plugin_*
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void find(const char *name, uintptr_t *start, uintptr_t *end)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512];

	*start = *end = 0;
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, name) && sscanf(line, "%lx-%lx", &from, &to) == 2) {
			if (!*start)
				*start = from;
			*end = to;
		}
	fclose(maps);
}

int main(int argc, char **argv)
{
	void *library = argc > 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int waits = argc > 2 && strcmp(argv[2], "wait") == 0;
	uintptr_t start, end;
	size_t changed = 0;
	char *memory;

	if (!library)
		return 2;
	((int (*)(int))(uintptr_t)dlsym(library, "plugin_use"))(1);
	if (waits) {
		puts("ready");
		fflush(stdout);
		getchar();
	}
	find(strrchr(argv[1], '/'), &start, &end);
	munmap((void *)start, end - start);
	memory = mmap((void *)start, end - start, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(memory, 0x55, end - start);
	if (waits) {
		puts("removed");
		fflush(stdout);
		while (getchar() != EOF)
			;
	} else if (vfork() == 0) {
		_exit(0);
	} else {
		wait(NULL);
	}
	for (size_t i = 0; i < end - start; i++)
		changed += memory[i] != 0x55;
	printf("changed: %zu\n", changed);
	fflush(stdout);
	_exit(0); /* what would end the library is not there any more */
}
