/*
 * Merkle trees over words of 32 bytes. A node is the Keccak-256 of its two children, and over two zero words it is
 * the zero word (docs/MACHINE.md, Regions).
 *
 * Two pairs are hashed side by side, one in each half of a vector: Keccak only ever combines 64-bit lanes of one
 * state, so that two states cost little more than one.
 */
#include <stdint.h>
#include <wasm_simd128.h>

/** Most leaves of a tree hashed in one call: 64 KiB. */
#define MOST_LEAVES 2048

typedef struct {
  uint64_t lanes[4];
} word;

/** The levels of one tree, leaves first, one behind the other. */
static word nodes[2 * MOST_LEAVES];

word *nodes_address(void) { return nodes; }

static const uint64_t ROUND_CONSTANTS[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

#define ROTATE(x, n) wasm_v128_or(wasm_i64x2_shl(x, n), wasm_u64x2_shr(x, 64 - (n)))
#define XOR5(a, b, c, d, e) wasm_v128_xor(wasm_v128_xor(wasm_v128_xor(a, b), wasm_v128_xor(c, d)), e)
/** One lane of chi: a ^ (~b & c). */
#define CHI(a, b, c) wasm_v128_xor(a, wasm_v128_andnot(c, b))

/** One row of the next state from five lanes, after theta, rho and pi. */
#define ROW(y, s0, d0, r0, s1, d1, r1, s2, d2, r2, s3, d3, r3, s4, d4, r4)                                             \
  {                                                                                                                    \
    const v128_t b0 = r0 ? ROTATE(wasm_v128_xor(s0, d0), (r0 ? r0 : 1)) : wasm_v128_xor(s0, d0);                       \
    const v128_t b1 = ROTATE(wasm_v128_xor(s1, d1), r1);                                                               \
    const v128_t b2 = ROTATE(wasm_v128_xor(s2, d2), r2);                                                               \
    const v128_t b3 = ROTATE(wasm_v128_xor(s3, d3), r3);                                                               \
    const v128_t b4 = ROTATE(wasm_v128_xor(s4, d4), r4);                                                               \
    to[y + 0] = CHI(b0, b1, b2);                                                                                       \
    to[y + 1] = CHI(b1, b2, b3);                                                                                       \
    to[y + 2] = CHI(b2, b3, b4);                                                                                       \
    to[y + 3] = CHI(b3, b4, b0);                                                                                       \
    to[y + 4] = CHI(b4, b0, b1);                                                                                       \
  }

static inline __attribute__((always_inline)) void keccak_round(const v128_t *a, v128_t *to, uint64_t constant) {
  const v128_t c0 = XOR5(a[0], a[5], a[10], a[15], a[20]);
  const v128_t c1 = XOR5(a[1], a[6], a[11], a[16], a[21]);
  const v128_t c2 = XOR5(a[2], a[7], a[12], a[17], a[22]);
  const v128_t c3 = XOR5(a[3], a[8], a[13], a[18], a[23]);
  const v128_t c4 = XOR5(a[4], a[9], a[14], a[19], a[24]);
  const v128_t d0 = wasm_v128_xor(c4, ROTATE(c1, 1));
  const v128_t d1 = wasm_v128_xor(c0, ROTATE(c2, 1));
  const v128_t d2 = wasm_v128_xor(c1, ROTATE(c3, 1));
  const v128_t d3 = wasm_v128_xor(c2, ROTATE(c4, 1));
  const v128_t d4 = wasm_v128_xor(c3, ROTATE(c0, 1));
  ROW(0, a[0], d0, 0, a[6], d1, 44, a[12], d2, 43, a[18], d3, 21, a[24], d4, 14)
  to[0] = wasm_v128_xor(to[0], wasm_i64x2_splat((int64_t)constant));
  ROW(5, a[3], d3, 28, a[9], d4, 20, a[10], d0, 3, a[16], d1, 45, a[22], d2, 61)
  ROW(10, a[1], d1, 1, a[7], d2, 6, a[13], d3, 25, a[19], d4, 8, a[20], d0, 18)
  ROW(15, a[4], d4, 27, a[5], d0, 36, a[11], d1, 10, a[17], d2, 15, a[23], d3, 56)
  ROW(20, a[2], d2, 62, a[8], d3, 55, a[14], d4, 39, a[15], d0, 41, a[21], d1, 2)
}

/** Hashes the pairs at `left` and `right` to two words. */
static void hash_two(const word *left, const word *right, word *left_to, word *right_to) {
  v128_t a[25], b[25];
  const uint64_t *p = left->lanes, *q = right->lanes;
  for (int i = 0; i < 8; i++) a[i] = wasm_u64x2_make(p[i], q[i]);
  for (int i = 8; i < 25; i++) a[i] = wasm_i64x2_const_splat(0);
  // Keccak's padding of a message of 64 bytes to 136.
  a[8] = wasm_i64x2_const_splat(1);
  a[16] = wasm_i64x2_const_splat((int64_t)0x8000000000000000);
  for (int round = 0; round < 24; round += 2) {
    keccak_round(a, b, ROUND_CONSTANTS[round]);
    keccak_round(b, a, ROUND_CONSTANTS[round + 1]);
  }
  for (int i = 0; i < 4; i++) {
    left_to->lanes[i] = wasm_u64x2_extract_lane(a[i], 0);
    right_to->lanes[i] = wasm_u64x2_extract_lane(a[i], 1);
  }
}

static int is_zero(const word *pair) {
  const uint64_t *p = pair->lanes;
  return (p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7]) == 0;
}

/** Hashes neighbours to the level above. */
static void level(const word *from, word *to, uint32_t pairs) {
  static const word ZERO;
  static word unused;
  const word *waiting = 0;
  word *waiting_to = 0;
  for (uint32_t i = 0; i < pairs; i++, from += 2, to++) {
    if (is_zero(from)) {
      *to = ZERO;
    } else if (waiting) {
      hash_two(waiting, from, waiting_to, to);
      waiting = 0;
    } else {
      waiting = from;
      waiting_to = to;
    }
  }
  if (waiting) hash_two(waiting, waiting, waiting_to, &unused);
}

/** Fills in the levels over the first `leaves` words, a power of two. The root stands last, at 2 * leaves - 2. */
void tree(uint32_t leaves) {
  word *from = nodes;
  for (; leaves > 1; leaves /= 2) {
    level(from, from + leaves, leaves / 2);
    from += leaves;
  }
}
