#include "viewer.h"

#include <stdlib.h>
#include <string.h>

#include "style.h"
#include "viewer_data.h"
#include "viewer_js.h"

static void script_put(const struct run *run, const struct plot_options *options, struct text *page)
{
	text_puts(page, "<script id=\"fmprof-script\"><![CDATA[\n");
	viewer_put_data(run, options, page);
	for (size_t i = 0; i < sizeof(viewer_js) / sizeof(*viewer_js); i++)
		text_puts(page, viewer_js[i]);
	text_puts(page, "]]></script>\n");
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
				"<link rel=\"icon\" href=\"data:,\">\n<title>memory over time</title>\n");
		text_printf(page,
			    "<style>body{margin:0;overflow:hidden;background:#%06x}"
			    "svg{display:block;width:100vw;height:100vh}</style>\n",
			    style_get(options->dark)->page);
	}
	text_put(page, from, (size_t)(to - from));
	script_put(run, options, page);
	text_puts(page, "</svg>\n");
}
