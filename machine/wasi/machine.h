/* What the library stands on: four primitives, the program's memory, and its own. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

#define IMPORT(from, name) __attribute__((import_module(from), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
/* A function that a program may import. */
#define WASI(name) __attribute__((export_name("wasi_snapshot_preview1." #name))) u32 name

/* Primitives. Pointers are into the library's memory; reading or writing outside of it traps. */
IMPORT("millrace", "input_length") u32 input_length(void);
IMPORT("millrace", "input_read") void input_read(void *to, u32 offset, u32 length);
IMPORT("millrace", "output_write") void output_write(const void *from, u32 length);
IMPORT("millrace", "halt") _Noreturn void halt(i32 code);

/* The program's memory, which is another one: the linker writes these. They trap out of bounds: check first. */
IMPORT("program", "pages") u32 program_pages(void);
IMPORT("program", "load32") u32 load32(u32 at);
IMPORT("program", "store32") void store32(u32 at, u32 value);
IMPORT("program", "store64") void store64(u32 at, u64 value);
IMPORT("program", "copy_in") void copy_in(void *to, u32 from, u32 length);
IMPORT("program", "copy_out") void copy_out(u32 to, const void *from, u32 length);

/* Whether a stretch lies within the program's memory. */
static inline bool inside(u32 at, u64 length) {
  return at + length <= (u64)program_pages() << 16;
}

/* Ends the call with EFAULT unless a stretch lies within the program's memory. */
#define CHECK(at, length)                                                                                    \
  do {                                                                                                       \
    if (!inside(at, length)) return E_FAULT;                                                                 \
  } while (0)

/* Ends the call with the error of another one. */
#define TRY(call)                                                                                            \
  do {                                                                                                       \
    u32 error_ = (call);                                                                                     \
    if (error_) return error_;                                                                               \
  } while (0)

/* Error numbers of WASI preview 1. */
enum {
  E_BADF = 8,
  E_EXIST = 20,
  E_FAULT = 21,
  E_ILSEQ = 25,
  E_INVAL = 28,
  E_ISDIR = 31,
  E_MFILE = 33,
  E_NAMETOOLONG = 37,
  E_NOENT = 44,
  E_NOSPC = 51,
  E_NOSYS = 52,
  E_NOTDIR = 54,
  E_NOTEMPTY = 55,
  E_NOTSOCK = 57,
  E_NOTSUP = 58,
  E_ROFS = 69,
  E_SPIPE = 70,
  E_NOTCAPABLE = 76,
};

/* As on Linux. */
#define MAX_PATH_BYTES 4096
#define MAX_NAME_BYTES 255

static inline u32 least(u32 a, u32 b) {
  return a < b ? a : b;
}

/* No standard library: the compiler makes single instructions of these. */
#define copy_bytes(to, from, length) __builtin_memcpy(to, from, length)
#define zero_bytes(to, length) __builtin_memset(to, 0, length)

bool equal_bytes(const void *a, const void *b, u32 length);

/* Memory that is never given back, aligned to 8; nothing once all that the library may have is used. */
void *allocate(u32 bytes);

/* Checks text piece by piece: UTF-8 without NUL and without one other byte. It is complete where `left` is 0. */
struct utf8 {
  u32 left;
  u8 low, high;
};
bool check_text(struct utf8 *state, const u8 *text, u32 length, u8 forbidden);

/* Bytes on their way between input, output and the program: what one call leaves here, the next may overwrite. */
#define CHUNK_BYTES 16384
extern u8 chunk[CHUNK_BYTES];

#endif
