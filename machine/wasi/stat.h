#ifndef STAT_H
#define STAT_H

#include "tree.h"

/* Bytes of a `filestat` in the program's memory. */
#define FILESTAT_BYTES 64

/* Writes a `filestat` where there is room for one. */
void stat_node(u32 out, const struct node *node);

/* EROFS, EINVAL. */
u32 set_times(const struct node *node, u64 accessed, u64 modified, u32 flags);

#endif
