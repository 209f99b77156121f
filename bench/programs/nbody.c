/* Eight bodies that attract each other, moved step by step (leapfrog). */
#include "report.h"
#include <math.h>

#define BODIES 8

static struct body {
  double x, y, z, vx, vy, vz, mass;
} bodies[BODIES];

static void attract(double dt) {
  for (int i = 0; i < BODIES; i++) {
    struct body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      struct body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz + 0.01;
      double pull = dt / (square * sqrt(square));
      a->vx -= dx * b->mass * pull, a->vy -= dy * b->mass * pull, a->vz -= dz * b->mass * pull;
      b->vx += dx * a->mass * pull, b->vy += dy * a->mass * pull, b->vz += dz * a->mass * pull;
    }
  }
}

static void move(double dt) {
  for (struct body *b = bodies; b < bodies + BODIES; b++) b->x += dt * b->vx, b->y += dt * b->vy, b->z += dt * b->vz;
}

static double between(double low, double high) {
  return low + (high - low) * ((double)(next_random() >> 11) * 0x1p-53);
}

int main(int argc, char **argv) {
  uint32_t steps = amount(argc, argv);
  for (struct body *b = bodies; b < bodies + BODIES; b++) {
    b->x = between(-9, 9), b->y = between(-9, 9), b->z = between(-1, 1);
    b->vx = between(-1, 1), b->vy = between(-1, 1), b->vz = 0;
    b->mass = between(0.1, 4);
  }
  for (uint32_t step = 0; step < steps; step++) {
    attract(0.001);
    move(0.001);
  }
  uint64_t sum = 0;
  for (int i = 0; i < BODIES; i++) sum = mix(mix(sum, bits(bodies[i].x)), bits(bodies[i].vy));
  return report(sum);
}
