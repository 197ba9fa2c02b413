#include "recordings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void word_add(struct recordings *recordings, const char *word)
{
	recordings->paths = array_reserve(recordings->paths, &recordings->capacity, recordings->count + 1,
					  sizeof(*recordings->paths));
	recordings->paths[recordings->count++] = mem_strdup(word);
}

int recordings_option(struct recordings *recordings, int argc, char **argv, const char *shorts,
		      const struct option *longs)
{
	/* '-': words come one by one, in their place, so that an index like -1 can be told from an option. */
	char *all_shorts = mem_printf("-:%s", shorts);
	int letter = 1;
	long index;

	opterr = 0;
	while (letter == 1) {
		if (optind < argc && argv[optind][0] == '-' &&
		    recording_word_is_index(argv[optind], &index)) {
			word_add(recordings, argv[optind++]);
			continue;
		}
		letter = getopt_long(argc, argv, all_shorts, longs, NULL);
		if (letter == 1)
			word_add(recordings, optarg);
	}
	/* Behind "--". */
	while (letter == -1 && optind < argc)
		word_add(recordings, argv[optind++]);
	free(all_shorts);
	return letter;
}

/* A path that is there already is forgotten, unless it may repeat. */
static void path_set(struct recordings *recordings, size_t *kept, char *path)
{
	for (size_t i = 0; i < *kept && !recordings->may_repeat; i++) {
		if (strcmp(recordings->paths[i], path) == 0) {
			free(path);
			return;
		}
	}
	recordings->paths[(*kept)++] = path;
}

/* One line on stderr, in which a file's name cannot steer the terminal. */
static void say(const char *before, const char *path, const char *after)
{
	struct text line = {0};

	text_printf(&line, "fmprof: %s", before);
	text_put_visible(&line, path);
	fprintf(stderr, "%s%s\n", line.data, after);
	text_free(&line);
}

static int find_newest(struct recordings *recordings, const char *doing, struct error *err)
{
	char *newest = run_newest_file(".", err);

	if (!newest)
		return -1;
	char *before = mem_printf("%s ", doing);
	say(before, newest, ", the newest recording here");
	free(before);
	word_add(recordings, newest);
	free(newest);
	return 0;
}

int recordings_find(struct recordings *recordings, const char *doing, struct error *err)
{
	size_t kept = 0;

	if (recordings->count == 0)
		return find_newest(recordings, doing, err);
	for (size_t i = 0; i < recordings->count; i++) {
		char *word = recordings->paths[i];
		char *path = recording_find(".", word, err);
		recordings->paths[i] = NULL;
		free(word);
		if (!path)
			return -1;
		path_set(recordings, &kept, path);
	}
	recordings->count = kept;
	return 0;
}

void recordings_free(struct recordings *recordings)
{
	for (size_t i = 0; i < recordings->count; i++)
		free(recordings->paths[i]);
	free(recordings->paths);
	*recordings = (struct recordings){0};
}

void recordings_say_damaged(const char *path, size_t damaged_lines, size_t first_line)
{
	if (damaged_lines == 0)
		return;
	char *what = mem_printf(": %zu damaged line%s left out, the first is line %zu", damaged_lines,
				damaged_lines == 1 ? "" : "s", first_line);
	say("", path, what);
	free(what);
}

/* "" is as good as `missing`. */
static bool parse_seconds(const char *word, size_t length, uint64_t missing, uint64_t *ns)
{
	char *copy = mem_strndup(word, length), *end;
	double seconds = strtod(copy, &end);
	/* Not what else strtod takes: signs, exponents, names. */
	bool plain = length > 0 && strspn(copy, "0123456789.") == length && !*end && seconds < 1e9;

	free(copy);
	*ns = plain ? (uint64_t)nearbyint(seconds * 1e9) : missing;
	return plain || length == 0;
}

int recordings_parse_window(const char *word, uint64_t *from_ns, uint64_t *to_ns, struct error *err)
{
	const char *comma = strchr(word, ',');

	if (comma && parse_seconds(word, (size_t)(comma - word), 0, from_ns) &&
	    parse_seconds(comma + 1, strlen(comma + 1), UINT64_MAX, to_ns) && *from_ns < *to_ns)
		return 0;
	return error_set(
		err, STATUS_FAILED,
		"window '%s': not two times in seconds from the start, the earlier first; write 2,5.5 or "
		"2, or ,5",
		word);
}
