#include "values.h"

#include <stdlib.h>
#include <string.h>

int value_parse_number(const char *word, const char *option, unsigned most, unsigned *number,
		       struct error *err)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || value < 1 || value > most)
		return error_set(err, STATUS_FAILED, "%s '%s': not a number from 1 to %u", option, word,
				 most);
	*number = (unsigned)value;
	return 0;
}

int value_parse_tolerance(const char *word, double *tolerance, struct error *err)
{
	char *end;
	double percent = strtod(word, &end);

	if (end == word || (*end && strcmp(end, "%") != 0) || !(percent >= 0 && percent <= 1e6))
		return error_set(err, STATUS_FAILED, "--tolerance '%s': not a percentage, as 5%%", word);
	*tolerance = percent / 100;
	return 0;
}
