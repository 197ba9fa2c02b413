#include "elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t sym_elf_read(const struct sym_elf *elf, uint64_t offset, void *buffer, size_t length)
{
	size_t done = 0;

	if (offset >= elf->size)
		return 0;
	if (length > elf->size - offset)
		length = (size_t)(elf->size - offset);
	while (done < length) {
		ssize_t got = pread(elf->fd, (char *)buffer + done, length - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

bool sym_write_all(int fd, const void *bytes, size_t length)
{
	for (const char *at = bytes; length;) {
		ssize_t got = write(fd, at, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		length -= (size_t)got;
	}
	return true;
}

/* ---- opening ----------------------------------------------------------- */

static int open_failed(const char *path, struct error *err)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return error_set(err, STATUS_NOT_FOUND, "%s: no such file; check the name", path);
	case EACCES:
	case EPERM:
		return error_set(
			err, STATUS_NOT_EXECUTABLE,
			"%s: may not be read; its functions can only be found in a file that you may read",
			path);
	default:
		return error_set(err, STATUS_FAILED, "%s: cannot be opened: %s; check the file", path,
				 strerror(errno));
	}
}

static int damaged(const char *path, const char *how, struct error *err)
{
	return error_set(err, STATUS_NOT_EXECUTABLE, "%s: damaged ELF file: %s; build or copy it again", path,
			 how);
}

static int not_elf(const struct sym_elf *elf, const char *path, struct error *err)
{
	char start[2];

	if (sym_elf_read(elf, 0, start, sizeof(start)) == sizeof(start) && memcmp(start, "#!", 2) == 0)
		return error_set(err, STATUS_NOT_EXECUTABLE,
				 "%s: is a script; name the interpreter that runs it, a native program",
				 path);
	return error_set(err, STATUS_NOT_EXECUTABLE, "%s: not an ELF file; name a native program or library",
			 path);
}

static int check_header(struct sym_elf *elf, const char *path, struct error *err)
{
	const unsigned char own_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	const GElf_Ehdr *header = &elf->header;

	if (elf_kind(elf->elf) != ELF_K_ELF)
		return not_elf(elf, path, err);
	if (!gelf_getehdr(elf->elf, &elf->header))
		return damaged(path, "its header is cut off", err);
	if (header->e_ident[EI_DATA] != own_order)
		return error_set(
			err, STATUS_NOT_EXECUTABLE,
			"%s: built for a machine of another byte order; name a program of this machine",
			path);
	return 0;
}

static int fill(struct sym_elf *elf, const char *path, struct error *err)
{
	struct stat status;

	if (fstat(elf->fd, &status) < 0)
		return open_failed(path, err);
	if (!S_ISREG(status.st_mode))
		return error_set(err, STATUS_NOT_EXECUTABLE,
				 "%s: not a regular file; name a program or library", path);
	elf->size = (uint64_t)status.st_size;
	elf_version(EV_CURRENT);
	elf->elf = elf_begin(elf->fd, ELF_C_READ, NULL);
	if (!elf->elf)
		return not_elf(elf, path, err);
	if (check_header(elf, path, err) < 0)
		return -1;
	sym_elf_load_sections(elf);
	return 0;
}

int sym_elf_open_fd(int fd, const char *path, struct sym_elf **elf, struct error *err)
{
	struct sym_elf *opened = mem_alloc(sizeof(*opened));

	opened->fd = fd;
	opened->path = mem_strdup(path);
	if (fill(opened, path, err) < 0) {
		sym_elf_close(opened);
		return -1;
	}
	*elf = opened;
	return 0;
}

int sym_elf_open(const char *file, const char *path, struct sym_elf **elf, struct error *err)
{
	/* O_NONBLOCK: a FIFO of that name must not hold us up. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return open_failed(path, err);
	return sym_elf_open_fd(fd, path, elf, err);
}

void sym_elf_close(struct sym_elf *elf)
{
	if (!elf)
		return;
	sym_elf_close(elf->debug);
	sym_elf_close(elf->mini);
	free(elf->symtab.filter);
	free(elf->dynsym.filter);
	elf_end(elf->elf);
	close(elf->fd);
	free(elf->damage);
	free(elf->path);
	free(elf);
}

/* ---- notes ------------------------------------------------------------- */

static char *build_id_in(Elf_Data *notes)
{
	size_t offset = 0, name, description;
	GElf_Nhdr note;

	while (notes && (offset = gelf_getnote(notes, offset, &note, &name, &description)) > 0) {
		const unsigned char *bytes = (const unsigned char *)notes->d_buf + description;
		struct text hex = {0};

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz == 0 ||
		    memcmp((const char *)notes->d_buf + name, "GNU", 4) != 0)
			continue;
		for (size_t at = 0; at < note.n_descsz; at++)
			text_printf(&hex, "%02x", bytes[at]);
		return hex.data;
	}
	return NULL;
}

char *sym_elf_build_id(const struct sym_elf *elf)
{
	size_t count = 0;
	char *id = NULL;
	Elf_Scn *section = NULL;
	GElf_Phdr segment;
	GElf_Shdr header;

	if (elf_getphdrnum(elf->elf, &count) < 0)
		count = 0;
	for (size_t at = 0; at < count && !id; at++)
		if (gelf_getphdr(elf->elf, (int)at, &segment) && segment.p_type == PT_NOTE &&
		    segment.p_offset <= elf->size && segment.p_filesz <= elf->size - segment.p_offset)
			id = build_id_in(
				elf_getdata_rawchunk(elf->elf, (int64_t)segment.p_offset, segment.p_filesz,
						     segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR));
	/* A debug file's segments may point at what only the stripped file holds. */
	while (!id && (section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOTE)
			id = build_id_in(elf_getdata(section, NULL));
	return id;
}

/* ---- symbols ----------------------------------------------------------- */

bool sym_table_get(const struct sym_table *table, size_t index, struct sym_symbol *symbol)
{
	GElf_Sym entry;
	const size_t own = table->count - (table->more ? table->more->count : 0);

	if (table->more && index >= own)
		return sym_table_get(table->more, index - own, symbol);
	if (index >= own || !gelf_getsym(table->entries, (int)index, &entry) ||
	    entry.st_name >= table->strings_size)
		return false;
	symbol->name = table->strings + entry.st_name;
	symbol->value = entry.st_value;
	symbol->size = entry.st_size;
	symbol->type = GELF_ST_TYPE(entry.st_info);
	symbol->binding = GELF_ST_BIND(entry.st_info);
	symbol->defined = entry.st_shndx != SHN_UNDEF;
	return true;
}
