#include "fmprof/util.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int parse_duration(const char *string, const char *what, uint64_t *ns, struct error *err)
{
	static const struct {
		const char *suffix;
		double ns;
	} units[] = {{"", 1e9},   {"s", 1e9},    {"ms", 1e6},  {"us", 1e3},
		     {"ns", 1.0}, {"min", 60e9}, {"h", 3600e9}};
	char *end;
	double number;

	errno = 0;
	number = strtod(string, &end);
	for (size_t i = 0; end != string && errno == 0 && i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(end, units[i].suffix) != 0)
			continue;
		number = nearbyint(number * units[i].ns);
		/* One century is far beyond any use and far inside of 64 bits. */
		if (!(number >= 1 && number <= 3.2e18))
			break;
		*ns = (uint64_t)number;
		return 0;
	}
	return error_set(err, STATUS_FAILED,
			 "%s '%s': not a positive time; write seconds (0.01), or 500us, 10ms, 2s, 1min", what,
			 string);
}
