#include "gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The script, the picture and gnuplot's complaints pass through files in
 * memory and not through pipes: nobody waits for anybody, and a gnuplot that
 * dies sends no SIGPIPE. */
struct files {
	int script, drawn, complaints;
};

static void files_close(struct files *files)
{
	if (files->script >= 0)
		close(files->script);
	if (files->drawn >= 0)
		close(files->drawn);
	if (files->complaints >= 0)
		close(files->complaints);
}

static int files_open(struct files *files, struct error *err)
{
	files->script = memfd_create("fmprof-script", MFD_CLOEXEC);
	files->drawn = memfd_create("fmprof-picture", MFD_CLOEXEC);
	files->complaints = memfd_create("fmprof-messages", MFD_CLOEXEC);
	if (files->script >= 0 && files->drawn >= 0 && files->complaints >= 0)
		return 0;
	error_set(err, STATUS_FAILED, "gnuplot: no room for its script: %s", strerror(errno));
	files_close(files);
	return -1;
}

static int script_write(int fd, const struct text *script, struct error *err)
{
	for (size_t done = 0; done < script->length;) {
		ssize_t written = write(fd, script->data + done, script->length - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return error_set(err, STATUS_FAILED, "gnuplot: no room for its script: %s",
					 strerror(errno));
		done += (size_t)written;
	}
	lseek(fd, 0, SEEK_SET);
	return 0;
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

static int child_start(const struct files *files, pid_t *pid)
{
	/* -d: no start-up file of the user's or the system's can change the picture. */
	char program[] = "gnuplot", no_start_file[] = "-d";
	char *const argv[] = {program, no_start_file, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, files->script, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, files->drawn, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, files->complaints, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(pid, program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* gnuplot shows the line, a caret below it, and then what is wrong:
 * `         line 12: invalid expression `. */
static int error_from_complaints(const struct text *complaints, int status, struct error *err)
{
	const char *message = complaints->data ? complaints->data : "", *line = NULL;

	for (const char *at = message; (at = strstr(at, "line ")); at += 5)
		line = at;
	if (!line)
		line = message + strspn(message, " \t\n");
	int length = (int)strcspn(line, "\n");
	while (length > 0 && line[length - 1] == ' ')
		length--;
	if (WIFSIGNALED(status))
		return error_set(err, STATUS_FAILED, "gnuplot: killed by signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	if (length == 0)
		return error_set(err, STATUS_FAILED, "gnuplot: drew nothing (exit status %d)",
				 WEXITSTATUS(status));
	return error_set(err, STATUS_FAILED, "gnuplot: %.*s", length, line);
}

int gnuplot_run(const struct text *script, struct text *drawn, struct error *err)
{
	struct files files;
	struct text complaints = {0};
	pid_t pid;
	int status, result = -1, error;

	if (files_open(&files, err) < 0)
		return -1;
	if (script_write(files.script, script, err) < 0)
		goto close_files;
	error = child_start(&files, &pid);
	if (error == ENOENT) {
		error_set(err, STATUS_FAILED,
			  "gnuplot: not found; install it (Debian: apt install gnuplot-nox)");
		goto close_files;
	}
	if (error != 0) {
		error_set(err, STATUS_FAILED, "gnuplot: cannot be run: %s", strerror(error));
		goto close_files;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			error_set(err, STATUS_FAILED, "gnuplot: lost: %s", strerror(errno));
			goto close_files;
		}
	file_read(files.drawn, drawn);
	file_read(files.complaints, &complaints);
	/* Warnings of fontconfig and the like do not matter as long as there is a picture. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || drawn->length == 0)
		error_from_complaints(&complaints, status, err);
	else
		result = 0;
	text_free(&complaints);
close_files:
	files_close(&files);
	return result;
}
