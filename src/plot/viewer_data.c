#include "viewer_data.h"

#include <stdlib.h>
#include <string.h>

#include "band.h"
#include "curves.h"
#include "lanes.h"
#include "scene.h"
#include "style.h"

enum {
	COLUMNS = 12000, /* of the whole time: some ten times finer than can be seen without zooming */
	OTHERS = 3000,   /* of all other curves together, and of the band */
	BLOCKS = 13000,  /* with them and the curves the file stays below 2 MB */
	ROWS = 48,       /* of lanes */
	TICKS = 1 << 24, /* times are told apart down to this part of the whole */
	NAME_CELLS = 160,
};

struct viewer {
	struct text *out;
	const struct plot_options *options;
	const struct style *style;
	struct scene scene;
	struct curves curves;
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

/* gnuplot's "(8,4)" for SVG. */
static void dash_put(struct text *out, const char *dash)
{
	text_printf(out, ",dash:\"%.*s\"", *dash == '(' ? (int)strlen(dash) - 2 : 0, dash + 1);
}

/* ---- curves -------------------------------------------------------------------------- */

/* Each figure as the difference from the one before: most are small then. */
static void points_put(struct viewer *viewer, const char *prefix, const struct run_sample *points,
		       size_t count)
{
	for (int memory = 0; memory < 2; memory++) {
		long long last = 0;
		text_printf(viewer->out, "%s%c:[", memory ? "],\n" : prefix, memory ? 'm' : 't');
		for (size_t i = 0; i < count; i++) {
			long long value = memory ? kib(points[i].rss) : ticks(viewer, points[i].time_ns);
			text_printf(viewer->out, "%lld,", value - last);
			last = value;
		}
	}
	text_putc(viewer->out, ']');
}

/* Other curves and layers; the scene's own has no points here, only its name. */
static void curves_list(struct viewer *viewer)
{
	const struct run *run = viewer->scene.run;

	text_puts(viewer->out, ",\ncurves:[");
	for (size_t i = 0; i < viewer->curves.count; i++) {
		const struct curve *curve = &viewer->curves.items[i];
		struct text figures = {0};
		text_puts(&figures, "peak ");
		scene_put_bytes(&figures, &viewer->scene, curve->peak);
		if (run->recording_count > 0) {
			text_puts(&figures, ", ");
			label_put_duration(&figures, run->recordings[curve->recording].span_ns);
		}
		name_put(viewer->out, "{name", curve->label);
		name_put(viewer->out, ",figures", figures.data);
		unsigned row;
		bool has_row = run->recording_count > 0 &&
			       scene_recording_row(&viewer->scene, curve->recording, &row);
		text_printf(viewer->out, ",recording:%zu,colour:\"#%06x\",layer:%d,unnamed:%d,row:%d",
			    curve->recording, curve->colour, curve->is_layer, curve->unnamed,
			    has_row ? (int)row : -1);
		dash_put(viewer->out, curve->dash);
		points_put(viewer, ",", curve->points, curve->count);
		text_puts(viewer->out, "},\n");
		text_free(&figures);
	}
	text_putc(viewer->out, ']');
}

/* What memory was at most, the highest of each column and until when. */
static void band_list(struct viewer *viewer)
{
	const struct run *run = viewer->scene.run;
	const struct run_line *marks = run->recording_count == 0 ? band_marks(run) : NULL;
	size_t count = marks ? marks->count : 0, used = 0;
	struct run_sample *highest = mem_alloc((OTHERS + 2) * sizeof(*highest));
	uint64_t width = (run->end_ns - run->start_ns) / OTHERS + 1, column = UINT64_MAX;

	for (size_t i = 0; i < count; i++) {
		struct run_sample mark = marks->points[i];
		uint64_t at = mark.time_ns > run->start_ns ? (mark.time_ns - run->start_ns) / width : 0;
		if (at > OTHERS)
			break;
		if (at != column)
			highest[used++] = mark;
		else if (mark.rss < highest[used - 1].rss)
			highest[used - 1].time_ns = mark.time_ns;
		else
			highest[used - 1] = mark;
		column = at;
	}
	points_put(viewer, ",\nband:{", highest, used);
	text_putc(viewer->out, '}');
	free(highest);
}

static int owner_shown(const struct scene *scene, size_t interval)
{
	size_t owner = scene->owner[interval];
	return owner == SCENE_NOBODY ? -1 : (int)scene->blocks[owner].shown;
}

/* Whose the area beneath the curve is: function and how many intervals, and so on. */
static void owners_list(struct viewer *viewer)
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

/* ---- calls --------------------------------------------------------------------------- */

enum { OPEN = 1, NOTICED = 2, UNWOUND = 4, ELSEWHERE = 8, BEGAN_BEFORE = 16 };

static int flags_of(bool open, bool noticed, bool unwound)
{
	return (open ? OPEN : noticed ? NOTICED : 0) | (unwound ? UNWOUND : 0);
}

static void blocks_list(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;
	long long last = 0;

	text_puts(viewer->out, ",\nblocks:[");
	for (size_t i = 0; i < scene->block_count; i++) {
		const struct scene_block *block = &scene->blocks[i];
		long long from = ticks(viewer, block->from_ns), to = ticks(viewer, block->to_ns);
		int flags = flags_of(block->open, !block->exact, block->unwound);
		if (block->elsewhere && viewer->options->children != PLOT_CHILDREN_CURVES)
			flags |= ELSEWHERE;
		if (block->from_ns < scene->run->start_ns)
			flags |= BEGAN_BEFORE;
		text_printf(viewer->out, "%zu,%u,%lld,%lld,%lld,%lld,%lld,%llu,%llu,%d,", block->shown,
			    block->row, from - last, to - from, kib(block->from_rss),
			    kib(block->to_rss) - kib(block->from_rss),
			    kib(block->peak_rss) - kib(block->from_rss), (unsigned long long)block->calls,
			    (unsigned long long)block->busy_ns, flags);
		last = from;
	}
	text_putc(viewer->out, ']');
}

static void lane_put(struct viewer *viewer, const struct lanes *lanes, const struct lane *lane)
{
	char *name = lanes_name(lanes, lane, viewer->scene.run);

	name_put(viewer->out, "{name", name);
	text_printf(viewer->out, ",row:%u,rows:%u},", lane->first_row, lane->rows);
	free(name);
}

/* Coarser until there are not too many. */
static void lanes_list(struct viewer *viewer)
{
	const struct run *run = viewer->scene.run;
	uint64_t least_ns = (run->end_ns - run->start_ns) / COLUMNS + 1;
	struct lanes lanes = {0};

	for (bool done = !viewer->options->lanes && !viewer->options->flame; !done; least_ns *= 2) {
		lanes_free(&lanes);
		lanes_build(&lanes, &viewer->scene, ROWS, least_ns);
		done = lanes.bar_count <= BLOCKS || least_ns > run->end_ns - run->start_ns;
	}
	text_puts(viewer->out, ",\nlanes:[");
	for (size_t i = 0; i < lanes.count; i++)
		lane_put(viewer, &lanes, &lanes.lanes[i]);
	text_printf(viewer->out, "],lanesLeftOut:%zu,\nbars:[", lanes.left_out);
	long long last = 0;
	for (size_t i = 0; i < lanes.bar_count; i++) {
		const struct lane_bar *bar = &lanes.bars[i];
		long long from = ticks(viewer, bar->from_ns), to = ticks(viewer, bar->to_ns);
		text_printf(viewer->out, "%zu,%zu,%u,%lld,%lld,%llu,%d,", bar->shown, bar->lane, bar->row,
			    from - last, to - from, bar->mixed ? 0ULL : (unsigned long long)bar->calls,
			    flags_of(bar->open, bar->noticed, bar->unwound));
		last = from;
	}
	text_putc(viewer->out, ']');
	lanes_free(&lanes);
}

static void functions_list(struct viewer *viewer)
{
	const struct scene *scene = &viewer->scene;
	struct text figures = {0};

	text_puts(viewer->out, ",\nfunctions:[");
	for (size_t i = 0; i < scene->function_count; i++) {
		const struct scene_function *function = &scene->functions[i];
		text_clear(&figures);
		scene_put_figures(&figures, scene, function);
		name_put(viewer->out, "{name", function->label);
		name_put(viewer->out, ",figures", figures.data);
		text_printf(viewer->out, ",recording:%zu,colour:\"#%06x\"",
			    scene->run->functions[function->function].recording,
			    style_colour(viewer->style, function->hue, scene->function_count));
		dash_put(viewer->out, style_dash(function->hue, scene->function_count));
		text_puts(viewer->out, "},\n");
	}
	text_printf(viewer->out, "],others:%zu", scene->others);
	text_free(&figures);
}

/* ---- all ----------------------------------------------------------------------------- */

static void size_put(struct viewer *viewer)
{
	const struct plot_options *options = viewer->options;
	const struct run *run = viewer->scene.run;
	double width = options->width ? options->width : 1200,
	       height = options->height ? options->height : 700;
	double scale = width / 1200 < height / 700 ? width / 1200 : height / 700;
	const struct curve *child = curves_above(&viewer->curves, run->peak_rss);
	struct run_sample peak = child ? curve_highest(child) : band_peak(run);

	text_printf(
		viewer->out,
		"const FMPROF_DATA={width:%.0f,height:%.0f,scale:%.3g,legend:%d,flame:%d,total:%d,unit:%llu,"
		"span:%.17g,before:%.17g,peak:%lld,peakAt:%lld",
		width, height, scale < 0.6 ? 0.6 : scale, options->legend != PLOT_LEGEND_NONE, options->flame,
		options->children == PLOT_CHILDREN_STACKED, (unsigned long long)viewer->tick_ns,
		(double)(run->end_ns - run->start_ns) / (double)viewer->tick_ns,
		(double)run->before_ns / (double)viewer->tick_ns, kib(child ? peak.rss : run->peak_rss),
		ticks(viewer, peak.time_ns));
	name_put(viewer->out, ",peakName", child ? child->label : "peak");
	if (viewer->scene.unit)
		text_printf(viewer->out, ",units:{name:\"%s\",kib:%.17g}", viewer->scene.unit->name,
			    viewer->scene.unit->divisor / 1024);
}

static void style_put(struct viewer *viewer)
{
	const struct style *style = viewer->style;

	text_printf(viewer->out,
		    ",\ncolours:{page:\"#%06x\",ink:\"#%06x\",faint:\"#%06x\",line:\"#%06x\",grid:\"#%06x\","
		    "curve:\"#%06x\",outside:\"#%06x\",others:\"#%06x\",peak:\"#%06x\",select:\"#%06x\"}",
		    style->page, style->ink, style->faint, style->line, style->grid, style->curve,
		    style->outside, style->others, style->peak, style->palette[1]);
	name_put(viewer->out, ",font", viewer->options->font ? viewer->options->font : "DejaVu Sans");
}

static void words_put(struct viewer *viewer)
{
	char *title = scene_title(&viewer->scene, viewer->options->title);
	struct text summary = {0};

	scene_put_summary(&summary, &viewer->scene);
	name_put(viewer->out, ",title", title);
	name_put(viewer->out, ",summary", summary.data);
	text_free(&summary);
	free(title);
}

void viewer_put_data(const struct run *run, const struct plot_options *options, struct text *out)
{
	struct viewer viewer = {
		.out = out,
		.options = options,
		.style = style_get(options->dark),
		.tick_ns = (run->end_ns - run->start_ns) / TICKS + 1,
	};
	struct scene_detail detail = {
		.columns = COLUMNS,
		.call_columns = 1,
		.gap_columns = 0.25,
		.rows = 64,
		.functions = 14,
		.blocks = BLOCKS,
		.unit = options->unit,
	};
	size_t lines = run->line_count + options->stack_count + 1;

	scene_build(&viewer.scene, run, &detail);
	curves_build(&viewer.curves, run, options, viewer.style,
		     (unsigned)(OTHERS / lines > 100 ? OTHERS / lines : 100));
	size_put(&viewer);
	style_put(&viewer);
	words_put(&viewer);
	functions_list(&viewer);
	points_put(&viewer, ",\n", viewer.scene.curve, viewer.scene.curve_count);
	owners_list(&viewer);
	curves_list(&viewer);
	band_list(&viewer);
	blocks_list(&viewer);
	lanes_list(&viewer);
	text_puts(out, "};\n");
	curves_free(&viewer.curves);
	scene_free(&viewer.scene);
}
