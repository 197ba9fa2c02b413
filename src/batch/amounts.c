#include "amounts.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* What stands between a number and its unit is taken away. */
static char *without_blanks(const char *value)
{
	char *plain = mem_strdup(value), *to = plain;

	for (const char *from = plain; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
	*to = '\0';
	return plain;
}

static int take_bytes(const char *value, struct batch_budget *budget, struct error *err)
{
	bool may_fall = budget->kind == BATCH_MAX_GROWTH || budget->kind == BATCH_MAX_RETAINED;
	char *end;
	double bytes = strtod(value, &end);

	if (may_fall && end != value && strcmp(end, "%") == 0 && bytes > 0 && isfinite(bytes)) {
		budget->percent = bytes;
		return 0;
	}
	if (!parse_bytes(value, strlen(value), &bytes) || (bytes < 0 && !may_fall))
		return error_set(err, STATUS_FAILED,
				 "not an amount of memory; write 512 KiB, 12 MiB, 10 MB, 1.5 GiB%s",
				 may_fall ? ", or 10% of what there was" : "");
	budget->limit = (int64_t)bytes;
	return 0;
}

static int take_slope(const char *value, struct batch_budget *budget, struct error *err)
{
	static const struct {
		const char *suffix;
		double seconds;
	} units[] = {{"/s", 1}, {"/min", 60}, {"/h", 3600}};
	const char *slash = strchr(value, '/');
	double bytes;

	for (size_t i = 0; slash && i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(slash, units[i].suffix) == 0 &&
		    parse_bytes(value, (size_t)(slash - value), &bytes)) {
			budget->limit = (int64_t)nearbyint(bytes / units[i].seconds);
			return 0;
		}
	return error_set(err, STATUS_FAILED, "not a slope; write 100 KiB/s, 1.5 MiB/s, 1 MB/min");
}

/* Digits, in threes if there are commas. */
static bool parse_number(const char *value, uint64_t most, uint64_t *number)
{
	char *end, *plain = mem_alloc(strlen(value) + 1), *to = plain;
	const char *comma = strchr(value, ',');
	bool fine = *value != ',';

	for (const char *from = value; *from; from++) {
		if (*from == ',')
			fine &= strlen(from) % 4 == 0;
		else
			*to++ = *from;
	}
	fine &= !comma || comma - value <= 3;
	errno = 0;
	*number = strtoull(plain, &end, 10);
	fine &= isdigit((unsigned char)*plain) && !*end && errno == 0 && *number <= most;
	free(plain);
	return fine;
}

int amount_parse_time(const char *value, const char *what, uint64_t *ns, struct error *err)
{
	static const struct {
		const char *word, *suffix;
	} words[] = {{"seconds", "s"},  {"second", "s"}, {"sec", "s"}, {"minutes", "min"},
		     {"minute", "min"}, {"hours", "h"},  {"hour", "h"}};
	char *plain, *unit;
	int status;

	if (strcmp(value, "none") == 0) {
		*ns = 0;
		return 0;
	}
	plain = without_blanks(value);
	unit = plain + strspn(plain, "0123456789.");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(unit, words[i].word) == 0) {
			memcpy(unit, words[i].suffix, strlen(words[i].suffix) + 1);
			break;
		}
	status = parse_duration(plain, what, ns, err);
	free(plain);
	return status;
}

int amount_parse(const char *value, struct batch_budget *budget, struct error *err)
{
	char *plain = without_blanks(value);
	uint64_t number = 0;
	int status = 0;

	budget->limit = 0;
	budget->percent = 0;
	switch (batch_budget_unit(budget->kind)) {
	case BATCH_BYTES:
		status = take_bytes(plain, budget, err);
		break;
	case BATCH_BYTES_PER_SECOND:
		status = take_slope(plain, budget, err);
		break;
	case BATCH_CALLS:
		if (!parse_number(plain, INT64_MAX, &number))
			status = error_set(err, STATUS_FAILED, "not a number of calls; write 2000 or 2,000");
		budget->limit = (int64_t)number;
		break;
	case BATCH_NANOSECONDS:
		status = amount_parse_time(plain, "limit", &number, err);
		budget->limit = (int64_t)number;
		break;
	}
	free(plain);
	return status;
}

int amount_parse_count(const char *value, unsigned least, unsigned *count, struct error *err)
{
	uint64_t number;

	if (!parse_number(value, 1000000, &number) || number < least)
		return error_set(err, STATUS_FAILED, "not a number from %u to 1,000,000", least);
	*count = (unsigned)number;
	return 0;
}

int amount_parse_expected(const char *value, struct batch_expected *expected, struct error *err)
{
	const char *name = strncmp(value, "SIG", 3) == 0 ? value + 3 : value;
	uint64_t number;

	*expected = (struct batch_expected){0};
	if (strcmp(value, "any") == 0) {
		expected->any = true;
		return 0;
	}
	if (parse_number(value, 255, &number)) {
		expected->exit = (int)number;
		return 0;
	}
	for (int i = 1; i < SIGRTMIN; i++) {
		const char *abbreviation = sigabbrev_np(i);

		if (abbreviation && strcmp(abbreviation, name) == 0) {
			expected->signal = i;
			return 0;
		}
	}
	return error_set(err, STATUS_FAILED,
			 "neither an exit status (0 to 255) nor a signal (SIGSEGV) nor any");
}
