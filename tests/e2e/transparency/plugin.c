/* A library that comes and goes: see plugins.c. It has more than a page of code, so that its functions lie apart. */
#include <stdlib.h>

static int *state;

__attribute__((constructor)) void plugin_begin(void)
{
	state = calloc(16, sizeof(*state));
}

__attribute__((destructor)) void plugin_end(void)
{
	free(state);
	state = NULL;
}

__attribute__((noinline)) int plugin_step(int number)
{
	state[number % 16]++;
	return number + state[number % 16];
}

int plugin_use(int number)
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += plugin_step(number + i);
	return sum;
}

/* Keeps nothing, so threads may load and use it at once. */
int plugin_add(int number)
{
	return number + 1;
}
