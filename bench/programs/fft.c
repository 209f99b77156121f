/* Fourier transforms there and back, radix two, in place; the twiddle factors by recurrence from square roots. */
#include "report.h"
#include <math.h>

#define LOG 12
#define SIZE (1 << LOG)

static double re[SIZE], im[SIZE], cosine[SIZE / 2], sine[SIZE / 2];

static void make_factors(void) {
  cosine[0] = 1, sine[0] = 0;
  double c = -1, s = 0; /* the turn by half a circle, halved each time */
  for (int step = SIZE / 2; step >= 1; step /= 2) {
    if (step < SIZE / 2)
      for (int i = 0; i < SIZE / 2; i += 2 * step) {
        cosine[i + step] = cosine[i] * c - sine[i] * s;
        sine[i + step] = sine[i] * c + cosine[i] * s;
      }
    double half = sqrt((1 + c) / 2);
    s = step == SIZE / 2 ? 1 : s / (2 * half);
    c = half;
  }
}

static void transform(double direction) {
  for (int i = 0, j = 0; i < SIZE; i++) {
    if (i < j) {
      double swapped = re[i];
      re[i] = re[j], re[j] = swapped, swapped = im[i];
      im[i] = im[j], im[j] = swapped;
    }
    int bit = SIZE >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
  }
  for (int half = 1; half < SIZE; half *= 2)
    for (int start = 0; start < SIZE; start += 2 * half)
      for (int i = 0; i < half; i++) {
        double c = cosine[i * (SIZE / 2 / half)], s = direction * sine[i * (SIZE / 2 / half)];
        int low = start + i, high = low + half;
        double x = re[high] * c - im[high] * s, y = re[high] * s + im[high] * c;
        re[high] = re[low] - x, im[high] = im[low] - y;
        re[low] += x, im[low] += y;
      }
}

int main(int argc, char **argv) {
  uint32_t rounds = amount(argc, argv);
  make_factors();
  for (int i = 0; i < SIZE; i++) re[i] = (double)(next_random() >> 11) * 0x1p-53, im[i] = 0;
  double first = re[1];
  for (uint32_t round = 0; round < rounds; round++) {
    transform(1);
    transform(-1);
    for (int i = 0; i < SIZE; i++) re[i] /= SIZE, im[i] /= SIZE;
  }
  if (fabs(re[1] - first) > 1e-6) return 1;
  uint64_t sum = 0;
  for (int i = 0; i < SIZE; i++) sum = mix(sum, bits(re[i]));
  return report(sum);
}
