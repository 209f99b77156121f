#include "output.h"

#include "made.h"

/* Of `chunk`. */
static u32 filled;

static void put(u8 byte) {
  if (filled == CHUNK_BYTES) record_end();
  chunk[filled++] = byte;
}

void record_length(u32 length) {
  for (; length >= 0x80; length >>= 7) put(length | 0x80);
  put(length);
}

void record_begin(u8 tag, u32 length) {
  put(tag);
  record_length(length);
}

void record_bytes(const void *bytes, u32 length) {
  for (u32 part; length > 0; length -= part) {
    if (filled == CHUNK_BYTES) record_end();
    part = least(length, CHUNK_BYTES - filled);
    copy_bytes(chunk + filled, bytes, part);
    filled += part;
    bytes = (const u8 *)bytes + part;
  }
}

void record_program(u32 at, u32 length) {
  for (u32 part; length > 0; length -= part) {
    if (filled == CHUNK_BYTES) record_end();
    part = least(length, CHUNK_BYTES - filled);
    copy_in(chunk + filled, at, part);
    filled += part;
    at += part;
  }
}

void record_end(void) {
  if (filled > 0) output_write(chunk, filled);
  filled = 0;
}

/* The path of one in `/out`, from its end to its start. */
static void record_path(const struct made *made) {
  static u8 path[MAX_PATH_BYTES];
  u8 *at = path + made->path_length;
  for (const struct made *node = made; node != &made_root; node = node->parent) {
    if (node != made) *--at = '/';
    at -= node->name_length;
    copy_bytes(at, node->name, node->name_length);
  }
  record_length(made->path_length);
  record_bytes(path, made->path_length);
}

static void record_content(const struct made *made) {
  static u8 zeros[4096];
  record_length(made->size);
  for (u32 position = 0, part; position < made->size; position += part) {
    part = least(made->size - position, sizeof zeros);
    const u8 *bytes = made_block(made, position, &part);
    record_bytes(bytes ? bytes : zeros, part);
  }
}

/* Files, and folders that nothing else would show. */
static void record_made(void) {
  for (struct made *made = made_after(&made_root, &made_root); made; made = made_after(made, &made_root)) {
    if (made->folder && made->first) continue;
    put(made->folder ? RECORD_FOLDER : RECORD_FILE);
    record_path(made);
    if (!made->folder) record_content(made);
  }
}

EXPORT("leave") _Noreturn void leave(i32 code) {
  record_made();
  put(RECORD_EXIT);
  record_bytes(&code, sizeof code);
  record_end();
  halt(code);
}
