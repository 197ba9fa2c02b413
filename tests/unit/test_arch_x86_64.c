/*
 * The x86-64 room without its slots: registers, the trap, calls, system calls,
 * and a task that is moved while a system call of its own is to be restarted.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmprof/arch.h"

/* ---- registers, calls, system calls --------------------------------------- */

static void test_registers(void **state)
{
	struct arch_regs regs = {.user = {.rip = 0x401001, .rsp = 0x7ff0, .orig_rax = 0}};
	siginfo_t trap = {.si_signo = SIGTRAP, .si_code = SI_KERNEL},
		  step = {.si_signo = SIGTRAP, .si_code = TRAP_TRACE};

	(void)state;
	assert_int_equal(arch_elf_machine, EM_X86_64);
	assert_int_equal(arch_pc_user_offset, 16 * sizeof(uint64_t));
	assert_int_equal(arch_trap_length, 1);
	assert_int_equal(arch_trap[0], 0xcc);
	assert_true(arch_is_trap(&trap));
	assert_false(arch_is_trap(&step));
	assert_true(arch_is_step(&step));
	assert_false(arch_is_step(&trap));
	assert_int_equal(arch_trap_address(&regs), 0x401000);
	assert_int_equal(arch_sp(&regs), 0x7ff0);
	arch_set_pc(&regs, 0x401001);
	assert_int_equal(regs.user.orig_rax, 0);
	arch_set_pc(&regs, 0x402000);
	assert_int_equal(arch_pc(&regs), 0x402000);
	assert_int_equal(regs.user.orig_rax, -1);
}

static void test_call_again(void **state)
{
	static const struct {
		long result, made_again;
	} calls[] = {{-512, SYS_read}, {-513, SYS_read}, {-514, SYS_read}, {-516, SYS_restart_syscall}};
	struct arch_regs regs;

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		regs = (struct arch_regs){.user = {.rip = 0x401002, .rax = (unsigned long)calls[i].result}};
		arch_restart_call(&regs);
		assert_int_equal(regs.user.rip, 0x401000);
		assert_int_equal(regs.user.rax, calls[i].made_again);
		assert_int_equal(regs.user.orig_rax, -1);
	}
	regs = (struct arch_regs){.user = {.rip = 0x401002, .rax = -4UL}};
	arch_restart_call(&regs);
	assert_int_equal(regs.user.rip, 0x401002);
	regs = (struct arch_regs){.user = {.rip = 0x401002, .rax = -512UL, .orig_rax = -1UL}};
	arch_restart_call(&regs);
	assert_int_equal(regs.user.rip, 0x401002);
}

static void test_calls(void **state)
{
	static const uint8_t call[] = {0x90, 0xe8, 0xfb, 0xff, 0xff, 0xff};
	struct arch_regs regs = {.user = {.rsp = 0x7ff0}};
	uint64_t target = 0, slot = arch_entry_stack_slot(&regs);

	(void)state;
	assert_int_equal(slot, 0x7ff0);
	regs.user.rsp += 8; /* as ret does */
	assert_int_equal(arch_returned_stack_slot(&regs), slot);
	assert_true(arch_stack_is_inner(0x7000, 0x7ff0));
	assert_false(arch_stack_is_inner(0x7ff0, 0x7ff0));
	assert_false(arch_stack_is_inner(0x8000, 0x7ff0));
	assert_true(arch_direct_call(call, sizeof call, 0x1000, &target));
	assert_int_equal(target, 0xffb);
	assert_false(arch_direct_call(call, sizeof call - 1, 0x1000, &target));
	assert_false(arch_direct_call(call + 2, sizeof call - 2, 0x1000, &target));
}

static void test_jumps(void **state)
{
	static const uint8_t set_ip[] = {0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x89, 0xb7, 0x98, 0, 0, 0, 0xc3};
	uint8_t other[sizeof set_ip];
	struct arch_regs regs = {.user = {.rdi = 0x1000, .rdx = 0x3000, .fs_base = 0x7000}};
	struct arch_jump_places places = arch_jump_places(&regs, 0x2000);
	const uint64_t secret = 0x0123456789abcdef, address = 0x7ffc12345678;
	uint64_t mangled = address ^ secret;

	(void)state;
	assert_int_equal(arch_third_argument(&regs), 0x3000);
	assert_int_equal(places.sp, 0x2030);
	assert_int_equal(places.pc, 0x2038);
	assert_int_equal(places.secret, 0x7030);
	assert_int_equal(arch_jump_word(mangled << 17 | mangled >> 47, secret), address);

	assert_int_equal(arch_landing_sp_place(&regs), 0x1090);
	assert_true(arch_is_libgcc_set_ip(set_ip, sizeof set_ip));
	assert_true(arch_is_libgcc_set_ip(set_ip + 4, sizeof set_ip - 4));
	for (size_t length = 0; length < sizeof set_ip; length++)
		assert_false(arch_is_libgcc_set_ip(set_ip, length));
	for (size_t i = 0; i < sizeof set_ip; i++) {
		memcpy(other, set_ip, sizeof other);
		other[i] ^= 1;
		assert_false(arch_is_libgcc_set_ip(other, sizeof other));
	}
}

static void check_clone(long number, uint64_t rdi, bool known, uint64_t expected)
{
	struct arch_regs regs = {.user = {.orig_rax = (unsigned long)number, .rdi = rdi}};
	uint64_t flags = 1;

	assert_int_equal(arch_clone_flags(&regs, &flags), known);
	assert_int_equal(flags, expected);
}

static void test_syscalls(void **state)
{
	static const uint8_t code[] = {0x0f, 0x0f, 0x05, 0x0f};
	static const uint64_t arguments[6] = {1, 2, 3, 4, 5, 6};
	struct arch_regs regs = {.user = {.orig_rax = SYS_exit, .rcx = 7, .rsp = 8}};

	(void)state;
	assert_true(arch_is_thread_exit(&regs));
	regs.user.orig_rax = SYS_exit_group;
	assert_false(arch_is_thread_exit(&regs));
	assert_int_equal(arch_find_syscall(code, sizeof code), 1);
	assert_int_equal(arch_find_syscall(code, 2), -1);
	assert_int_equal(arch_find_syscall(code, 0), -1);
	arch_prepare_syscall(&regs, 0x5000, SYS_mmap, arguments);
	assert_int_equal(regs.user.rax, SYS_mmap);
	assert_int_equal(regs.user.rdi, 1);
	assert_int_equal(regs.user.rsi, 2);
	assert_int_equal(regs.user.rdx, 3);
	assert_int_equal(regs.user.r10, 4);
	assert_int_equal(regs.user.r8, 5);
	assert_int_equal(regs.user.r9, 6);
	assert_int_equal(regs.user.rcx, 7);
	assert_int_equal(regs.user.rsp, 8);
	assert_int_equal(regs.user.rip, 0x5000);
	assert_int_equal(regs.user.orig_rax, -1);
	regs.user.rax = (unsigned long)-ENOMEM;
	assert_int_equal(arch_syscall_result(&regs), -ENOMEM);

	check_clone(SYS_clone, CLONE_VM | SIGCHLD, true, CLONE_VM | SIGCHLD);
	check_clone(SYS_fork, CLONE_VM, true, 0);
	check_clone(SYS_vfork, 0, true, CLONE_VM | CLONE_VFORK);
	check_clone(SYS_clone3, 0x7000, false, 0x7000);
}

/* ---- an interrupted system call ------------------------------------------- */

static void on_user_signal(int signal_number)
{
	(void)signal_number;
}

enum { EXIT_RESTART_CODE = 200, EXIT_OTHER = 201 };

/* Reads a byte with the system call instruction at `code`, to be interrupted
 * there; exits with that byte, or tells what else was in rax. */
static _Noreturn void read_interrupted(const uint8_t *code, int input)
{
	struct sigaction action = {.sa_handler = on_user_signal, .sa_flags = SA_RESTART};
	char byte = 0;
	long result = SYS_read;

	sigaction(SIGUSR1, &action, NULL);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	__asm__ volatile("call *%1"
			 : "+a"(result)
			 : "r"(code), "D"((long)input), "S"(&byte), "d"(1L)
			 : "rcx", "r11", "memory");
	if (result == 1)
		_exit(byte);
	_exit(result == -512 ? EXIT_RESTART_CODE : EXIT_OTHER);
}

static void get_regs(pid_t pid, struct arch_regs *regs)
{
	struct iovec iov = {&regs->user, sizeof regs->user};

	assert_int_equal(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov), 0);
}

static void set_regs(pid_t pid, struct arch_regs *regs)
{
	struct iovec iov = {&regs->user, sizeof regs->user};

	assert_int_equal(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov), 0);
}

static void wait_until_reading(pid_t pid)
{
	char path[64], text[64] = "";

	snprintf(path, sizeof path, "/proc/%d/syscall", pid);
	while (strncmp(text, "0 ", 2) != 0) { /* "running", or the number of read */
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		assert_true(read(fd, text, sizeof text) > 2);
		close(fd);
	}
}

/*
 * A task that waits in read() in a slot is interrupted by a signal and stands
 * at its delivery. Taken out of the slot, it must read on at the original
 * instruction; moved elsewhere with arch_set_pc, it must run exactly there.
 */
static void check_interrupted(bool leave)
{
	static const uint8_t original[] = {0x0f, 0x05, 0xc3}, elsewhere[] = {0xf4, 0xf4, 0xc3};
	uint8_t *code =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct arch_slot slot;
	struct arch_regs regs;
	struct error err = {0};
	uint64_t from = (uint64_t)(uintptr_t)code, to = from + 1024;
	int status, input[2];
	pid_t pid;

	assert_ptr_not_equal(code, MAP_FAILED);
	memset(code, 0xf4, 4096); /* hlt: whoever runs astray gets a SIGSEGV */
	memcpy(code, original, sizeof original);
	memcpy(code + 2048, elsewhere, sizeof elsewhere);
	assert_int_equal(arch_relocate(code, 3, from, to, &slot, &err), 0);
	memcpy(code + 1024, slot.code, slot.length);
	assert_int_equal(pipe(input), 0);
	pid = fork();
	if (pid == 0) {
		close(input[1]); /* so that it ends with this test, whatever happens */
		read_interrupted(code + 1024, input[0]);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
	wait_until_reading(pid);
	kill(pid, SIGUSR1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1);
	get_regs(pid, &regs);
	assert_int_equal(arch_pc(&regs), to + 2);
	assert_int_equal(regs.user.rax, -512); /* ERESTARTSYS */
	if (leave)
		assert_ptr_equal(arch_leave_slot(&slot, to, &regs), &slot.points[1]);
	else
		arch_set_pc(&regs, from + 2050);
	set_regs(pid, &regs);
	assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, SIGUSR1), 0);
	assert_int_equal(write(input[1], "*", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), leave ? '*' : EXIT_RESTART_CODE);
	close(input[0]);
	close(input[1]);
	munmap(code, 4096);
}

static void test_interrupted_syscall(void **state)
{
	(void)state;
	check_interrupted(true);
	check_interrupted(false);
}

/* What the kernel does for the calls that it restarts itself. */
static void test_restart(void **state)
{
	struct arch_regs regs = {
		.user = {.orig_rax = SYS_epoll_wait, .rax = (uint64_t)-EINTR, .rip = 0x1002}};
	struct arch_regs finished = {.user = {.orig_rax = SYS_epoll_wait, .rax = 1, .rip = 0x1002}};
	struct arch_regs outside = {
		.user = {.orig_rax = (uint64_t)-1, .rax = (uint64_t)-EINTR, .rip = 0x1002}};

	(void)state;
	assert_true(arch_restart_interrupted(&regs));
	assert_int_equal(regs.user.rax, SYS_epoll_wait);
	assert_int_equal(arch_pc(&regs), 0x1000);
	assert_false(arch_restart_interrupted(&finished));
	assert_false(arch_restart_interrupted(&outside));
	assert_int_equal(arch_pc(&outside), 0x1002);
}

static void test_sigreturn(void **state)
{
	static const uint8_t code[] = {0x90, 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3};

	(void)state;
	assert_int_equal(arch_find_sigreturn(code, sizeof code), 1);
	assert_int_equal(arch_find_sigreturn(code, sizeof code - 2), -1);
	assert_int_equal(arch_find_sigreturn(code, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers), cmocka_unit_test(test_calls),
		cmocka_unit_test(test_restart),   cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_syscalls),  cmocka_unit_test(test_call_again),
		cmocka_unit_test(test_sigreturn), cmocka_unit_test(test_interrupted_syscall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
