/* What a baseline becomes, and files that are there whole or as they were. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "batch_made.h"
#include "place.h"

static const struct batch_comparison five_percent = {.path = "base", .tolerance = 0.05};

static void write_baseline(const char *path, const struct batch_summary *now, const struct batch_summary *old,
			   bool partial)
{
	struct error err = {0};
	assert_int_equal(batch_baseline_write(path, now, old, partial, &err), 0);
}

static struct batch_summary read_back(const char *path)
{
	struct batch_summary summary;
	struct error err = {0};

	if (batch_summary_read(path, &summary, &err) < 0)
		fail_msg("%s", err.message);
	return summary;
}

static void a_baseline_takes_what_came_to_its_end(void **state)
{
	struct place *place = *state;
	struct batch_summary old = summary_made(), now = summary_made(), read;
	const char *path = place->file;
	double mib = 1;

	peaks_set(result_add(&old, "crashes now", 1), &mib);
	result_add(&old, "is gone", 1);
	mib = 2;
	peaks_set(result_add(&now, "crashes now", 1), &mib);
	verdict_set(&now, &now.results[0], BATCH_CRASHED, "killed");
	verdict_set(&now, result_add(&now, "has always crashed", 1), BATCH_CRASHED, "killed");
	verdict_set(&now, result_add(&now, "is over budget", 1), BATCH_OVER_BUDGET, "too much");
	result_add(&now, "passes", 1);
	now.results[3].runs[0].data = mem_strdup("passes.dat");
	bytes_write(path, "", 0); /* else it would be a folder, for want of .json */
	write_baseline(path, &now, &old, false);
	read = read_back(path);
	assert_int_equal(read.count, 3);
	assert_string_equal(read.results[0].name, "crashes now");
	assert_int_equal(read.results[0].verdict, BATCH_PASSED);
	assert_int_equal(read.results[0].median.peak, MIB);
	assert_string_equal(read.results[1].name, "is over budget");
	assert_string_equal(read.results[2].name, "passes");
	assert_null(read.results[2].runs[0].data);
	assert_string_equal(now.results[3].runs[0].data, "passes.dat");
	assert_int_equal(read.totals[BATCH_PASSED], 2);
	batch_summary_free(&read);
	write_baseline(path, &now, &old, true);
	read = read_back(path);
	assert_int_equal(read.count, 4);
	assert_string_equal(read.results[3].name, "is gone");
	batch_summary_free(&read);
	batch_summary_free(&old);
	batch_summary_free(&now);
}

static void what_is_worse_is_accepted(void **state)
{
	struct place *place = *state;
	struct batch_summary old = peaks_made(PEAKS(100)), now = peaks_made(PEAKS(200)), read;
	const char *path = place->file;

	batch_compare(&now, &old, &five_percent);
	bytes_write(path, "", 0);
	write_baseline(path, &now, &old, false);
	read = read_back(path);
	assert_int_equal(read.results[0].verdict, BATCH_PASSED);
	assert_null(read.results[0].reason);
	assert_null(read.baseline);
	assert_int_equal(read.results[0].change_count, 0);
	batch_compare(&now, &read, &five_percent);
	assert_true(batch_summary_is_good(&now));
	batch_summary_free(&read);
	batch_summary_free(&old);
	batch_summary_free(&now);
}

static void a_baseline_is_a_file_or_a_folder(void **state)
{
	struct place *place = *state;
	struct batch_summary now = peaks_made(PEAKS(1)), read;
	char *folder = mem_printf("%s/base", place->folder),
	     *inside = mem_printf("%s/base/summary.json", place->folder),
	     *link = mem_printf("%s/link.json", place->folder),
	     *linked = mem_printf("%s/base/linked", place->folder);
	struct stat status;

	write_baseline(folder, &now, NULL, false); /* made */
	write_baseline(folder, &now, NULL, false); /* there */
	read = read_back(folder);
	assert_string_equal(read.folder, folder);
	batch_summary_free(&read);
	write_baseline(linked, &now, NULL, false);
	/* A new one that is not called .json is a folder. */
	assert_int_equal(stat(linked, &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(symlink("base/summary.json", link), 0);
	write_baseline(link, &now, NULL, false);
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	batch_summary_free(&now);
	unlink(link);
	unlink(inside);
	free(inside);
	inside = mem_printf("%s/summary.json", linked);
	unlink(inside);
	rmdir(linked);
	assert_int_equal(rmdir(folder), 0);
	free(folder);
	free(inside);
	free(link);
	free(linked);
}

static void a_comparison_is_read_back(void **state)
{
	struct place *place = *state;
	struct batch_summary old = peaks_made(PEAKS(100)), now = peaks_made(PEAKS(200)), read;
	const char *path = place->file;
	struct error err = {0};

	result_add(&old, "gone", 1);
	result_add(&now, "new", 1);
	batch_compare(&now, &old, &five_percent);
	assert_int_equal(batch_summary_write(&now, path, &err), 0);
	read = read_back(path);
	assert_string_equal(read.baseline, "base");
	assert_true(read.tolerance > 0.0499 && read.tolerance < 0.0501);
	assert_string_equal(read.gone[0], "gone");
	assert_true(read.results[1].is_new);
	assert_int_equal(read.results[0].line, 3);
	assert_int_equal(read.results[0].verdict, BATCH_WORSE);
	assert_int_equal(read.results[0].change_count, now.results[0].change_count);
	assert_int_equal(read.results[0].changes[0].kind, BATCH_MAX_RSS);
	assert_int_equal(read.results[0].changes[0].now, 200 * MIB);
	assert_int_equal(read.results[0].changes[0].trend, BATCH_HIGHER);
	assert_true(read.results[0].changes[0].counts);
	batch_summary_free(&read);
	batch_summary_free(&old);
	batch_summary_free(&now);
}

static struct text made_of(const char *string)
{
	struct text text = {0};
	text_puts(&text, string);
	return text;
}

static void assert_file_holds(const char *path, const char *what)
{
	struct text content = bytes_read(path);
	assert_string_equal(content.data, what);
	text_free(&content);
}

static void what_cannot_be_written_leaves_what_was_there(void **state)
{
	struct place *place = *state;
	struct text old = made_of("old"), new = made_of("new");
	struct rlimit before, none = {0};
	struct error err = {0};

	assert_int_equal(batch_file_write(place->file, &new, &err), 0);
	assert_int_equal(batch_file_write(place->file, &old, &err), 0);
	assert_file_holds(place->file, "old");
	getrlimit(RLIMIT_FSIZE, &before);
	none.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(batch_file_write(place->file, &new, &err), -1);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_non_null(strstr(err.message, "cannot be written"));
	assert_file_holds(place->file, "old");
	error_free(&err);
	assert_int_equal(batch_file_write("/no/such/folder/x", &new, &err), -1);
	error_free(&err);
	text_free(&old);
	text_free(&new);
}

static void what_is_no_regular_file_is_written_to(void **state)
{
	struct place *place = *state;
	struct text content = made_of("content");
	char buffer[16] = "";
	struct error err = {0};
	struct stat status;

	assert_int_equal(mkfifo(place->file, 0600), 0);
	int reader = open(place->file, O_RDONLY | O_NONBLOCK);
	assert_int_equal(batch_file_write(place->file, &content, &err), 0);
	assert_int_equal(read(reader, buffer, sizeof(buffer) - 1), 7);
	assert_string_equal(buffer, "content");
	assert_int_equal(stat(place->file, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
	close(reader);
	text_free(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_baseline_takes_what_came_to_its_end, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(what_is_worse_is_accepted, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(a_baseline_is_a_file_or_a_folder, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(a_comparison_is_read_back, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_written_to, place_setup,
						place_teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_leaves_what_was_there, place_setup,
						place_teardown),
	};

	return cmocka_run_group_tests_name("batch_baseline", tests, NULL, NULL);
}
