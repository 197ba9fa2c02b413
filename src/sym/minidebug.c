/*
 * .gnu_debugdata ("MiniDebugInfo"): an ELF file, compressed by xz, in a section of a
 * stripped one. It holds the symbols of functions that .dynsym has not.
 */
#include <errno.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf.h"

static const uint64_t decoder_memory = UINT64_C(128) << 20; /* xz -9 needs 65 MiB */
static const uint64_t size_limit = UINT64_C(256) << 20;     /* a few bytes of xz can unpack to anything */

/* Returns NULL, or why it cannot be unpacked. */
static const char *decode(lzma_stream *stream, int fd)
{
	unsigned char block[65536];
	lzma_ret result;

	do {
		stream->next_out = block;
		stream->avail_out = sizeof(block);
		result = lzma_code(stream, LZMA_FINISH);
		if (result == LZMA_MEMLIMIT_ERROR || stream->total_out > size_limit)
			return "too large";
		if (result != LZMA_OK && result != LZMA_STREAM_END)
			return "damaged";
		if (!sym_write_all(fd, block, sizeof(block) - stream->avail_out))
			return strerror(errno);
	} while (result == LZMA_OK);
	return NULL;
}

static const char *unpack(const Elf_Data *packed, int fd)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	const char *why = "no memory";

	if (lzma_stream_decoder(&stream, decoder_memory, 0) == LZMA_OK) {
		stream.next_in = packed->d_buf;
		stream.avail_in = packed->d_size;
		why = decode(&stream, fd);
	}
	lzma_end(&stream);
	return why;
}

struct sym_elf *sym_minidebug_open(struct sym_module *module)
{
	Elf_Scn *section = sym_elf_section(module->elf, ".gnu_debugdata");
	Elf_Data *packed = section ? elf_rawdata(section, NULL) : NULL;
	struct sym_elf *elf = NULL;
	struct error ignored = {0};
	const char *why;
	int fd;

	if (!section)
		return NULL;
	fd = memfd_create("fmprof-symbols", MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	why = packed && packed->d_buf ? unpack(packed, fd) : "damaged";
	/* What was unpacked before the damage is not used: half a file has no symbols. */
	if (why)
		close(fd);
	else if (sym_elf_open_fd(fd, module->path, &elf, &ignored) < 0)
		why = "what it holds is damaged";
	error_free(&ignored);
	if (why)
		sym_trouble_add(
			&module->trouble,
			"%s: its .gnu_debugdata cannot be read: %s; only its exported functions are known",
			module->path, why);
	return elf;
}
