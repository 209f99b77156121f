#ifndef CLOCK_H
#define CLOCK_H

#include "machine.h"

/*
 * A clock that nobody else's machine can disagree with: it starts where the input says and moves on by a microsecond
 * with each reading, and by the whole of every sleep, which takes no time.
 */
#define CLOCK_STEP 1000

/* Nanoseconds since the start, before this reading and with it. */
extern u64 clock_elapsed;
u64 clock_read(void);

/* Nanoseconds since 1970, without a reading: when files are made and changed. */
u64 clock_now(void);

#endif
