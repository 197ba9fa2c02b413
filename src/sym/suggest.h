/*
 * Private to sym/: the names nearest to one that was not found.
 */
#ifndef FMPROF_SYM_SUGGEST_H
#define FMPROF_SYM_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "fmprof/util.h"

enum { SYM_SUGGESTIONS = 3 };

struct sym_suggest {
	const char *wanted;
	size_t length; /* of wanted */
	bool distant;  /* what is offered now is from elsewhere: only what is nearly the same is near */
	size_t *rows;  /* room for three rows of the distance table */
	size_t count;
	struct {
		char *name;
		size_t cost;
	} best[SYM_SUGGESTIONS]; /* nearest first */
};

void sym_suggest_start(struct sym_suggest *suggest, const char *wanted);
void sym_suggest_offer(struct sym_suggest *suggest, const char *name, size_t length);
/* One that fits, but for what the caller knows. */
void sym_suggest_offer_match(struct sym_suggest *suggest, const char *name);
/* "; did you mean 'a', 'b'?", or `otherwise` if nothing is near. */
void sym_suggest_put(const struct sym_suggest *suggest, const char *otherwise, struct text *text);
void sym_suggest_end(struct sym_suggest *suggest);

#endif
