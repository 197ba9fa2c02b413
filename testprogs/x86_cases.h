/*
 * What first_insn and return_site share: the values that they try on x86-64 instructions, and what must come
 * out. An `expected_` function tells a result from the input and, for jcc, the number of its condition.
 */
#ifndef TESTPROGS_X86_CASES_H
#define TESTPROGS_X86_CASES_H

#include <unistd.h>

enum {
	FLAG_CARRY = 1 << 0,
	FLAG_PARITY = 1 << 2,
	FLAG_ZERO = 1 << 6,
	FLAG_SIGN = 1 << 7,
	FLAG_OVERFLOW = 1 << 11,
	FLAGS_ALWAYS = 0x202, /* the reserved bit and IF, which a program cannot change */
	FLAG_SETS = 32,
};

struct input {
	long value, count, flags;
};

typedef long expected(int condition, const struct input *input);

/* Goes through all sets of flags, and for each through the counts 0 to 3. */
static inline struct input input_of_round(long round)
{
	long set = round % FLAG_SETS;

	return (struct input){
		.value = round,
		.count = round / FLAG_SETS % 4,
		.flags = FLAGS_ALWAYS | (set & 1 ? FLAG_CARRY : 0) | (set & 2 ? FLAG_PARITY : 0) |
			 (set & 4 ? FLAG_ZERO : 0) | (set & 8 ? FLAG_SIGN : 0) |
			 (set & 16 ? FLAG_OVERFLOW : 0),
	};
}

static inline long expected_zero(int condition, const struct input *input)
{
	(void)condition, (void)input;
	return 0;
}

static inline long expected_same(int condition, const struct input *input)
{
	(void)condition;
	return input->value;
}

static inline long expected_plus_one(int condition, const struct input *input)
{
	return expected_same(condition, input) + 1;
}

static inline long expected_flags(int condition, const struct input *input)
{
	(void)condition;
	return input->flags;
}

static inline long expected_process(int condition, const struct input *input)
{
	(void)condition, (void)input;
	return getpid();
}

/* 1 if jcc jumps, else 0. An odd condition is the opposite of the even one below it. */
static inline long expected_condition(int condition, const struct input *input)
{
	int overflow = (input->flags & FLAG_OVERFLOW) != 0, carry = (input->flags & FLAG_CARRY) != 0;
	int zero = (input->flags & FLAG_ZERO) != 0, sign = (input->flags & FLAG_SIGN) != 0;
	int parity = (input->flags & FLAG_PARITY) != 0, less = sign != overflow;
	int holds[] = {overflow, carry, zero, carry || zero, sign, parity, less, less || zero};

	return holds[condition / 2] ^ (condition & 1);
}

/* A function of `counts` returns the count, and 1000 more if its instruction did not jump. */
static inline long counted(long count, int jumps)
{
	return jumps ? count : count + 1000;
}

static inline long expected_loop(int condition, const struct input *input)
{
	(void)condition;
	return counted(input->count - 1, input->count != 1);
}

static inline long expected_loope(int condition, const struct input *input)
{
	(void)condition;
	return counted(input->count - 1, input->count != 1 && (input->flags & FLAG_ZERO) != 0);
}

static inline long expected_loopne(int condition, const struct input *input)
{
	(void)condition;
	return counted(input->count - 1, input->count != 1 && (input->flags & FLAG_ZERO) == 0);
}

static inline long expected_jrcxz(int condition, const struct input *input)
{
	(void)condition;
	return counted(input->count, input->count == 0);
}

/* ROW(name, number) for each jcc. */
/* clang-format off */
#define EACH_JCC(ROW) \
	ROW(o, 0) ROW(no, 1) ROW(b, 2) ROW(ae, 3) ROW(e, 4) ROW(ne, 5) ROW(be, 6) ROW(a, 7) \
	ROW(s, 8) ROW(ns, 9) ROW(p, 10) ROW(np, 11) ROW(l, 12) ROW(ge, 13) ROW(le, 14) ROW(g, 15)
/* clang-format on */

#endif
