/*
 * From specs to breakpoints. In a dynamically linked program the libraries are
 * mapped by its dynamic linker, which calls an empty function, _dl_debug_state, for
 * debuggers: before (RT_ADD) and after (RT_CONSISTENT) it changes the list, at start
 * before any constructor, and at every dlopen and dlclose. Waiting for the program's
 * entry point would be too late for constructors.
 */
#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

/* ---- one function ------------------------------------------------------ */

static uint32_t function_add(struct recorder *recorder, const struct loaded_module *module,
			     const struct sym_function *function)
{
	uint32_t id = (uint32_t)recorder->function_count + 1;

	recorder->functions = array_reserve(recorder->functions, &recorder->function_capacity,
					    recorder->function_count + 1, sizeof(*recorder->functions));
	recorder->functions[recorder->function_count++] = (struct recorded_function){
		.name = mem_strdup(function->name),
		.address = module->bias + function->address,
	};
	trace_begin(recorder->writer, &recorder->clock);
	trace_put_function(recorder->writer, &(struct trace_function){
						     .id = id,
						     .name = function->name,
						     .full_name = function->full_name,
						     .module = module->file->path,
						     .address = function->address,
						     .file = function->file,
						     .line = function->line,
					     });
	trace_end(recorder->writer);
	return id;
}

/* Several specs may match one function: it is traced once. */
static void trace_function(struct recorder *recorder, struct task *task, const struct loaded_module *module,
			   const struct sym_function *function)
{
	uint64_t address = module->bias + function->address;
	struct error err = {0};
	uint32_t id;

	if (table_get(&recorder->traced, address))
		return;
	id = function_add(recorder, module, function);
	if (probe_add_entry(recorder->probe, task, id, address, &err) < 0) {
		char *text = mem_printf("function %s: cannot be traced: %s", function->name, err.message);

		recorder_note(recorder, text);
		free(text);
		error_free(&err);
		return;
	}
	table_put(&recorder->traced, address, recorder);
}

static void offer_slack(struct recorder *recorder, const struct loaded_module *module)
{
	uint64_t start, length;

	if (module_slack(module, &start, &length))
		probe_offer_slots(recorder->probe, target_process(recorder->target)->space, start, length,
				  module->start, module->end);
}

static void prepare_module(struct recorder *recorder, struct task *task, const struct loaded_module *module)
{
	offer_slack(recorder, module);
	watch_jumps(recorder, task, module);
}

/* ---- specs ------------------------------------------------------------- */

/* What one spec matches in one module. */
struct match {
	size_t module;
	struct sym_functions functions;
};

struct matches {
	struct match *items;
	size_t count, capacity;
};

static void matches_free(struct matches *matches)
{
	for (size_t i = 0; i < matches->count; i++)
		sym_functions_free(&matches->items[i].functions);
	free(matches->items);
	*matches = (struct matches){0};
}

/* -1 only if reading failed; what there is to match in a module may be nothing. */
static int match_in_module(struct recorder *recorder, const struct sym_spec *spec, size_t module,
			   struct matches *matches, struct error *err)
{
	struct match match = {.module = module};
	int count = sym_module_find(recorder->modules.items[module].file, spec, &match.functions, err);

	if (count <= 0) {
		sym_functions_free(&match.functions);
		return count;
	}
	matches->items = array_reserve(matches->items, &matches->capacity, matches->count + 1, sizeof(match));
	matches->items[matches->count++] = match;
	return count;
}

/*
 * Without MODULE! the main executable is searched, and only if it has nothing, the
 * libraries. How many functions, or -1 and a reason.
 */
static int match_spec(struct recorder *recorder, const struct sym_spec *spec, bool only_new,
		      struct matches *matches, struct error *err)
{
	int total = 0;

	for (size_t i = 0; i < recorder->modules.count; i++) {
		int count;

		if ((only_new && !recorder->modules.items[i].is_new) ||
		    !sym_spec_takes_module(spec, recorder->modules.items[i].file))
			continue;
		count = match_in_module(recorder, spec, i, matches, err);
		if (count < 0)
			return -1;
		total += count;
		if (!spec->module && total && i == 0)
			break;
	}
	return total;
}

static int no_match(struct recorder *recorder, const struct sym_spec *spec)
{
	struct sym_module **files = mem_alloc(recorder->modules.count * sizeof(struct sym_module *));
	struct text reason = {0};

	for (size_t i = 0; i < recorder->modules.count; i++)
		files[i] = recorder->modules.items[i].file;
	sym_explain_no_match(spec, files, recorder->modules.count, &reason);
	error_set(recorder->err, STATUS_FAILED, "function '%s': %s", spec->text,
		  reason.data ? reason.data : "not found");
	free(files);
	text_free(&reason);
	return -1;
}

/* A spec that names a module which no loaded one fits waits for dlopen. */
static bool is_pending(const struct recorder *recorder, const struct sym_spec *spec)
{
	if (!spec->module)
		return false;
	for (size_t i = 0; i < recorder->modules.count; i++)
		if (sym_spec_takes_module(spec, recorder->modules.items[i].file))
			return false;
	return true;
}

static void plant_matches(struct recorder *recorder, struct task *task, const struct matches *matches)
{
	for (size_t i = 0; i < matches->count; i++) {
		const struct loaded_module *module = &recorder->modules.items[matches->items[i].module];
		const struct sym_functions *functions = &matches->items[i].functions;

		for (size_t j = 0; j < functions->count; j++)
			trace_function(recorder, task, module, &functions->items[j]);
	}
}

/* At the start of the first program every spec must match before anything is
 * written; in a later one (exec) a note is enough. */
static int match_all(struct recorder *recorder, bool first, struct matches *matches)
{
	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		const struct sym_spec *spec = &recorder->plan->specs[i];
		int count = match_spec(recorder, spec, false, matches, recorder->err);

		if (count < 0)
			return -1;
		recorder->spec_matched[i] = count > 0;
		if (count > 0 || is_pending(recorder, spec))
			continue;
		no_match(recorder, spec);
		if (first)
			return -1;
		recorder_note(recorder, recorder->err->message);
		error_free(recorder->err);
	}
	return 0;
}

/* The libraries that are needed at start are mapped. */
static int resolve_start(struct recorder *recorder, struct task *task)
{
	bool first = !recorder->writer;
	struct matches matches = {0};
	int failed = match_all(recorder, first, &matches);

	if (!failed && first)
		failed = recorder_begin(recorder);
	if (!failed) {
		for (size_t i = 0; i < recorder->modules.count; i++)
			prepare_module(recorder, task, &recorder->modules.items[i]);
		plant_matches(recorder, task, &matches);
	}
	matches_free(&matches);
	return failed;
}

/* dlopen: only specs that name their module look at what is new. */
static void resolve_new_libraries(struct recorder *recorder, struct task *task)
{
	struct error err = {0};

	for (size_t i = 0; i < recorder->modules.count; i++)
		if (recorder->modules.items[i].is_new)
			prepare_module(recorder, task, &recorder->modules.items[i]);
	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		struct matches matches = {0};
		int count = 0;

		if (recorder->plan->specs[i].module)
			count = match_spec(recorder, &recorder->plan->specs[i], true, &matches, &err);
		if (count < 0)
			recorder_note(recorder, err.message);
		if (count > 0)
			recorder->spec_matched[i] = true;
		plant_matches(recorder, task, &matches);
		matches_free(&matches);
	}
	error_free(&err);
}

void resolve_report_pending(struct recorder *recorder)
{
	for (size_t i = 0; i < recorder->plan->spec_count; i++) {
		const struct sym_spec *spec = &recorder->plan->specs[i];

		if (recorder->spec_matched[i] || !spec->module)
			continue;
		char *text = mem_printf(
			"function '%s': no module that fits '%s' was ever loaded with such a function; "
			"check the name",
			spec->text, spec->module);

		recorder_note(recorder, text);
		free(text);
	}
}

/* ---- when -------------------------------------------------------------- */

static void on_module_gone(void *context, const struct loaded_module *module)
{
	struct recorder *recorder = context;
	uint64_t address;
	size_t position = 0;

	probe_forget_range(recorder->probe, target_process(recorder->target)->space, module->start,
			   module->end);
	while (table_next(&recorder->traced, &position, &address))
		if (address >= module->start && address < module->end)
			table_remove(&recorder->traced, address);
}

/* The dynamic linker itself, whose mappings are there at exec. */
static struct loaded_module *find_linker(struct recorder *recorder)
{
	uint64_t base;

	if (!recorder->modules.items[0].file->interpreter || !process_auxv(recorder->pid, AT_BASE, &base) ||
	    !base)
		return NULL;
	for (size_t i = 1; i < recorder->modules.count; i++)
		if (recorder->modules.items[i].start == base)
			return &recorder->modules.items[i];
	return NULL;
}

/* glibc's and musl's name for it. */
static int hook_libraries(struct recorder *recorder, struct task *task)
{
	const struct loaded_module *linker = find_linker(recorder), *main = &recorder->modules.items[0];
	struct error ignored = {0};
	uint64_t address;
	int failed = -1;

	if (linker && sym_module_symbol(linker->file, "_dl_debug_state", &address)) {
		offer_slack(recorder, linker);
		failed = probe_add_hook(recorder->probe, task, HOOK_LIBRARIES, linker->bias + address,
					&ignored);
	}
	error_free(&ignored);
	if (!failed)
		return 0;
	offer_slack(recorder, main);
	return probe_add_hook(recorder->probe, task, HOOK_ENTRY, main->bias + main->file->entry,
			      recorder->err);
}

static int check_machine(struct recorder *recorder)
{
	const struct sym_module *main = recorder->modules.items[0].file;

	if (main->is_64bit && main->machine == arch_elf_machine)
		return 0;
	return error_set(recorder->err, STATUS_FAILED,
			 "%s: a program for another machine (ELF class %s, machine %u) cannot be recorded; "
			 "only 64-bit "
			 "programs of this machine can",
			 main->path, main->is_64bit ? "64" : "32", main->machine);
}

int resolve_program(struct recorder *recorder, struct task *task)
{
	recorder->started = false;
	modules_free(&recorder->modules);
	table_free(&recorder->traced);
	memset(recorder->spec_matched, 0, recorder->plan->spec_count * sizeof(bool));
	if (modules_open_main(&recorder->modules, recorder->pid, recorder->err) < 0 ||
	    check_machine(recorder) < 0)
		return -1;
	if (!recorder->plan->spec_count)
		return recorder->writer ? 0 : recorder_begin(recorder);
	modules_refresh(&recorder->modules, recorder->pid, on_module_gone, recorder);
	if (recorder->modules.items[0].file->interpreter)
		return hook_libraries(recorder, task);
	return resolve_start(recorder, task);
}

/* r_debug.r_state of the dynamic linker; without it a refresh too many does no harm. */
static bool libraries_consistent(struct recorder *recorder)
{
	const struct loaded_module *linker = find_linker(recorder);
	struct r_debug debug;
	uint64_t address;

	if (!linker || !sym_module_symbol(linker->file, "_r_debug", &address) ||
	    space_read(target_process(recorder->target)->space, linker->bias + address, &debug,
		       sizeof(debug)) != sizeof(debug))
		return true;
	return debug.r_state == RT_CONSISTENT;
}

int resolve_at_hook(struct recorder *recorder, struct task *task, unsigned hook)
{
	bool started = recorder->started;

	if (hook == HOOK_ENTRY && started)
		return 0;
	if (hook == HOOK_LIBRARIES && !libraries_consistent(recorder))
		return 0;
	modules_refresh(&recorder->modules, recorder->pid, on_module_gone, recorder);
	if (started) {
		resolve_new_libraries(recorder, task);
		return 0;
	}
	recorder->started = true;
	return resolve_start(recorder, task);
}
