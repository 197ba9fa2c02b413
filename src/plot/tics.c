/* tics: what stands at the axes. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "label.h"
#include "picture.h"

static void style_put(struct picture *picture)
{
	text_putc(picture->out, ' ');
	picture_put_font(picture, 12, false);
	text_putc(picture->out, '\n');
}

static void tic_put(struct text *out, bool *any, const char *label, double at)
{
	text_puts(out, *any ? ", " : "(");
	label_put_quoted(out, label);
	text_printf(out, " %.10g", at);
	*any = true;
}

/* ---- memory ------------------------------------------------------------------- */

/* Round numbers of each decade, fewer of them where there are many decades. */
static void decade_tics_put(struct picture *picture, double room, bool *any)
{
	static const double few[] = {1, 2, 5};
	const struct axis *axis = &picture->memory;
	size_t steps = (axis->to - axis->from) * 3 < room ? 3 : 1;
	int every = (int)ceil((axis->to - axis->from) / (room > 1 ? room : 1));

	for (int decade = (int)floor(axis->from); decade <= (int)floor(axis->tic_to); decade++) {
		for (size_t i = 0; i < steps && (every < 2 || decade % every == 0); i++) {
			double value = few[i] * pow(10, decade), at = log10(value);
			char *label = mem_printf("%.7g", value);
			if (at >= axis->from && at <= axis->tic_to)
				tic_put(picture->out, any, label, at);
			free(label);
		}
	}
}

/* Within a decade there may be no such number at all; then equal steps, as without logarithms. */
static void close_tics_put(struct picture *picture, double room, bool *any)
{
	double upto = pow(10, picture->memory.tic_to);
	struct axis plain = {.from = pow(10, picture->memory.from)};

	axis_set_tics(&plain, upto, room > 2 ? (unsigned)room : 2);
	for (double value = plain.tic_from; value <= plain.tic_to; value += plain.tic_step) {
		char *label = mem_printf("%.7g", value);
		tic_put(picture->out, any, label, log10(value));
		free(label);
	}
}

static void log_tics_put(struct picture *picture)
{
	const struct axis *axis = &picture->memory;
	double room = (picture->strip_bottom - picture->base) / (26 * picture->scale);
	bool any = false;

	if (axis->tic_to - axis->from < 1)
		close_tics_put(picture, room < 8 ? room / 2 : 4, &any);
	else
		decade_tics_put(picture, room, &any);
	text_puts(picture->out, any ? ")" : "()");
}

static void memory_tics_put(struct picture *picture)
{
	const struct axis *axis = &picture->memory;

	text_printf(picture->out, "set ytics nomirror scale 0 format '%%.7g' tc rgb '#%06x' ",
		    picture->style->faint);
	if (axis->is_log)
		log_tics_put(picture);
	else
		text_printf(picture->out, "%.10g,%.10g,%.10g", axis->tic_from, axis->tic_step, axis->tic_to);
	style_put(picture);
}

/* ---- time --------------------------------------------------------------------- */

/* What clocks and calendars have round numbers of, in seconds. */
static double clock_step(double least)
{
	static const double steps[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
				       600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};

	if (least <= 1) {
		static const double parts[] = {1, 2, 5};
		double magnitude = pow(10, floor(log10(least)));
		for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
			if (parts[i] * magnitude >= least * (1 - 1e-9))
				return parts[i] * magnitude;
		return 10 * magnitude;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i] >= least)
			return steps[i];
	return 86400 * ceil(least / 86400);
}

static void clock_label_put(struct text *out, uint64_t time_ns, double step)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm local;
	char clock[32] = "";
	int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	digits = digits > 9 ? 9 : digits;

	if (localtime_r(&seconds, &local))
		strftime(clock, sizeof(clock), step >= 86400 ? "%m-%d" : "%H:%M:%S", &local);
	text_puts(out, clock);
	if (digits > 0) {
		char *fraction = mem_printf("%09u", (unsigned)(time_ns % 1000000000));
		text_printf(out, ".%.*s", digits, fraction);
		free(fraction);
	}
}

static void clock_tics_put(struct picture *picture)
{
	const struct run *run = picture->scene.run;
	double span = (double)(run->end_ns - run->start_ns) / 1e9;
	double room = (picture->right - picture->left) / (110 * picture->scale);
	double step = clock_step((span > 0 ? span : 1e-3) / (room > 1 ? room : 1));
	uint64_t step_ns = (uint64_t)(step * 1e9 + 0.5) > 0 ? (uint64_t)(step * 1e9 + 0.5) : 1;
	time_t start = (time_t)(run->start_ns / 1000000000);
	struct tm local = {0};
	bool any = false;

	/* Round for the clock on the wall, not for UTC. */
	localtime_r(&start, &local);
	uint64_t ahead = (uint64_t)(local.tm_gmtoff + 86400) * 1000000000;
	uint64_t time_ns = (run->start_ns + ahead + step_ns - 1) / step_ns * step_ns - ahead;
	for (; time_ns <= run->end_ns; time_ns += step_ns) {
		struct text label = {0};
		clock_label_put(&label, time_ns, step);
		tic_put(picture->out, &any, label.data, picture_x(picture, time_ns));
		text_free(&label);
	}
	text_puts(picture->out, any ? ")" : "()");
}

void tics_put_time_title(const struct picture *picture, struct text *out)
{
	time_t start = (time_t)(picture->scene.run->start_ns / 1000000000);
	struct tm local;
	char day[64];

	if (picture->options->absolute && localtime_r(&start, &local) &&
	    strftime(day, sizeof(day), "%Y-%m-%d, %Z", &local) > 0)
		text_printf(out, "time (%s)", day);
	else
		text_printf(out, "time (%s)", picture->time.unit);
}

static void time_tics_put(struct picture *picture)
{
	const struct axis *axis = &picture->time;

	text_printf(picture->out, "set xtics nomirror out scale 0.5 format '%%.10g' tc rgb '#%06x' ",
		    picture->style->faint);
	if (picture->options->absolute)
		clock_tics_put(picture);
	else
		text_printf(picture->out, "%.10g,%.10g,%.10g", axis->tic_from, axis->tic_step, axis->tic_to);
	style_put(picture);
}

void tics_put(struct picture *picture)
{
	time_tics_put(picture);
	memory_tics_put(picture);
}
