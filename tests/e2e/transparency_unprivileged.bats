#!/usr/bin/env bats
# The same as a user without rights. (Where the tests are run by such a user, all of them are.)

setup() {
	load common
	load transparency
	# The usual folder may lie where nobody else may look, and so may fmprof.
	folder=$(mktemp -d /tmp/fmprof-nobody-XXXXXX)
	cd "$folder"
	mkdir given
	cp "$fmprof" fmprof
	fmprof=$folder/fmprof
	chmod 777 "$folder"
	as_nobody test -x "$fmprof" || skip "no rights can be given up here"
}

teardown() {
	if [ -n "${BATS_TEST_COMPLETED:-}${BATS_TEST_SKIPPED:-}" ]; then
		rm -rf "$folder"
	else
		echo "folder: $folder"
	fi
}

# as_user COMMAND...: twice, by that user
as_user() {
	local prefix=(env)
	if [ "$(id -u)" -eq 0 ]; then
		prefix=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	fi
	before=("${prefix[@]}" "${before[@]}")
	chmod -R a+rX given
	twice "$@"
	before=(env)
}

@test "unprivileged: who it is, and what it may" {
	specs=('libc.so*!*alloc*')
	as_user sh -c 'id; cat /proc/self/status | grep -E "^(Cap|Uid|Gid|NoNewPrivs|Seccomp)"; cat /etc/shadow; echo $?'
	[ "$(id -u)" -ne 0 ] || grep -q '^uid=65534' traced.out
}

@test "unprivileged: shells" {
	cp "$programs/traps.sh" given
	cut=(no_numbers)
	ignored_files=(-x ready)
	specs=('libc.so*!*fork*' 'libc.so*!*wait*' 'libc.so*!*sig*' '*trap*')
	as_user bash ./traps.sh 5
	specs=('libc.so*!*fork*' 'libc.so*!*wait*' 'libc.so*!*sig*')
	as_user dash ./traps.sh 5
}

@test "unprivileged: signals" {
	build queued
	build storm
	build interrupted
	specs=(work)
	as_user ./queued 50
	as_user ./storm 50
	as_user ./interrupted plain
}

@test "unprivileged: children, threads and exec" {
	build children
	build exec_thread
	specs=(work)
	for kind in fork vfork spawn vm threads; do as_user ./children $kind "$(scaled 30 1000)"; done
	as_user ./exec_thread 5
}

@test "unprivileged: libraries" {
	build plugins
	build plugin -shared -fPIC
	mv given/plugin given/libplugin.so
	specs=('libplugin*!plugin_*')
	as_user ./plugins 30 ./libplugin.so
	equal "$(calls_of x.dat plugin_step)" 90
}

@test "unprivileged: exceptions" {
	g++ -O2 -pthread -o given/throws "$programs/throws.cc"
	specs=('*leaf*' '*middle*' '*guard*')
	as_user ./throws 200
	equal "$(cat traced.status)" 6
}

@test "unprivileged: a namespace of its own" {
	command -v unshare >/dev/null && as_nobody unshare -r true 2>/dev/null || skip "no user namespaces for this user"
	specs=('libc.so*!*fork*' 'libc.so*!*exec*' 'libc.so*!unshare' 'libc.so*!*alloc*')
	as_user unshare -r id -u
	specs=('libc.so*!*fork*' 'libc.so*!unshare')
	as_user unshare -r -p -f sh -c 'echo $$; sh -c "exit 3"; echo $?'
}

@test "unprivileged: a setuid program runs without its privileges, and one line says so" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make a setuid program"
	compile who <<-'EOF2'
	#include <stdio.h>
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void) { work(); printf("%d %d\n", getuid(), geteuid()); }
	EOF2
	install -m 4755 who given/who
	equal "$(as_nobody given/who)" "65534 0" || skip "setuid programs do not work in this folder"
	touch x.dat && chmod 666 x.dat
	as_nobody timeout "$limit" "$fmprof" run -q -o x.dat -f work given/who >out 2>err
	equal "$(cat out)" "65534 65534"
	equal "$(wc -l <err)" 1
	grep -qE '^fmprof: .*(rights|privileges).*; ' err
	# The same for one that a program becomes, and as root nothing is lost.
	as_nobody timeout "$limit" "$fmprof" run -q -o x.dat -f 'libc.so*!*fork*' sh -c 'exec given/who' >out 2>err
	equal "$(cat out)" "65534 65534"
	grep -qE '^fmprof: .*(rights|privileges).*; ' err
	limited "$fmprof" run -q -o x.dat -f work given/who >out 2>err
	equal "$(cat out)" "0 0"
	[ ! -s err ]
}

@test "unprivileged: a child that a program starts keeps its setuid privileges" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make a setuid program"
	install -m 4755 "$(command -v id)" given/own-id
	equal "$(as_nobody given/own-id -u)" 0 || skip "setuid programs do not work in this folder"
	specs=('libc.so*!*fork*' '*wait*')
	as_user bash -c './own-id -u; ./own-id -ru; echo $?'
}

# set_rights MODE NAME: given/NAME becomes a set-user-ID program of root's
set_rights() {
	[ "$(id -u)" -eq 0 ] || skip "only root can make a setuid program"
	chmod "$1" "given/$2"
	[ -z "$(as_nobody "given/$2" | sed -n 's/^Uid:\t65534\t65534\t.*/lost/p')" ] || skip "setuid programs do not work in this folder"
}

# How often they make calls is up to the machine.
no_calls() {
	sed '/^work /d'
}

@test "unprivileged: a child that shares memory keeps its setuid privileges, and all else" {
	build spawns
	build rights
	set_rights 4755 rights
	cut=(no_calls)
	specs=(work start 'libc.so*!*fork*' 'libc.so*!*spawn*' 'libc.so*!*exec*')
	for kind in vfork spawn vm; do
		for threads in 0 2; do
			as_user ./spawns $kind $threads 3 ./rights one '' 'two words'
			grep -qx 'ended 3' traced.out
			not grep -q more.rights notes
		done
	done
}

@test "unprivileged: children of python's keep their setuid privileges" {
	build rights
	set_rights 4755 rights
	cat >given/children.py <<-'EOF2'
	import os, subprocess
	print(os.waitpid(os.posix_spawn("./rights", ["rights", "x"], {"A": "b"}), 0)[1])
	print(subprocess.run(["rights"], env={"PATH": "/nowhere:."}, capture_output=True))
	print(os.system("./rights; exec ./rights y"))
	print(os.popen("./rights").read())
	EOF2
	specs=('*!*spawn*' '*!*fork*' '*!*exec*' '*!*wait*')
	as_user $python -u children.py
	equal "$(grep -cE 'Uid:(\\t|	)65534(\\t|	)0' traced.out)" 5
}

@test "unprivileged: a child by vfork keeps the privileges of a file that may not be read" {
	build spawns
	build rights -static
	set_rights 4711 rights
	mv given/rights unreadable # beside given/, whose files as_user makes readable
	specs=(work start)
	as_user ./spawns vfork 0 3 ../unreadable
	as_user ./spawns spawn 0 3 ../unreadable
	grep -qx 'ended 3' traced.out
}

@test "unprivileged: a child keeps the capabilities of its file" {
	build spawns
	build rights
	[ "$(id -u)" -eq 0 ] || skip "only root can give capabilities"
	# struct vfs_cap_data, revision 2, effective: CAP_NET_RAW
	$python -c 'import os, struct; os.setxattr("given/rights", "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))' ||
		skip "no capabilities in this folder"
	as_nobody given/rights >/dev/null || skip "capabilities do not work in this folder"
	cut=(no_calls)
	specs=(work start)
	as_user ./spawns spawn 0 3 ./rights
	as_user ./spawns spawn 1 3 ./rights
	grep -qx 'ended 3' traced.out
}

# spawn_among_calls TIMES PROGRAM: three threads make calls all the while, and not one is lost
spawn_among_calls() {
	touch x.dat && chmod 666 x.dat
	as_nobody timeout "$limit" "$fmprof" run -q -o x.dat -f work -f start given/spawns spawn 3 "$@" >out 2>err
	equal "$(sed -n 's/^ended //p' out)" "$1"
	equal "$(sed -n 's/^work //p' out)" "$(calls_of x.dat work)"
	equal "$(sed -n 's/^start //p' out)" "$(calls_of x.dat start)"
	[ ! -s err ]
	truth x.dat
}

@test "unprivileged: while children with and without privileges are started, no call is lost" {
	build spawns
	build rights
	local times=$(scaled 200 2000)
	spawn_among_calls "$times" /bin/true
	set_rights 4755 rights
	spawn_among_calls "$times" given/rights
}

@test "unprivileged: with -C a setuid child is recorded without its privileges, and a line says so" {
	build spawns
	build rights
	set_rights 4755 rights
	touch x.dat && chmod 666 x.dat
	as_nobody timeout "$limit" "$fmprof" run -q -C -o x.dat -f work -f start given/spawns vfork 0 5 given/rights >out 2>err
	equal "$(sed -n 's/^ended //p' out)" 0
	equal "$(calls_of x.dat work)" 5
	equal "$(grep -c '^fmprof: .*more rights.*; ' err)" 5
	truth x.dat
}
