#include "made.h"

#define BLOCK_BYTES 4096
#define FAN_OUT (BLOCK_BYTES / sizeof(void *))
#define FAN_OUT_LOG2 10
#define BLOCK_BYTES_LOG2 12

struct made made_root = {.folder = true};

static u32 last_sequence, last_inode;

/* What was given back, for the next one: each begins with a pointer to another. */
static void *spare_blocks;
static struct made *spare_made;

static void *take_block(void) {
  void *block = spare_blocks;
  if (block) spare_blocks = *(void **)block;
  else block = allocate(BLOCK_BYTES);
  if (block) zero_bytes(block, BLOCK_BYTES);
  return block;
}

static void give_block(void *block) {
  *(void **)block = spare_blocks;
  spare_blocks = block;
}

/* Blocks that fit below so many tables. */
static u32 capacity(u32 depth) {
  return 1u << (depth * FAN_OUT_LOG2);
}

/* The place that holds a block; makes the tables above it if asked to. */
static void **block_place(struct made *made, u32 index, bool make) {
  while (index >= capacity(made->depth)) {
    if (!make) return 0;
    if (made->blocks) {
      void **table = take_block();
      if (!table) return 0;
      table[0] = made->blocks;
      made->blocks = table;
    }
    made->depth++;
  }
  void **place = &made->blocks;
  for (u32 depth = made->depth; depth > 0; depth--) {
    if (!*place) {
      if (!make) return 0;
      *place = take_block();
      if (!*place) return 0;
    }
    u32 slot = index >> ((depth - 1) * FAN_OUT_LOG2);
    place = (void **)*place + (slot & (FAN_OUT - 1));
  }
  return place;
}

static u32 block_part(u32 position, u32 *length) {
  u32 offset = position & (BLOCK_BYTES - 1);
  *length = least(*length, BLOCK_BYTES - offset);
  return offset;
}

const u8 *made_block(const struct made *made, u32 position, u32 *length) {
  u32 offset = block_part(position, length);
  void **place = block_place((struct made *)made, position >> BLOCK_BYTES_LOG2, false);
  return place && *place ? (const u8 *)*place + offset : 0;
}

u8 *made_block_to_write(struct made *made, u32 position, u32 *length) {
  u32 offset = block_part(position, length);
  void **place = block_place(made, position >> BLOCK_BYTES_LOG2, true);
  if (!place) return 0;
  if (!*place) *place = take_block();
  return *place ? (u8 *)*place + offset : 0;
}

u32 made_resize(struct made *made, u64 size) {
  if (size > MAX_FILE_BYTES) return E_NOSPC;
  u32 kept = ((u32)size + BLOCK_BYTES - 1) >> BLOCK_BYTES_LOG2;
  u32 had = (made->size + BLOCK_BYTES - 1) >> BLOCK_BYTES_LOG2;
  for (u32 index = kept; index < had; index++) {
    void **place = block_place(made, index, false);
    if (!place || !*place) continue;
    give_block(*place);
    *place = 0;
  }
  u32 rest = BLOCK_BYTES;
  u8 *last = size < made->size && size % BLOCK_BYTES ? (u8 *)made_block(made, size, &rest) : 0;
  if (last) zero_bytes(last, rest);
  made->size = size;
  return 0;
}

/* Gives back all blocks and tables of an empty file: there are two levels of tables at most. */
static void give_tables(struct made *made) {
  if (!made->blocks) return;
  if (made->depth == 2)
    for (u32 i = 0; i < FAN_OUT; i++)
      if (((void **)made->blocks)[i]) give_block(((void **)made->blocks)[i]);
  if (made->depth > 0) give_block(made->blocks);
}

static void release(struct made *made) {
  if (!made->removed || made->open > 0) return;
  made_resize(made, 0);
  give_tables(made);
  made->next = spare_made;
  spare_made = made;
}

struct made *made_child(const struct made *folder, const u8 *name, u32 length) {
  struct made *child = folder->first;
  while (child && !(child->name_length == length && equal_bytes(child->name, name, length))) child = child->next;
  return child;
}

struct made *made_from(const struct made *folder, u32 sequence) {
  struct made *child = folder->first;
  while (child && child->sequence < sequence) child = child->next;
  return child;
}

/* Bytes of the path that a name in a folder has. */
static u32 path_length_in(const struct made *parent, u32 length) {
  return parent == &made_root ? length : parent->path_length + 1 + length;
}

/* Puts one at the end of a folder. */
static void put(struct made *made, struct made *parent, const u8 *name, u32 length) {
  made->parent = parent;
  made->previous = parent->last;
  made->next = 0;
  if (parent->last) parent->last->next = made;
  else parent->first = made;
  parent->last = made;
  made->sequence = ++last_sequence;
  made->path_length = path_length_in(parent, length);
  made->name_length = length;
  copy_bytes(made->name, name, length);
}

static void take(struct made *made) {
  if (made->previous) made->previous->next = made->next;
  else made->parent->first = made->next;
  if (made->next) made->next->previous = made->previous;
  else made->parent->last = made->previous;
}

static u32 check_place(const struct made *parent, u32 length) {
  if (parent->removed) return E_NOENT;
  if (length > MAX_NAME_BYTES || path_length_in(parent, length) > MAX_PATH_BYTES) return E_NAMETOOLONG;
  return 0;
}

u32 made_create(struct made *parent, const u8 *name, u32 length, bool folder, u64 now, struct made **made) {
  TRY(check_place(parent, length));
  struct made *fresh = spare_made;
  if (fresh) spare_made = fresh->next;
  else fresh = allocate(sizeof(struct made));
  if (!fresh) return E_NOSPC;
  zero_bytes(fresh, sizeof(struct made));
  fresh->folder = folder;
  fresh->inode = ++last_inode;
  fresh->accessed = fresh->modified = now;
  put(fresh, parent, name, length);
  *made = fresh;
  return 0;
}

void made_remove(struct made *made) {
  take(made);
  made->removed = true;
  /* Its folder may go before it does. */
  made->parent = &made_root;
  release(made);
}

void made_close(struct made *made) {
  made->open--;
  release(made);
}

struct made *made_after(const struct made *made, const struct made *top) {
  if (made->first) return made->first;
  while (made != top && !made->next) made = made->parent;
  return made == top ? 0 : made->next;
}

u32 made_can_move(const struct made *made, const struct made *parent, u32 length) {
  TRY(check_place(parent, length));
  u32 shift = path_length_in(parent, length) - made->path_length;
  for (const struct made *below = made_after(made, made); below; below = made_after(below, made))
    if (below->path_length + shift > MAX_PATH_BYTES) return E_NAMETOOLONG;
  return 0;
}

void made_move(struct made *made, struct made *parent, const u8 *name, u32 length) {
  u32 shift = path_length_in(parent, length) - made->path_length;
  for (struct made *below = made_after(made, made); below; below = made_after(below, made))
    below->path_length += shift;
  take(made);
  put(made, parent, name, length);
}
