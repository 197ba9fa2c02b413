/* libtestlib is linked with pointers; libtestplug is loaded by it with dlopen, and has the names below for dlsym. */
#ifndef TESTPROGS_LIBTESTLIB_H
#define TESTPROGS_LIBTESTLIB_H

/* value * 2 */
long testlib_twice(long value);
/* Calls `visit` for 0 … count-1 and adds up what it returns. */
long testlib_each(long count, long (*visit)(long index));

#define TESTPLUG_LIBRARY "libtestplug.so"
/* `long testplug_work(long value)`: value + how often the library's constructor ran, which is 1 */
#define TESTPLUG_WORK "testplug_work"
long testplug_work(long value);
/* What the constructor calls. */
void testplug_init(void);

#endif
