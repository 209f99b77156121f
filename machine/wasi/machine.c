#include "machine.h"

u8 chunk[CHUNK_BYTES];

/* Where the linker's own data ends. */
extern u8 __heap_base;

static u32 heap_top;

void *allocate(u32 bytes) {
  if (heap_top == 0) heap_top = ((u32)&__heap_base + 7) & ~7u;
  u64 end = ((u64)heap_top + bytes + 7) & ~7ull;
  u64 size = (u64)__builtin_wasm_memory_size(0) << 16;
  if (end > size && __builtin_wasm_memory_grow(0, (end - size + 0xffff) >> 16) == ~0ul) return 0;
  void *start = (void *)heap_top;
  heap_top = end;
  return start;
}

bool equal_bytes(const void *a, const void *b, u32 length) {
  const u8 *p = a, *q = b;
  for (u32 i = 0; i < length; i++)
    if (p[i] != q[i]) return false;
  return true;
}

/* One byte of UTF-8. */
static bool check_byte(struct utf8 *state, u8 byte) {
  if (state->left > 0) {
    if (byte < state->low || byte > state->high) return false;
    state->low = 0x80;
    state->high = 0xbf;
    state->left--;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xc2 || byte > 0xf4) return false;
  /* No overlong forms, no surrogates, nothing beyond U+10FFFF. */
  state->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  state->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  state->left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  return true;
}

#define EACH(byte) (0x0101010101010101ull * (byte))

/* The highest bit of each byte that is 0, if there is one; false alarms only together with one that is right. */
static u64 zeros_in(u64 word) {
  return (word - EACH(1)) & ~word & EACH(0x80);
}

/* How many bytes at the start are plain, in steps of eight: ASCII, neither NUL nor forbidden. */
static u32 skip_plain(const u8 *text, u32 length, u8 forbidden) {
  u32 i = 0;
  for (; i + 8 <= length; i += 8) {
    u64 word;
    copy_bytes(&word, text + i, 8);
    if ((word & EACH(0x80)) | zeros_in(word) | zeros_in(word ^ EACH(forbidden))) break;
  }
  return i;
}

bool check_text(struct utf8 *state, const u8 *text, u32 length, u8 forbidden) {
  for (u32 i = 0; i < length; i++) {
    if (state->left == 0) i += skip_plain(text + i, length - i, forbidden);
    if (i == length) break;
    u8 byte = text[i];
    if (byte == 0 || byte == forbidden || !check_byte(state, byte)) return false;
  }
  return true;
}
