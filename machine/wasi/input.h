/* The input, checked to be canonical; what is in it is read when it is asked for. */
#ifndef INPUT_H
#define INPUT_H

#include "machine.h"

/* A stretch of the input. */
struct span {
  u32 at, length;
};

/* Texts, or pairs of texts, behind each other in the input, each with its length in four bytes before it. */
struct texts {
  u32 at, count;
  /* As C strings with their NULs, "=" between the two of a pair. */
  u32 size;
};

/* A file of the input. */
struct entry {
  const u8 *path;
  u32 length;
  /* Bytes of all paths before this one: what makes inodes of places in paths. */
  u32 start;
  struct span content;
};

struct input {
  u64 clock;
  u8 seed[32];
  struct texts arguments, environment;
  struct span standard_input;
  /* By path, ascending. */
  struct entry *files;
  u32 file_count, path_bytes;
};

extern struct input input;

/* The index of the first file from `first` to `end` whose path from `offset` on is not before the key: `name`,
 * and one more byte if `more` is not 0. Only as much of each path is compared as the key is long. */
u32 lower_bound(const u8 *name, u32 length, u8 more, u32 offset, u32 first, u32 end);

#endif
