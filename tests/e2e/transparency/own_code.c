/*
 * PURPOSE: code that is of no file on disk stays as the program wrote it: generated code that calls traced functions and is
 * called by them, looked at while such a call is open; in private, shared and memfd memory, writable and not.
 * ARGUMENTS: private|shared, [ROUNDS] = 50
 * TRACE: work outer
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, PLACES = 8 };

static unsigned char *code[PLACES], expected[PLACES][PAGE];
static int count, differing;
static volatile long worked;

static void look(void)
{
	for (int i = 0; i < count; i++)
		for (int j = 0; j < PAGE; j++)
			differing += code[i][j] != expected[i][j];
}

__attribute__((noinline)) void work(void)
{
	worked++;
	look();
}

__attribute__((noinline)) void outer(void (*generated)(void))
{
	generated();
	worked += 10;
}

/* sub $8, %rsp; mov $function, %rax; call *%rax; add $8, %rsp; ret */
static void write_caller(unsigned char *at, void (*function)(void))
{
	static const unsigned char form[] = {0x48, 0x83, 0xec, 0x08, 0x48, 0xb8, 0,    0,    0,    0,   0,
					     0,    0,    0,    0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xc3};

	memset(at, 0xcc, PAGE);
	memcpy(at, form, sizeof(form));
	memcpy(at + 6, &function, sizeof(function));
}

static void add(int flags, int fd)
{
	/* Written to through one mapping, run in another, as careful programs do. */
	code[count] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | (fd < 0 ? PROT_EXEC : 0), flags, fd, 0);
	if (code[count] == MAP_FAILED)
		exit(2);
	write_caller(code[count], work);
	memcpy(expected[count], code[count], PAGE);
	if (fd >= 0)
		code[count] = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, flags, fd, 0);
	else
		mprotect(code[count], PAGE, PROT_READ | PROT_EXEC);
	count++;
}

/* Runs where it can still be written to. */
static void add_writable(int flags, int fd)
{
	code[count] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, flags, fd, 0);
	if (code[count] == MAP_FAILED)
		exit(2);
	write_caller(code[count], work);
	memcpy(expected[count], code[count], PAGE);
	count++;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 50, fd = memfd_create("code", 0),
	    status = ftruncate(fd, PAGE);
	int flags = argc > 1 && strcmp(argv[1], "shared") == 0 ? MAP_SHARED : MAP_PRIVATE;

	add(flags | MAP_ANONYMOUS, -1);
	add_writable(flags | MAP_ANONYMOUS, -1);
	if (flags == MAP_SHARED) {
		add(flags, fd);
		add_writable(flags, fd);
	}
	for (int i = 0; i < rounds && status == 0; i++) {
		for (int j = 0; j < count; j++) {
			outer((void (*)(void))(uintptr_t)code[j]);
			((void (*)(void))(uintptr_t)code[j])();
			look();
		}
	}
	printf("worked %ld, bytes that changed: %s\n", worked, differing ? "some" : "none");
}
