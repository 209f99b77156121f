/* The table of open descriptors. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "tree.h"

/* What a descriptor stands for: standard input, standard output or error, a file, a folder. */
enum kind { CLOSED, SOURCE, SINK, FILE, FOLDER };

struct descriptor {
  u8 kind;
  /* Of a sink: the tag that its records have. */
  u8 stream;
  bool preopened;
  /* Of a file that the program made: opened to write. */
  bool writes;
  u16 flags;
  struct node node;
  u64 position;
};

/* Flags that `fd_fdstat_set_flags` and `path_open` take. */
enum { APPEND = 1, ALL_FLAGS = 31 };

/* Pipes on 0, 1 and 2, and the folder `/` on 3. */
void descriptors_start(void);

/* Nothing if it is not open. */
struct descriptor *descriptor_get(u32 fd);

/* The folder that a descriptor stands for. EBADF, ENOTDIR. */
u32 descriptor_folder(u32 fd, const struct node **folder);

/* The lowest free number. EMFILE. */
u32 descriptor_free(u32 *fd);
void descriptor_open(u32 fd, struct descriptor descriptor);
void descriptor_close(u32 fd);
/* Moves one over another, which is closed. Both are open. */
void descriptor_move(u32 from, u32 to);

/* What reads without a place of its own. Nothing past the end. */
u32 read_at(const struct descriptor *descriptor, u64 position, u32 to, u32 length);
u64 size_of(const struct descriptor *descriptor);

#endif
