#include "fmprof/plot.h"

#include <stdlib.h>
#include <string.h>

#include "axis.h"
#include "fonts.h"
#include "gnuplot.h"
#include "label.h"
#include "picture.h"
#include "svg.h"
#include "terminal.h"
#include "viewer.h"

bool plot_unit_is_known(const char *name)
{
	return axis_unit_find(name) != NULL;
}

bool plot_font_is_fine(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.";
	return *name && strspn(name, allowed) == strlen(name);
}

void plot_script(const struct run *run, const struct plot_options *options, struct text *script)
{
	struct plot_options drawn = *options;

	if (options->format == PLOT_INTERACTIVE || options->format == PLOT_HTML)
		drawn.format = PLOT_SVG;
	if (options->format == PLOT_TEXT)
		terminal_put_script(run, &drawn, script);
	else
		picture_put_script(run, &drawn, script);
}

static bool is_stdout(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

static int path_check(const char *path, struct error *err)
{
	return is_stdout(path) ? 0 : output_check(path, err);
}

static int output_write(const char *path, const char *bytes, size_t length, struct error *err)
{
	struct output output = {.path = is_stdout(path) ? NULL : path};

	output_put(&output, bytes, length);
	return output_close(&output, true, err);
}

/* The file made of what gnuplot drew. */
static void page_finish(const struct run *run, const struct plot_options *options, const struct text *drawn,
			struct text *page)
{
	struct text svg = {0};

	switch (options->format) {
	case PLOT_TEXT:
		terminal_clean(drawn, page);
		break;
	case PLOT_SVG:
		svg_mend(drawn, options->font ? options->font : "DejaVu Sans", page);
		break;
	case PLOT_INTERACTIVE:
	case PLOT_HTML:
		svg_mend(drawn, options->font ? options->font : "DejaVu Sans", &svg);
		viewer_put(run, options, &svg, options->format == PLOT_HTML, page);
		text_free(&svg);
		break;
	case PLOT_PNG:
	case PLOT_PDF:
	case PLOT_SIXEL:
	case PLOT_WINDOW:
		text_put(page, drawn->data, drawn->length);
		break;
	}
}

/* ---- what a recording must have ------------------------------------------------- */

static bool run_has_line(const struct run *run, enum run_line_kind kind, const char *name)
{
	for (size_t i = 0; i < run->line_count; i++)
		if (run->lines[i].kind == kind && run->lines[i].count > 0 &&
		    (!name || strcmp(run->lines[i].name, name) == 0))
			return true;
	return false;
}

static int lines_check(const struct run *run, const struct plot_options *options, struct error *err)
{
	if (run->recording_count > 0 && (options->stack_count > 0 || options->children))
		return error_set(err, STATUS_FAILED,
				 "--stack, --children: of one recording only; name one file");
	for (size_t i = 0; i < options->stack_count; i++)
		if (!run_has_line(run, RUN_LINE_METRIC, options->stack[i]))
			return error_set(err, STATUS_FAILED, "%s: has no metric '%s'; record it with -m %s",
					 run->path, options->stack[i], options->stack[i]);
	if (options->children && !run_has_line(run, RUN_LINE_CHILD, NULL))
		return error_set(err, STATUS_FAILED, "%s: has no children; record them with -M", run->path);
	return 0;
}

/* ---- all -------------------------------------------------------------------------- */

/* For gnuplot alone: what it draws goes to the output, or to where gnuplot is started: a script is taken to other
 * folders. To gnuplot no name is its standard output. */
static int script_write(const struct text *script, const struct plot_options *options, struct error *err)
{
	struct text whole = {0};
	const char *slash = strrchr(options->script, '/');
	char *own = mem_printf("%s.png", slash ? slash + 1 : options->script);
	const char *output = options->output ? options->output : own;
	char *clean = label_clean(is_stdout(output) ? "" : output);

	text_puts(&whole, "# Made by fmprof plot --script. Draw it: gnuplot FILE\nset output ");
	label_put_quoted(&whole, clean);
	text_putc(&whole, '\n');
	text_put(&whole, script->data, script->length);
	int result = output_write(options->script, whole.data, whole.length, err);
	free(clean);
	free(own);
	text_free(&whole);
	return result;
}

int plot_draw(const struct run *run, const struct plot_options *options, struct error *err)
{
	struct text script = {0}, drawn = {0}, page = {0};
	int result = -1;

	if (!options->output && !options->script && options->format != PLOT_TEXT &&
	    options->format != PLOT_SIXEL && options->format != PLOT_WINDOW)
		return error_set(err, STATUS_FAILED,
				 "stdout: only text and sixels are drawn there; name a file with --output");
	if (options->output && options->format == PLOT_WINDOW)
		return error_set(err, STATUS_FAILED,
				 "--output: a window is no file; leave out --output or --terminal window");
	if (lines_check(run, options, err) < 0 || path_check(options->output, err) < 0 ||
	    path_check(options->script, err) < 0)
		return -1;
	plot_script(run, options, &script);
	/* Who reads an SVG has other fonts, and a terminal as well. */
	if (options->format == PLOT_PNG || options->format == PLOT_PDF || options->format == PLOT_SIXEL ||
	    options->format == PLOT_WINDOW)
		fonts_replace_missing(&script);
	if (options->script) {
		result = script_write(&script, options, err);
		goto done;
	}
	if (options->format == PLOT_WINDOW) {
		result = gnuplot_show(&script, err);
		goto done;
	}
	if (gnuplot_run(&script, &drawn, err) < 0)
		goto done;
	page_finish(run, options, &drawn, &page);
	result = output_write(options->output, page.data, page.length, err);
done:
	text_free(&script);
	text_free(&drawn);
	text_free(&page);
	return result;
}
