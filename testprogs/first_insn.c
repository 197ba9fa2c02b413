/*
 * PURPOSE: functions whose first instruction cannot simply be executed elsewhere: it is relative to its own address,
 * jumps, calls, returns or enters the kernel. Each is called with many values and flags and has its result checked.
 * x86-64 only.
 * TRACE: first_*
 * ARGUMENTS: [ROUNDS] = 128, which has all flags and counts
 */
#include "truth.h"
#include "x86_cases.h"

/*
 * What a function gets: `value` in rdi and rax, `count` in rcx, the flags, its own address in rsi, helper_get_pc in
 * r11, the address of a pointer to it in r10, first_target in r9. It may pop 16 bytes more than its return address.
 */
typedef long function(void);
long enter(long flags, function *function, long value, long count);

/* clang-format off */
__asm__(".text\n"
	".globl enter\n"
	".type enter, @function\n"
	"enter:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	sub $16, %rsp\n"
	"	lea helper_get_pc(%rip), %r11\n"
	"	lea pointer_get_pc(%rip), %r10\n"
	"	lea first_target(%rip), %r9\n"
	"	push %rdi\n"
	"	popfq\n"
	"	mov %rdx, %rdi\n"
	"	mov %rdx, %rax\n"
	"	call *%rsi\n"
	"	leave\n"
	"	ret\n"
	".size enter, . - enter\n"
	"helper_get_pc:\n" /* where its caller will go on */
	"	mov (%rsp), %rax\n"
	"	ret\n"

	".macro first name\n"
	"	.globl first_\\name\n"
	"	.type first_\\name, @function\n"
	"	first_\\name:\n"
	".endm\n"
	".macro last name\n"
	"	.size first_\\name, . - first_\\name\n"
	"	.skip 3, 0xcc\n" /* entries need not be aligned */
	".endm\n"
	/* returns value + 1 */
	".macro plus_one\n"
	"	lea 1(%rdi), %rax\n"
	"	ret\n"
	".endm\n"
	/* returns how far rax is from the address `label` */
	".macro distance label\n"
	"	lea \\label(%rip), %rdx\n"
	"	sub %rdx, %rax\n"
	"	ret\n"
	".endm\n"

	"first target\n plus_one\n last target\n"

	/* relative to rip */
	"first lea_rip\n lea numbers(%rip), %rax\n mov 8(%rax), %rax\n ret\n last lea_rip\n"
	"first lea_self\n lea first_lea_self(%rip), %rax\n sub %rsi, %rax\n ret\n last lea_self\n"
	"first mov_rip\n mov numbers+8(%rip), %rax\n ret\n last mov_rip\n"
	"first cmp_rip_imm8\n cmpl $101, numbers+8(%rip)\n sete %al\n movzbl %al, %eax\n ret\n last cmp_rip_imm8\n"
	"first mov_rip_imm16\n movw $0x1234, scratch(%rip)\n movzwl scratch(%rip), %eax\n ret\n last mov_rip_imm16\n"
	"first mov_rip_imm32\n movl $0x12345678, scratch(%rip)\n mov scratch(%rip), %eax\n ret\n last mov_rip_imm32\n"
	"first push_rip\n pushq numbers+8(%rip)\n pop %rax\n ret\n last push_rip\n"
	"first lock_rip\n lock addq $1, scratch+8(%rip)\n plus_one\n last lock_rip\n"
	"first sse_rip\n movdqa numbers(%rip), %xmm0\n psrldq $8, %xmm0\n movq %xmm0, %rax\n ret\n last sse_rip\n"
	"first vex_rip\n vmovdqu numbers(%rip), %xmm0\n vpsrldq $8, %xmm0, %xmm0\n vmovq %xmm0, %rax\n ret\n last vex_rip\n"

	/* jumps */
	"first jmp_short\n jmp 1f\n ud2\n 1: plus_one\n last jmp_short\n"
	"first jmp_near\n jmp 1f\n .skip 200, 0xcc\n 1: plus_one\n last jmp_near\n"
	"first jmp_back_near\n jmp back\n last jmp_back_near\n"
	"first jmp_other\n jmp first_target\n last jmp_other\n"
	"first jmp_rip\n jmp *pointer_target(%rip)\n last jmp_rip\n"
	"first jmp_reg\n jmp *%r9\n last jmp_reg\n"
	".macro jumps_if condition\n"
	"	first j\\condition\n j\\condition 1f\n xor %eax, %eax\n ret\n 1: mov $1, %eax\n ret\n last j\\condition\n"
	".endm\n"
	".irp condition, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g\n"
	"	jumps_if \\condition\n"
	".endr\n"
	"first je_near\n je 1f\n xor %eax, %eax\n ret\n .skip 200, 0xcc\n 1: mov $1, %eax\n ret\n last je_near\n"
	".macro counts name, instruction:vararg\n"
	"	first \\name\n \\instruction 1f\n lea 1000(%rcx), %rax\n ret\n 1: mov %rcx, %rax\n ret\n last \\name\n"
	".endm\n"
	"counts loop, loop\n"
	"counts loope, loope\n"
	"counts loopne, loopne\n"
	"counts jrcxz, jrcxz\n"
	"counts jecxz, jecxz\n"

	/* calls */
	"first call\n call helper_get_pc\n 1: distance 1b\n last call\n"
	"first call_next\n call 1f\n 1: pop %rax\n distance 1b\n last call_next\n"
	"first call_rip\n call *pointer_get_pc(%rip)\n 1: distance 1b\n last call_rip\n"
	"first call_reg\n call *%r11\n 1: distance 1b\n last call_reg\n"
	"first call_mem\n call *(%r10)\n 1: distance 1b\n last call_mem\n"
	"first call_traced\n call first_target\n add $10, %rax\n ret\n last call_traced\n"

	/* returns */
	"first ret\n ret\n last ret\n"
	"first rep_ret\n .byte 0xf3, 0xc3\n last rep_ret\n"
	"first ret_imm\n ret $16\n last ret_imm\n"
	"first pop\n pop %rdx\n lea 1(%rdi), %rax\n jmp *%rdx\n last pop\n"

	/* the rest */
	"first endbr64\n endbr64\n plus_one\n last endbr64\n"
	"first nop\n nop\n plus_one\n last nop\n"
	"first nop_long\n nopw 0x200(%rax,%rax)\n plus_one\n last nop_long\n"
	"first push_imm\n push $0x12345678\n pop %rax\n ret\n last push_imm\n"
	"first push_rsp\n push %rsp\n pop %rax\n lea 24(%rsp), %rdx\n cmp %rdx, %rbp\n setne %al\n movzbl %al, %eax\n ret\n"
	"last push_rsp\n"
	"first pushf\n pushfq\n pop %rax\n ret\n last pushf\n"
	"first fs\n mov %fs:0, %rax\n ret\n last fs\n"
	"first syscall\n syscall\n" /* rcx tells where it went back to, rax is taken for getpid */
	"1: lea 1b(%rip), %rdx\n cmp %rdx, %rcx\n je 2f\n mov $-1, %rax\n 2: ret\n last syscall\n"
	".skip 200, 0xcc\n"
	"back: plus_one\n"

	".pushsection .data.rel.local, \"aw\"\n"
	".balign 16\n"
	"numbers: .quad 100, 101\n"
	"scratch: .quad 0, 0\n"
	"pointer_get_pc: .quad helper_get_pc\n"
	"pointer_target: .quad first_target\n"
	".popsection\n");
/* clang-format on */

struct kind {
	const char *name;
	function *function;
	expected *expected;
	int condition;    /* of jcc */
	int tail;         /* jumps to first_target */
	int calls_target; /* how often */
	long fixed_value; /* instead of the round's; 0: none */
};

static long expected_plus_eleven(int condition, const struct input *input)
{
	return expected_plus_one(condition, input) + 10;
}

static long expected_one(int condition, const struct input *input)
{
	return expected_zero(condition, input) + 1;
}

static long expected_number(int condition, const struct input *input)
{
	return expected_zero(condition, input) + 101;
}

static long expected_immediate16(int condition, const struct input *input)
{
	return expected_zero(condition, input) + 0x1234;
}

static long expected_immediate32(int condition, const struct input *input)
{
	return expected_zero(condition, input) + 0x12345678;
}

static long expected_thread_pointer(int condition, const struct input *input)
{
	long pointer;

	(void)condition, (void)input;
	__asm__("mov %%fs:0, %0" : "=r"(pointer));
	return pointer;
}

enum { SYSCALL_GETPID = 39 };

#define DECLARE_JCC(which, number) function first_j##which;
#define KIND_JCC(which, number)    KIND(j##which, condition, .condition = (number)),
#define KIND(which, ...)                                                                                     \
	{                                                                                                    \
		.name = "first_" #which, .function = first_##which, .expected = expected_##__VA_ARGS__       \
	}

EACH_JCC(DECLARE_JCC)
function first_target, first_lea_rip, first_lea_self, first_mov_rip, first_cmp_rip_imm8, first_mov_rip_imm16,
	first_mov_rip_imm32, first_push_rip, first_lock_rip, first_sse_rip, first_vex_rip, first_jmp_short,
	first_jmp_near, first_jmp_back_near, first_jmp_other, first_jmp_rip, first_jmp_reg, first_je_near,
	first_loop, first_loope, first_loopne, first_jrcxz, first_jecxz, first_call, first_call_next,
	first_call_rip, first_call_reg, first_call_mem, first_call_traced, first_ret, first_rep_ret,
	first_ret_imm, first_pop, first_endbr64, first_nop, first_nop_long, first_push_imm, first_push_rsp,
	first_pushf, first_fs, first_syscall;

static const struct kind kinds[] = {
	KIND(lea_rip, number),
	KIND(lea_self, zero),
	KIND(mov_rip, number),
	KIND(cmp_rip_imm8, one),
	KIND(mov_rip_imm16, immediate16),
	KIND(mov_rip_imm32, immediate32),
	KIND(push_rip, number),
	KIND(lock_rip, plus_one),
	KIND(sse_rip, number),
	KIND(vex_rip, number),
	KIND(jmp_short, plus_one),
	KIND(jmp_near, plus_one),
	KIND(jmp_back_near, plus_one),
	KIND(jmp_other, plus_one, .tail = 1, .calls_target = 1),
	KIND(jmp_rip, plus_one, .tail = 1, .calls_target = 1),
	KIND(jmp_reg, plus_one, .tail = 1, .calls_target = 1),
	EACH_JCC(KIND_JCC) KIND(je_near, condition, .condition = 4),
	KIND(loop, loop),
	KIND(loope, loope),
	KIND(loopne, loopne),
	KIND(jrcxz, jrcxz),
	KIND(jecxz, jrcxz),
	KIND(call, zero),
	KIND(call_next, zero),
	KIND(call_rip, zero),
	KIND(call_reg, zero),
	KIND(call_mem, zero),
	KIND(call_traced, plus_eleven, .calls_target = 1),
	KIND(ret, same),
	KIND(rep_ret, same),
	KIND(ret_imm, same),
	KIND(pop, plus_one),
	KIND(endbr64, plus_one),
	KIND(nop, plus_one),
	KIND(nop_long, plus_one),
	KIND(push_imm, immediate32),
	KIND(push_rsp, zero),
	KIND(pushf, flags),
	KIND(fs, thread_pointer),
	KIND(syscall, process, .fixed_value = SYSCALL_GETPID),
};

static void kind_run(const struct kind *kind, long rounds)
{
	for (long i = 0; i < rounds; i++) {
		struct input input = input_of_round(i);
		if (kind->fixed_value != 0)
			input.value = kind->fixed_value;
		require(enter(input.flags, kind->function, input.value, input.count) ==
				kind->expected(kind->condition, &input),
			kind->name);
	}
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 1, 128);
	long target_calls = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *kind = &kinds[i];
		long calls = kind->function == first_vex_rip && !__builtin_cpu_supports("avx") ? 0 : rounds;

		kind_run(kind, calls);
		truth_calls(kind->name, calls);
		truth_max_depth(kind->name, calls > 0 ? 0 : -1);
		truth_end(kind->name, kind->tail ? "tail" : "return", calls);
		target_calls += kind->calls_target * calls;
	}
	truth_calls("first_target", target_calls);
	truth_max_depth("first_target", 1);
	truth_end("first_target", "return", target_calls);
	truth_exit(0);
	return 0;
}
