/* page: index.html, the results of a batch for people. */
#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "page_css.h"

enum { TITLE_CELLS = 120 };

void page_put_name(struct text *out, const char *name, unsigned cells)
{
	char *shorter = words_shorten(name, cells);

	text_put_markup(out, shorter);
	free(shorter);
}

void page_put_address(struct text *out, const char *file)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

	/* With a ':' it would be another scheme, with "//" another host. */
	text_puts(out, "./");
	for (; *file; file++) {
		if (strchr(plain, *file))
			text_putc(out, *file);
		else
			text_printf(out, "%%%02X", (unsigned char)*file);
	}
}

void page_put_link(struct text *out, const char *file, const char *words)
{
	if (!file)
		return;
	text_puts(out, "<a href=\"");
	page_put_address(out, file);
	text_printf(out, "\">%s</a> ", words);
}

void page_put_value(struct text *out, enum batch_unit unit, int64_t value, bool exact)
{
	text_puts(out, exact ? "" : "≥ ");
	batch_put_value(out, unit, value);
}

const char *page_class(enum batch_verdict verdict)
{
	switch (verdict) {
	case BATCH_PASSED:
		return "passed";
	case BATCH_OVER_BUDGET:
	case BATCH_WORSE:
		return "over";
	case BATCH_INTERRUPTED:
	case BATCH_NOT_RUN:
		return "none";
	default:
		return "bad";
	}
}

/* ---- the head ----------------------------------------------------------- */

static void put_outcome(struct text *out, const struct batch_summary *summary)
{
	const size_t failed = summary->count - summary->totals[BATCH_PASSED];

	if (summary->count == 0)
		text_puts(out, "nothing was run");
	else if (failed == 0 && summary->count == 1)
		text_puts(out, "the one program passed");
	else if (failed == 0)
		text_printf(out, "all %zu programs passed", summary->count);
	else
		text_printf(out, "%zu of %zu programs did not pass", failed, summary->count);
}

static void put_head(struct text *out, const struct batch_summary *summary)
{
	/* There is no script in it, and nothing that could become one is run; pictures lie beside it. */
	text_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		       "style-src 'unsafe-inline'; img-src 'self' file:\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	put_outcome(out, summary);
	text_puts(out, " – ");
	page_put_name(out, summary->suite ? summary->suite : "fmprof batch", TITLE_CELLS);
	text_puts(out, "</title>\n<style>\n");
	for (size_t i = 0; i < sizeof(page_css) / sizeof(*page_css); i++)
		text_puts(out, page_css[i]);
	text_puts(out, "</style></head><body>\n");
}

static void put_shares(struct text *out, const struct batch_summary *summary)
{
	text_puts(out, "<div class=\"shares\">");
	for (int verdict = 0; verdict < BATCH_VERDICTS; verdict++)
		if (summary->totals[verdict] > 0)
			text_printf(out, "<i class=\"%s\" style=\"flex:%zu\"></i>", page_class(verdict),
				    summary->totals[verdict]);
	text_puts(out, "</div><ul class=\"totals\">");
	for (int verdict = 0; verdict < BATCH_VERDICTS; verdict++)
		if (summary->totals[verdict] > 0)
			text_printf(out, "<li class=\"%s\">%zu %s</li>", page_class(verdict),
				    summary->totals[verdict], batch_verdict_name(verdict));
	text_puts(out, "</ul>\n");
}

static void put_when(struct text *out, const struct batch_summary *summary)
{
	time_t seconds = (time_t)(summary->start_ns / 1000000000);
	char words[sizeof("2000-01-01 00:00:00 UTC")];
	struct tm parts;

	if (gmtime_r(&seconds, &parts) && strftime(words, sizeof(words), "%F %T UTC", &parts) > 0)
		text_printf(out, "%s · ", words);
	if (summary->host) {
		page_put_name(out, summary->host, TITLE_CELLS);
		text_puts(out, " · ");
	}
	label_put_duration(out, summary->duration_ns);
	if (summary->jobs > 1)
		text_printf(out, ", %u at once", summary->jobs);
	if (summary->interrupted)
		text_puts(out, " · <strong>ended early</strong>");
}

static void put_header(struct text *out, const struct batch_summary *summary)
{
	text_puts(out, "<header><h1>");
	page_put_name(out, summary->suite ? summary->suite : "fmprof batch", TITLE_CELLS);
	text_printf(out, "</h1>\n<p class=\"mark %s\">", batch_summary_is_good(summary) ? "passed" : "bad");
	put_outcome(out, summary);
	text_puts(out, "</p>\n<p class=\"faint\">");
	put_when(out, summary);
	text_puts(out, "</p>\n");
	if (summary->baseline) {
		text_puts(out, "<p class=\"faint\">Compared with ");
		page_put_name(out, summary->baseline, TITLE_CELLS);
		text_printf(out, ", tolerance %.3g %%</p>\n", 100 * summary->tolerance);
	}
	put_shares(out, summary);
	text_puts(out, "</header>\n");
}

/* ---- programs ----------------------------------------------------------- */

struct card {
	enum batch_verdict verdict;
	size_t number;
};

/* The worst first, then what was ended early, what passed, and what never ran. */
static int card_rank(const struct card *card)
{
	switch (card->verdict) {
	case BATCH_INTERRUPTED:
		return 1;
	case BATCH_PASSED:
		return 2;
	case BATCH_NOT_RUN:
		return 3;
	default:
		return 0;
	}
}

static int card_compare(const void *left, const void *right)
{
	const struct card *a = left, *b = right;

	if (card_rank(a) != card_rank(b))
		return card_rank(a) - card_rank(b);
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static void put_programs(struct text *out, const struct batch_summary *summary)
{
	struct card *cards = mem_alloc((summary->count + 1) * sizeof(*cards));

	for (size_t i = 0; i < summary->count; i++)
		cards[i] = (struct card){summary->results[i].verdict, i};
	qsort(cards, summary->count, sizeof(*cards), card_compare);
	text_puts(out, "<section id=\"programs\"><h2>Programs</h2>\n");
	for (size_t i = 0; i < summary->count; i++)
		page_put_program(out, summary, cards[i].number);
	text_puts(out, "</section>\n");
	free(cards);
}

void batch_put_page(struct text *out, const struct batch_summary *summary)
{
	put_head(out, summary);
	put_header(out, summary);
	page_put_budgets(out, summary);
	page_put_changes(out, summary);
	put_programs(out, summary);
	text_puts(out, "<footer class=\"faint\"><p>≥: the highest that was read; it may have been higher in "
		       "between. "
		       "Made by fmprof " FMPROF_VERSION " from <a href=\"summary.json\">summary.json</a>.</p>"
		       "</footer>\n</body></html>\n");
}
