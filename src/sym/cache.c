#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint64_t worth_it = UINT64_C(8) << 20; /* less debug information is read in a moment */
static const uint64_t entry_limit = UINT64_C(16) << 20;
static const uint64_t folder_limit = UINT64_C(64) << 20;
static const char entry_suffix[] = ".answer", unfinished_prefix[] = "unfinished-";

/* Raise it when records, or what they say, change: old entries are not found any more. */
enum { FORMAT = 3, STALE_SECONDS = 3600 };

struct header {
	char magic[8];
	uint64_t checksum; /* CRC-64 of all that follows */
	uint64_t key_length, length;
};

static const char magic[8] = "fmprof\n";

/* ---- the folder -------------------------------------------------------- */

/* NULL if there is none, or it is somebody else's: with sudo HOME may be the user's, and files
 * of root in there would be in the way. */
static char *make_folder(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct stat status;
	char *parent = NULL, *folder;

	if (cache && *cache == '/')
		parent = mem_strdup(cache);
	else if (home && *home == '/')
		parent = mem_printf("%s/.cache", home);
	if (!parent)
		return NULL;
	folder = mem_printf("%s/fmprof", parent);
	if (mkdir(folder, 0700) < 0 && errno == ENOENT && mkdir(parent, 0700) == 0)
		mkdir(folder, 0700);
	free(parent);
	if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid())
		return folder;
	free(folder);
	return NULL;
}

/* The question for functions is one for all of a source file; whatever the spec names is chosen from the answer. */
static char *question(const struct sym_spec *spec, const struct sym_dwarf_details *details)
{
	uint64_t sum;

	if (!details)
		return mem_printf("%s:%u", spec->file, sym_spec_line(spec));
	sum = lzma_crc64((const unsigned char *)details->addresses,
			 details->count * sizeof(*details->addresses), 0);
	return mem_printf("details of %zu functions %016" PRIx64 " %s", details->count, sum,
			  details->only_addresses ? "" : spec->text);
}

void sym_cache_key_make(struct sym_cache_key *key, const struct sym_module *module, const struct sym_elf *elf,
			const struct sym_spec *spec, const struct sym_dwarf_details *details)
{
	struct stat status;
	char *folder, *asked;

	*key = (struct sym_cache_key){0};
	if (!module->sources || !module->sources->cache || !module->build_id || elf->debug_size < worth_it ||
	    fstat(elf->fd, &status) < 0)
		return;
	folder = make_folder();
	if (!folder)
		return;
	asked = question(spec, details);
	/* A build id can be given by hand, and be the same for other builds. */
	key->text = mem_printf("%s %d %s %" PRIu64 " %lld.%09ld %s", FMPROF_VERSION, FORMAT, module->build_id,
			       elf->size, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec, asked);
	free(asked);
	key->path =
		mem_printf("%s/%.40s-%016" PRIx64 "%s", folder, module->build_id,
			   lzma_crc64((const unsigned char *)key->text, strlen(key->text), 0), entry_suffix);
	free(folder);
}

void sym_cache_key_free(struct sym_cache_key *key)
{
	free(key->path);
	free(key->text);
	*key = (struct sym_cache_key){0};
}

/* ---- reading ----------------------------------------------------------- */

static uint64_t checksum_of(const struct text *entry)
{
	const size_t skipped = offsetof(struct header, key_length);

	return lzma_crc64((const unsigned char *)entry->data + skipped, entry->length - skipped, 0);
}

static bool read_entry(int fd, struct text *entry)
{
	struct stat status;
	char block[65536];
	ssize_t got;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
	    (uint64_t)status.st_size > entry_limit)
		return false;
	while (((got = read(fd, block, sizeof(block))) > 0 || (got < 0 && errno == EINTR)) &&
	       entry->length <= entry_limit)
		if (got > 0)
			text_put(entry, block, (size_t)got);
	return got == 0;
}

static bool take_entry(const struct sym_cache_key *key, const struct text *entry, struct text *bytes)
{
	struct header header;

	if (entry->length < sizeof(header))
		return false;
	memcpy(&header, entry->data, sizeof(header));
	if (memcmp(header.magic, magic, sizeof(magic)) != 0 || header.checksum != checksum_of(entry) ||
	    header.key_length != strlen(key->text) || entry->length - sizeof(header) < header.key_length ||
	    entry->length - sizeof(header) - header.key_length != header.length ||
	    memcmp(entry->data + sizeof(header), key->text, header.key_length) != 0)
		return false;
	text_put(bytes, entry->data + sizeof(header) + header.key_length, header.length);
	return true;
}

bool sym_cache_get(const struct sym_cache_key *key, struct text *bytes)
{
	struct text entry = {0};
	int fd = key->path ? open(key->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	bool found;

	if (fd < 0)
		return false;
	found = read_entry(fd, &entry) && take_entry(key, &entry, bytes);
	if (found)
		futimens(fd, NULL); /* its age counts from its last use */
	close(fd);
	text_free(&entry);
	return found;
}

/* ---- writing ----------------------------------------------------------- */

struct entry {
	char *path;
	struct timespec used;
	uint64_t size;
};

static int by_use(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec > b->used.tv_sec ? -1 : 1;
	return a->used.tv_nsec > b->used.tv_nsec ? -1 : a->used.tv_nsec < b->used.tv_nsec;
}

static bool has_suffix(const char *name)
{
	const size_t length = strlen(name), suffix = sizeof(entry_suffix) - 1;

	return length > suffix && strcmp(name + length - suffix, entry_suffix) == 0;
}

static bool is_unfinished(const char *name)
{
	return strncmp(name, unfinished_prefix, sizeof(unfinished_prefix) - 1) == 0;
}

/* Removes the entries that are too much, and what writers that were killed left behind. */
static void tidy(const char *folder)
{
	DIR *names = opendir(folder);
	struct entry *entries = NULL;
	size_t count = 0, capacity = 0;
	uint64_t sum = 0;
	const struct dirent *name;

	while (names && (name = readdir(names))) {
		struct stat status;
		char *path;

		if (!has_suffix(name->d_name) && !is_unfinished(name->d_name))
			continue;
		path = mem_printf("%s/%s", folder, name->d_name);
		if (lstat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
			free(path);
		} else if (is_unfinished(name->d_name)) {
			if (status.st_mtime + STALE_SECONDS < time(NULL))
				unlink(path);
			free(path);
		} else {
			entries = array_reserve(entries, &capacity, count + 1, sizeof(*entries));
			entries[count++] = (struct entry){
				.path = path, .used = status.st_mtim, .size = (uint64_t)status.st_size};
		}
	}
	if (names)
		closedir(names);
	if (count)
		qsort(entries, count, sizeof(*entries), by_use);
	for (size_t at = 0; at < count; at++) {
		sum += entries[at].size;
		if (sum > folder_limit)
			unlink(entries[at].path);
		free(entries[at].path);
	}
	free(entries);
}

/* Under its name only when it is whole: others may be reading and writing the same. */
static void write_entry(const char *folder, const char *path, const struct text *entry)
{
	char *unfinished = mem_printf("%s/%sXXXXXX", folder, unfinished_prefix);
	int fd = mkostemp(unfinished, O_CLOEXEC);

	if (fd >= 0) {
		const bool written = sym_write_all(fd, entry->data, entry->length);

		if (close(fd) < 0 || !written || rename(unfinished, path) < 0)
			unlink(unfinished);
	}
	free(unfinished);
}

void sym_cache_put(const struct sym_cache_key *key, const struct text *bytes)
{
	struct header header = {.length = bytes->length};
	struct text entry = {0};
	char *folder;

	if (!key->path || bytes->length > entry_limit - sizeof(header) - strlen(key->text))
		return;
	memcpy(header.magic, magic, sizeof(magic));
	header.key_length = strlen(key->text);
	text_put(&entry, (const char *)&header, sizeof(header));
	text_puts(&entry, key->text);
	text_put(&entry, bytes->data, bytes->length);
	header.checksum = checksum_of(&entry);
	memcpy(entry.data, &header, sizeof(header));
	folder = mem_strndup(key->path, (size_t)(strrchr(key->path, '/') - key->path));
	write_entry(folder, key->path, &entry);
	tidy(folder);
	free(folder);
	text_free(&entry);
}
