/* Products of square matrices of doubles, in blocks that fit a cache. */
#include "report.h"

#define SIZE 192
#define BLOCK 32

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
  memset(c, 0, sizeof c);
  for (int kk = 0; kk < SIZE; kk += BLOCK)
    for (int jj = 0; jj < SIZE; jj += BLOCK)
      for (int i = 0; i < SIZE; i++)
        for (int k = kk; k < kk + BLOCK; k++) {
          double factor = a[i][k];
          for (int j = jj; j < jj + BLOCK; j++) c[i][j] += factor * b[k][j];
        }
}

int main(int argc, char **argv) {
  uint32_t rounds = amount(argc, argv);
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = (double)(next_random() >> 11) * 0x1p-53;
      b[i][j] = (double)(next_random() >> 11) * 0x1p-53;
    }
  for (uint32_t round = 0; round < rounds; round++) {
    multiply();
    for (int i = 0; i < SIZE; i++)
      for (int j = 0; j < SIZE; j++) a[i][j] = c[i][j] / SIZE + b[j][i] / 2;
  }
  uint64_t sum = 0;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) sum = mix(sum, bits(a[i][j]));
  return report(sum);
}
