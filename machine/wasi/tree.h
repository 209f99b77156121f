/*
 * What a program finds under `/`: the files of the input, which cannot be changed, and the folder `/out`, which is
 * empty at the start and whose files are made by the program.
 *
 * The input's part is its sorted list of paths and nothing else. A folder of it is a range of the list, found by
 * searching; none costs anything until it is opened.
 */
#ifndef TREE_H
#define TREE_H

#include "input.h"
#include "made.h"

/* A file or a folder. Made ones have `made`; of the others, a file is the path at `first`, and a folder the paths
 * from `first` to `end`, the first `offset` bytes of which lead to it. */
struct node {
  struct made *made;
  u32 first, end, offset;
  bool folder;
};

struct node tree_root(void);

struct node made_node(struct made *made);
u64 node_inode(const struct node *node);
u64 node_size(const struct node *node);

/* Where a path leads: the folder and the name there, and the node, if it exists. `name` is nothing where the path
 * ends in `.` or `..` or is one of them. */
struct target {
  struct node parent, node;
  const u8 *name;
  u32 length;
  bool exists;
  /* A `/` ends the path. */
  bool slash;
};

/* Follows a path from a folder, which it may not leave, up to a last name that need not exist.
 * ENOENT, ENOTDIR, ENOTCAPABLE. */
u32 resolve(const struct node *from, const u8 *path, u32 length, struct target *target);

/* One name in a folder, and the cookie that the next one has. */
struct listed {
  const u8 *name;
  u32 length;
  struct node node;
  u64 next;
};

/* The name at a cookie: 0 and 1 are `.` and `..`. False past the end. */
bool list(const struct node *folder, u64 cookie, struct listed *listed);

#endif
