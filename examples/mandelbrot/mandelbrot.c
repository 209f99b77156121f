/* Renders the Mandelbrot set as a PGM picture on standard output.
 *
 *   mandelbrot [width [height [centre-x centre-y [span]]]]
 *
 * Shades follow the escape time, smoothed so that no bands show; the square root brings out the thin parts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ITERATIONS 500
#define ESCAPE 256.0 /* squared radius: large, for a smooth shade */
#define WIDEST 4096

static unsigned char shade(double cx, double cy) {
  double x = 0, y = 0, xx = 0, yy = 0;
  int n = 0;
  while (n < ITERATIONS && xx + yy < ESCAPE) {
    y = 2 * x * y + cy;
    x = xx - yy + cx;
    xx = x * x;
    yy = y * y;
    n++;
  }
  if (n == ITERATIONS) return 0;
  double smooth = n + 1 - log2(log2(xx + yy) / 2);
  double light = sqrt(smooth / ITERATIONS) * 2.2;
  return (unsigned char)(255 * fmax(0, fmin(1, light)));
}

static double number(int argc, char **argv, int index, double otherwise) {
  return argc > index ? strtod(argv[index], NULL) : otherwise;
}

int main(int argc, char **argv) {
  int width = (int)number(argc, argv, 1, 320);
  int height = (int)number(argc, argv, 2, 240);
  double centre_x = number(argc, argv, 3, -0.65);
  double centre_y = number(argc, argv, 4, 0.0);
  double span = number(argc, argv, 5, 3.2);
  if (width < 1 || width > WIDEST || height < 1 || height > WIDEST) {
    fprintf(stderr, "mandelbrot: a picture is 1 to %d wide and high\n", WIDEST);
    return 2;
  }

  static unsigned char row[WIDEST];
  double pixel = span / width;
  printf("P5\n%d %d\n255\n", width, height);
  for (int j = 0; j < height; j++) {
    for (int i = 0; i < width; i++) {
      row[i] = shade(centre_x + (i - width / 2.0) * pixel, centre_y + (j - height / 2.0) * pixel);
    }
    fwrite(row, 1, (size_t)width, stdout);
  }
  return 0;
}
