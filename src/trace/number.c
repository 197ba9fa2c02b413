/*
 * number: decimal text as integers. strtod would round: a double has 53 bits, and
 * nanoseconds since the epoch need 61.
 */
#include "number.h"

#include <string.h>

enum { KEPT_DECIMALS = 9 };

struct decimal {
	uint64_t whole, fraction; /* fraction in units of 10^-decimals */
	unsigned decimals;
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Moves *at past the digits; at least one must be there. */
static bool digits_take(const char **at, uint64_t *number)
{
	const char *s = *at;
	uint64_t sum = 0;

	if (!is_digit(*s))
		return false;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(*s - '0'), &sum))
			return false;
	}
	*at = s;
	*number = sum;
	return true;
}

static bool decimal_parse(const char *s, struct decimal *number)
{
	*number = (struct decimal){0};
	if (!digits_take(&s, &number->whole))
		return false;
	if (!*s)
		return true;
	if (*s != '.' || !is_digit(s[1]))
		return false;
	for (s++; is_digit(*s); s++) {
		if (number->decimals == KEPT_DECIMALS)
			continue;
		number->fraction = number->fraction * 10 + (uint64_t)(*s - '0');
		number->decimals++;
	}
	return !*s;
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

bool number_parse_u64(const char *string, uint64_t *number)
{
	return digits_take(&string, number) && !*string;
}

bool number_parse_hex(const char *string, uint64_t *number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t sum = 0;
	const char *s = string + 2;

	if (strncmp(string, "0x", 2) != 0 || !*s)
		return false;
	for (; *s; s++) {
		const char *digit = strchr(digits, *s);
		if (!digit || sum >> 60)
			return false;
		sum = sum << 4 | (uint64_t)(digit - digits);
	}
	*number = sum;
	return true;
}

bool number_parse_seconds(const char *string, uint64_t *time_ns)
{
	struct decimal seconds;

	if (!decimal_parse(string, &seconds))
		return false;
	uint64_t fraction = seconds.fraction * power_of_ten(KEPT_DECIMALS - seconds.decimals);
	return !__builtin_mul_overflow(seconds.whole, power_of_ten(9), time_ns) &&
	       !__builtin_add_overflow(*time_ns, fraction, time_ns);
}

/*
 * The kernel counts in pages or KiB, and a KiB is 976.5625 millionths of a MiB: six
 * decimals are off by up to half a millionth, or 0.52 bytes, so the nearest byte alone may be wrong.
 */
static uint64_t fraction_to_bytes(uint64_t fraction, unsigned decimals)
{
	uint64_t unit = power_of_ten(decimals);
	uint64_t kib = (fraction * 1024 + unit / 2) / unit;
	uint64_t wanted = fraction * 1024;
	uint64_t off = wanted > kib * unit ? wanted - kib * unit : kib * unit - wanted;

	if (decimals >= 4 && off <= 512)
		return kib * 1024;
	return ((fraction << 20) + unit / 2) / unit;
}

bool number_parse_mib(const char *string, uint64_t *bytes)
{
	struct decimal mib;

	if (!decimal_parse(string, &mib))
		return false;
	return !__builtin_mul_overflow(mib.whole, UINT64_C(1) << 20, bytes) &&
	       !__builtin_add_overflow(*bytes, fraction_to_bytes(mib.fraction, mib.decimals), bytes);
}
