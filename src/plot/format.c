/* format: the kinds of pictures, by the suffix of a file or by name. */
#include <string.h>
#include <strings.h>

#include "fmprof/plot.h"

/* The first one whose suffix fits is meant: the longer one of two that end alike stands first. */
static const struct {
	const char *suffix, *name;
	enum plot_format format;
} formats[] = {
	{".png", "png", PLOT_PNG},   {".interactive.svg", "interactive", PLOT_INTERACTIVE},
	{".svg", "svg", PLOT_SVG},   {".html", "html", PLOT_HTML},
	{".pdf", "pdf", PLOT_PDF},   {".six", "sixel", PLOT_SIXEL},
	{".txt", "text", PLOT_TEXT}, {NULL, "window", PLOT_WINDOW},
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

#define SUFFIXES ".png, .svg, .interactive.svg, .html, .pdf, .six or .txt"

int plot_format_from_path(const char *path, enum plot_format *format, struct error *err)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t length = strlen(name);

	if (!*path)
		return error_set(err, STATUS_FAILED,
				 "--output: an empty name; give one that ends in " SUFFIXES);
	for (size_t i = 0; i < FORMATS; i++) {
		size_t suffix = formats[i].suffix ? strlen(formats[i].suffix) : SIZE_MAX;
		if (length >= suffix && strcasecmp(name + length - suffix, formats[i].suffix) == 0) {
			*format = formats[i].format;
			return 0;
		}
	}
	return error_set(err, STATUS_FAILED, "%s: %s; name it " SUFFIXES ", or give --terminal", path,
			 strchr(name, '.') ? "unknown kind of picture"
					   : "the name has no suffix that tells the kind of picture");
}

int plot_format_from_name(const char *name, enum plot_format *format, struct error *err)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcasecmp(name, formats[i].name) == 0) {
			*format = formats[i].format;
			return 0;
		}
	}
	return error_set(
		err, STATUS_FAILED,
		"terminal '%s': not known; one of png, svg, interactive, html, pdf, sixel, text and window",
		name);
}
