#include "descriptors.h"

#include "output.h"

/* As many as Linux gives a process by default. */
#define MAX_OPEN 1024

static struct descriptor table[MAX_OPEN];

/* No number below this one is free. */
static u32 lowest;

void descriptors_start(void) {
  table[0].kind = SOURCE;
  table[1] = (struct descriptor){.kind = SINK, .stream = RECORD_STDOUT};
  table[2] = (struct descriptor){.kind = SINK, .stream = RECORD_STDERR};
  table[3] = (struct descriptor){.kind = FOLDER, .preopened = true, .node = tree_root()};
  lowest = 4;
}

struct descriptor *descriptor_get(u32 fd) {
  return fd < MAX_OPEN && table[fd].kind != CLOSED ? &table[fd] : 0;
}

u32 descriptor_folder(u32 fd, const struct node **folder) {
  const struct descriptor *descriptor = descriptor_get(fd);
  if (!descriptor) return E_BADF;
  if (descriptor->kind != FOLDER) return E_NOTDIR;
  *folder = &descriptor->node;
  return 0;
}

u32 descriptor_free(u32 *fd) {
  while (lowest < MAX_OPEN && table[lowest].kind != CLOSED) lowest++;
  *fd = lowest;
  return lowest < MAX_OPEN ? 0 : E_MFILE;
}

void descriptor_open(u32 fd, struct descriptor descriptor) {
  table[fd] = descriptor;
  if (descriptor.node.made) descriptor.node.made->open++;
}

void descriptor_close(u32 fd) {
  struct made *made = table[fd].node.made;
  table[fd] = (struct descriptor){0};
  lowest = least(lowest, fd);
  if (made) made_close(made);
}

void descriptor_move(u32 from, u32 to) {
  if (from == to) return;
  struct descriptor moved = table[from];
  if (moved.node.made) moved.node.made->open++;
  descriptor_close(to);
  descriptor_close(from);
  table[to] = moved;
}

u64 size_of(const struct descriptor *descriptor) {
  return descriptor->kind == SOURCE ? input.standard_input.length : node_size(&descriptor->node);
}

static void read_made(const struct made *made, u32 position, u32 to, u32 length) {
  for (u32 part; length > 0; length -= part) {
    part = least(length, CHUNK_BYTES);
    const u8 *bytes = made_block(made, position, &part);
    if (!bytes) zero_bytes(chunk, part);
    copy_out(to, bytes ? bytes : chunk, part);
    position += part;
    to += part;
  }
}

static void read_input(struct span span, u32 to, u32 length) {
  for (u32 part; length > 0; length -= part) {
    part = least(length, CHUNK_BYTES);
    input_read(chunk, span.at, part);
    copy_out(to, chunk, part);
    span.at += part;
    to += part;
  }
}

u32 read_at(const struct descriptor *descriptor, u64 position, u32 to, u32 length) {
  u64 size = size_of(descriptor);
  if (position >= size) return 0;
  if (length > size - position) length = size - position;
  const struct node *node = &descriptor->node;
  if (node->made) {
    read_made(node->made, position, to, length);
  } else {
    struct span span = descriptor->kind == SOURCE ? input.standard_input : input.files[node->first].content;
    span.at += position;
    read_input(span, to, length);
  }
  return length;
}
