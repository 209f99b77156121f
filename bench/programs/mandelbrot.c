/* Escape times of points around the Mandelbrot set. */
#include "report.h"

#define ITERATIONS 400

static int escape(double cx, double cy) {
  double x = 0, y = 0, xx = 0, yy = 0;
  int n = 0;
  for (; n < ITERATIONS && xx + yy < 4; n++) {
    y = 2 * x * y + cy;
    x = xx - yy + cx;
    xx = x * x;
    yy = y * y;
  }
  return n;
}

int main(int argc, char **argv) {
  uint32_t size = amount(argc, argv);
  uint64_t sum = 0;
  for (uint32_t j = 0; j < size; j++)
    for (uint32_t i = 0; i < size; i++) sum += (uint64_t)escape(-2.2 + 3.2 * i / size, -1.6 + 3.2 * j / size);
  return report(sum);
}
