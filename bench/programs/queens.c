/* Counts the ways to place queens that do not attack each other: recursion over bit sets. */
#include "report.h"

static uint64_t place(uint32_t free_columns, uint32_t left, uint32_t right, uint32_t all) {
  if (free_columns == 0) return 1;
  uint64_t ways = 0;
  for (uint32_t open = free_columns & ~(left | right) & all; open; open &= open - 1) {
    uint32_t queen = open & -open;
    ways += place(free_columns ^ queen, (left | queen) << 1, (right | queen) >> 1, all);
  }
  return ways;
}

int main(int argc, char **argv) {
  uint32_t size = amount(argc, argv), all = (1u << size) - 1;
  return report(place(all, 0, 0, all));
}
