/* Compresses a made-up text by references to what came before (hash chains, greedy), unpacks it and compares. */
#include "report.h"

#define SIZE (1u << 20)
#define HASHES (1u << 15)
#define WINDOW 65535u
#define SHORTEST 4u
#define LONGEST 258u
#define TRIES 12

static uint8_t text[SIZE + 8], packed[SIZE * 2], unpacked[SIZE + LONGEST];
static uint32_t head[HASHES], previous[SIZE];

static void write_text(void) {
  char words[512][12];
  for (int i = 0; i < 512; i++) {
    int length = 2 + (int)(next_random() % 9);
    for (int j = 0; j < length; j++) words[i][j] = (char)('a' + next_random() % 26);
    words[i][length] = 0;
  }
  for (uint32_t at = 0; at < SIZE;) {
    uint64_t draw = next_random();
    const char *word = words[draw % 512 * (draw >> 32 & 511) / 512];
    while (*word && at < SIZE) text[at++] = (uint8_t)*word++;
    if (at < SIZE) text[at++] = draw >> 45 & 15 ? ' ' : '\n';
  }
}

static uint32_t hash(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, 4);
  return word * 2654435761u >> 17;
}

/* A byte below 128 is a count of plain bytes that follow, less one; else length less 4 + 128, or 255 and a byte. */
static uint8_t *flush(uint8_t *out, const uint8_t *from, const uint8_t *to) {
  while (from < to) {
    uint32_t count = to - from > 128 ? 128 : (uint32_t)(to - from);
    *out++ = (uint8_t)(count - 1);
    memcpy(out, from, count);
    out += count, from += count;
  }
  return out;
}

static uint32_t pack(void) {
  memset(head, 0xff, sizeof head);
  uint8_t *out = packed;
  uint32_t at = 0, plain = 0;
  while (at < SIZE) {
    uint32_t slot = hash(text + at), best = 0, distance = 0, limit = SIZE - at < LONGEST ? SIZE - at : LONGEST;
    uint32_t candidate = head[slot];
    for (int tries = 0; tries < TRIES && candidate != ~0u && at - candidate <= WINDOW; tries++) {
      uint32_t length = 0;
      while (length < limit && text[candidate + length] == text[at + length]) length++;
      if (length > best) best = length, distance = at - candidate;
      candidate = previous[candidate];
    }
    uint32_t advance = 1;
    if (best >= SHORTEST) {
      out = flush(out, text + plain, text + at);
      uint32_t code = best - SHORTEST;
      *out++ = (uint8_t)(128 + (code < 127 ? code : 127));
      if (code >= 127) *out++ = (uint8_t)(code - 127);
      *out++ = (uint8_t)distance, *out++ = (uint8_t)(distance >> 8);
      advance = best, plain = at + best;
    }
    for (uint32_t end = at + advance; at < end; at++) {
      slot = hash(text + at);
      previous[at] = head[slot];
      head[slot] = at;
    }
  }
  return (uint32_t)(flush(out, text + plain, text + SIZE) - packed);
}

static uint32_t unpack(uint32_t length) {
  uint8_t *out = unpacked;
  for (const uint8_t *in = packed, *end = packed + length; in < end;) {
    uint32_t code = *in++;
    if (code < 128) {
      for (uint32_t i = 0; i <= code; i++) *out++ = *in++;
      continue;
    }
    uint32_t count = code - 128 + SHORTEST;
    if (code == 255) count += *in++;
    const uint8_t *from = out - (in[0] | in[1] << 8);
    in += 2;
    while (count--) *out++ = *from++;
  }
  return (uint32_t)(out - unpacked);
}

int main(int argc, char **argv) {
  uint32_t rounds = amount(argc, argv);
  uint64_t sum = 0;
  write_text();
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t length = pack();
    if (unpack(length) != SIZE || memcmp(text, unpacked, SIZE) != 0) return 1;
    sum = mix(sum, length);
    for (int i = 0; i < 1000; i++) text[next_random() % SIZE] = (uint8_t)('A' + i % 26);
  }
  return report(sum);
}
