#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fmprof/util.h"

bool parse_bytes(const char *value, size_t length, double *bytes)
{
	static const struct {
		const char *suffix;
		double bytes;
	} units[] = {
		{"B", 1},      {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
		{"K", 0x1p10}, {"M", 0x1p20},   {"G", 0x1p30},   {"T", 0x1p40},   {"kB", 1e3},
		{"MB", 1e6},   {"GB", 1e9},     {"TB", 1e12},
	};
	char *suffix;
	double number = strtod(value, &suffix);
	size_t used = (size_t)(suffix - value);

	if (used == 0 || used > length || !isfinite(number))
		return false;
	length -= used;
	if (length == 0 && number == 0) {
		*bytes = 0;
		return true;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strlen(units[i].suffix) == length && strncasecmp(units[i].suffix, suffix, length) == 0) {
			*bytes = nearbyint(number * units[i].bytes);
			return fabs(*bytes) <= 0x1p62;
		}
	return false;
}
