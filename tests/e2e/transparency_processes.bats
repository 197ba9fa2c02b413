#!/usr/bin/env bats
# Children and threads of every kind, short-lived ones by the thousand, daemons, exec.

setup() {
	load common
	load transparency
	cd "$BATS_TEST_TMPDIR"
	specs=(work child_work)
}

# many KIND TIMES: that many children
many() {
	build children
	echo "$1: $2"
	least_calls=$((2 * $2))
	twice ./children "$1" "$2"
	grep -q "^$1: $2," traced.out
	equal "$(calls_of x.dat child_work)" "${3:-0}" "calls in children that are no threads of it"
	truth x.dat
}

@test "processes: short-lived children by fork" {
	many fork "$(scaled 300 10000)"
}

@test "processes: children by vfork, posix_spawn and system" {
	for kind in vfork spawn system; do many $kind "$(scaled 50 2000)"; done
}

@test "processes: a child by vfork is traced by its parent" {
	mkdir given
	compile given/traces <<-'EOF2'
	#include <stdio.h>
	#include <sys/ptrace.h>
	#include <sys/wait.h>
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void)
	{
		int status;
		work();
		pid_t pid = vfork();
		if (pid == 0) {
			work();
			if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
				_exit(1);
			execl("/bin/true", "true", NULL);
			_exit(2);
		}
		work();
		for (status = 0; waitpid(pid, &status, 0) == pid; ptrace(PTRACE_CONT, pid, 0, 0))
			printf("0x%x\n", status);
	}
	EOF2
	specs=(work)
	twice ./traces
	head -n 1 traced.out | grep -qx 0x57f
	equal "$(calls_of x.dat work)" 2
}

@test "processes: clone with what it can share" {
	for kind in vm vm-files files sighand vfork-like no-signal copy-no-signal io ptrace vm-ptrace; do
		many $kind "$(scaled 20 1000)"
	done
}

@test "processes: short-lived threads" {
	many threads "$(scaled 500 10000)" "$(scaled 1500 30000)"
	many detached "$(scaled 500 10000)" "$(scaled 1500 30000)"
}

@test "processes: exec by a thread that is not the first" {
	build exec_thread
	specs=(work inside)
	least_calls=$(scaled 80 2000)
	twice ./exec_thread "$(scaled 20 500)"
	equal "$(cat traced.status)" 3
	truth x.dat
}

@test "processes: a daemon lives on after fmprof" {
	build daemon
	given/daemon go untraced.result
	specs=(work)
	limited "$fmprof" run -q -o x.dat -f work given/daemon go traced.result
	equal "$(calls_of x.dat work)" 2
	[ ! -e traced.result ] && [ ! -e untraced.result ]
	touch go
	wait_until test -s traced.result
	wait_until test -s untraced.result
	diff untraced.result traced.result
	grep -qx 'worked 1003' traced.result
}

@test "processes: a shell that goes on in the background after fmprof" {
	limited "$fmprof" run -q -o x.dat -f '*fork*' -f '*wait*' -f 'libc.so*!*sig*' \
		bash -c '(trap "echo term" TERM; while [ ! -e go ]; do sleep 0.01; done; echo went >result) >/dev/null 2>&1 &'
	[ ! -e result ]
	touch go
	wait_until test -s result
	equal "$(cat result)" went
}

# A program of 32 bits, as small as they come: says "32" and exits with 5.
build_32bit() {
	mkdir -p given
	cat >small.s <<-'EOF2'
	.globl _start
	_start:
		mov $4, %eax
		mov $1, %ebx
		mov $text, %ecx
		mov $3, %edx
		int $0x80
		mov $1, %eax
		mov $5, %ebx
		int $0x80
	.data
	text: .ascii "32\n"
	EOF2
	as --32 -o small.o small.s && ld -m elf_i386 -o given/small small.o || skip "no 32-bit programs can be made"
	given/small >out || equal $? 5 || skip "no 32-bit programs can run"
}

@test "processes: exec of a 32-bit program goes on, with a warning" {
	build_32bit
	compile before32 <<-'EOF2'
	#include <unistd.h>
	__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
	int main(void) { work(); execl("./small", "small", (char *)0); }
	EOF2
	mv before32 given
	specs=(work)
	twice ./before32
	equal "$(cat traced.status)" 5
	cat notes
	equal "$(wc -l <notes)" 1
	grep -q '^fmprof: .*small: .*machine.*; ' notes
	specs=('libc.so*!*fork*')
	twice sh -c './small; echo $?'
}

@test "processes: a 32-bit program is refused with one line" {
	build_32bit
	status_of limited "$fmprof" run -o x.dat given/small >out 2>err
	equal "$status" 125
	equal "$(wc -l <err)" 1
	[ ! -s out ] && [ ! -e x.dat ]
}

@test "processes: a child that is let go has its code as it is in the files" {
	build own_text
	specs=(work inside 'libc.so*!*fork*' 'libc.so*!*wait*' 'libc.so*!*map*')
	twice ./own_text "$(scaled 10 500)"
	equal "$(cat traced.out)" "$(scaled 10 500) rounds"
}

# machine_of FILE NUMBER: a copy of a program that says it is for another machine
machine_of() {
	mkdir -p given
	cp /bin/true "given/$1"
	printf "\\x$(printf %02x "$2")\\x00" | dd of="given/$1" bs=1 seek=18 conv=notrunc 2>/dev/null
}

@test "processes: a program of another machine cannot be executed, as untraced" {
	machine_of other 183
	specs=('libc.so*!*fork*' 'libc.so*!*exec*' 'libc.so*!*wait*')
	for shell in bash dash; do
		twice $shell -c './other; echo $?; exec ./other'
		equal "$(cat traced.status)" 126
	done
	status_of limited "$fmprof" run -o no.dat given/other >out 2>err
	between 125 "$status" 126
	equal "$(wc -l <err)" 1
	grep -q '^fmprof: given/other: .*; ' err
	[ ! -e no.dat ] && [ ! -s out ]
}

@test "processes: children of its own parent's, of namespaces, with pidfds and by the bare system call" {
	build siblings
	specs=(work)
	twice ./siblings "$(scaled 20 1000)"
	grep -q '^parent: ' traced.out
	grep -q '^raw-thread: ' traced.out
	truth x.dat
}
