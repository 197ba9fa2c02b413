/* words: what the file says for an enum. */
#include <string.h>

#include "fmprof/trace.h"

static int word_find(const char *const words[], size_t count, const char *word, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return (int)i;
	}
	return -1;
}

static const char *const end_names[] = {
	[TRACE_END_RETURN] = "return",
	[TRACE_END_TAIL] = "tail",
	[TRACE_END_UNWOUND] = "unwound",
	[TRACE_END_LONGJMP] = "longjmp",
	[TRACE_END_THREAD_EXIT] = "thread-exit",
	[TRACE_END_EXIT] = "exit",
	[TRACE_END_EXEC] = "exec",
	[TRACE_END_KILLED] = "killed",
	[TRACE_END_DETACHED] = "detached",
	[TRACE_END_UNFINISHED] = "unfinished",
};

const char *trace_end_name(enum trace_end end)
{
	return end_names[end];
}

int trace_end_from_name(const char *name, size_t length)
{
	/* TRACE_END_UNFINISHED, the last one, is never written. */
	return word_find(end_names, TRACE_END_UNFINISHED, name, length);
}

static const char *const made_names[] = {
	[TRACE_MADE_UNKNOWN] = "",
	[TRACE_MADE_FORK] = "fork",
	[TRACE_MADE_VFORK] = "vfork",
	[TRACE_MADE_CLONE] = "clone",
};

const char *trace_made_name(enum trace_made made)
{
	return made == TRACE_MADE_UNKNOWN ? NULL : made_names[made];
}

int trace_made_from_name(const char *name, size_t length)
{
	return length > 0 ? word_find(made_names, sizeof made_names / sizeof made_names[0], name, length)
			  : -1;
}

static const char *const peaks_names[] = {
	[TRACE_PEAKS_NONE] = "none",
	[TRACE_PEAKS_RESET] = "reset",
	[TRACE_PEAKS_MARK] = "mark",
	[TRACE_PEAKS_SAMPLES] = "samples",
};

const char *trace_peaks_name(enum trace_peaks peaks)
{
	return peaks_names[peaks];
}

int trace_peaks_from_name(const char *name, size_t length)
{
	return word_find(peaks_names, sizeof peaks_names / sizeof peaks_names[0], name, length);
}
