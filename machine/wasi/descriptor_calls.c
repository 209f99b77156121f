/* Calls on open descriptors: reading, writing, seeking, closing. */
#include "clock.h"
#include "descriptors.h"
#include "output.h"
#include "vectors.h"

/* A file: other descriptors are pipes or folders, and have no place. */
static u32 get_file(u32 fd, struct descriptor **file) {
  *file = descriptor_get(fd);
  if (!*file) return E_BADF;
  if ((*file)->kind == FOLDER) return E_ISDIR;
  return (*file)->kind == FILE ? 0 : E_SPIPE;
}

static u32 get_readable(u32 fd, struct descriptor **readable) {
  *readable = descriptor_get(fd);
  if (!*readable || (*readable)->kind == SINK) return E_BADF;
  return (*readable)->kind == FOLDER ? E_ISDIR : 0;
}

struct part parts[MAX_PARTS];

u32 gather(u32 iovs, u32 count, u32 *total) {
  if (count > MAX_PARTS) return E_INVAL;
  CHECK(iovs, (u64)count * sizeof *parts);
  copy_in(parts, iovs, count * sizeof *parts);
  u64 sum = 0;
  for (u32 i = 0; i < count; i++) {
    CHECK(parts[i].at, parts[i].length);
    sum += parts[i].length;
  }
  if (sum > UINT32_MAX) return E_INVAL;
  *total = sum;
  return 0;
}

static u32 scatter(const struct descriptor *from, u64 position, u32 count) {
  u32 total = 0;
  for (u32 i = 0; i < count; i++) {
    u32 read = read_at(from, position + total, parts[i].at, parts[i].length);
    total += read;
    if (read < parts[i].length) break;
  }
  return total;
}

WASI(fd_read)(u32 fd, u32 iovs, u32 count, u32 out) {
  struct descriptor *from;
  u32 total;
  TRY(get_readable(fd, &from));
  TRY(gather(iovs, count, &total));
  CHECK(out, 4);
  u32 read = scatter(from, from->position, count);
  from->position += read;
  store32(out, read);
  return 0;
}

WASI(fd_pread)(u32 fd, u32 iovs, u32 count, u64 offset, u32 out) {
  struct descriptor *from;
  u32 total;
  TRY(get_readable(fd, &from));
  if (from->kind == SOURCE) return E_SPIPE;
  TRY(gather(iovs, count, &total));
  CHECK(out, 4);
  store32(out, scatter(from, offset, count));
  return 0;
}

/* Writes a stretch of the program's memory into a file; less than all of it where memory runs out. */
static u32 write_made(struct made *made, u32 position, u32 at, u32 length) {
  u32 written = 0;
  for (u32 part; written < length; written += part) {
    part = length - written;
    u8 *block = made_block_to_write(made, position + written, &part);
    if (!block) break;
    copy_in(block, at + written, part);
    if (position + written + part > made->size) made->size = position + written + part;
  }
  return written;
}

/* As on Linux: what fits is written, and only if nothing does there is no space. */
static u32 write_file(struct made *made, u64 position, u32 count, u32 total, u32 *written) {
  *written = 0;
  if (total == 0) return 0;
  if (position >= MAX_FILE_BYTES) return E_NOSPC;
  u32 room = MAX_FILE_BYTES - position;
  for (u32 i = 0; i < count && *written < room; i++) {
    u32 wanted = least(parts[i].length, room - *written);
    u32 done = write_made(made, position + *written, parts[i].at, wanted);
    *written += done;
    if (done < wanted) break;
  }
  made->modified = clock_now();
  return *written > 0 ? 0 : E_NOSPC;
}

static void write_stream(u8 stream, u32 count, u32 total) {
  if (total == 0) return;
  record_begin(stream, total);
  for (u32 i = 0; i < count; i++) record_program(parts[i].at, parts[i].length);
  record_end();
}

WASI(fd_write)(u32 fd, u32 iovs, u32 count, u32 out) {
  struct descriptor *to = descriptor_get(fd);
  u32 total, written;
  if (!to || !(to->kind == SINK || (to->kind == FILE && to->writes))) return E_BADF;
  TRY(gather(iovs, count, &total));
  CHECK(out, 4);
  if (to->kind == SINK) {
    write_stream(to->stream, count, total);
    written = total;
  } else {
    if (to->flags & APPEND) to->position = size_of(to);
    TRY(write_file(to->node.made, to->position, count, total, &written));
    to->position += written;
  }
  store32(out, written);
  return 0;
}

WASI(fd_pwrite)(u32 fd, u32 iovs, u32 count, u64 offset, u32 out) {
  struct descriptor *to = descriptor_get(fd);
  u32 total, written;
  if (to && to->kind == SINK) return E_SPIPE;
  if (!to || to->kind != FILE || !to->writes) return E_BADF;
  TRY(gather(iovs, count, &total));
  CHECK(out, 4);
  if ((i64)offset < 0) return E_INVAL;
  TRY(write_file(to->node.made, offset, count, total, &written));
  store32(out, written);
  return 0;
}

enum { FROM_START, FROM_PLACE, FROM_END };

WASI(fd_seek)(u32 fd, i64 offset, u32 whence, u32 out) {
  struct descriptor *file;
  i64 position;
  TRY(get_file(fd, &file));
  if (whence > FROM_END) return E_INVAL;
  i64 base = whence == FROM_START ? 0 : whence == FROM_PLACE ? file->position : size_of(file);
  if (__builtin_add_overflow(base, offset, &position) || position < 0) return E_INVAL;
  CHECK(out, 8);
  store64(out, position);
  file->position = position;
  return 0;
}

WASI(fd_tell)(u32 fd, u32 out) {
  struct descriptor *file;
  TRY(get_file(fd, &file));
  CHECK(out, 8);
  store64(out, file->position);
  return 0;
}

WASI(fd_advise)(u32 fd, u64 offset, u64 length, u32 advice) {
  (void)offset, (void)length, (void)advice;
  struct descriptor *file;
  return get_file(fd, &file);
}

/* Files are kept when the program ends, and not before: there is nothing to be synced. */
WASI(fd_sync)(u32 fd) {
  return descriptor_get(fd) ? 0 : E_BADF;
}

WASI(fd_datasync)(u32 fd) {
  return descriptor_get(fd) ? 0 : E_BADF;
}

WASI(fd_close)(u32 fd) {
  if (!descriptor_get(fd)) return E_BADF;
  descriptor_close(fd);
  return 0;
}

WASI(fd_renumber)(u32 from, u32 to) {
  if (!descriptor_get(from) || !descriptor_get(to)) return E_BADF;
  descriptor_move(from, to);
  return 0;
}
