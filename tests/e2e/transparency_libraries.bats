#!/usr/bin/env bats
# Libraries that come and go.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	build plugins
	build plugin -shared -fPIC
	mv given/plugin given/libplugin.so
	specs=('libplugin*!plugin_*' cycle)
}

# counts CYCLES: each function as often as it ran
counts() {
	for pair in plugin_begin:1 plugin_use:1 plugin_step:3 plugin_end:1; do
		equal "$(calls_of x.dat "${pair%:*}")" $((${pair#*:} * $1)) "calls of ${pair%:*}"
	done
	truth x.dat
}

@test "libraries: dlopen and dlclose, constructors and destructors" {
	local cycles
	cycles=$(scaled 150 1000)
	twice ./plugins "$cycles" ./libplugin.so
	counts "$cycles"
	equal "$(calls_of x.dat cycle)" "$cycles"
}

@test "libraries: three that come and go in turn" {
	local cycles
	cycles=$(scaled 50 1000)
	cp given/libplugin.so given/libplugin2.so
	build plugin -shared -fPIC -O2 -fno-inline -fcf-protection=full
	mv given/plugin given/libplugin3.so
	twice ./plugins "$cycles" ./libplugin.so ./libplugin2.so ./libplugin3.so
	counts $((3 * cycles))
}

@test "libraries: replaced on disk by another one between two loads" {
	compile replaces <<-'EOF2'
	#include <dlfcn.h>
	#include <stdio.h>
	#include <stdint.h>
	#include <unistd.h>
	int main(int argc, char **argv)
	{
		(void)argc;
		for (int i = 1; argv[i]; i++) {
			unlink("now.so");
			if (link(argv[i], "now.so") != 0) return 2;
			void *library = dlopen("./now.so", RTLD_NOW);
			if (i % 2) unlink("now.so");
			int (*use)(int) = (int (*)(int))(uintptr_t)dlsym(library, "plugin_use");
			printf("%d\n", use(i));
			dlclose(library);
		}
	}
	EOF2
	mv replaces given
	build plugin -shared -fPIC -O0 -DOTHER
	mv given/plugin given/libother.so
	specs=('now.so!plugin_*')
	twice ./replaces ./libplugin.so ./libother.so ./libother.so ./libplugin.so ./libplugin.so
	counts 5
}

@test "libraries: in a namespace of their own (dlmopen)" {
	compile namespaces <<-'EOF2'
	#include <dlfcn.h>
	#include <stdint.h>
	#include <stdio.h>
	int main(void)
	{
		int sum = 0;
		for (int i = 0; i < 20; i++) {
			void *one = dlmopen(LM_ID_NEWLM, "./libplugin.so", RTLD_NOW), *two = dlmopen(LM_ID_NEWLM, "./libplugin.so", RTLD_NOW);
			if (!one || !two) return printf("%s\n", dlerror());
			sum += ((int (*)(int))(uintptr_t)dlsym(one, "plugin_use"))(i) + ((int (*)(int))(uintptr_t)dlsym(two, "plugin_use"))(i);
			dlclose(i % 2 ? one : two);
			dlclose(i % 2 ? two : one);
		}
		printf("%d\n", sum);
	}
	EOF2
	mv namespaces given
	specs=('libplugin*!plugin_*')
	twice ./namespaces
	counts 40
}

@test "libraries: functions of the dynamic linker and of libc around it" {
	specs=('libplugin*!plugin_*' 'libc.so*!*dl*' 'libc.so*!*alloc*' 'libc.so*!free' 'libc.so*!mmap' 'ld-linux*!_dl_*')
	twice ./plugins 30 ./libplugin.so
	counts 30
}

@test "libraries: generated code is left alone, in private memory" {
	build own_code
	specs=(work outer)
	twice ./own_code private "$(scaled 50 3000)"
	grep -q 'changed: none$' traced.out
	equal "$(calls_of x.dat work)" "$(scaled 200 12000)"
	truth x.dat
}

@test "libraries: generated code is left alone, in shared memory" {
	build own_code
	specs=(work outer)
	twice ./own_code shared "$(scaled 50 3000)"
	grep -q 'changed: none$' traced.out
	equal "$(calls_of x.dat work)" "$(scaled 400 24000)"
	truth x.dat
}

@test "libraries: removed by munmap, and other memory in its place" {
	build unmapped
	specs=('libplugin*!plugin_*')
	twice ./unmapped ./libplugin.so vfork
	grep -q '^changed: 0$' traced.out
}

@test "libraries: removed by munmap while a tracer is there, which then goes" {
	local tracer
	build unmapped
	limited given/unmapped given/libplugin.so wait </dev/null >untraced.out 2>untraced.err
	start_traced given/unmapped given/libplugin.so wait
	"$fmprof" attach -q -o x.dat -f 'libplugin*!plugin_*' "$program" 3>&- 9>&- &
	tracer=$!
	wait_until grep -qs '^MEM' x.dat
	echo >&9
	wait_until grep -qx removed traced.out
	kill -INT "$tracer"
	wait "$tracer"
	end_traced
}

@test "libraries: loaded and closed all the time, each time that a tracer comes and goes" {
	build reloads
	often_attached "$(scaled 25 300)" 'libplugin*!plugin_*' given/reloads given/libplugin.so
}
