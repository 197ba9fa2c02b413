/* PURPOSE: a small shared library that comes by dlopen, with a constructor that makes a call before dlopen returns. */
#include "libtestlib.h"
#include "truth.h"

static long constructed;

TRACED void testplug_init(void)
{
	constructed = hide(constructed) + 1;
}

__attribute__((constructor)) static void construct(void)
{
	testplug_init();
}

TRACED long testplug_work(long value)
{
	return hide(value) + constructed;
}
