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

# It shares memory with its parent and has to be traced until its exec: docs/transparency.md.
@test "unprivileged: a child by posix_spawn loses its setuid privileges, and one line says so" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make a setuid program"
	install -m 4755 "$(command -v id)" given/own-id
	equal "$(as_nobody given/own-id -u)" 0 || skip "setuid programs do not work in this folder"
	specs=('libc.so*!*spawn*' 'libc.so*!*wait*')
	as_nobody "$fmprof" run -q -o - -f '*!*spawn*' -- $python -c \
		'import os; print(os.waitpid(os.posix_spawn("given/own-id", ["id", "-u"], {}), 0)[1])' 2>err >/dev/null
	grep -qE '^fmprof: .*more rights.*; ' err
}
