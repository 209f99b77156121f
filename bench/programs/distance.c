/* The edit distance of two strings of letters, row by row. */
#include "report.h"

#define LENGTH 2000

static uint8_t left[LENGTH], right[LENGTH];

static uint32_t distance(void) {
  static uint32_t row[LENGTH + 1];
  for (uint32_t j = 0; j <= LENGTH; j++) row[j] = j;
  for (uint32_t i = 0; i < LENGTH; i++) {
    uint32_t diagonal = row[0];
    row[0] = i + 1;
    for (uint32_t j = 0; j < LENGTH; j++) {
      uint32_t change = diagonal + (left[i] != right[j]);
      uint32_t skip = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
      diagonal = row[j + 1];
      row[j + 1] = change < skip ? change : skip;
    }
  }
  return row[LENGTH];
}

int main(int argc, char **argv) {
  uint32_t rounds = amount(argc, argv);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < LENGTH; i++) {
      left[i] = (uint8_t)('a' + next_random() % 4);
      right[i] = (uint8_t)('a' + next_random() % 4);
    }
    sum = mix(sum, distance());
  }
  return report(sum);
}
