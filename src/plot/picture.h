/*
 * picture: the gnuplot script for PNG, SVG and PDF. Everything is laid out in
 * pixels here (origin at the bottom left), so that brackets and labels have the
 * same size whatever the ranges are, and handed to gnuplot as numbers.
 */
#ifndef FMPROF_PLOT_PICTURE_H
#define FMPROF_PLOT_PICTURE_H

#include "axis.h"
#include "curves.h"
#include "fmprof/plot.h"
#include "lanes.h"
#include "scene.h"
#include "style.h"

struct picture {
	struct text *out;
	struct scene scene;
	struct curves curves; /* besides that of the scene */
	struct lanes lanes;
	const struct plot_options *options;
	const struct style *style;
	enum plot_format format;
	double width, height;
	double scale;                    /* of type and lines: 1 for 1200 x 700 */
	double left, right, bottom, top; /* the plot */
	double base;                     /* where the memory axis begins; lanes lie below */
	double row_height;               /* of the strip of calls at the plot's top */
	double strip_bottom;
	struct axis time, memory;
	bool *on_curve; /* what crowd_thin says; set by marks_put */
};

void picture_put_script(const struct run *run, const struct plot_options *options, struct text *out);

/* What the parts of a picture share. */
double picture_x(const struct picture *picture, uint64_t time_ns); /* in units of the axis */
double picture_y(const struct picture *picture, uint64_t rss);     /* on a logarithmic axis the logarithm */
double picture_x_pixel(const struct picture *picture);             /* one pixel, in units of the axis */
double picture_y_pixel(const struct picture *picture);
double picture_pixel_x(const struct picture *picture, uint64_t time_ns); /* from the left edge */
double picture_pixel_y(const struct picture *picture, uint64_t rss);
double picture_half_height(const struct picture *picture, unsigned depth); /* of a bracket, pixels */

/* `font '…'`, sized in pixels before scaling. */
void picture_put_font(struct picture *picture, double size, bool bold);
/* A label at a pixel; align is "left", "center" or "right". */
void picture_put_label(struct picture *picture, const char *clean, double x, double y, const char *align,
		       double size, bool bold, unsigned colour);

/* A new array: for each block whether its brackets stand on the curve, too. The strip shows every block; on the
 * curve too many brackets would be a wall. */
bool *crowd_thin(const struct picture *picture);

/* Colour and dash of a function shown, or of all the others. */
unsigned picture_colour(const struct picture *picture, size_t shown);
const char *picture_dash(const struct picture *picture, size_t shown);

/* The parts, each in its own file: data blocks and the plot command, the names of calls in the
 * strip, tics, the legend. */
void marks_put(struct picture *picture);
/* How far brackets on the curve reach up between two columns, in pixels. */
double marks_top(const struct picture *picture, double from, double to);
/* What the kernel saw; of processes on top of each other what they come to. Returns where the dot is. */
struct run_sample peak_put(struct picture *picture);
/* Data blocks of the curves beside the scene's own; parts of the plot command for layers and for lines. */
void curves_put(struct picture *picture, struct text *layers, struct text *lines);
void tics_put(struct picture *picture);
/* "time (s)", or the day, where the axis tells the clock's time. */
void tics_put_time_title(const struct picture *picture, struct text *out);
/* The straight line through all samples, if it was asked for; its slope as words, " · trend +3.2 MiB/s". */
bool slope_put(struct picture *picture);
void slope_put_words(const struct picture *picture, struct text *out);
void legend_put(struct picture *picture);
/* How wide the legend must be at the right, how high below; 0 without anything in it. */
double legend_width(const struct picture *picture);
double legend_height(const struct picture *picture);

enum { LEGEND_PITCH = 37, LEGEND_LINES = 16, LEGEND_COLUMNS = 3 /* below */ };

#endif
