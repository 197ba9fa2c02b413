/*
 * scene: what there is to draw of a recording, before anything is said about
 * where on the canvas: which functions are shown, calls joined until no more
 * are left than can be seen, their nesting as rows, and the memory curve.
 */
#ifndef FMPROF_PLOT_SCENE_H
#define FMPROF_PLOT_SCENE_H

#include "axis.h"
#include "fmprof/analyze.h"

/* How fine the picture is. */
struct scene_detail {
	unsigned columns;    /* over the whole time */
	double call_columns; /* calls narrower than this may be joined … */
	double gap_columns;  /* … when the gap between them is smaller than this */
	unsigned rows;       /* deepest nesting told apart */
	unsigned functions;  /* most functions shown by name */
	size_t blocks;       /* most blocks */
	const char *unit;    /* of memory; NULL: what fits */
};

/* A function that is shown by name. */
struct scene_function {
	char *label; /* cleaned, unique as far as can be */
	size_t function;
	size_t hue;    /* index of its colour: that of its namesake in another recording */
	uint64_t rise; /* most that memory rose inside one of its calls */
	uint64_t peak; /* highest memory inside of any */
};

/* One call, or several of a function that are too close to be told apart. */
struct scene_block {
	size_t shown; /* index into functions, or function_count for all the others */
	size_t recording;
	size_t lane;    /* calls of one lane never overlap but by nesting, see blocks.c */
	unsigned depth; /* of nesting: 0 is outermost */
	unsigned row;   /* of the strip: 0 at the top; below those of the calls around it */
	uint64_t from_ns, to_ns, from_rss, to_rss;
	uint64_t peak_rss; /* highest inside of any of its calls */
	uint64_t calls;
	uint64_t busy_ns; /* inside of calls */
	bool open;        /* has a call that never ended, or not in the window */
	bool exact;       /* the last end is exact */
	bool elsewhere;   /* in another process than the curve's */
	bool unwound;     /* the last was left without a return */
};

struct scene {
	const struct run *run;
	const struct axis_unit *unit;     /* NULL: what fits */
	struct scene_function *functions; /* in the order of their first call */
	size_t function_count;
	size_t others;              /* functions with calls that are not shown by name */
	struct scene_block *blocks; /* by time, outer before inner */
	size_t block_count;
	unsigned rows, depths;    /* in use */
	struct run_sample *curve; /* decimated, with all ends of blocks in it */
	size_t *owner;            /* innermost block from curve[i] to curve[i+1]; SCENE_NOBODY */
	size_t curve_count;
	uint64_t low_rss, high_rss; /* of the curve; high with the kernel's peak */
};

#define SCENE_NOBODY SIZE_MAX

void scene_build(struct scene *scene, const struct run *run, const struct scene_detail *detail);
void scene_free(struct scene *scene);

/* Where a memory axis begins: at zero, unless all that happens would then be a
 * flat line high up. */
uint64_t scene_memory_from(const struct scene *scene);

/* For tables: a number of its own for each thread of each recording. */
uint64_t scene_thread_key(const struct run *run, const struct run_call *call);

/* The first row of the strip that a recording has, of several; false if it has none. */
bool scene_recording_row(const struct scene *scene, size_t recording, unsigned *row);
/* A new string, cleaned: the title given (may be NULL or empty) or the command. */
char *scene_title(const struct scene *scene, const char *given);
void scene_put_bytes(struct text *out, const struct scene *scene, uint64_t bytes);
/* Figures of a function: "2 calls (1 unfinished), 1.204 s, +470.1 MiB, peak 480.2 MiB". */
void scene_put_figures(struct text *out, const struct scene *scene, const struct scene_function *function);
/* Figures of the run: "peak 480.2 MiB · 5.210 s · 12 calls · killed by signal 9". */
void scene_put_summary(struct text *out, const struct scene *scene);

#endif
