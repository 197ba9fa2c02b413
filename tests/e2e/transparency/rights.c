/*
 * PURPOSE: what a program that may have the rights of its file finds out about itself. Ends with 0 if it has them.
 * ARGUMENTS: any
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

static const char *const lines[] = {"Name:",   "TracerPid:", "Uid:",    "Gid:",    "Groups:", "SigPnd:", "ShdPnd:",
				    "SigBlk:", "SigIgn:",    "SigCgt:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:",
				    "CapAmb:", "NoNewPrivs:"};

static int has_effective_rights;

static void print_status(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
			if (strncmp(line, lines[i], strlen(lines[i])) == 0)
				fputs(line, stdout);
		if (strncmp(line, "CapEff:", 7) == 0 && strspn(line + 7, "\t0") != strlen(line + 7) - 1)
			has_effective_rights = 1;
	}
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("argument '%s'\n", argv[i]);
	for (char **variable = environ; *variable; variable++)
		printf("%s\n", *variable);
	printf("executed as %s, secure %lu, dumpable %d\n", (char *)getauxval(AT_EXECFN), getauxval(AT_SECURE),
	       prctl(PR_GET_DUMPABLE));
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("descriptor %d\n", fd);
	print_status();
	return !has_effective_rights && geteuid() == getuid();
}
