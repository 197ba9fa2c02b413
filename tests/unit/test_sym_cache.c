/*
 * sym: the cache's entries and its folder.
 */
#include "test_sym.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "../../src/sym/cache.h"

static struct sym_cache_key key_of(const char *name, const char *text)
{
	char *file = mem_printf("%s.answer", name);
	struct sym_cache_key key = {.path = in_folder(file), .text = mem_strdup(text)};

	free(file);
	return key;
}

static void put(const char *name, const char *text, const char *bytes, size_t length)
{
	struct sym_cache_key key = key_of(name, text);
	struct text kept = {0};

	text_put(&kept, bytes, length);
	sym_cache_put(&key, &kept);
	text_free(&kept);
	sym_cache_key_free(&key);
}

/* Whether there is an entry; it must then be what was put. */
static bool has(const char *name, const char *text, const char *bytes, size_t length)
{
	struct sym_cache_key key = key_of(name, text);
	struct text kept = {0};
	const bool found = sym_cache_get(&key, &kept);

	if (found)
		assert_true(kept.length == length && (!length || memcmp(kept.data, bytes, length) == 0));
	text_free(&kept);
	sym_cache_key_free(&key);
	return found;
}

static void test_put_and_get(void **state)
{
	(void)state;
	assert_false(has("a", "key", "", 0));
	put("a", "key", "some\0bytes", 10);
	assert_true(has("a", "key", "some\0bytes", 10));
	put("a", "key", "others", 6);
	assert_true(has("a", "key", "others", 6));
	put("empty", "key", "", 0);
	assert_true(has("empty", "key", "", 0));
	/* Two keys of one hash. */
	assert_false(has("a", "yek", "others", 6));
	assert_false(has("a", "key of more", "others", 6));
}

static void test_without_folder(void **state)
{
	struct sym_cache_key none = {0};
	struct text bytes = {0};

	(void)state;
	put("nowhere/a", "key", "bytes", 5);
	assert_false(has("nowhere/a", "key", "bytes", 5));
	text_puts(&bytes, "bytes");
	sym_cache_put(&none, &bytes);
	assert_false(sym_cache_get(&none, &bytes));
	text_free(&bytes);
}

/* Every single byte of an entry counts, and its length. */
static void test_damaged(void **state)
{
	char *path = in_folder("d.answer");
	char bytes[512];
	size_t length;
	FILE *file;

	(void)state;
	put("d", "the key", "what was found", 14);
	file = fopen(path, "r");
	assert_non_null(file);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_in_range(length, 21, sizeof(bytes) - 1);
	for (size_t at = 0; at < length; at++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[at] ^= (char)(1 << bit);
			write_file("d.answer", bytes, length);
			assert_false(has("d", "the key", "", 0));
			bytes[at] ^= (char)(1 << bit);
		}
		write_file("d.answer", bytes, at);
		assert_false(has("d", "the key", "", 0));
	}
	bytes[length] = 0;
	write_file("d.answer", bytes, length + 1);
	assert_false(has("d", "the key", "", 0));
	write_file("d.answer", bytes, length);
	assert_true(has("d", "the key", "what was found", 14));
	free(path);
}

static void set_age(const char *name, time_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
	char *path = in_folder(name);

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

static bool exists(const char *name)
{
	char *path = in_folder(name);
	const bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* 64 MiB are kept: what was used last. Files that are not the cache's are left alone. */
static void test_bounded(void **state)
{
	enum { SIZE = 15 << 20, COUNT = 4 };
	char *bytes = mem_alloc(SIZE);
	char name[32], file[48];

	(void)state;
	write_file("notes.txt", "mine", 4);
	set_age("notes.txt", 1000000);
	write_file("unfinished-old", "x", 1);
	set_age("unfinished-old", 7200);
	write_file("unfinished-new", "x", 1);
	for (int at = 0; at < COUNT; at++) {
		snprintf(name, sizeof(name), "large%d", at);
		snprintf(file, sizeof(file), "%s.answer", name);
		put(name, "key", bytes, SIZE);
		set_age(file, 1000 - at);
		assert_true(exists(file));
	}
	assert_false(exists("unfinished-old"));
	assert_true(exists("unfinished-new"));
	/* The oldest is used, and is not the oldest any more. */
	assert_true(has("large0", "key", bytes, SIZE));
	put("large4", "key", bytes, SIZE);
	assert_true(exists("large0.answer"));
	assert_false(exists("large1.answer"));
	assert_true(exists("large2.answer"));
	assert_true(exists("large4.answer"));
	assert_true(exists("notes.txt"));
	/* Too large to be kept at all. */
	free(bytes);
	bytes = mem_alloc((16 << 20) + 1);
	put("larger", "key", bytes, (16 << 20) + 1);
	assert_false(exists("larger.answer"));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_get),
		cmocka_unit_test(test_without_folder),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
