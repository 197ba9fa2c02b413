#include "plot_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static void print_help(void)
{
	puts("usage: fmprof plot [options] [FILE|INDEX...]\n"
	     "Draws a recording, by default the newest mprofile_*.dat of this folder: memory over time, with "
	     "a\n"
	     "bracket for every call. Without --output it is drawn as text, at the size of the terminal.\n"
	     "Several recordings are laid over each other. INDEX is as in fmprof list; -1 is the newest.\n"
	     "A function's figures are its calls, the time inside, \"+80.2 MiB\": the most that memory rose\n"
	     "inside one call, above what it was when that call began, and the peak inside.\n\n"
	     "  -o, --output FILE     .png, .svg, .interactive.svg, .html, .pdf, .six or .txt; - is stdout\n"
	     "      --terminal NAME   png, svg, interactive, html, pdf, sixel or text, whatever the suffix "
	     "says; or\n"
	     "                        window, where there is a display\n"
	     "  -t, --title TEXT      instead of the recorded command\n"
	     "  -w, --window A,B      only from A to B, seconds from the start; A, and ,B; calls that begin "
	     "in it\n"
	     "  -F, --functions GLOB  only these functions; may be given often; MODULE!GLOB\n"
	     "      --min-duration D  only calls that lasted so long: 0.01 (seconds), 10ms, 500us\n"
	     "  -n, --no-function-ts  no functions, only memory\n"
	     "  -f, --flame           calls as bars below the curve instead of brackets\n"
	     "      --lanes           brackets and bars: a lane for each thread, a row for each depth\n"
	     "      --children HOW    curves or stacked: the processes of a recording made with -M\n"
	     "      --align WHERE     of several recordings: start, or a function's first call (default "
	     "start)\n"
	     "      --legend PLACE    right, bottom or none (default right)\n"
	     "      --units UNIT      B, KiB, MiB, GiB, TiB, KB, MB, GB, TB (default what fits)\n"
	     "      --size WxH        pixels (default 1200x700), or characters for text\n"
	     "      --style FILE      lines \"option = value\"; what is on the command line goes before\n\n"
	     "For pictures, not for text:\n"
	     "      --stack LIST      metrics on top of each other: anon,file,shmem,swap (recorded with -m)\n"
	     "      --theme NAME      light or dark (default light)\n"
	     "      --font NAME       (default DejaVu Sans)\n"
	     "      --dpi N           PNG: everything N/96 times as large\n\n"
	     "For pictures that stand still:\n"
	     "  -s, --slope           a straight line through all samples, and its slope\n"
	     "      --log             memory axis\n"
	     "      --time HOW        relative or absolute (default relative)\n"
	     "      --script FILE     writes what gnuplot would get, for gnuplot and your own changes\n"
	     "  -h, --help\n\n"
	     "NO_COLOR in the environment keeps text without colours.\n\n"
	     "Exit status: 0, or 125 and the reason on stderr.");
}

enum {
	SIZE = 256,
	TERMINAL,
	DPI,
	FONT,
	THEME,
	UNITS,
	LEGEND,
	LEAST,
	LOG,
	TIME,
	STYLE,
	SCRIPT,
	LANES,
	CHILDREN,
	STACK,
	ALIGN,
};

static const struct option longs[] = {
	{"output", required_argument, NULL, 'o'},
	{"terminal", required_argument, NULL, TERMINAL},
	{"title", required_argument, NULL, 't'},
	{"window", required_argument, NULL, 'w'},
	{"functions", required_argument, NULL, 'F'},
	{"min-duration", required_argument, NULL, LEAST},
	{"no-function-ts", no_argument, NULL, 'n'},
	{"flame", no_argument, NULL, 'f'},
	{"slope", no_argument, NULL, 's'},
	{"size", required_argument, NULL, SIZE},
	{"dpi", required_argument, NULL, DPI},
	{"font", required_argument, NULL, FONT},
	{"theme", required_argument, NULL, THEME},
	{"units", required_argument, NULL, UNITS},
	{"legend", required_argument, NULL, LEGEND},
	{"log", no_argument, NULL, LOG},
	{"time", required_argument, NULL, TIME},
	{"style", required_argument, NULL, STYLE},
	{"script", required_argument, NULL, SCRIPT},
	{"lanes", no_argument, NULL, LANES},
	{"children", required_argument, NULL, CHILDREN},
	{"stack", required_argument, NULL, STACK},
	{"align", required_argument, NULL, ALIGN},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* ---- values ---------------------------------------------------------------- */

/* One of some words, the index of which goes into *which. */
static int parse_word(const char *option, const char *value, const char *const *words, int *which,
		      struct error *err)
{
	struct text known = {0};

	for (int i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0) {
			*which = i;
			text_free(&known);
			return 0;
		}
		text_printf(&known, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	}
	error_set(err, STATUS_FAILED, "--%s '%s': write %s", option, value, known.data);
	text_free(&known);
	return -1;
}

static int parse_dpi(const char *value, unsigned *dpi, struct error *err)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || number < 24 || number > 1200)
		return error_set(err, STATUS_FAILED, "--dpi '%s': not a number from 24 to 1200", value);
	*dpi = (unsigned)number;
	return 0;
}

/* Zero is fine here, unlike with intervals. */
static int parse_least(const char *value, uint64_t *ns, struct error *err)
{
	*ns = 0;
	return strcmp(value, "0") == 0 ? 0 : parse_duration(value, "--min-duration", ns, err);
}

static bool is_stacked(const struct plot_command *command, const char *metric)
{
	for (size_t i = 0; i < command->plot.stack_count; i++)
		if (strcmp(command->stack[i], metric) == 0)
			return true;
	return false;
}

static int take_stack(struct plot_command *command, const char *value, struct error *err)
{
	char *rest = mem_strdup(value), *word;

	command->owned = array_reserve(command->owned, &command->owned_capacity, command->owned_count + 1,
				       sizeof(*command->owned));
	command->owned[command->owned_count++] = rest;
	command->plot.stack_count = 0;
	while ((word = strsep(&rest, ","))) {
		if (!*word)
			return error_set(err, STATUS_FAILED, "--stack '%s': write anon,file,shmem", value);
		if (is_stacked(command, word))
			return error_set(err, STATUS_FAILED, "--stack '%s': has %s twice; name it once",
					 value, word);
		command->stack = array_reserve(command->stack, &command->stack_capacity,
					       command->plot.stack_count + 1, sizeof(*command->stack));
		command->stack[command->plot.stack_count++] = word;
	}
	return 0;
}

static void take_glob(struct plot_command *command, const char *glob)
{
	command->globs = array_reserve(command->globs, &command->glob_capacity,
				       command->selection.glob_count + 1, sizeof(*command->globs));
	command->globs[command->selection.glob_count++] = glob;
}

static int take_name(struct plot_options *plot, int letter, const char *value, struct error *err)
{
	if (letter == FONT && !plot_font_is_fine(value))
		return error_set(
			err, STATUS_FAILED,
			"--font '%s': letters, digits, blanks, '-', '_' and '.' only; fc-list : family "
			"lists fonts",
			value);
	if (letter == UNITS && !plot_unit_is_known(value))
		return error_set(err, STATUS_FAILED,
				 "--units '%s': write B, KiB, MiB, GiB, TiB, KB, MB, GB or TB", value);
	if (letter == FONT)
		plot->font = value;
	else
		plot->unit = value;
	return 0;
}

static int take_choice(struct plot_options *plot, int letter, const char *value, struct error *err)
{
	static const char *const themes[] = {"light", "dark", NULL}, *const times[] = {"relative", "absolute",
										       NULL};
	static const char *const places[] = {"right", "bottom", "none", NULL};
	static const char *const hows[] = {"none", "curves", "stacked", NULL};
	int which = 0, status = 0;

	switch (letter) {
	case THEME:
		status = parse_word("theme", value, themes, &which, err);
		plot->dark = which == 1;
		return status;
	case TIME:
		status = parse_word("time", value, times, &which, err);
		plot->absolute = which == 1;
		return status;
	case LEGEND:
		status = parse_word("legend", value, places, &which, err);
		plot->legend = (enum plot_legend)which;
		return status;
	default:
		status = parse_word("children", value, hows, &which, err);
		plot->children = (enum plot_children)which;
		return status;
	}
}

static bool take_flag(struct plot_command *command, int letter)
{
	switch (letter) {
	case 'n':
		return command->selection.no_calls = true;
	case 'f':
		return command->plot.flame = true;
	case 's':
		return command->plot.slope = true;
	case LOG:
		return command->plot.log = true;
	case LANES:
		return command->plot.lanes = true;
	default:
		return false;
	}
}

static int take_option(struct plot_command *command, int letter, const char *value, struct error *err)
{
	if (take_flag(command, letter))
		return 0;
	switch (letter) {
	case 'o':
		command->plot.output = value;
		return 0;
	case TERMINAL:
		command->terminal = value;
		return 0;
	case 't':
		command->plot.title = value;
		return 0;
	case 'w':
		return recordings_parse_window(value, &command->selection.from_ns, &command->selection.to_ns,
					       err);
	case 'F':
		take_glob(command, value);
		return 0;
	case LEAST:
		return parse_least(value, &command->selection.least_ns, err);
	case SIZE:
		command->size = value;
		return 0;
	case DPI:
		return parse_dpi(value, &command->plot.dpi, err);
	case FONT:
	case UNITS:
		return take_name(&command->plot, letter, value, err);
	case SCRIPT:
		command->plot.script = value;
		return 0;
	case STACK:
		return take_stack(command, value, err);
	case ALIGN:
		command->align = strcmp(value, "start") == 0 ? NULL : value;
		return 0;
	default:
		return take_choice(&command->plot, letter, value, err);
	}
}

/* ---- files of --style -------------------------------------------------------- */

static char *trimmed(char *word)
{
	word += strspn(word, " \t\r");
	for (size_t length = strlen(word); length > 0 && strchr(" \t\r", word[length - 1]);)
		word[--length] = 0;
	return word;
}

static int style_line(struct plot_command *command, const char *path, unsigned number, char *line,
		      struct error *err)
{
	char *value = strchr(line, '=');
	const struct option *option = longs;

	if (value)
		*value++ = 0;
	char *key = trimmed(line);
	value = value ? trimmed(value) : NULL;
	while (option->name && strcmp(option->name, key) != 0)
		option++;
	if (!option->name || option->val == 'h' || option->val == STYLE)
		return error_set(err, STATUS_FAILED,
				 "%s:%u: '%s' is no option of plot; see fmprof plot --help", path, number,
				 key);
	if (option->has_arg == no_argument) {
		if (value && strcmp(value, "no") == 0)
			return 0;
		if (value && strcmp(value, "yes") != 0)
			return error_set(err, STATUS_FAILED, "%s:%u: %s is yes or no", path, number, key);
		return take_option(command, option->val, NULL, err);
	}
	if (!value || !*value)
		return error_set(err, STATUS_FAILED, "%s:%u: no value; write %s = VALUE", path, number, key);
	if (take_option(command, option->val, value, err) == 0)
		return 0;
	char *why = err->message;
	err->message = NULL;
	error_set(err, STATUS_FAILED, "%s:%u: %s", path, number, why);
	free(why);
	return -1;
}

static int style_read(struct plot_command *command, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	unsigned number = 0;
	int status = 0;

	if (!file)
		return error_set(err, STATUS_FAILED, "%s: cannot be read: %s; choose another --style", path,
				 strerror(errno));
	while (status == 0) {
		char *line = NULL;
		size_t size = 0;
		ssize_t length = getline(&line, &size, file);
		command->owned = array_reserve(command->owned, &command->owned_capacity,
					       command->owned_count + 1, sizeof(*command->owned));
		command->owned[command->owned_count++] = line;
		if (length < 0)
			break;
		number++;
		line[strcspn(line, "\n")] = 0;
		char *start = trimmed(line);
		if (*start && *start != '#')
			status = style_line(command, path, number, start, err);
	}
	if (status == 0 && ferror(file)) /* a folder can be opened */
		status = error_set(err, STATUS_FAILED, "%s: cannot be read: %s; choose another --style", path,
				   strerror(errno));
	fclose(file);
	return status;
}

/* ---- the command line --------------------------------------------------------- */

struct word {
	int letter;
	const char *value;
};

/* What is said last wins, and files are before all of the command line. */
static int words_take(struct plot_command *command, const struct word *words, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].letter == STYLE && style_read(command, words[i].value, err) < 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		if (words[i].letter != STYLE &&
		    take_option(command, words[i].letter, words[i].value, err) < 0)
			return -1;
	command->plot.stack = command->stack;
	command->selection.globs = command->globs;
	return 1;
}

int plot_options_parse(struct plot_command *command, int argc, char **argv, struct error *err)
{
	struct word *words = NULL;
	size_t count = 0, capacity = 0;
	int letter, status;

	while ((letter = recordings_option(&command->files, argc, argv, "o:t:w:F:nfsh", longs)) != -1) {
		if (letter == 'h' || letter == '?' || letter == ':')
			break;
		words = array_reserve(words, &capacity, count + 1, sizeof(*words));
		words[count++] = (struct word){letter, optarg};
	}
	if (letter == 'h') {
		print_help();
		status = 0;
	} else if (letter != -1) {
		cmd_usage(argc, argv, letter);
		status = -1;
	} else {
		status = words_take(command, words, count, err);
	}
	free(words);
	return status;
}

void plot_options_free(struct plot_command *command)
{
	recordings_free(&command->files);
	for (size_t i = 0; i < command->owned_count; i++)
		free(command->owned[i]);
	free(command->owned);
	free(command->globs);
	free(command->stack);
}
