/*
 * The floor of the mechanism: a ptrace loop that stops a program at the entry and the
 * return of one function, one stop each, and records nothing. What a tracer costs above
 * this is its own.
 *
 *   bare SYMBOL-ADDRESS PROGRAM [ARGUMENT...]
 *
 * The address is the one in the ELF file. One thread, no signals, no recursion. It is fastest
 * when tracer and program share one CPU (taskset -c 0 bare ...).
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fmprof/arch.h"

struct trap {
	uint64_t address, slot;
};

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static uint64_t read_auxv(pid_t pid, uint64_t type)
{
	char path[64];
	uint64_t entry[2];

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, entry, sizeof(entry)) == sizeof(entry)) {
		if (entry[0] == type) {
			close(fd);
			return entry[1];
		}
	}
	die(path);
	return 0;
}

static uint64_t file_entry(const char *path)
{
	Elf64_Ehdr header;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &header, sizeof(header)) != sizeof(header))
		die(path);
	close(fd);
	return header.e_entry;
}

/* Copies the instruction at trap->address into the slot and puts the trap there. */
static void plant(int memory, struct trap *trap)
{
	uint8_t code[ARCH_INSTRUCTION_MAX];
	struct arch_slot slot;
	struct error err = {0};

	if (pread(memory, code, sizeof(code), (off_t)trap->address) != sizeof(code) ||
	    arch_relocate(code, sizeof(code), trap->address, trap->slot, &slot, &err) < 0 ||
	    pwrite(memory, slot.code, slot.length, (off_t)trap->slot) != slot.length ||
	    pwrite(memory, arch_trap, arch_trap_length, (off_t)trap->address) != (ssize_t)arch_trap_length)
		die(err.message ? err.message : "plant");
}

static void wait_stop(pid_t pid, int *status)
{
	if (waitpid(pid, status, 0) != pid)
		die("waitpid");
}

static int run(pid_t pid, uint64_t function, uint64_t entry)
{
	char path[64];
	struct user_regs_struct regs;
	/* The slots stand where the program's first instructions were, which never run again. */
	struct trap enter = {.address = function, .slot = entry};
	struct trap leave = {.address = 0, .slot = entry + 16};
	int status, memory;
	unsigned long stops = 1;
	uint8_t byte;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	if (memory < 0 || pread(memory, &byte, 1, (off_t)function) != 1 ||
	    pwrite(memory, arch_trap, arch_trap_length, (off_t)function) != (ssize_t)arch_trap_length)
		die(path);
	ptrace(PTRACE_CONT, pid, 0, 0);
	wait_stop(pid, &status);
	if (!WIFSTOPPED(status))
		return status;
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	if (pwrite(memory, &byte, 1, (off_t)function) != 1 ||
	    pread(memory, &leave.address, sizeof(leave.address), (off_t)regs.rsp) != sizeof(leave.address))
		die(path);
	plant(memory, &enter);
	plant(memory, &leave);
	for (;;) {
		regs.rip = regs.rip - 1 == enter.address ? enter.slot : leave.slot;
		ptrace(PTRACE_SETREGS, pid, 0, &regs);
		ptrace(PTRACE_CONT, pid, 0, 0);
		wait_stop(pid, &status);
		if (!WIFSTOPPED(status)) {
			fprintf(stderr, "%lu stops\n", stops);
			return status;
		}
		stops++;
		ptrace(PTRACE_GETREGS, pid, 0, &regs);
	}
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("usage: bare SYMBOL-ADDRESS PROGRAM [ARGUMENT...]\n", stderr);
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(argv[2], argv + 2);
		die(argv[2]);
	}
	wait_stop(pid, &status);
	if (!WIFSTOPPED(status))
		return 125;
	uint64_t entry = read_auxv(pid, AT_ENTRY);

	status = run(pid, strtoull(argv[1], NULL, 16) + entry - file_entry(argv[2]), entry);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
