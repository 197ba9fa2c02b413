/*
 * PURPOSE: calls whose return address holds an instruction that cannot simply be executed elsewhere: relative to its
 * own address, a jump, a call, a return, a system call, or the entry of the next function. What a call leaves in
 * rax, rcx and the flags must be whole there, and each result is checked. x86-64 only.
 * TRACE: site_*
 * ARGUMENTS: [ROUNDS] = 128, which has all flags and counts
 */
#include "truth.h"
#include "x86_cases.h"

/* All sites call site_callee, which returns value + 1 in rax, count in rcx and the flags as given. */
typedef long site(long value, long flags, long count);

/* clang-format off */
__asm__(".text\n"
	".macro site name\n"
	"	.globl site_\\name\n"
	"	.type site_\\name, @function\n"
	"	site_\\name:\n"
	".endm\n"
	".macro last name\n"
	"	.size site_\\name, . - site_\\name\n"
	"	.skip 3, 0xcc\n"
	".endm\n"
	/* returns how far rax is from the address `label` */
	".macro distance label\n"
	"	lea \\label(%rip), %rdx\n"
	"	sub %rdx, %rax\n"
	"	ret\n"
	".endm\n"

	"site callee\n"
	"	lea 1(%rdi), %rax\n"
	"	mov %rdx, %rcx\n"
	"	push %rsi\n"
	"	popfq\n"
	"	ret\n"
	"last callee\n"
	"site callee_pops\n lea 1(%rdi), %rax\n ret $16\n last callee_pops\n"
	"helper_get_pc:\n" /* where its caller will go on */
	"	mov (%rsp), %rax\n"
	"	ret\n"

	"site mov\n call site_callee\n mov %rax, %rdx\n mov %rdx, %rax\n ret\n last mov\n"
	"site mov_rip\n call site_callee\n mov thousand(%rip), %rdx\n add %rdx, %rax\n ret\n last mov_rip\n"
	"site lea_rip\n call site_callee\n lea thousand(%rip), %rdx\n add (%rdx), %rax\n ret\n last lea_rip\n"
	"site add_rip\n call site_callee\n add thousand(%rip), %rax\n ret\n last add_rip\n"
	"site cmp_rip_imm\n call site_callee\n cmpl $1000, thousand(%rip)\n je 1f\n ud2\n 1: ret\n last cmp_rip_imm\n"
	"site mov_rip_imm\n call site_callee\n movl $999, scratch(%rip)\n ret\n last mov_rip_imm\n"
	"site jmp_short\n call site_callee\n jmp 1f\n ud2\n 1: ret\n last jmp_short\n"
	"site jmp_near\n call site_callee\n jmp 1f\n .skip 200, 0xcc\n 1: ret\n last jmp_near\n"
	"site jmp_rip\n call site_callee\n jmp *pointer_ret(%rip)\n last jmp_rip\n"
	".macro jumps_if condition\n"
	"	site j\\condition\n call site_callee\n j\\condition 1f\n xor %eax, %eax\n ret\n 1: mov $1, %eax\n ret\n"
	"	last j\\condition\n"
	".endm\n"
	".irp condition, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g\n"
	"	jumps_if \\condition\n"
	".endr\n"
	"site je_near\n call site_callee\n je 1f\n xor %eax, %eax\n ret\n .skip 200, 0xcc\n 1: mov $1, %eax\n ret\n"
	"last je_near\n"
	".macro counts name, instruction:vararg\n"
	"	site \\name\n call site_callee\n \\instruction 1f\n lea 1000(%rcx), %rax\n ret\n 1: mov %rcx, %rax\n ret\n"
	"	last \\name\n"
	".endm\n"
	"counts loop, loop\n"
	"counts loope, loope\n"
	"counts loopne, loopne\n"
	"counts jrcxz, jrcxz\n"
	"site call\n call site_callee\n call helper_get_pc\n 1: distance 1b\n last call\n"
	"site call_rip\n call site_callee\n call *pointer_get_pc(%rip)\n 1: distance 1b\n last call_rip\n"
	"site call_reg\n lea helper_get_pc(%rip), %r11\n call site_callee\n call *%r11\n 1: distance 1b\n last call_reg\n"
	"site call_next\n call site_callee\n call 1f\n 1: pop %rax\n distance 1b\n last call_next\n"
	/* the first call's return address is the second call */
	"site call_twice\n call site_callee\n call site_callee\n ret\n last call_twice\n"
	/* one return address for both: of a call again and again */
	"site call_loop\n push %rbx\n mov $3, %ebx\n xor %r8d, %r8d\n"
	"1: call site_callee\n add %rax, %r8\n dec %ebx\n jnz 1b\n mov %r8, %rax\n pop %rbx\n ret\n last call_loop\n"
	"site ret\n call site_callee\n ret\n last ret\n"
	"site rep_ret\n call site_callee\n .byte 0xf3, 0xc3\n last rep_ret\n"
	"site push\n call site_callee\n push %rax\n pop %rax\n ret\n last push\n"
	"site add_rsp\n sub $24, %rsp\n call site_callee\n add $24, %rsp\n ret\n last add_rsp\n"
	"site callee_popped\n sub $16, %rsp\n call site_callee_pops\n nop\n ret\n last callee_popped\n"
	"site endbr64\n call site_callee\n endbr64\n ret\n last endbr64\n"
	"site nop\n call site_callee\n nop\n ret\n last nop\n"
	"site pushf\n call site_callee\n pushfq\n pop %rax\n ret\n last pushf\n"
	/* rax becomes getpid's number by the call; rcx tells where the system call went back to */
	"site syscall\n mov $38, %edi\n call site_callee\n syscall\n"
	"1: lea 1b(%rip), %rdx\n cmp %rdx, %rcx\n je 2f\n mov $-1, %rax\n 2: ret\n last syscall\n"
	/* the return address is the next function's entry, into which it falls */
	"site into_next\n call site_callee\n .size site_into_next, . - site_into_next\n"
	"site next\n mov %rdi, %rax\n add $500, %rax\n ret\n last next\n"
	"just_ret: ret\n"

	".pushsection .data.rel.local, \"aw\"\n"
	".balign 8\n"
	"thousand: .quad 1000\n"
	"scratch: .quad 0\n"
	"pointer_get_pc: .quad helper_get_pc\n"
	"pointer_ret: .quad just_ret\n"
	".popsection\n");
/* clang-format on */

struct kind {
	const char *name;
	site *site;
	expected *expected;
	int condition; /* of jcc */
	int calls;     /* of site_callee */
	int tail;      /* ends in site_next */
};

static long expected_plus_thousand(int condition, const struct input *input)
{
	return expected_plus_one(condition, input) + 1000;
}

static long expected_plus_500(int condition, const struct input *input)
{
	return expected_same(condition, input) + 500;
}

static long expected_three_times(int condition, const struct input *input)
{
	return expected_plus_one(condition, input) * 3;
}

#define DECLARE_JCC(which, number) site site_j##which;
#define KIND_JCC(which, number)    KIND(j##which, condition, .calls = 1, .condition = (number)),
#define KIND(which, ...)                                                                                     \
	{                                                                                                    \
		.name = "site_" #which, .site = site_##which, .expected = expected_##__VA_ARGS__             \
	}

EACH_JCC(DECLARE_JCC)
site site_mov, site_mov_rip, site_lea_rip, site_add_rip, site_cmp_rip_imm, site_mov_rip_imm, site_jmp_short,
	site_jmp_near, site_jmp_rip, site_je_near, site_loop, site_loope, site_loopne, site_jrcxz, site_call,
	site_call_rip, site_call_reg, site_call_next, site_call_twice, site_call_loop, site_ret, site_rep_ret,
	site_push, site_add_rsp, site_callee_popped, site_endbr64, site_nop, site_pushf, site_syscall,
	site_into_next, site_next;

static const struct kind kinds[] = {
	KIND(mov, plus_one, .calls = 1),
	KIND(mov_rip, plus_thousand, .calls = 1),
	KIND(lea_rip, plus_thousand, .calls = 1),
	KIND(add_rip, plus_thousand, .calls = 1),
	KIND(cmp_rip_imm, plus_one, .calls = 1),
	KIND(mov_rip_imm, plus_one, .calls = 1),
	KIND(jmp_short, plus_one, .calls = 1),
	KIND(jmp_near, plus_one, .calls = 1),
	KIND(jmp_rip, plus_one, .calls = 1),
	EACH_JCC(KIND_JCC) KIND(je_near, condition, .calls = 1, .condition = 4),
	KIND(loop, loop, .calls = 1),
	KIND(loope, loope, .calls = 1),
	KIND(loopne, loopne, .calls = 1),
	KIND(jrcxz, jrcxz, .calls = 1),
	KIND(call, zero, .calls = 1),
	KIND(call_rip, zero, .calls = 1),
	KIND(call_reg, zero, .calls = 1),
	KIND(call_next, zero, .calls = 1),
	KIND(call_twice, plus_one, .calls = 2),
	KIND(call_loop, three_times, .calls = 3),
	KIND(ret, plus_one, .calls = 1),
	KIND(rep_ret, plus_one, .calls = 1),
	KIND(push, plus_one, .calls = 1),
	KIND(add_rsp, plus_one, .calls = 1),
	KIND(callee_popped, plus_one),
	KIND(endbr64, plus_one, .calls = 1),
	KIND(nop, plus_one, .calls = 1),
	KIND(pushf, flags, .calls = 1),
	KIND(syscall, process, .calls = 1),
	KIND(into_next, plus_500, .calls = 1, .tail = 1),
	KIND(next, plus_500),
};

static void kind_run(const struct kind *kind, long rounds)
{
	for (long i = 0; i < rounds; i++) {
		struct input input = input_of_round(i);

		require(kind->site(input.value, input.flags, input.count) ==
				kind->expected(kind->condition, &input),
			kind->name);
	}
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 128);
	long callee_calls = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *kind = &kinds[i];

		kind_run(kind, rounds);
		callee_calls += kind->calls * rounds;
		if (kind->site != site_next) {
			truth_calls(kind->name, rounds);
			truth_max_depth(kind->name, 0);
			truth_end(kind->name, kind->tail ? "tail" : "return", rounds);
		}
	}
	truth_calls("site_callee", callee_calls);
	truth_max_depth("site_callee", 1);
	truth_end("site_callee", "return", callee_calls);
	truth_calls("site_callee_pops", rounds);
	truth_max_depth("site_callee_pops", 1);
	truth_end("site_callee_pops", "return", rounds);
	truth_calls("site_next", rounds * 2);
	truth_max_depth("site_next", 1);
	truth_end("site_next", "return", rounds * 2);
	truth_exit(0);
	return 0;
}
