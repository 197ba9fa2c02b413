#include "viewer.h"

#include <stdlib.h>
#include <string.h>

#include "scene.h"
#include "style.h"
#include "viewer_js.h"

enum {
	COLUMNS = 12000, /* of the whole time: some ten times finer than can be seen without zooming */
	BLOCKS = 13000,  /* with them and the curve the file stays below 2 MB */
	TICKS = 1 << 24, /* times are told apart down to this part of the whole */
	NAME_CELLS = 160,
};

struct viewer {
	struct text *out;
	struct scene scene;
	uint64_t tick_ns;
};

/* ---- script literals --------------------------------------------------------------- */

/* What could end the string, the script or the CDATA section around it is written as a number. */
static void string_put(struct text *out, const char *clean)
{
	text_putc(out, '"');
	for (; *clean; clean++) {
		if (strchr("\"\\<>&'`", *clean))
			text_printf(out, "\\u%04x", (unsigned char)*clean);
		else
			text_putc(out, *clean);
	}
	text_putc(out, '"');
}

static void name_put(struct text *out, const char *key, const char *clean)
{
	char *shorter = label_shorten(clean, NAME_CELLS, 0);
	text_printf(out, "%s:", key);
	string_put(out, shorter);
	free(shorter);
}

static long long ticks(const struct viewer *viewer, uint64_t time_ns)
{
	uint64_t start = viewer->scene.run->start_ns;
	return (long long)((time_ns > start ? time_ns - start : 0) / viewer->tick_ns);
}

static long long kib(uint64_t bytes)
{
	return (long long)(bytes / 1024);
}

/* ---- data ---------------------------------------------------------------------------- */

/* Each figure as the difference from the one before: most are small then. */
static void curve_put(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;

	for (int memory = 0; memory < 2; memory++) {
		long long last = 0;
		text_puts(viewer->out, memory ? ",\nm:[" : ",\nt:[");
		for (size_t i = 0; i < scene->curve_count; i++) {
			long long value =
				memory ? kib(scene->curve[i].rss) : ticks(viewer, scene->curve[i].time_ns);
			text_printf(viewer->out, "%lld,", value - last);
			last = value;
		}
		text_putc(viewer->out, ']');
	}
}

static int owner_shown(const struct scene *scene, size_t interval)
{
	size_t owner = scene->owner[interval];
	return owner == SCENE_NOBODY ? -1 : (int)scene->blocks[owner].shown;
}

/* Whose the area beneath the curve is: function and how many intervals, and so on. */
static void owners_put(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;
	size_t from = 0;

	text_puts(viewer->out, ",\nowners:[");
	for (size_t i = 1; i <= scene->curve_count; i++) {
		if (i < scene->curve_count && owner_shown(scene, i) == owner_shown(scene, from))
			continue;
		text_printf(viewer->out, "%d,%zu,", owner_shown(scene, from), i - from);
		from = i;
	}
	text_putc(viewer->out, ']');
}

static void blocks_put(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;
	long long last = 0;

	text_puts(viewer->out, ",\nblocks:[");
	for (size_t i = 0; i < scene->block_count; i++) {
		const struct scene_block *block = &scene->blocks[i];
		long long from = ticks(viewer, block->from_ns), to = ticks(viewer, block->to_ns);
		text_printf(viewer->out, "%zu,%u,%lld,%lld,%lld,%lld,%llu,%llu,%d,", block->shown, block->row,
			    from - last, to - from, kib(block->from_rss), kib(block->to_rss),
			    (unsigned long long)block->calls, (unsigned long long)block->busy_ns,
			    block->open    ? 1
			    : block->exact ? 0
					   : 2);
		last = from;
	}
	text_putc(viewer->out, ']');
}

static void functions_put(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;
	struct text figures = {0};

	text_puts(viewer->out, ",\nfunctions:[");
	for (size_t i = 0; i < scene->function_count; i++) {
		text_clear(&figures);
		scene_put_figures(&figures, scene, &scene->functions[i]);
		text_putc(viewer->out, '{');
		name_put(viewer->out, "name", scene->functions[i].label);
		name_put(viewer->out, ",figures", figures.data);
		text_printf(viewer->out, ",colour:\"#%06x\"},\n",
			    style_colour(style_get(false), scene->functions[i].hue, scene->function_count));
	}
	text_printf(viewer->out, "],others:%zu", scene->others);
	text_free(&figures);
}

static void data_put(struct viewer *viewer, const struct plot_options *options)
{
	const struct run *run = viewer->scene.run;
	double width = options->width ? options->width : 1200,
	       height = options->height ? options->height : 700;
	double scale = width / 1200 < height / 700 ? width / 1200 : height / 700;
	char *title = scene_title(&viewer->scene, options->title);
	struct text summary = {0};

	scene_put_summary(&summary, &viewer->scene);
	text_printf(
		viewer->out,
		"const "
		"FMPROF_DATA={width:%.0f,height:%.0f,scale:%.3g,unit:%llu,span:%.17g,peak:%lld,peakAt:%lld",
		width, height, scale < 0.6 ? 0.6 : scale, (unsigned long long)viewer->tick_ns,
		(double)(run->end_ns - run->start_ns) / (double)viewer->tick_ns, kib(run->peak_rss),
		ticks(viewer, run->peak_sample_ns));
	name_put(viewer->out, ",title", title);
	name_put(viewer->out, ",summary", summary.data);
	functions_put(viewer);
	curve_put(viewer);
	owners_put(viewer);
	blocks_put(viewer);
	text_puts(viewer->out, "};\n");
	text_free(&summary);
	free(title);
}

/* ---- the page ------------------------------------------------------------------------- */

static void script_put(const struct run *run, const struct plot_options *options, struct text *page)
{
	struct viewer viewer = {.out = page, .tick_ns = (run->end_ns - run->start_ns) / TICKS + 1};
	struct scene_detail detail = {
		.columns = COLUMNS,
		.call_columns = 1,
		.gap_columns = 0.25,
		.rows = 64,
		.functions = 14,
		.blocks = BLOCKS,
		.unit = options->unit,
	};

	scene_build(&viewer.scene, run, &detail);
	text_puts(page, "<script id=\"fmprof-script\"><![CDATA[\n");
	data_put(&viewer, options);
	for (size_t i = 0; i < sizeof(viewer_js) / sizeof(*viewer_js); i++)
		text_puts(page, viewer_js[i]);
	text_puts(page, "]]></script>\n");
	scene_free(&viewer.scene);
}

void viewer_put(const struct run *run, const struct plot_options *options, const struct text *svg, bool html,
		struct text *page)
{
	static const char end[] = "</svg>";
	const char *from = svg->data, *to = svg->data + svg->length;

	for (const char *at = from; (at = strstr(at, end)); at++)
		to = at;
	if (html) {
		/* What stands before <svg> is of XML alone. */
		const char *begin = strstr(from, "<svg");
		from = begin ? begin : from;
		text_puts(page, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n"
				"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
				"script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">\n"
				"<link rel=\"icon\" href=\"data:,\">\n<title>memory over time</title>\n"
				"<style>body{margin:0;overflow:hidden}svg{display:block;width:100vw;height:"
				"100vh}</style>\n");
	}
	text_put(page, from, (size_t)(to - from));
	script_put(run, options, page);
	text_puts(page, "</svg>\n");
}
