/* Scattered reads and writes. */
#ifndef VECTORS_H
#define VECTORS_H

#include "machine.h"

struct part {
  u32 at, length;
};

/* The parts that a call named, copied, so that reading into them cannot change them. */
#define MAX_PARTS 1024
extern struct part parts[MAX_PARTS];

/* Takes the parts of a call, all within bounds. EINVAL for too many parts or too many bytes, EFAULT. */
u32 gather(u32 iovs, u32 count, u32 *total);

#endif
