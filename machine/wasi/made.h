/* Files and folders that the program makes in `/out`. */
#ifndef MADE_H
#define MADE_H

#include "machine.h"

/* A file holds no more than the library has memory. */
#define MAX_FILE_BYTES (64u << 20)

struct made {
  struct made *parent;
  /* Its place among the names of its folder, which stand in the order of their making. */
  struct made *previous, *next;
  /* Of a folder. */
  struct made *first, *last;
  bool folder;
  /* No longer in a folder; it lasts until its last descriptor is closed. */
  bool removed;
  u32 open;
  /* Greater than that of whatever was put into a folder before. */
  u32 sequence;
  u32 inode;
  u64 accessed, modified;
  /* Of a file: its size, and blocks below `depth` tables of blocks. A block that is not there is zeros. */
  u32 size, depth;
  void *blocks;
  /* Bytes of its path in `/out`, without a `/` before. */
  u32 path_length;
  u32 name_length;
  u8 name[MAX_NAME_BYTES];
};

extern struct made made_root;

struct made *made_child(const struct made *folder, const u8 *name, u32 length);

/* The first name in a folder whose sequence is not below. */
struct made *made_from(const struct made *folder, u32 sequence);

/* What comes after in the order in which a folder comes before what is in it; nothing behind all below `top`. */
struct made *made_after(const struct made *made, const struct made *top);

/* Makes a file or a folder. ENOENT in a removed folder, ENAMETOOLONG, ENOSPC. */
u32 made_create(struct made *parent, const u8 *name, u32 length, bool folder, u64 now, struct made **made);

/* Takes one from its folder, and gives its memory back once nothing has it open. */
void made_remove(struct made *made);
void made_close(struct made *made);

/* Whether one can be moved to a folder, which must not be below it. ENOENT, ENAMETOOLONG. */
u32 made_can_move(const struct made *made, const struct made *parent, u32 length);
void made_move(struct made *made, struct made *parent, const u8 *name, u32 length);

/* ENOSPC beyond the largest file. What is added is zeros. */
u32 made_resize(struct made *made, u64 size);

/* A stretch of a file within one block: bytes, or nothing where they are all zeros. */
const u8 *made_block(const struct made *made, u32 position, u32 *length);

/* The same for writing; nothing where there is no memory left. */
u8 *made_block_to_write(struct made *made, u32 position, u32 *length);

#endif
