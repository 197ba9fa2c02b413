/* 100,000 short calls: parse_line keeps a bit of memory each time, flush gives it back after every 25,000. */
#include <stdlib.h>
#include <string.h>

enum { LINES = 100000, ROUND = 25000, SIZE = 2000 };

static char *kept[ROUND];
static int count;

__attribute__((noinline)) void parse_line(void)
{
	kept[count] = malloc(SIZE);
	memset(kept[count++], 1, SIZE);
}

__attribute__((noinline)) void flush(void)
{
	while (count > 0)
		free(kept[--count]);
}

int main(void)
{
	for (int i = 0; i < LINES; i++) {
		parse_line();
		if (count == ROUND)
			flush();
	}
	return 0;
}
