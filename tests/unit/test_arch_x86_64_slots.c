/*
 * Slots do what their instructions do: every kind of instruction is run where
 * it was made for and through its slot, near and far, and registers, flags,
 * memory and the place reached must be equal; then again, with the task taken
 * out of the slot at each instruction boundary.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <cmocka.h>

#include "fmprof/arch.h"

/* ---- a processor state that is loaded, run and saved --------------------- */

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, REGISTERS };

struct machine {
	uint64_t registers[REGISTERS], flags, host_rsp, entry, landing;
};

enum { LANDED_NEXT = 1, LANDED_TAKEN = 2, LANDED_ASTRAY = 3 };

extern struct machine machine __attribute__((visibility("hidden")));
extern const uint8_t land_next[], land_taken[], land_save[];
void machine_run(void);

__asm__(".local machine; .comm machine, 160, 16\n"
	".text\n"
	"machine_run: push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"mov %rsp, machine+136(%rip)\n"
	"mov machine(%rip), %rax; mov machine+8(%rip), %rcx; mov machine+16(%rip), %rdx\n"
	"mov machine+24(%rip), %rbx; mov machine+40(%rip), %rbp\n"
	"mov machine+48(%rip), %rsi; mov machine+56(%rip), %rdi; mov machine+64(%rip), %r8\n"
	"mov machine+72(%rip), %r9; mov machine+80(%rip), %r10; mov machine+88(%rip), %r11\n"
	"mov machine+96(%rip), %r12; mov machine+104(%rip), %r13; mov machine+112(%rip), %r14\n"
	"mov machine+120(%rip), %r15\n"
	"pushq machine+128(%rip); popfq; mov machine+32(%rip), %rsp; jmp *machine+144(%rip)\n"
	"land_next: movq $1, machine+152(%rip); jmp land_save\n"
	"land_taken: movq $2, machine+152(%rip)\n"
	"land_save: mov %rax, machine(%rip); mov %rcx, machine+8(%rip); mov %rdx, machine+16(%rip)\n"
	"mov %rbx, machine+24(%rip); mov %rsp, machine+32(%rip); mov %rbp, machine+40(%rip)\n"
	"mov %rsi, machine+48(%rip); mov %rdi, machine+56(%rip); mov %r8, machine+64(%rip)\n"
	"mov %r9, machine+72(%rip); mov %r10, machine+80(%rip); mov %r11, machine+88(%rip)\n"
	"mov %r12, machine+96(%rip); mov %r13, machine+104(%rip); mov %r14, machine+112(%rip)\n"
	"mov %r15, machine+120(%rip)\n"
	"mov machine+136(%rip), %rsp\n"
	"pushfq; popq machine+128(%rip); cld\n"
	"pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n");

/* ---- the program around the instruction --------------------------------- */

#define WORLD UINT64_C(0x200000000000)

enum {
	WORLD_SIZE = 0x8000,
	FROM = 0x800, /* offsets in the world; FROM is where the instruction stands */
	CALLEE = 0x2000,
	DATA = 0x3000,
	STACK = 0x6000,
	SHORT_HOP = 0x40,
	TRAP_FLAG = 0x100,
	DIRECTION_FLAG = 0x400,
};

struct instruction {
	const char *name;
	const char *bytes;
	uint8_t length;
	bool needs_reach; /* cannot be relocated 64 GiB away */
	bool counts;      /* looks at all 64 or the low 32 bits of rcx */
	uint64_t rax;
};

static uint8_t *world_at(uint64_t offset)
{
	return (uint8_t *)(uintptr_t)(WORLD + offset);
}

static void put_landing(uint8_t *at, const uint8_t *landing)
{
	memcpy(at, "\xff\x25\0\0\0\0", 6);
	memcpy(at + 6, &landing, sizeof landing);
}

static void world_reset(const struct instruction *instruction, bool trapped)
{
	uint64_t callee = WORLD + CALLEE;

	memset(world_at(0), 0xcc, DATA);
	memset(world_at(DATA), 0x5a, WORLD_SIZE - DATA);
	memcpy(world_at(FROM), instruction->bytes, instruction->length);
	put_landing(world_at(FROM + instruction->length), land_next);
	put_landing(world_at(FROM + instruction->length + SHORT_HOP), land_taken);
	put_landing(world_at(FROM - SHORT_HOP), land_taken);
	put_landing(world_at(CALLEE), land_taken);
	memcpy(world_at(DATA + 8), &callee, sizeof callee);
	for (uint64_t word = 0; word < 64; word++)
		memcpy(world_at(STACK + 8 * word), &callee, sizeof callee);
	if (trapped)
		*world_at(FROM) = 0xcc;
}

static void machine_reset(const struct instruction *instruction, uint64_t entry, uint64_t rcx, uint64_t flags)
{
	machine = (struct machine){.flags = flags, .entry = entry};
	for (uint64_t i = 0; i < REGISTERS; i++)
		machine.registers[i] = 0x0101010101010101 * (i + 1);
	machine.registers[RAX] = instruction->rax;
	machine.registers[RCX] = rcx;
	machine.registers[RSP] = WORLD + STACK;
	machine.registers[RBP] = WORLD + STACK + 64;
	machine.registers[RSI] = WORLD + DATA + 8;
	machine.registers[RDI] = WORLD + DATA + 256;
	machine.registers[R11] = WORLD + CALLEE;
	machine.registers[R12] = WORLD + DATA + 8;
}

/* ---- stepping into a slot and taking the task out ------------------------ */

static struct {
	const struct arch_slot *slot;
	uint64_t to;
	unsigned boundary; /* the one to leave at, counted from 0 */
	unsigned seen, left;
	bool inside, lost;
} step;

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
	greg_t *general = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint64_t offset = (uint64_t)general[REG_RIP] - step.to;
	struct arch_regs regs = {
		.user = {.rip = (uint64_t)general[REG_RIP], .rsp = (uint64_t)general[REG_RSP]}};

	(void)signal_number;
	if (arch_is_trap(info) || !step.slot) {
		machine.landing = LANDED_ASTRAY;
		general[REG_RIP] = (greg_t)(uintptr_t)land_save;
		general[REG_EFL] &= ~TRAP_FLAG;
		return;
	}
	if (offset >= step.slot->length) {
		if (step.inside)
			general[REG_EFL] &= ~TRAP_FLAG;
		return;
	}
	step.inside = true;
	if (step.seen++ != step.boundary)
		return;
	step.left++;
	step.lost = !arch_leave_slot(step.slot, step.to, &regs);
	general[REG_RIP] = (greg_t)regs.user.rip;
	general[REG_RSP] = (greg_t)regs.user.rsp;
	general[REG_EFL] &= ~TRAP_FLAG;
}

/* ---- comparing ------------------------------------------------------------ */

struct outcome {
	struct machine machine;
	uint8_t memory[WORLD_SIZE - DATA];
};

static void take_outcome(const struct instruction *instruction, struct outcome *outcome)
{
	outcome->machine = machine;
	outcome->machine.entry = outcome->machine.host_rsp = 0;
	memcpy(outcome->memory, world_at(DATA), sizeof outcome->memory);
	if (!memcmp(instruction->bytes, "\x0f\x05",
		    2)) { /* rcx and r11 are destroyed, one by rip, one by flags */
		outcome->machine.registers[RCX] = 0;
		outcome->machine.registers[R11] = 0;
	}
}

static void check_same(const struct instruction *instruction, const struct outcome *expected, const char *how)
{
	static struct outcome outcome;

	take_outcome(instruction, &outcome);
	if (memcmp(&outcome, expected, sizeof outcome))
		print_error("%s, %s: landed %d, not %d\n", instruction->name, how,
			    (int)outcome.machine.landing, (int)expected->machine.landing);
	assert_memory_equal(&outcome, expected, sizeof outcome);
}

static void run_original(const struct instruction *instruction, uint64_t rcx, uint64_t flags,
			 struct outcome *outcome)
{
	world_reset(instruction, false);
	machine_reset(instruction, WORLD + FROM, rcx, flags);
	machine_run();
	assert_int_not_equal(machine.landing, LANDED_ASTRAY);
	take_outcome(instruction, outcome);
}

static void check_state(const struct instruction *instruction, const struct arch_slot *slot, uint64_t to,
			uint64_t rcx, uint64_t flags, unsigned *landings)
{
	static struct outcome expected;

	run_original(instruction, rcx, flags, &expected);
	*landings |= 1U << expected.machine.landing;
	step.slot = NULL;
	world_reset(instruction, true);
	machine_reset(instruction, to, rcx, flags);
	machine_run();
	check_same(instruction, &expected, "through its slot");

	step.slot = slot;
	step.to = to;
	for (step.boundary = 0; step.boundary < ARCH_SLOT_POINTS; step.boundary++) {
		step.seen = 0;
		step.inside = false;
		world_reset(instruction, false);
		machine_reset(instruction, to, rcx, flags | TRAP_FLAG);
		machine_run();
		assert_false(step.lost);
		check_same(instruction, &expected, "taken out of its slot");
		if (step.seen <= step.boundary)
			break;
	}
}

/* Returns which landings were seen, a bit each. */
static unsigned check_instruction(const struct instruction *instruction, uint64_t to)
{
	static const uint64_t counts[] = {0, 1, 2, UINT64_C(1) << 32, (UINT64_C(1) << 32) + 1};
	static const uint64_t flag_bits[] = {0x1, 0x4, 0x40, 0x80, 0x800};
	struct arch_slot slot;
	struct error err = {0};
	unsigned landings = 0;

	if (arch_relocate((const uint8_t *)instruction->bytes, instruction->length, WORLD + FROM, to, &slot,
			  &err))
		fail_msg("%s: %s", instruction->name, err.message);
	assert_int_equal(slot.original_length, instruction->length);
	memcpy((void *)(uintptr_t)to, slot.code, slot.length);
	for (unsigned set = 0; set < 32; set++) {
		uint64_t flags = DIRECTION_FLAG | 2;

		for (unsigned bit = 0; bit < 5; bit++)
			flags |= set >> bit & 1 ? flag_bits[bit] : 0;
		for (unsigned i = 0; i < (instruction->counts ? 5 : 3); i++)
			check_state(instruction, &slot, to, counts[i], flags, &landings);
	}
	return landings;
}

#define PLAIN(name, bytes)                                                                                   \
	{                                                                                                    \
		name, bytes, sizeof(bytes) - 1, false, false, 0                                              \
	}
#define REACHING(name, bytes)                                                                                \
	{                                                                                                    \
		name, bytes, sizeof(bytes) - 1, true, false, 0                                               \
	}
#define COUNTING(name, bytes)                                                                                \
	{                                                                                                    \
		name, bytes, sizeof(bytes) - 1, false, true, 0                                               \
	}
#define WITH_RAX(name, bytes, rax)                                                                           \
	{                                                                                                    \
		name, bytes, sizeof(bytes) - 1, false, false, rax                                            \
	}

static const struct instruction instructions[] = {
	PLAIN("push rbp", "\x55"),
	PLAIN("push imm32", "\x68\x11\x22\x33\x44"),
	PLAIN("mov rbp, rsp", "\x48\x89\xe5"),
	PLAIN("sub rsp, 32", "\x48\x83\xec\x20"),
	PLAIN("add eax, ecx", "\x01\xc8"),
	PLAIN("leave", "\xc9"),
	PLAIN("rep movsb", "\xf3\xa4"),
	PLAIN("endbr64", "\xf3\x0f\x1e\xfa"),
	WITH_RAX("syscall", "\x0f\x05", SYS_getpid),
	REACHING("lea rax, [rip+x]", "\x48\x8d\x05\xf9\x27\0\0"),
	REACHING("mov rax, [rip+x]", "\x48\x8b\x05\xf9\x27\0\0"),
	REACHING("mov [rip+x], rcx", "\x48\x89\x0d\xf9\x27\0\0"),
	REACHING("cmp dword [rip+x], imm8", "\x83\x3d\xf9\x27\0\0\x5a"),
	REACHING("cmp qword [rip+x], imm32", "\x48\x81\x3d\xf5\x27\0\0\x5a\x5a\x5a\x5a"),
	REACHING("push [rip+x]", "\xff\x35\xfa\x27\0\0"),
	PLAIN("jmp rel8", "\xeb\x40"),
	PLAIN("jmp rel8, backwards", "\xeb\xbe"),
	PLAIN("jmp rel32", "\xe9\xfb\x17\0\0"),
	PLAIN("bnd jmp rel32", "\xf2\xe9\xfa\x17\0\0"),
	WITH_RAX("jmp rax", "\xff\xe0", WORLD + CALLEE),
	WITH_RAX("notrack jmp rax", "\x3e\xff\xe0", WORLD + CALLEE),
	REACHING("jmp [rip+x]", "\xff\x25\x02\x28\0\0"),
	COUNTING("loopne", "\xe0\x40"),
	COUNTING("loope", "\xe1\x40"),
	COUNTING("loop", "\xe2\x40"),
	COUNTING("jrcxz", "\xe3\x40"),
	COUNTING("loop on ecx", "\x67\xe2\x40"),
	COUNTING("jecxz", "\x67\xe3\x40"),
	PLAIN("call rel32", "\xe8\xfb\x17\0\0"),
	PLAIN("addr32 call rel32", "\x67\xe8\xfa\x17\0\0"),
	PLAIN("bnd call rel32", "\xf2\xe8\xfa\x17\0\0"),
	PLAIN("data16 data16 rex.W call rel32", "\x66\x66\x48\xe8\xf8\x17\0\0"),
	WITH_RAX("call rax", "\xff\xd0", WORLD + CALLEE),
	WITH_RAX("notrack call rax", "\x3e\xff\xd0", WORLD + CALLEE),
	WITH_RAX("data16 rex.W call rax", "\x66\x48\xff\xd0", WORLD + CALLEE),
	PLAIN("call r11", "\x41\xff\xd3"),
	PLAIN("call [r12]", "\x41\xff\x14\x24"),
	WITH_RAX("call [rax+8]", "\xff\x50\x08", WORLD + DATA),
	WITH_RAX("call [rax+disp32]", "\xff\x90\x08\0\0\0", WORLD + DATA),
	REACHING("call [rip+x]", "\xff\x15\x02\x28\0\0"),
	PLAIN("call [rsp]", "\xff\x14\x24"),
	PLAIN("call [rsp+8]", "\xff\x54\x24\x08"),
	PLAIN("call [rsp+0x78]", "\xff\x54\x24\x78"),
	PLAIN("call [rsp+rcx*8+8]", "\xff\x54\xcc\x08"),
	PLAIN("call [rsp+disp32]", "\xff\x94\x24\x80\0\0\0"),
	PLAIN("ret", "\xc3"),
	PLAIN("ret 16", "\xc2\x10\0"),
	PLAIN("repz ret", "\xf3\xc3"),
	PLAIN("bnd ret", "\xf2\xc3"),
};

static void check_all_at(uint64_t to)
{
	step.left = 0;
	for (size_t i = 0; i < sizeof instructions / sizeof *instructions; i++)
		check_instruction(&instructions[i], to);
	assert_true(step.left > 1000);
}

/* All sixteen conditions, both forms: each must be seen to go both ways. */
static void check_conditions_at(uint64_t to)
{
	for (unsigned condition = 0; condition < 16; condition++) {
		char short_form[] = {(char)(0x70 | condition), SHORT_HOP};
		char long_form[] = {0x0f, (char)(0x80 | condition), '\xfa', 0x17, 0, 0};
		struct instruction forms[] = {{"jcc rel8", short_form, sizeof short_form, false, false, 0},
					      {"jcc rel32", long_form, sizeof long_form, false, false, 0}};

		assert_int_equal(check_instruction(&forms[0], to), 1 << LANDED_NEXT | 1 << LANDED_TAKEN);
		assert_int_equal(check_instruction(&forms[1], to), 1 << LANDED_NEXT | 1 << LANDED_TAKEN);
	}
}

static uint64_t map_slot(uint64_t to)
{
	void *page = (void *)(uintptr_t)(to & ~UINT64_C(4095));

	assert_ptr_equal(mmap(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
			 page);
	return to;
}

static void unmap_slot(uint64_t to)
{
	munmap((void *)(uintptr_t)(to & ~UINT64_C(4095)), 8192);
}

static void test_near(void **state)
{
	uint64_t to = map_slot(WORLD + 2 * WORLD_SIZE);

	(void)state;
	check_all_at(to);
	check_conditions_at(to);
	unmap_slot(to);
}

static void test_reach(void **state)
{
	uint64_t above = map_slot(WORLD + FROM + arch_slot_reach),
		 below = map_slot(WORLD + FROM - arch_slot_reach);

	(void)state;
	check_all_at(above);
	check_all_at(below);
	check_conditions_at(below);
	unmap_slot(above);
	unmap_slot(below);
}

/* Far beyond the reach all but operands relative to rip still works. */
static void test_far(void **state)
{
	uint64_t to = map_slot(WORLD + (UINT64_C(64) << 30));

	(void)state;
	for (size_t i = 0; i < sizeof instructions / sizeof *instructions; i++) {
		const struct instruction *instruction = &instructions[i];
		struct arch_slot slot;
		struct error err = {0};

		if (!instruction->needs_reach) {
			check_instruction(instruction, to);
			continue;
		}
		assert_int_equal(arch_relocate((const uint8_t *)instruction->bytes, instruction->length,
					       WORLD + FROM, to, &slot, &err),
				 -1);
		assert_non_null(strstr(err.message, "out of reach"));
		error_free(&err);
	}
	check_conditions_at(to);
	unmap_slot(to);
}

static int setup(void **state)
{
	static uint8_t handler_stack[65536];
	stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	void *world = mmap(world_at(0), WORLD_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	(void)state;
	return world != world_at(0) || sigaltstack(&stack, NULL) || sigaction(SIGTRAP, &action, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_far),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
