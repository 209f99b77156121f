/*
 * Reads the input once, at the start, and traps if it is not canonical: what `io/input.ts` describes, and to the
 * byte what its `decodeInput` accepts. Contents of files are passed over.
 */
#include "input.h"

#include "descriptors.h"

#define MAX_ENTRIES 65536
#define NONE 0

struct input input;

/* Reading goes through a window, which moves when what is asked for is not in it. */
static u8 *const window = chunk;
static u32 window_start, window_end;
static u32 position, total;

static _Noreturn void reject(void) {
  __builtin_trap();
}

static const u8 *take(u32 length) {
  if (length > total - position) reject();
  if (position < window_start || position + length > window_end) {
    window_start = position;
    window_end = position + least(CHUNK_BYTES, total - position);
    input_read(window, window_start, window_end - window_start);
  }
  const u8 *bytes = window + (position - window_start);
  position += length;
  return bytes;
}

static u32 take_u32(void) {
  u32 value;
  copy_bytes(&value, take(4), 4);
  return value;
}

static u32 take_count(void) {
  u32 count = take_u32();
  if (count > MAX_ENTRIES) reject();
  return count;
}

static struct span take_span(void) {
  u32 length = take_u32();
  struct span span = {position, length};
  if (length > total - position) reject();
  position += length;
  return span;
}

/* A text without NUL and without one other byte. */
static struct span take_text(u8 forbidden) {
  u32 length = take_u32();
  struct span span = {position, length};
  struct utf8 state = {0};
  while (length > 0) {
    u32 part = least(length, CHUNK_BYTES);
    if (!check_text(&state, take(part), part, forbidden)) reject();
    length -= part;
  }
  if (state.left > 0) reject();
  return span;
}

/* Whether one text of the input comes before another by its bytes. */
static bool span_before(struct span a, struct span b) {
  u8 left[64], right[64];
  for (u32 at = 0; at < a.length && at < b.length;) {
    u32 part = least(sizeof left, least(a.length, b.length) - at);
    input_read(left, a.at + at, part);
    input_read(right, b.at + at, part);
    for (u32 i = 0; i < part; i++)
      if (left[i] != right[i]) return left[i] < right[i];
    at += part;
  }
  return a.length < b.length;
}

static void take_arguments(void) {
  struct texts *texts = &input.arguments;
  texts->count = take_count();
  texts->at = position;
  for (u32 i = 0; i < texts->count; i++) texts->size += take_text(NONE).length + 1;
}

static void take_environment(void) {
  struct texts *texts = &input.environment;
  texts->count = take_count();
  texts->at = position;
  struct span last = {0};
  for (u32 i = 0; i < texts->count; i++) {
    struct span name = take_text('=');
    if (name.length == 0 || (i > 0 && !span_before(last, name))) reject();
    texts->size += name.length + take_text(NONE).length + 2;
    last = name;
  }
}

/* Absolute, normalised, UTF-8, and not where the program writes. */
static bool is_path(const u8 *path, u32 length) {
  struct utf8 state = {0};
  if (length < 2 || !check_text(&state, path, length, NONE) || state.left > 0) return false;
  for (u32 i = 0; i < length;) {
    if (path[i] != '/') return false;
    u32 start = ++i;
    while (i < length && path[i] != '/') i++;
    u32 name = i - start;
    if (name == 0) return false;
    if (path[start] == '.' && (name == 1 || (name == 2 && path[start + 1] == '.'))) return false;
  }
  return !(length >= 4 && equal_bytes(path, "/out", 4) && (length == 4 || path[4] == '/'));
}

/* Of two paths, the one that an input has first. */
static bool path_before(const struct entry *a, const struct entry *b) {
  u32 shared = least(a->length, b->length);
  for (u32 i = 0; i < shared; i++)
    if (a->path[i] != b->path[i]) return a->path[i] < b->path[i];
  return a->length < b->length;
}

/* Whether a file would have to be a folder too. Paths that one begins follow it directly. */
static bool clashes(u32 index) {
  const struct entry *file = &input.files[index];
  if (index + 1 == input.file_count) return false;
  const struct entry *next = file + 1;
  if (next->length <= file->length || !equal_bytes(next->path, file->path, file->length)) return false;
  u32 at = lower_bound(file->path, file->length, '/', 0, index + 1, input.file_count);
  if (at == input.file_count) return false;
  next = &input.files[at];
  return next->length > file->length && next->path[file->length] == '/' &&
         equal_bytes(next->path, file->path, file->length);
}

static void take_files(void) {
  u32 count = input.file_count = take_count();
  input.files = allocate(count * sizeof(struct entry));
  if (!input.files) reject();
  for (u32 i = 0; i < count; i++) {
    u32 length = take_u32();
    if (length > MAX_PATH_BYTES) reject();
    const u8 *path = take(length);
    u8 *kept = allocate(length);
    if (!kept || !is_path(path, length)) reject();
    copy_bytes(kept, path, length);
    struct entry *file = &input.files[i];
    *file = (struct entry){kept, length, input.path_bytes, take_span()};
    if (i > 0 && !path_before(file - 1, file)) reject();
    input.path_bytes += length;
  }
  for (u32 i = 0; i < count; i++)
    if (clashes(i)) reject();
}

u32 lower_bound(const u8 *name, u32 length, u8 more, u32 offset, u32 first, u32 end) {
  while (first < end) {
    u32 middle = first + (end - first) / 2;
    const u8 *path = input.files[middle].path + offset;
    u32 left = input.files[middle].length - offset;
    u32 i = 0;
    while (i < length && i < left && path[i] == name[i]) i++;
    bool before = i < length ? i == left || path[i] < name[i] : more && (i == left || path[i] < more);
    if (before) first = middle + 1;
    else end = middle;
  }
  return first;
}

/* Called before the program's first function. */
EXPORT("enter") void enter(void) {
  total = input_length();
  if (!equal_bytes(take(4), "MRIN", 4) || take_u32() != 1) reject();
  copy_bytes(&input.clock, take(8), 8);
  copy_bytes(input.seed, take(32), 32);
  take_arguments();
  take_environment();
  input.standard_input = take_span();
  take_files();
  if (position != total) reject();
  descriptors_start();
}
