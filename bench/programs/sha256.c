/* SHA-256 (FIPS 180-4) over a megabyte, each time over with the digest before in it. */
#include "report.h"

/* The fractional parts of the cube roots of the first 64 primes; those of the square roots of the first eight. */
static uint32_t k[64], first[8];

/* Exact: an integer root found bit by bit, so no table has to be believed. */
static uint32_t fraction_of_root(uint32_t prime, int degree) {
  unsigned __int128 scaled = (unsigned __int128)prime << (degree == 3 ? 96 : 64);
  uint64_t root = 0;
  for (uint64_t bit = 1ull << 36; bit; bit >>= 1) {
    unsigned __int128 trial = root | bit, power = trial * trial;
    if (degree == 3) power *= trial;
    if (power <= scaled) root |= bit;
  }
  return (uint32_t)root;
}

static void make_constants(void) {
  int found = 0;
  for (uint32_t n = 2; found < 64; n++) {
    int prime = 1;
    for (uint32_t d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    k[found] = fraction_of_root(n, 3);
    if (found < 8) first[found] = fraction_of_root(n, 2);
    found++;
  }
}

static inline uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, block + 4 * i, 4);
    w[i] = __builtin_bswap32(word);
  }
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void sha256(const uint8_t *message, uint64_t length, uint32_t digest[8]) {
  uint8_t tail[128] = {0};
  uint64_t whole = length / 64 * 64, rest = length - whole, padded = rest < 56 ? 64 : 128;
  memcpy(digest, first, sizeof first);
  for (uint64_t at = 0; at < whole; at += 64) compress(digest, message + at);
  memcpy(tail, message + whole, rest);
  tail[rest] = 0x80;
  for (int i = 0; i < 8; i++) tail[padded - 1 - i] = (uint8_t)(length * 8 >> 8 * i);
  for (uint64_t at = 0; at < padded; at += 64) compress(digest, tail + at);
}

int main(int argc, char **argv) {
  static uint8_t message[1 << 20];
  uint32_t rounds = amount(argc, argv), digest[8];
  make_constants();
  sha256((const uint8_t *)"abc", 3, digest);
  if (digest[0] != 0xba7816bf || digest[7] != 0xf20015ad) return 1; /* the standard's own example */
  for (uint32_t round = 0; round < rounds; round++) {
    memcpy(message + round % 1000 * 32, digest, 32);
    sha256(message, sizeof message, digest);
  }
  return report((uint64_t)digest[0] << 32 | digest[1]);
}
