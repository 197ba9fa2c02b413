/* Processes of a recording: who made whom, how they ended, what each had at most; functions that were let go of. */
#include "fmprof/analyze.h"
#include "place.h"

static struct report *report_of(const struct place *place, const char *lines)
{
	const struct report_options options = {.to_ns = UINT64_MAX};
	struct report *report;
	struct error err = {0};

	bytes_write(place->file, lines, strlen(lines));
	assert_int_equal(report_read(place->file, &options, &report, &err), 0);
	return report;
}

/* "1 2:1 3:2": each process in the order of the tree, and how deep it is below the top, if it is. */
static void tree_expect(const struct report *report, const char *expected)
{
	struct report_branch *branches = report_tree(report);
	struct text text = {0};

	for (size_t i = 0; i < report->process_count; i++) {
		text_printf(&text, "%s%d", i > 0 ? " " : "", branches[i].process->pid);
		if (branches[i].depth > 0)
			text_printf(&text, ":%u", branches[i].depth);
	}
	assert_string_equal(text.data, expected);
	text_free(&text);
	free(branches);
}

#define HEADER "FMPROF 1 start=1.0 pid=1 metrics=rss peaks=reset peak_bound=0.5\nMEM 2.0 1.0\n"

static void test_tree(void **state)
{
	struct report *report = report_of(*state, HEADER "PROC 2 2.0 start parent=1 how=fork\n"
							 "PROC 4 3.0 start parent=2 how=vfork\n"
							 "PROC 3 4.0 start parent=1 how=clone\n"
							 "PROC 5 5.0 start parent=2\n"
							 "PROC 6 5.0 start parent=4 how=later\n"
							 "PROC 9 5.0 start parent=8 how=fork\n");

	tree_expect(report, "1 2:1 4:2 6:3 5:2 3:1 9");
	assert_true(report->processes[0]->parent == 0 && report->processes[0]->made == TRACE_MADE_UNKNOWN);
	assert_true(report->processes[2]->parent == 2 && report->processes[2]->made == TRACE_MADE_VFORK);
	assert_true(report->processes[5]->parent == 4 && report->processes[5]->made == TRACE_MADE_UNKNOWN);
	assert_true(report->processes[2]->start_ns == UINT64_C(3000000000) && !report->processes[2]->ended);
	report_free(report);
}

static void test_circles(void **state)
{
	struct report *report = report_of(*state, HEADER "PROC 1 2.0 start parent=1 how=fork\n"
							 "PROC 2 2.0 start parent=4 how=fork\n"
							 "PROC 3 3.0 start parent=2 how=fork\n"
							 "PROC 4 4.0 start parent=3 how=fork\n"
							 "PROC 5 4.0 start parent=1 how=fork\n");

	tree_expect(report, "1 5:1 2 3:1 4:2");
	report_free(report);
}

/* Deeper than any stack. */
static void test_long_chain(void **state)
{
	enum { PROCESSES = 200000 };
	struct text lines = {0};

	text_puts(&lines, HEADER);
	for (int pid = 2; pid <= PROCESSES; pid++)
		text_printf(&lines, "PROC %d 2.0 start parent=%d how=fork\n", pid, pid - 1);
	struct report *report = report_of(*state, lines.data);
	struct report_branch *branches = report_tree(report);

	assert_true(branches[PROCESSES - 1].depth == PROCESSES - 1);
	free(branches);
	report_free(report);
	text_free(&lines);
}

static void test_ends_and_peaks(void **state)
{
	struct report *report = report_of(*state, HEADER "PROC 2 2.0 start parent=1 how=fork\n"
							 "CHLD 2 3.0 2.0\n"
							 "PROC 2 3.0 end exit=3 peak=50.0 peak_is=exact\n"
							 "PROC 3 2.0 start parent=1 how=fork\n"
							 "PROC 3 3.5 end signal=9 peak=7.0 peak_is=least\n"
							 "PROC 4 2.0 start parent=1 how=fork\n"
							 "CHLD 4 3.0 4.0\n"
							 "PROC 5 2.0 start parent=1 how=fork\n"
							 "PROC 5 5.0 end detached\n"
							 "PROC 1 6.0 end exit=0 peak=2.0 peak_is=exact\n"
							 "END 6.0 exit=0 peak=2.0 calls=0 missed=0\n");
	const struct report_process *const *processes =
		(const struct report_process *const *)report->processes;

	assert_true(processes[1]->ended && processes[1]->how == TRACE_FINISH_EXIT && processes[1]->code == 3);
	assert_true(processes[1]->peak.bytes == 50 << 20 && processes[1]->peak.exact);
	assert_true(processes[1]->end_ns == UINT64_C(3000000000));
	assert_true(processes[2]->how == TRACE_FINISH_SIGNAL && processes[2]->code == 9);
	assert_true(processes[2]->peak.bytes == 7 << 20 && !processes[2]->peak.exact);
	/* Without its end only what was read is known. */
	assert_true(!processes[3]->ended && processes[3]->peak.bytes == 3 << 20 && !processes[3]->peak.exact);
	assert_true(processes[4]->ended && processes[4]->how == TRACE_FINISH_DETACHED);
	assert_true(processes[4]->peak.bytes == 0);
	assert_true(report->peak.bytes == 2 << 20 && report->peak.exact);
	report_free(report);
}

/* The samples of a tree are nobody's own. */
static void test_peaks_of_a_tree(void **state)
{
	static const char lines[] = "FMPROF 1 start=1.0 pid=1 metrics=rss peaks=samples\nMEM 9.0 1.0\n"
				    "PROC 2 2.0 start parent=1 how=fork\n"
				    "PROC 2 3.0 end exit=0 peak=8.0 peak_is=exact\n";
	struct report *report = report_of(*state, lines);

	assert_true(report->peak.bytes == 9 << 20 && !report->peak.exact);
	assert_true(report->processes[0]->peak.bytes == 0);
	assert_true(report->processes[1]->peak.bytes == 8 << 20 && report->processes[1]->peak.exact);
	report_free(report);
}

/* Two processes that had the same number, one after the other. */
static void test_numbers_come_again(void **state)
{
	struct report *report = report_of(
		*state, HEADER "FN 1 f p 0x1 - f\n"
			       "PROC 2 2.0 start parent=1 how=fork\n"
			       "ENTER 1 1 2 2 0 2.0 2.0\n"
			       "FUNC f 2.0 2.0 2.0 2.5 0 call=1 fn=1 pid=2 tid=2 end=return time=exact\n"
			       "PROC 3 2.0 start parent=2 how=fork\n"
			       "PROC 2 3.0 end exit=0 peak=5.0 peak_is=exact\n"
			       "PROC 2 4.0 start parent=3 how=fork\n"
			       "ENTER 2 1 2 2 0 2.0 4.0\n"
			       "FUNC f 2.0 4.0 2.0 4.5 0 call=2 fn=1 pid=2 tid=2 end=return time=exact\n"
			       "PROC 4 4.0 start parent=2 how=fork\n"
			       "PROC 2 5.0 end exit=1 peak=4.0 peak_is=exact\n");
	const struct report_process *const *processes =
		(const struct report_process *const *)report->processes;

	tree_expect(report, "1 2:1 3:2 2:3 4:4");
	assert_true(processes[1]->calls == 1 && processes[1]->parent == 1 && processes[1]->code == 0);
	assert_true(processes[3]->calls == 1 && processes[3]->parent == 3 && processes[3]->code == 1);
	assert_true(processes[1]->peak.bytes == 5 << 20 && processes[3]->peak.bytes == 4 << 20);
	report_free(report);
	/* Nor do they share a row. */
	struct report_options options = {.to_ns = UINT64_MAX, .by = REPORT_BY_PROCESS};
	const struct place *place = *state;
	struct error err = {0};

	for (; options.by <= REPORT_BY_THREAD; options.by++) {
		assert_int_equal(report_read(place->file, &options, &report, &err), 0);
		assert_int_equal(report->row_count, 2);
		report_free(report);
	}
}

/* Lines of functions that were let go of, the first of one that no line has named. */
static void test_function_ends(void **state)
{
	struct report *report = report_of(
		*state, HEADER "FNEND 7 1.5 calls=0\n"
			       "FN 1 f p 0x1 - f\n"
			       "ENTER 1 1 1 1 0 2.0 2.0\n"
			       "FNEND 1 3.0 calls=1\n"
			       "FUNC f 2.0 2.0 2.0 4.0 0 call=1 fn=1 pid=1 tid=1 end=return time=exact "
			       "peak=2.0 peak_is=exact\n");

	assert_int_equal(report->function_count, 2);
	assert_true(report->functions[0].id == 7 && report->functions[0].until_ns == 1500000000);
	assert_int_equal(report->row_count, 1);
	assert_true(report->rows[0]->until_ns == UINT64_C(3000000000) && !report->rows[0]->peak.exact);
	report_free(report);
	/* Of a window that is over by then all is there. */
	const struct report_options options = {.to_ns = 1500000000};
	const struct place *place = *state;
	struct error err = {0};

	assert_int_equal(report_read(place->file, &options, &report, &err), 0);
	assert_true(report->rows[0]->until_ns == 0 && report->rows[0]->peak.exact);
	report_free(report);
}

/* Of a process that was over by then all is there, too. */
static void test_function_end_after_a_process(void **state)
{
	static const char lines[] = HEADER "FN 1 f p 0x1 - f\n"
					   "PROC 2 1.0 start parent=1 how=fork\n"
					   "ENTER 1 1 2 2 0 2.0 1.1\n"
					   "FUNC f 2.0 1.1 2.0 1.2 0 call=1 fn=1 pid=2 tid=2 end=return "
					   "time=exact peak=2.0 peak_is=exact\n"
					   "PROC 2 1.3 end exit=0\n"
					   "ENTER 2 1 1 1 0 2.0 1.4\n"
					   "FUNC f 2.0 1.4 2.0 1.5 0 call=2 fn=1 pid=1 tid=1 end=return "
					   "time=exact peak=2.0 peak_is=exact\n"
					   "FNEND 1 1.5 calls=2\n"
					   "PROC 1 1.6 end exit=0\n";
	const struct report_options options = {.to_ns = UINT64_MAX, .by = REPORT_BY_PROCESS};
	const struct place *place = *state;
	struct report *report = report_of(place, lines);
	struct error err = {0};

	assert_int_equal(report->rows[0]->until_ns, 1500000000);
	report_free(report);
	assert_int_equal(report_read(place->file, &options, &report, &err), 0);
	assert_int_equal(report->row_count, 2);
	assert_true(report->rows[0]->until_ns == 0 && report->rows[0]->peak.exact);
	assert_true(report->rows[1]->until_ns == 1500000000 && !report->rows[1]->peak.exact);
	report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tree, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_circles, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_long_chain, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_ends_and_peaks, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_numbers_come_again, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_function_ends, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(test_function_end_after_a_process, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(test_peaks_of_a_tree, place_setup, place_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
