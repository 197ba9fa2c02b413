/* The two halves of same_name: each calls its own static helper so many times and adds up what it returns. */
#ifndef TESTPROGS_SAME_NAME_H
#define TESTPROGS_SAME_NAME_H

long run_a(long calls);
long run_b(long calls);

#endif
