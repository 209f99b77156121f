/* Calls about the process: arguments, environment, clocks, randomness, its end. */
#include "clock.h"
#include "input.h"
#include "keccak.h"
#include "output.h"

/* Copies texts out as C strings, and writes a pointer to each; `pairs` for variables and their values. */
static u32 get_texts(const struct texts *texts, u32 pointers, u32 buffer, bool pairs) {
  CHECK(pointers, (u64)texts->count * 4);
  CHECK(buffer, texts->size);
  u32 from = texts->at;
  for (u32 i = 0; i < texts->count << pairs; i++) {
    if (!pairs || i % 2 == 0) {
      store32(pointers, buffer);
      pointers += 4;
    }
    u32 left;
    input_read(&left, from, 4);
    from += 4;
    for (u32 part; left > 0; left -= part) {
      part = least(left, CHUNK_BYTES);
      input_read(chunk, from, part);
      copy_out(buffer, chunk, part);
      from += part;
      buffer += part;
    }
    copy_out(buffer++, pairs && i % 2 == 0 ? "=" : "", 1);
  }
  return 0;
}

static u32 get_sizes(const struct texts *texts, u32 count, u32 size) {
  CHECK(count, 4);
  CHECK(size, 4);
  store32(count, texts->count);
  store32(size, texts->size);
  return 0;
}

WASI(args_get)(u32 pointers, u32 buffer) {
  return get_texts(&input.arguments, pointers, buffer, false);
}

WASI(args_sizes_get)(u32 count, u32 size) {
  return get_sizes(&input.arguments, count, size);
}

WASI(environ_get)(u32 pointers, u32 buffer) {
  return get_texts(&input.environment, pointers, buffer, true);
}

WASI(environ_sizes_get)(u32 count, u32 size) {
  return get_sizes(&input.environment, count, size);
}

enum { REALTIME, MONOTONIC, PROCESS_CPU, THREAD_CPU };

u64 clock_elapsed;

u64 clock_read(void) {
  return clock_elapsed += CLOCK_STEP;
}

u64 clock_now(void) {
  return input.clock + clock_elapsed;
}

WASI(clock_res_get)(u32 clock, u32 out) {
  if (clock > THREAD_CPU) return E_INVAL;
  CHECK(out, 8);
  store64(out, CLOCK_STEP);
  return 0;
}

WASI(clock_time_get)(u32 clock, u64 precision, u32 out) {
  (void)precision;
  if (clock > THREAD_CPU) return E_INVAL;
  CHECK(out, 8);
  u64 elapsed = clock_read();
  store64(out, clock == REALTIME ? input.clock + elapsed : elapsed);
  return 0;
}

/* Block n of the stream of random bytes is keccak256(seed ‖ n), n in eight little-endian bytes. */
static u8 random_block[32];
static u32 random_left;
static u64 random_count;

WASI(random_get)(u32 buffer, u32 length) {
  CHECK(buffer, length);
  for (u32 part; length > 0; length -= part) {
    if (random_left == 0) {
      u8 preimage[40];
      copy_bytes(preimage, input.seed, 32);
      copy_bytes(preimage + 32, &random_count, 8);
      keccak256_40(preimage, random_block);
      random_count++;
      random_left = sizeof random_block;
    }
    part = least(length, random_left);
    copy_out(buffer, random_block + sizeof random_block - random_left, part);
    random_left -= part;
    buffer += part;
  }
  return 0;
}

EXPORT("wasi_snapshot_preview1.proc_exit") void proc_exit(u32 code) {
  leave((i32)code);
}

WASI(proc_raise)(u32 signal) {
  (void)signal;
  return E_NOSYS;
}

WASI(sched_yield)(void) {
  return 0;
}
