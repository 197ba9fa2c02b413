# fmprof. `make` builds build/fmprof; `make demo` and `make check` need nothing
# but make, git and apt: they install what is missing first (see `deps`).
#
#   make [all]     the program              make demo      record and draw the demo
#   make deps      install packages         make check     all tests
#   make stress    full size + sanitized    make bench     speed, as ratios
#   make picture   redraw docs/demo.png     make gallery   redraw docs/gallery
#   make fuzz      damaged files            make deps-browser  chromium, for the tests of pictures that zoom
#   make install   PREFIX, DESTDIR          make uninstall, make clean
#   make format    clang-format             make lint      its check, cppcheck, include directions
#
#   V=1 shows commands, DEBUG=1 no optimisation, SAN=1 sanitizers, CC= compiler.

BUILD ?= build$(if $(SAN),-san)$(if $(DEBUG),-debug)
PREFIX ?= /usr/local
ARCH ?= $(shell uname -m)

CFLAGS ?= $(if $(DEBUG),-O0 -g3,-O2 -g)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Wvla -Wformat=2 -Wpointer-arith -Wwrite-strings
SANITIZE = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
comma := ,
VERSION = 0.1.0
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DFMPROF_VERSION='"$(VERSION)"' $(WARNINGS) $(SANITIZE) -pthread -Iinclude $(CFLAGS)
ALL_LDFLAGS = -pthread $(SANITIZE) $(LDFLAGS)
LIBS = -lelf -ldwarf -llzma -lZydis -liberty -ljansson -linih -lm

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# Rooms of the two halves; they meet at trace/, and batch/ uses both (docs/architecture.md).
READING = util trace analyze plot export
RECORDING = arch/$(ARCH) sym target probe sample record
sources = $(sort $(wildcard $(addprefix src/,$(addsuffix /*.c,$(1)))))
object = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))

READING_OBJECTS = $(call object,$(call sources,$(READING)))
RECORDING_OBJECTS = $(call object,$(call sources,$(RECORDING)))
BATCH_OBJECTS = $(call object,$(call sources,batch))
CMD_OBJECTS = $(call object,$(call sources,cmd))
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

.DEFAULT_GOAL := all
.PHONY: all deps deps-check deps-browser demo picture gallery check stress bench bench-programs fuzz install uninstall clean unit format lint
.DELETE_ON_ERROR:

all: $(BUILD)/fmprof

$(BUILD)/fmprof: $(CMD_OBJECTS) $(BUILD)/libfmprof-batch.a $(BUILD)/libfmprof-record.a $(BUILD)/libfmprof-read.a $(BUILD)/flags
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

$(BUILD)/libfmprof-batch.a: $(BATCH_OBJECTS)
$(BUILD)/libfmprof-read.a: $(READING_OBJECTS)
$(BUILD)/libfmprof-record.a: $(RECORDING_OBJECTS)
$(BUILD)/%.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The flags are a prerequisite: objects of other flags are never mixed in.
$(BUILD)/flags: always
	$(Q)mkdir -p $(BUILD)
	$(Q)printf '%s\n' "$$FLAGS" | cmp -s - $@ || printf '%s\n' "$$FLAGS" >$@
.PHONY: always
$(BUILD)/flags: export FLAGS = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Tests of the reading half link nothing of the recording half.
READING_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard $(patsubst %,tests/unit/test_%.c,$(READING) $(addsuffix _*,$(READING)))))
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libfmprof-batch.a $(BUILD)/libfmprof-record.a $(BUILD)/libfmprof-read.a $(BUILD)/flags
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< \
		$(if $(filter $@,$(READING_TESTS)),,$(BUILD)/libfmprof-batch.a $(BUILD)/libfmprof-record.a) $(BUILD)/libfmprof-read.a -lcmocka $(LIBS)

# Files as C strings, one a line: the viewer's script and the style of pages.
as_strings = $(Q)mkdir -p $(@D) && { echo 'static const char *const $(1)[] = {'; \
	sed 's/[\\"]/\\&/g; s/.*/	"&\\n",/' $<; echo '};'; } >$@
$(BUILD)/gen/viewer_js.h: src/plot/viewer.js
	$(call as_strings,viewer_js)
$(BUILD)/gen/page_css.h: src/batch/page.css
	$(call as_strings,page_css)
$(BUILD)/obj/plot/viewer.o: $(BUILD)/gen/viewer_js.h
$(BUILD)/obj/batch/page.o: $(BUILD)/gen/page_css.h
$(BUILD)/obj/plot/viewer.o $(BUILD)/obj/batch/page.o: ALL_CFLAGS += -I$(BUILD)/gen

# ---- packages ----------------------------------------------------------------
# Debian names; nothing is asked of apt when all are there.
PACKAGES = gcc g++ libc6-dev libelf-dev libdwarf-dev liblzma-dev libzydis-dev libiberty-dev libjansson-dev libinih-dev gnuplot-nox fonts-dejavu-core
PACKAGES_CHECK = libcmocka-dev bats python3 python3-memory-profiler python3-matplotlib sqlite3 libsqlite3-0 gdb ltrace gzip util-linux \
	clang clang-format cppcheck binutils dwz procps xz-utils libpython3.11-testsuite libpython3.11 python3-psutil git openssl perl redis-tools \
	python3-jsonschema libxml2-utils
# Compared too where it is installed: nodejs, 150 MB; golang-go, 400 MB. Pictures that zoom are tested where there is a browser, 350 MB.
PACKAGES_BROWSER = chromium

deps:
	$(Q)tests/install-packages $(PACKAGES)

deps-check:
	$(Q)tests/install-packages $(PACKAGES) $(PACKAGES_CHECK)

deps-browser:
	$(Q)tests/install-packages $(PACKAGES_BROWSER)

# ---- the demo ----------------------------------------------------------------
# Sub-makes, so that the compiler is asked for only after deps has brought it.
demo: deps
	$(Q)$(MAKE) --no-print-directory all testprogs
	$(Q)tests/demo $(BUILD) $(BUILD)/demo

picture: deps
	$(Q)$(MAKE) --no-print-directory all testprogs
	$(Q)tests/demo $(BUILD) $(BUILD)/demo
	$(Q)cp $(BUILD)/demo/demo.png docs/demo.png

gallery: deps deps-check
	$(Q)$(MAKE) --no-print-directory all testprogs
	$(Q)tests/gallery $(BUILD) $(BUILD)/gallery docs/gallery

# ---- tests -------------------------------------------------------------------
check: deps-check
	$(Q)$(MAKE) --no-print-directory all unit testprogs testprogs-variants bench-programs
	$(Q)BUILD=$(BUILD) CC='$(CC)' tests/check

stress: deps-check
	$(Q)$(MAKE) --no-print-directory all unit testprogs testprogs-variants bench-programs
	$(Q)BUILD=$(BUILD) CC='$(CC)' FMPROF_STRESS=1 tests/check
	$(if $(SAN),,$(Q)$(MAKE) --no-print-directory SAN=1 BUILD=$(BUILD)-san check)

unit: $(UNIT_TESTS)

SOURCES = $(wildcard src/*/*.[ch] src/*/*/*.[ch] include/fmprof/*.h tests/unit/*.[ch] tests/bench/*.[ch] testprogs/*.[ch])

format:
	$(Q)clang-format -i $(SOURCES)

lint:
	$(Q)clang-format --dry-run --Werror $(SOURCES)
	$(Q)cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr --std=c11 \
		--suppress=missingIncludeSystem -D_GNU_SOURCE -D__x86_64__ -DFMPROF_VERSION='""' -Iinclude src tests/bench
	$(Q)tests/check-rooms

# ---- speed -------------------------------------------------------------------
BENCH_PROGRAMS = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
bench-programs: $(BENCH_PROGRAMS)
$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/libfmprof-record.a $(BUILD)/libfmprof-read.a $(BUILD)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< \
		$(BUILD)/libfmprof-record.a $(BUILD)/libfmprof-read.a $(LIBS)

bench: deps-check
	$(Q)$(MAKE) --no-print-directory all testprogs bench-programs
	$(Q)BUILD=$(BUILD) tests/bench/run

fuzz: deps-check
	$(Q)$(MAKE) --no-print-directory SAN=1 BUILD=$(BUILD)-fuzz all unit testprogs
	$(Q)BUILD=$(BUILD)-fuzz tests/fuzz

# ---- installing --------------------------------------------------------------
# Quoted: DESTDIR may hold spaces, and what is removed must be what was meant.
doc_folder = $(DESTDIR)$(PREFIX)/share/doc/fmprof
install: all
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(doc_folder)/docs/gallery'
	install -m 755 $(BUILD)/fmprof '$(DESTDIR)$(PREFIX)/bin/fmprof'
	install -m 644 README.md LICENSE '$(doc_folder)'
	install -m 644 docs/*.md docs/*.json docs/*.png '$(doc_folder)/docs'
	install -m 644 docs/gallery/* '$(doc_folder)/docs/gallery'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/fmprof'
	rm -rf '$(doc_folder)'

clean:
	$(Q)rm -rf build build-* $(BUILD)

include testprogs/Makefile.inc
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
