#include "demangle.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <libiberty/demangle.h>

#include "fmprof/util.h"

enum {
	LONGEST_NAME = 4096,    /* libiberty's stack grows with it */
	LONGEST_RESULT = 65536, /* substitutions can double it with every few bytes */
	LONGEST_D_NAME = 1024,
	MOST_D_REFERENCES = 20,
	UNLIMITED_ABOVE = 1000, /* libiberty's own limit stops there, for names that Boost and Eigen have */
};

struct result {
	struct text text;
	jmp_buf too_long;
};

/* libiberty's callback cannot say "enough", and its callback interface keeps
 * nothing but its stack. */
static void take_part(const char *part, size_t length, void *opaque)
{
	struct result *result = opaque;

	if (length > LONGEST_RESULT - result->text.length)
		longjmp(result->too_long, 1);
	text_put(&result->text, part, length);
}

bool sym_is_mangled(const char *name)
{
	return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || name[1] == 'D');
}

/* D's demangler has no callback, and repeats a type for each reference to it. */
static char *demangle_d(const char *name, enum sym_demangled form)
{
	size_t length = strlen(name), references = 0;
	char *demangled, *parameters;

	for (const char *at = name; (at = strchr(at, 'Q')); at++)
		references++;
	if (length > LONGEST_D_NAME || references > MOST_D_REFERENCES)
		return NULL;
	demangled = dlang_demangle(name, 0);
	if (demangled && form == SYM_DEMANGLED_NAME) {
		/* Template arguments are written !(…). */
		for (parameters = strchr(demangled, '('); parameters;
		     parameters = strchr(parameters + 1, '('))
			if (parameters > demangled && parameters[-1] != '!' && parameters[-1] != '(')
				break;
		if (parameters)
			*parameters = '\0';
	}
	return demangled;
}

char *sym_demangle(const char *name, size_t length, enum sym_demangled form)
{
	static const int options[] = {
		[SYM_DEMANGLED_NAME] = DMGL_ANSI,
		[SYM_DEMANGLED_SIGNATURE] = DMGL_ANSI | DMGL_PARAMS | DMGL_RET_DROP,
		[SYM_DEMANGLED_FULL] = DMGL_ANSI | DMGL_PARAMS,
	};
	const int deep = length > UNLIMITED_ABOVE ? DMGL_NO_RECURSE_LIMIT : 0;
	struct result result = {0};
	char *mangled;
	bool done;

	if (!sym_is_mangled(name) || length > LONGEST_NAME)
		return NULL;
	mangled = mem_strndup(name, length);
	if (mangled[1] == 'D') {
		result.text.data = demangle_d(mangled, form);
	} else if (setjmp(result.too_long)) {
		text_free(&result.text);
	} else {
		/* Rust's older names are valid names of C++ too. */
		done = rust_demangle_callback(mangled, options[form] | deep, take_part, &result);
		if (!done) {
			text_clear(&result.text);
			done = mangled[1] == 'Z' &&
			       cplus_demangle_v3_callback(mangled, options[form] | deep, take_part, &result);
		}
		if (!done || !result.text.length)
			text_free(&result.text);
	}
	free(mangled);
	return result.text.data;
}

char *sym_demangle_ada(const char *name, size_t length)
{
	char *mangled, *demangled;

	if (length > LONGEST_NAME || !memmem(name, length, "__", 2) || sym_is_mangled(name))
		return NULL;
	mangled = mem_strndup(name, length);
	demangled = ada_demangle(mangled, 0);
	free(mangled);
	if (demangled && *demangled == '<') {
		free(demangled);
		return NULL;
	}
	return demangled;
}

const char *sym_structor_kind(const char *name, size_t length)
{
	const char *kind = NULL;
	char *mangled;

	if (name[0] != '_' || name[1] != 'Z' || length > UNLIMITED_ABOVE)
		return NULL;
	mangled = mem_strndup(name, length);
	switch (is_gnu_v3_mangled_dtor(mangled)) {
	case gnu_v3_deleting_dtor:
		kind = "deleting";
		break;
	case gnu_v3_complete_object_dtor:
		kind = "complete";
		break;
	case gnu_v3_base_object_dtor:
		kind = "base";
		break;
	default:
		break;
	}
	switch (is_gnu_v3_mangled_ctor(mangled)) {
	case gnu_v3_complete_object_ctor:
		kind = "complete";
		break;
	case gnu_v3_base_object_ctor:
		kind = "base";
		break;
	default:
		break;
	}
	free(mangled);
	return kind;
}
