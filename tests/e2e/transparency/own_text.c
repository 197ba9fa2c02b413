/*
 * PURPOSE: a child that is not recorded has its code as it is in the files: by fork, from a thread, from inside a traced call, and after exec.
 * ARGUMENTS: TIMES
 * TRACE: work inside
 */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) void work(void)
{
	__asm__ volatile("");
}

/* How many bytes of an object's code are not its file's. */
static int compare(struct dl_phdr_info *info, size_t size, void *context)
{
	const char *path = *info->dlpi_name ? info->dlpi_name : "/proc/self/exe";
	int fd = open(path, O_RDONLY);
	struct stat stat;
	const char *file;

	(void)size;
	if (fd < 0 || fstat(fd, &stat) != 0)
		return 0; /* the vDSO */
	file = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && part->p_flags & PF_X)
			for (size_t at = 0; at < part->p_filesz; at++)
				*(long *)context += ((const char *)info->dlpi_addr)[part->p_vaddr + at] !=
						    file[part->p_offset + at];
	}
	munmap((void *)(unsigned long)file, (size_t)stat.st_size);
	close(fd);
	return 0;
}

static long differing(void)
{
	long count = 0;

	dl_iterate_phdr(compare, &count);
	return count;
}

static void child(void)
{
	long before = differing();

	work();
	_exit(before || differing() ? 9 : 3);
}

__attribute__((noinline)) int inside(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		child();
	work();
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void *in_thread(void *unused)
{
	(void)unused;
	return (void *)(long)inside();
}

static int by_exec(void)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/proc/self/exe", "own_text", "child", (char *)0);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int times = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t thread;
	void *result;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		child();
	for (int i = 0; i < times; i++) {
		pthread_create(&thread, NULL, in_thread, NULL);
		int status = inside();

		pthread_join(thread, &result);
		if (status != 3 || (long)result != 3 || by_exec() != 3)
			printf("round %d: %d %ld\n", i, status, (long)result);
	}
	printf("%d rounds\n", times);
}
