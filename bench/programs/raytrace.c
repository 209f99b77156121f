/* A picture of balls over a floor: shadows, reflections, colours as doubles. */
#include "report.h"
#include <math.h>

#define BALLS 12
#define DEPTH 4
#define FAR 1e9

typedef struct {
  double x, y, z;
} vec;

static struct ball {
  vec centre, colour;
  double radius, shine;
} balls[BALLS];
static vec light;

static vec add(vec a, vec b) { return (vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static vec sub(vec a, vec b) { return (vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
static vec scale(vec a, double s) { return (vec){a.x * s, a.y * s, a.z * s}; }
static double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vec unit(vec a) { return scale(a, 1 / sqrt(dot(a, a))); }

static double meet(const struct ball *ball, vec from, vec towards) {
  vec to = sub(ball->centre, from);
  double along = dot(to, towards), inside = ball->radius * ball->radius - dot(to, to) + along * along;
  if (inside < 0) return FAR;
  double half = sqrt(inside);
  return along - half > 1e-6 ? along - half : along + half > 1e-6 ? along + half : FAR;
}

static double nearest(vec from, vec towards, const struct ball **which) {
  double best = FAR;
  for (const struct ball *ball = balls; ball < balls + BALLS; ball++) {
    double distance = meet(ball, from, towards);
    if (distance < best) best = distance, *which = ball;
  }
  return best;
}

static vec trace(vec from, vec towards, int depth) {
  const struct ball *ball = NULL;
  double distance = nearest(from, towards, &ball);
  double floor_at = towards.y < -1e-6 ? -from.y / towards.y : FAR;
  vec at, normal, colour;
  double shine;
  if (floor_at < distance) {
    at = add(from, scale(towards, floor_at)), normal = (vec){0, 1, 0};
    int dark = ((int)floor(at.x) + (int)floor(at.z)) & 1;
    colour = dark ? (vec){.2, .2, .3} : (vec){.9, .9, .8}, shine = .1;
  } else if (ball) {
    at = add(from, scale(towards, distance)), normal = unit(sub(at, ball->centre));
    colour = ball->colour, shine = ball->shine;
  } else {
    double height = .5 * (towards.y + 1);
    return (vec){.6 + .2 * height, .7 + .2 * height, 1};
  }
  vec to_light = sub(light, at);
  double length = sqrt(dot(to_light, to_light)), lit = dot(normal, to_light) / length;
  const struct ball *shadow;
  if (lit > 0 && nearest(add(at, scale(normal, 1e-5)), scale(to_light, 1 / length), &shadow) < length) lit = 0;
  vec seen = scale(colour, .2 + .8 * fmax(lit, 0));
  if (depth == 0) return seen;
  vec mirrored = unit(sub(towards, scale(normal, 2 * dot(normal, towards))));
  return add(scale(seen, 1 - shine), scale(trace(add(at, scale(normal, 1e-5)), mirrored, depth - 1), shine));
}

static double between(double low, double high) {
  return low + (high - low) * ((double)(next_random() >> 11) * 0x1p-53);
}

int main(int argc, char **argv) {
  uint32_t size = amount(argc, argv);
  light = (vec){5, 9, -6};
  for (struct ball *b = balls; b < balls + BALLS; b++) {
    b->radius = between(.3, 1);
    b->centre = (vec){between(-4, 4), b->radius, between(-1, 7)};
    b->colour = (vec){between(0, 1), between(0, 1), between(0, 1)};
    b->shine = between(.1, .7);
  }
  uint64_t sum = 0;
  for (uint32_t j = 0; j < size; j++)
    for (uint32_t i = 0; i < size; i++) {
      vec towards = unit((vec){2. * i / size - 1, .6 - 1.6 * j / size, 1.4});
      vec colour = trace((vec){0, 1.5, -6}, towards, DEPTH);
      sum = mix(sum, bits(colour.x + colour.y * 3 + colour.z * 7));
    }
  return report(sum);
}
