#include "child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Input, output and complaints pass through files in memory and not through
 * pipes: nobody waits for anybody, and a child that dies sends no SIGPIPE. */
struct files {
	int input, output, complaints;
};

static void files_close(struct files *files)
{
	if (files->input >= 0)
		close(files->input);
	if (files->output >= 0)
		close(files->output);
	if (files->complaints >= 0)
		close(files->complaints);
}

static int files_open(struct files *files)
{
	files->input = memfd_create("fmprof-input", MFD_CLOEXEC);
	files->output = memfd_create("fmprof-output", MFD_CLOEXEC);
	files->complaints = memfd_create("fmprof-messages", MFD_CLOEXEC);
	if (files->input >= 0 && files->output >= 0 && files->complaints >= 0)
		return 0;
	int error = errno;
	files_close(files);
	return error;
}

static int input_write(int fd, const struct text *input)
{
	for (size_t done = 0; done < input->length;) {
		ssize_t written = write(fd, input->data + done, input->length - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? errno : ENOSPC;
		done += (size_t)written;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;
}

static void file_read(int fd, struct text *text)
{
	char buffer[65536];
	ssize_t count;
	lseek(fd, 0, SEEK_SET);
	while ((count = read(fd, buffer, sizeof(buffer))) > 0 || (count < 0 && errno == EINTR))
		if (count > 0)
			text_put(text, buffer, (size_t)count);
}

static int child_start(const struct files *files, char *const argv[], char *const environment[], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, files->input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, files->output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, files->complaints, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

int child_run(char *const argv[], char *const environment[], const struct text *input,
	      struct child_result *result)
{
	struct files files;
	pid_t pid;
	int error;

	*result = (struct child_result){0};
	error = files_open(&files);
	if (error != 0)
		return error;
	error = input_write(files.input, input);
	if (error == 0)
		error = child_start(&files, argv, environment, &pid);
	if (error == 0) {
		while (waitpid(pid, &result->status, 0) < 0 && error == 0)
			error = errno == EINTR ? 0 : errno;
		file_read(files.output, &result->output);
		file_read(files.complaints, &result->complaints);
	}
	files_close(&files);
	return error;
}

void child_result_free(struct child_result *result)
{
	text_free(&result->output);
	text_free(&result->complaints);
}
