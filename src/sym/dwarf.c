#include "dwarf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

/* Some 8 ms a MiB are needed, several times that by a build with sanitizers; 250 are allowed. Damage that libdwarf
 * never gets through is nearly always met in small files, and costs the whole limit. */
struct sym_child_limits sym_dwarf_limits(uint64_t size)
{
	return (struct sym_child_limits){
		.memory = (UINT64_C(2) << 30) + 8 * size,
		.cpu_seconds = (unsigned)(2 + (size >> 22)),
		.stalled_seconds = 20, /* a disk may be slow */
	};
}

/* ---- what came through the pipe ---------------------------------------- */

struct cursor {
	const char *at;
	size_t left;
	bool broken;
};

static uint64_t take_number(struct cursor *cursor)
{
	uint64_t number = 0;

	if (cursor->left < sizeof(number)) {
		cursor->broken = true;
		return 0;
	}
	memcpy(&number, cursor->at, sizeof(number));
	cursor->at += sizeof(number);
	cursor->left -= sizeof(number);
	return number;
}

static char *take_string(struct cursor *cursor)
{
	uint64_t length = take_number(cursor);
	char *string;

	if (cursor->broken || length > cursor->left) {
		cursor->broken = true;
		return mem_strdup("");
	}
	string = mem_strndup(cursor->at, (size_t)length);
	cursor->at += length;
	cursor->left -= (size_t)length;
	return string;
}

static void take_function(struct cursor *cursor, const struct sym_module *module,
			  struct sym_dwarf_answer *answer)
{
	struct sym_dwarf_function function = {0};

	function.address = take_number(cursor);
	function.size = take_number(cursor);
	function.line = (unsigned)take_number(cursor);
	function.name = take_string(cursor);
	function.linkage_name = take_string(cursor);
	function.file = take_string(cursor);
	/* Functions that the linker dropped keep their entry, at address 0 or so. */
	if (cursor->broken || !function.address || !sym_module_executes(module, function.address)) {
		free(function.name);
		free(function.linkage_name);
		free(function.file);
		return;
	}
	answer->functions = array_reserve(answer->functions, &answer->capacity, answer->count + 1,
					  sizeof(*answer->functions));
	answer->functions[answer->count++] = function;
}

static void take_file(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	answer->files = array_reserve(answer->files, &answer->file_capacity, answer->file_count + 1,
				      sizeof(*answer->files));
	answer->files[answer->file_count++] = take_string(cursor);
}

static void take_inlined(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	struct sym_dwarf_inlined *inlined;

	answer->inlined = array_reserve(answer->inlined, &answer->inlined_capacity, answer->inlined_count + 1,
					sizeof(*answer->inlined));
	inlined = &answer->inlined[answer->inlined_count++];
	*inlined = (struct sym_dwarf_inlined){.identity = take_number(cursor)};
	inlined->name = take_string(cursor);
	inlined->linkage_name = take_string(cursor);
	inlined->file = take_string(cursor);
	inlined->line = (unsigned)take_number(cursor);
}

static void take_code(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	const uint64_t identity = take_number(cursor);

	for (size_t at = 0; at < answer->inlined_count; at++)
		if (answer->inlined[at].identity == identity)
			answer->inlined[at].has_code = true;
}

static void take_place(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	struct sym_dwarf_place *place;

	answer->places = array_reserve(answer->places, &answer->place_capacity, answer->place_count + 1,
				       sizeof(*answer->places));
	place = &answer->places[answer->place_count++];
	*place = (struct sym_dwarf_place){.identity = take_number(cursor)};
	place->file = take_string(cursor);
	place->line = (unsigned)take_number(cursor);
}

static void take_places(struct cursor *cursor, struct sym_dwarf_answer *answer)
{
	const uint64_t identity = take_number(cursor), number = take_number(cursor);

	if (number)
		table_put(&answer->inlinings, identity, (void *)(uintptr_t)number);
}

/* Returns whether the answer is complete. */
static bool take_records(const struct text *bytes, const struct sym_module *module,
			 struct sym_dwarf_answer *answer)
{
	struct cursor cursor = {.at = bytes->data, .left = bytes->length};

	while (cursor.left && !cursor.broken) {
		cursor.left--;
		switch (*cursor.at++) {
		case SYM_DWARF_FUNCTION:
			take_function(&cursor, module, answer);
			break;
		case SYM_DWARF_FILE:
			take_file(&cursor, answer);
			break;
		case SYM_DWARF_KNOWN:
			answer->file_known = true;
			break;
		case SYM_DWARF_SPLIT:
			answer->split = true;
			break;
		case SYM_DWARF_INLINED:
			take_inlined(&cursor, answer);
			break;
		case SYM_DWARF_CODE:
			take_code(&cursor, answer);
			break;
		case SYM_DWARF_PLACES:
			take_places(&cursor, answer);
			break;
		case SYM_DWARF_PLACE:
			take_place(&cursor, answer);
			break;
		case SYM_DWARF_TROUBLE:
			free(answer->trouble);
			answer->trouble = take_string(&cursor);
			break;
		case SYM_DWARF_END:
			return cursor.left == 0;
		default:
			return false;
		}
	}
	return false;
}

static int child_failed(const struct sym_module *module, enum sym_child_end end,
			struct sym_dwarf_answer *answer, struct error *err)
{
	static const char *const reasons[] = {
		[SYM_CHILD_ENDED] = "it is damaged",
		[SYM_CHILD_CRASHED] = "it is damaged",
		[SYM_CHILD_TOO_LONG] = "it takes too long",
		[SYM_CHILD_TOO_LARGE] = "it needs too much memory",
		[SYM_CHILD_INTERRUPTED] = "interrupted",
	};

	answer->trouble = mem_strdup(end == SYM_CHILD_NONE ? strerror(errno) : reasons[end]);
	return error_set(
		err, STATUS_FAILED,
		"%s: its debug information cannot be read: %s; name the function without its source file",
		module->name, answer->trouble);
}

static int by_address(const void *left, const void *right)
{
	const struct sym_dwarf_function *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static int by_identity(const void *left, const void *right)
{
	const struct sym_dwarf_place *a = left, *b = right;
	int order;

	if (a->identity != b->identity)
		return a->identity < b->identity ? -1 : 1;
	order = strcmp(a->file, b->file);
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

size_t sym_dwarf_places(const struct sym_dwarf_answer *answer, uint64_t identity,
			const struct sym_dwarf_place **places)
{
	size_t low = 0, high = answer->place_count, end;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (answer->places[middle].identity < identity)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < answer->place_count && answer->places[end].identity == identity; end++)
		continue;
	*places = answer->places + low;
	return end - low;
}

/* ---- asking ------------------------------------------------------------ */

static int work(void *context, int out)
{
	return sym_dwarf_child(context, out);
}

/* What is not found may be a mistake in writing, and what lies in other files may change. */
static bool is_worth_keeping(const struct sym_dwarf_task *task, const struct sym_dwarf_answer *answer)
{
	const bool found = task->details ? answer->count || answer->inlined_count : answer->file_known;

	return found && !answer->split && !answer->trouble;
}

/* Runs the child; the cache gets what came of it, if that is all there is to know. */
static int ask_child(struct sym_dwarf_task *task, const struct sym_cache_key *key,
		     struct sym_dwarf_answer *answer, struct error *err)
{
	struct sym_child_limits limits = sym_dwarf_limits(task->elf->debug_size);
	struct text bytes = {0};
	enum sym_child_end end;
	bool complete;

	limits.memory += task->elf->size; /* it is mapped whole */
	end = sym_child_run(work, task, &limits, &bytes);
	complete = end == SYM_CHILD_ENDED && take_records(&bytes, task->module, answer);
	if (complete && is_worth_keeping(task, answer))
		sym_cache_put(key, &bytes);
	text_free(&bytes);
	if (complete)
		return 1;
	sym_dwarf_answer_free(answer);
	task->elf->dwarf_given_up = end == SYM_CHILD_TOO_LONG || end == SYM_CHILD_TOO_LARGE;
	return child_failed(task->module, end, answer, err);
}

static bool ask_cache(const struct sym_module *module, const struct sym_cache_key *key,
		      struct sym_dwarf_answer *answer)
{
	struct text bytes = {0};
	const bool complete = sym_cache_get(key, &bytes) && take_records(&bytes, module, answer);

	text_free(&bytes);
	if (!complete)
		sym_dwarf_answer_free(answer);
	return complete;
}

static bool is_too_much(const struct sym_dwarf_task *task)
{
	return task->details && task->details->size_limit &&
	       task->elf->debug_size > task->details->size_limit;
}

int sym_dwarf_ask(struct sym_module *module, const struct sym_spec *spec,
		  const struct sym_dwarf_details *details, struct sym_dwarf_answer *answer, struct error *err)
{
	struct sym_dwarf_task task = {.module = module, .elf = module->elf, .spec = spec, .details = details};
	struct sym_cache_key key = {0};
	int asked = 1;

	memset(answer, 0, sizeof(*answer));
	if (!task.elf->has_dwarf)
		task.elf = sym_module_debug(module);
	if (!task.elf || !task.elf->has_dwarf)
		return 0;
	if (task.elf->dwarf_given_up)
		return child_failed(module, SYM_CHILD_TOO_LONG, answer, err);
	sym_cache_key_make(&key, module, task.elf, spec, details);
	if (!ask_cache(module, &key, answer))
		asked = is_too_much(&task) ? 0 : ask_child(&task, &key, answer, err);
	sym_cache_key_free(&key);
	if (asked > 0 && answer->count)
		qsort(answer->functions, answer->count, sizeof(*answer->functions), by_address);
	if (asked > 0 && answer->place_count)
		qsort(answer->places, answer->place_count, sizeof(*answer->places), by_identity);
	return asked;
}

void sym_dwarf_answer_free(struct sym_dwarf_answer *answer)
{
	for (size_t at = 0; at < answer->count; at++) {
		free(answer->functions[at].name);
		free(answer->functions[at].linkage_name);
		free(answer->functions[at].file);
	}
	for (size_t at = 0; at < answer->file_count; at++)
		free(answer->files[at]);
	for (size_t at = 0; at < answer->inlined_count; at++) {
		free(answer->inlined[at].name);
		free(answer->inlined[at].linkage_name);
		free(answer->inlined[at].file);
	}
	for (size_t at = 0; at < answer->place_count; at++)
		free(answer->places[at].file);
	free(answer->inlined);
	free(answer->places);
	table_free(&answer->inlinings);
	free(answer->functions);
	free(answer->files);
	free(answer->trouble);
	memset(answer, 0, sizeof(*answer));
}
