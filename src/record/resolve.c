/*
 * From specs to breakpoints. In a dynamically linked program the libraries are
 * mapped by its dynamic linker, which calls an empty function, _dl_debug_state, for
 * debuggers: before (RT_ADD) and after (RT_CONSISTENT) it changes the list, at start
 * before any constructor, and at every dlopen and dlclose. Waiting for the program's
 * entry point would be too late for constructors.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "recorder.h"

/* ---- modules ----------------------------------------------------------- */

static void offer_slack(struct recorded *recorded, const struct loaded_module *module)
{
	uint64_t start, length;

	if (module_slack(module, &start, &length))
		probe_offer_slots(recorded->recorder->probe, recorded->process->space, start, length,
				  module->start, module->end);
}

static void prepare_module(struct recorded *recorded, struct task *task, const struct loaded_module *module)
{
	offer_slack(recorded, module);
	watch_jumps(recorded, task, module);
}

/* ---- specs ------------------------------------------------------------- */

static int no_match(struct recorded *recorded, const struct sym_spec *spec)
{
	struct sym_module **files = mem_alloc(recorded->modules.count * sizeof(struct sym_module *));
	struct text reason = {0};

	for (size_t i = 0; i < recorded->modules.count; i++)
		files[i] = recorded->modules.items[i].file;
	sym_explain_no_match(spec, files, recorded->modules.count, &reason);
	error_set(recorded->recorder->err, STATUS_FAILED, "function '%s': %s", spec->text,
		  reason.data ? reason.data : "not found");
	free(files);
	text_free(&reason);
	return -1;
}

static void plant_matches(struct recorded *recorded, struct task *task, const struct matches *matches)
{
	for (size_t i = 0; i < matches->count; i++) {
		const struct loaded_module *module = &recorded->modules.items[matches->items[i].module];

		warn_about_go(recorded->recorder, module);
		record_function(recorded, task, module, &matches->items[i].function);
	}
}

/* In a library that is loaded later; or, where children are recorded, in one of the
 * programs that they run. */
static bool may_match_later(const struct recorded *recorded, const struct sym_spec *spec, bool first)
{
	if (first)
		return match_is_pending(recorded, spec) ||
		       recorded->recorder->plan->children != RECORD_CHILDREN_NOT;
	return recorded->pid != recorded->recorder->pid || match_is_pending(recorded, spec);
}

static int note_failure(struct recorder *recorder, struct error *err)
{
	recorder_note(recorder, err->message);
	error_free(err);
	return 0;
}

/* At the start of the first program every spec must match before anything is
 * written; in a later one (exec) a note is enough. */
static int match_all(struct recorded *recorded, bool first, struct matches *matches)
{
	struct recorder *recorder = recorded->recorder;

	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		const struct sym_spec *spec = &recorder->plan->specs[i];
		int count = match_spec(recorded, spec, false, matches, recorder->err);

		if (count > 0)
			recorder->spec_matched[i] = true;
		if (count > 0 || (count == 0 && may_match_later(recorded, spec, first)))
			continue;
		if (count == 0)
			no_match(recorded, spec);
		if (first)
			return -1;
		note_failure(recorder, recorder->err);
	}
	return 0;
}

static int nothing_left(struct recorder *recorder)
{
	return error_set(recorder->err, STATUS_FAILED,
			 "--exclude: takes away every function that --func names; leave one of them");
}

/* What cannot be looked up is not recorded against somebody's will: at the start that is an error. */
static int exclude_all(struct recorded *recorded, bool first, struct matches *matches)
{
	struct recorder *recorder = recorded->recorder;
	const bool had_any = matches->count;
	bool waits = false;

	for (size_t i = 0; i < recorder->plan->exclude_count; i++) {
		const struct sym_spec *spec = &recorder->plan->excludes[i];
		int count = match_exclude(recorded, spec, matches, recorder->err);

		if (count > 0)
			recorder->exclude_matched[i] = true;
		if (count < 0 && first)
			return -1;
		if (count < 0)
			note_failure(recorder, recorder->err);
	}
	for (size_t i = 0; i < recorder->plan->spec_count; i++)
		waits = waits || !recorder->spec_matched[i];
	return first && had_any && !matches->count && !waits ? nothing_left(recorder) : 0;
}

/* An --exclude that had nothing to do may be misspelt; one whose library is not there yet may not. */
static void report_idle_excludes(struct recorded *recorded)
{
	struct recorder *recorder = recorded->recorder;

	for (size_t i = 0; i < recorder->plan->exclude_count; i++) {
		const struct sym_spec *spec = &recorder->plan->excludes[i];
		char *text;

		if (recorder->exclude_matched[i] || may_match_later(recorded, spec, true))
			continue;
		text = mem_printf("exclude '%s': takes nothing away; no function that is recorded matches it",
				  spec->text);
		recorder_note(recorder, text);
		free(text);
	}
}

/* The libraries that are needed at start are mapped. */
static int resolve_start(struct recorded *recorded, struct task *task)
{
	struct recorder *recorder = recorded->recorder;
	bool first = !recorder->writer;
	struct matches matches = {0};
	int failed = match_all(recorded, first, &matches);

	if (!failed)
		failed = exclude_all(recorded, first, &matches);
	if (!failed && first)
		failed = recorder_begin(recorder);
	tell_about_symbols(recorded);
	if (!failed) {
		for (size_t i = 0; i < recorded->modules.count; i++)
			prepare_module(recorded, task, &recorded->modules.items[i]);
		plant_matches(recorded, task, &matches);
	}
	if (!failed && first)
		report_idle_excludes(recorded);
	matches_free(&matches);
	return failed;
}

/* dlopen: only specs that name their module look at what is new. */
static void resolve_new_libraries(struct recorded *recorded, struct task *task)
{
	struct recorder *recorder = recorded->recorder;
	struct matches matches = {0};
	struct error err = {0};

	for (size_t i = 0; i < recorded->modules.count; i++)
		if (recorded->modules.items[i].is_new)
			prepare_module(recorded, task, &recorded->modules.items[i]);
	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		int count = 0;

		if (recorder->plan->specs[i].module)
			count = match_spec(recorded, &recorder->plan->specs[i], true, &matches, &err);
		if (count < 0)
			note_failure(recorder, &err);
		if (count > 0)
			recorder->spec_matched[i] = true;
	}
	exclude_all(recorded, false, &matches);
	plant_matches(recorded, task, &matches);
	matches_free(&matches);
	tell_about_symbols(recorded);
	error_free(&err);
}

void resolve_report_pending(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		const struct sym_spec *spec = &recorder->plan->specs[i];
		char *text;

		if (recorder->spec_matched[i])
			continue;
		if (spec->module)
			text = mem_printf(
				"function '%s': no module that fits '%s' was ever loaded with such a "
				"function; check the name",
				spec->text, spec->module);
		else
			text = mem_printf(
				"function '%s': none of the programs that ran has it; check the name",
				spec->text);
		recorder_note(recorder, text);
		free(text);
	}
}

/* ---- when -------------------------------------------------------------- */

static void on_module_gone(void *context, const struct loaded_module *module)
{
	struct recorded *recorded = context;
	uint64_t address;
	size_t position = 0;

	probe_forget_range(recorded->process->space, module->start, module->end);
	while (table_next(&recorded->traced, &position, &address))
		if (address >= module->start && address < module->end)
			table_remove(&recorded->traced, address);
}

/* The dynamic linker itself, whose mappings are there at exec. */
static struct loaded_module *find_linker(struct recorded *recorded)
{
	if (!recorded->linker_base)
		return NULL;
	for (size_t i = 1; i < recorded->modules.count; i++)
		if (recorded->modules.items[i].start == recorded->linker_base)
			return &recorded->modules.items[i];
	return NULL;
}

/* glibc's and musl's name for it. */
static int hook_libraries(struct recorded *recorded, struct task *task)
{
	struct recorder *recorder = recorded->recorder;
	const struct loaded_module *linker = find_linker(recorded), *main = &recorded->modules.items[0];
	struct error ignored = {0};
	uint64_t address;
	int failed = -1;

	if (linker && sym_module_symbol(linker->file, "_dl_debug_state", &address)) {
		offer_slack(recorded, linker);
		failed = probe_add_hook(recorder->probe, task, HOOK_LIBRARIES, linker->bias + address,
					&ignored);
	}
	error_free(&ignored);
	if (!failed)
		return 0;
	offer_slack(recorded, main);
	return probe_add_hook(recorder->probe, task, HOOK_ENTRY, main->bias + main->file->entry,
			      recorder->err);
}

static int check_machine(struct recorded *recorded)
{
	const struct sym_module *main = recorded->modules.items[0].file;

	if (main->is_64bit && main->machine == arch_elf_machine)
		return 0;
	return error_set(recorded->recorder->err, STATUS_FAILED,
			 "%s: a program for another machine (ELF class %s, machine %u) cannot be recorded; "
			 "only 64-bit "
			 "programs of this machine can",
			 main->path, main->is_64bit ? "64" : "32", main->machine);
}

/* Traps have to be written into it. */
static int check_memory(struct recorded *recorded)
{
	const struct address_space *space = recorded->process->space;

	if (space->memory_fd >= 0 || !recorded->recorder->plan->spec_count)
		return 0;
	return error_set(recorded->recorder->err, STATUS_FAILED,
			 "memory of process %d: cannot be written: %s; %s", recorded->pid,
			 strerror(space->memory_error),
			 space->memory_error == EROFS
				 ? "/proc is mounted read-only: mount it writable, or name no functions"
				 : "without functions its memory can be recorded");
}

static const char *name_of(const struct recorder *recorder)
{
	return recorder->plan->argv ? recorder->plan->argv[0] : "the program";
}

int resolve_program(struct recorded *recorded, struct task *task)
{
	struct recorder *recorder = recorded->recorder;

	recorded->started = false;
	modules_free(&recorded->modules);
	table_free(&recorded->traced);
	recorded->linker_base = 0;
	process_auxv(task->tid, AT_BASE, &recorded->linker_base);
	if (modules_open_main(&recorded->modules, task->tid, name_of(recorder), recorder->err) < 0 ||
	    check_machine(recorded) < 0 || check_memory(recorded) < 0)
		return -1;
	if (!recorder->plan->spec_count)
		return recorder->writer ? 0 : recorder_begin(recorder);
	modules_refresh(&recorded->modules, task->tid, on_module_gone, recorded);
	if (recorded->modules.items[0].file->interpreter)
		return hook_libraries(recorded, task);
	return resolve_start(recorded, task);
}

int resolve_attached(struct recorded *recorded, struct task *task)
{
	struct recorder *recorder = recorded->recorder;

	process_auxv(task->tid, AT_BASE, &recorded->linker_base);
	if (modules_open_main(&recorded->modules, task->tid, name_of(recorder), recorder->err) < 0 ||
	    check_machine(recorded) < 0 || check_memory(recorded) < 0)
		return -1;
	modules_refresh(&recorded->modules, task->tid, on_module_gone, recorded);
	recorded->started = true;
	if (resolve_start(recorded, task) < 0)
		return -1;
	/* Libraries that come later; without the hook they are not seen, which is said at the end. */
	if (recorder->plan->spec_count && find_linker(recorded) && hook_libraries(recorded, task) < 0)
		error_free(recorder->err);
	return 0;
}

/* r_debug.r_state of the dynamic linker; without it a refresh too many does no harm. */
static bool libraries_consistent(struct recorded *recorded)
{
	const struct loaded_module *linker = find_linker(recorded);
	struct r_debug debug;
	uint64_t address;

	if (!linker || !sym_module_symbol(linker->file, "_r_debug", &address) ||
	    space_read(recorded->process->space, linker->bias + address, &debug, sizeof(debug)) !=
		    sizeof(debug))
		return true;
	return debug.r_state == RT_CONSISTENT;
}

/* The modules of a forked child are read when it loads one for the first time; few ever do. */
static void refresh_modules(struct recorded *recorded, const struct task *task)
{
	struct error ignored = {0};

	if (recorded->modules.count ||
	    modules_open_main(&recorded->modules, task->tid, name_of(recorded->recorder), &ignored) == 0)
		modules_refresh(&recorded->modules, task->tid, on_module_gone, recorded);
	error_free(&ignored);
}

int resolve_at_hook(struct recorded *recorded, struct task *task, unsigned hook)
{
	bool started = recorded->started;

	if (hook == HOOK_ENTRY && started)
		return 0;
	if (hook == HOOK_LIBRARIES && recorded->modules.count && !libraries_consistent(recorded))
		return 0;
	refresh_modules(recorded, task);
	if (started) {
		resolve_new_libraries(recorded, task);
		return 0;
	}
	recorded->started = true;
	return resolve_start(recorded, task);
}

void resolve_copy(struct recorded *recorded)
{
	const struct recorded *other;
	size_t position = 0, at = 0;
	uint64_t address;

	while ((other = table_next(&recorded->recorder->processes, &position, NULL)))
		if (other->process->space == recorded->process->copied_from)
			break;
	if (!other)
		return;
	recorded->started = other->started;
	while (table_next(&other->traced, &at, &address))
		table_put(&recorded->traced, address, recorded);
}
