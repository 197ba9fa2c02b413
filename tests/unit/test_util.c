#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four first. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fmprof/util.h"

/* ---- text -------------------------------------------------------------- */

static void check_mib(uint64_t bytes, const char *expected)
{
	struct text text = {0};

	text_put_mib(&text, bytes);
	assert_string_equal(text.data, expected);
	text_free(&text);
}

static void test_mib(void **state)
{
	(void)state;
	check_mib(0, "0.000000");
	check_mib(4096, "0.003906");
	check_mib(1048576, "1.000000");
	check_mib(UINT64_C(3) << 40, "3145728.000000");
	check_mib(1048575, "0.999999");
	/* What printf makes of the same number, for pages of a whole gigabyte. */
	for (uint64_t bytes = 0; bytes < UINT64_C(1) << 30; bytes += 4096 * 37) {
		char expected[64];

		/* + a tiny bit: printf rounds exact halves to even, we round them up. */
		snprintf(expected, sizeof(expected), "%.6f", (double)bytes / 1048576.0 + 1e-12);
		check_mib(bytes, expected);
	}
}

static void test_seconds(void **state)
{
	struct text text = {0};

	(void)state;
	text_put_seconds(&text, UINT64_C(1795500103000000042));
	assert_string_equal(text.data, "1795500103.000000042");
	text_clear(&text);
	text_put_seconds(&text, 999999999);
	assert_string_equal(text.data, "0.999999999");
	text_clear(&text);
	text_put_u64(&text, UINT64_MAX);
	text_put_u64(&text, 0);
	assert_string_equal(text.data, "184467440737095516150");
	text_free(&text);
}

static void test_text_grows(void **state)
{
	struct text text = {0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 20000);
	assert_int_equal(strlen(text.data), 20000);
	assert_memory_equal(text.data + 19980, "0,1,2,3,4,5,6,7,8,9,", 20);
	text_free(&text);
}

/* ---- quoting ----------------------------------------------------------- */

/* What bash makes of the quoted word must be the word; and it is one line. */
static void check_quote(const char *word)
{
	struct text command = {0};
	char read_back[4096];
	size_t length;
	FILE *shell;

	text_puts(&command, "printf %s ");
	text_put_shell_word(&command, word);
	assert_null(strchr(command.data, '\n'));
	assert_null(strchr(command.data, '\r'));
	/* bash, because $'...' came into POSIX only in 2024 and dash has none. */
	setenv("QUOTED", command.data, 1);
	shell = popen("exec bash -c \"$QUOTED\"", "r");
	assert_non_null(shell);
	length = fread(read_back, 1, sizeof(read_back), shell);
	assert_int_equal(pclose(shell), 0);
	assert_int_equal(length, strlen(word));
	assert_memory_equal(read_back, word, length);
	text_free(&command);
}

static void test_quote(void **state)
{
	struct text text = {0};

	(void)state;
	check_quote("");
	check_quote("plain-word_1.0");
	check_quote("two words");
	check_quote("it's");
	check_quote("'");
	check_quote("$HOME `id` $(id) \\ \"");
	check_quote("a\nb\tc\r\033[31m");
	check_quote("\n7"); /* a digit behind an escaped byte */
	check_quote("Größe \xe2\x82\xac \xf0\x9f\x90\xa7");
	check_quote("\xff\xfe broken \xc3");
	check_quote("\xe2\x80\xa8 line separator");
	check_quote("-n");
	check_quote("*?[a]~#!{}");
	text_put_shell_word(&text, "cost $5");
	assert_string_equal(text.data, "'cost '\\$'5'");
	text_free(&text);
}

static void test_json_string(void **state)
{
	struct text text = {0};

	(void)state;
	text_put_json_string(
		&text, "a\"b\\c\n\x1b\x7f\xc2\x85\xe2\x80\xa8 Gr\xc3\xb6\xc3\x9f\x65 \xff\xf0\x9f\x99\x82");
	assert_string_equal(text.data,
			    "\"a\\\"b\\\\c\\u000a\\u001b\\u007f\\u0085\\u2028 Gr\xc3\xb6\xc3\x9f\x65 "
			    "\\ufffd\xf0\x9f\x99\x82\"");
	text_free(&text);
}

static void test_markup(void **state)
{
	struct text text = {0};

	(void)state;
	text_put_markup(&text,
			"a<b>&\"'\t\r\n]]> \x01\033[m\x7f \xc2\x9b \xe2\x80\xa8 \xef\xbf\xbe\xef\xbf\xbf "
			"Gr\xc3\xb6\xc3\x9f\x65 \xf0\x9f\x98\x80 \xff\xe2\x82");
	assert_string_equal(text.data,
			    "a&#60;b&#62;&#38;&#34;&#39;&#9;&#13;&#10;]]&#62; \xef\xbf\xbd\xef\xbf\xbd[m"
			    "\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd "
			    "Gr\xc3\xb6\xc3\x9f\x65 \xf0\x9f\x98\x80 \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	text_free(&text);
}

static void test_visible(void **state)
{
	struct text text = {0};

	(void)state;
	text_put_visible(&text, "a\nb\033[31m\x7f \xc2\x9b \xe2\x80\xa8 Gr\xc3\xb6\xc3\x9f\x65 \xff\xe2\x82");
	assert_string_equal(text.data, "a?b?[31m? ?? ??? Gr\xc3\xb6\xc3\x9f\x65 ???");
	text_free(&text);
	assert_int_equal(utf8_printable("\xe2\x82\xac"), 3);
	assert_int_equal(utf8_printable("\xed\xa0\x80"), 0); /* a surrogate */
	assert_int_equal(utf8_printable("\xc0\x80"), 0);     /* overlong */
	assert_int_equal(utf8_printable("\xf0\x9f\x90"), 0); /* cut */
}

/* ---- tables ------------------------------------------------------------ */

static void test_table(void **state)
{
	enum { KEYS = 997 };
	struct table table = {0};
	static int values[KEYS];
	bool present[KEYS] = {false};
	unsigned random = 1;
	size_t count = 0;

	(void)state;
	assert_null(table_get(&table, 0));
	assert_null(table_remove(&table, 0));
	for (int round = 0; round < 200000; round++) {
		size_t at;

		random = random * 1103515245 + 12345;
		at = (random >> 8) % KEYS;
		/* Page addresses: keys that differ in few bits. */
		uint64_t key = (uint64_t)at * 4096;

		assert_ptr_equal(table_get(&table, key), present[at] ? &values[at] : NULL);
		if (random & 128) {
			table_put(&table, key, &values[at]);
			count += !present[at];
			present[at] = true;
		} else {
			assert_ptr_equal(table_remove(&table, key), present[at] ? &values[at] : NULL);
			count -= present[at];
			present[at] = false;
		}
		assert_int_equal(table.used, count);
	}
	/* Many removals do not let it grow. */
	assert_true(table.capacity <= 4096);

	size_t seen = 0, position = 0;
	uint64_t key;

	while (table_next(&table, &position, &key)) {
		assert_true(present[key / 4096]);
		table_remove(&table, key); /* allowed while iterating */
		seen++;
	}
	assert_int_equal(seen, count);
	assert_int_equal(table.used, 0);
	table_free(&table);
}

/* ---- durations and errors ---------------------------------------------- */

static void check_duration(const char *string, uint64_t expected)
{
	struct error err = {0};
	uint64_t ns = 0;

	assert_int_equal(parse_duration(string, "interval", &ns, &err), 0);
	assert_int_equal(ns, expected);
	assert_null(err.message);
}

static void test_durations(void **state)
{
	static const char *const wrong[] = {"",    "0",   "-1",    "x",      "1x", "1 s",
					    "nan", "inf", "1e300", "10msec", "1s2"};

	(void)state;
	check_duration("0.01", 10000000);
	check_duration("10ms", 10000000);
	check_duration("500us", 500000);
	check_duration("2s", 2000000000);
	check_duration("1min", UINT64_C(60000000000));
	check_duration("1e-3", 1000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct error err = {0};
		uint64_t ns;

		assert_int_equal(parse_duration(wrong[i], "interval", &ns, &err), -1);
		assert_non_null(strstr(err.message, "interval"));
		assert_int_equal(err.status, STATUS_FAILED);
		error_free(&err);
	}
}

static void test_errors(void **state)
{
	struct error err = {0};

	(void)state;
	assert_int_equal(error_set(&err, STATUS_NOT_FOUND, "%s: not found", "a\nb\033c"), -1);
	assert_string_equal(err.message, "a?b?c: not found"); /* one line, nothing for a terminal */
	assert_int_equal(err.status, STATUS_NOT_FOUND);
	error_set(&err, STATUS_FAILED, "another");
	assert_string_equal(err.message, "another");
	error_free(&err);
	assert_null(err.message);
}

static void test_clock(void **state)
{
	struct clock_anchor anchor;
	uint64_t before, after;

	(void)state;
	clock_anchor_set(&anchor);
	before = clock_epoch_ns(&anchor);
	after = clock_epoch_ns(&anchor);
	assert_true(before <= after);
	/* After 2023 and before 2100. */
	assert_true(before / 1000000000 > 1700000000 && before / 1000000000 < 4102444800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mib),         cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_text_grows),  cmocka_unit_test(test_quote),
		cmocka_unit_test(test_visible),     cmocka_unit_test(test_table),
		cmocka_unit_test(test_markup),      cmocka_unit_test(test_durations),
		cmocka_unit_test(test_errors),      cmocka_unit_test(test_clock),
		cmocka_unit_test(test_json_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
