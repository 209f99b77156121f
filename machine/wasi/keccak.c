/* Keccak-f[1600] (FIPS 202, section 3), with the padding that Keccak had before it became SHA-3. */
#include "keccak.h"

#define ROUNDS 24
#define RATE_LANES 17

static u64 rotate(u64 lane, u32 by) {
  return lane << by | lane >> (-by & 63);
}

static void permute(u64 a[25]) {
  /* Rotations and places of rho and pi, in the order in which pi goes through the lanes from the second one. */
  static const u8 ROTATION[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                  27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
  static const u8 PLACE[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                               15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
  /* Of the linear feedback shift register that the round constants are made of. */
  u8 shift = 1;
  for (u32 round = 0; round < ROUNDS; round++) {
    u64 column[5];
    for (u32 x = 0; x < 5; x++) column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (u32 x = 0; x < 5; x++) {
      u64 mix = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);
      for (u32 y = 0; y < 25; y += 5) a[x + y] ^= mix;
    }
    u64 moving = a[1];
    for (u32 i = 0; i < 24; i++) {
      u64 next = a[PLACE[i]];
      a[PLACE[i]] = rotate(moving, ROTATION[i]);
      moving = next;
    }
    for (u32 y = 0; y < 25; y += 5) {
      u64 row[5];
      for (u32 x = 0; x < 5; x++) row[x] = a[y + x];
      for (u32 x = 0; x < 5; x++) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    for (u32 bit = 1; bit <= 64; bit <<= 1) {
      if (shift & 1) a[0] ^= 1ull << (bit - 1);
      shift = shift & 0x80 ? (u8)(shift << 1) ^ 0x71 : shift << 1;
    }
  }
}

void keccak256_40(const u8 preimage[40], u8 hash[32]) {
  u64 state[25] = {0};
  copy_bytes(state, preimage, 40);
  state[5] = 1;
  state[RATE_LANES - 1] = 1ull << 63;
  permute(state);
  copy_bytes(hash, state, 32);
}
