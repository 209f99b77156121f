/* What every program here has in common: one number to say how much to do, and one to show that it was done. */
#ifndef REPORT_H
#define REPORT_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first argument. */
static inline uint32_t amount(int argc, char **argv) { return argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1; }

/* Sixteen hexadecimal digits on standard output, without the weight of printf. */
static inline int report(uint64_t value) {
  char line[17];
  for (int i = 15; i >= 0; i--, value >>= 4) line[i] = "0123456789abcdef"[value & 15];
  line[16] = '\n';
  return write(1, line, sizeof line) == sizeof line ? 0 : 1;
}

/* Folds a value into a checksum. */
static inline uint64_t mix(uint64_t sum, uint64_t value) { return (sum ^ value) * 0x9e3779b97f4a7c15u + (sum >> 29); }

static inline uint64_t bits(double value) {
  uint64_t result;
  memcpy(&result, &value, sizeof result);
  return result;
}

/* Numbers that look random and are the same everywhere (xorshift64). */
static uint64_t random_state = 88172645463325252u;
static inline uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}
#endif
