/* Quicksort with insertion sort for short runs, on 64-bit keys, then a binary search for each of as many others. */
#include "report.h"

static void sort(uint64_t *keys, long low, long high) {
  while (high - low > 16) {
    uint64_t a = keys[low], b = keys[(low + high) / 2], c = keys[high];
    uint64_t pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    long i = low, j = high;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i <= j) {
        uint64_t swapped = keys[i];
        keys[i++] = keys[j];
        keys[j--] = swapped;
      }
    }
    if (j - low < high - i) {
      sort(keys, low, j);
      low = i;
    } else {
      sort(keys, i, high);
      high = j;
    }
  }
  for (long i = low + 1; i <= high; i++) {
    uint64_t key = keys[i];
    long j = i;
    for (; j > low && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

static uint32_t find(const uint64_t *keys, uint32_t count, uint64_t key) {
  uint32_t low = 0;
  while (count > 0) {
    uint32_t half = count / 2;
    if (keys[low + half] < key) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

#define COUNT 200000

int main(int argc, char **argv) {
  static uint64_t keys[COUNT];
  uint32_t rounds = amount(argc, argv);
  uint64_t sum = 0;
  while (rounds--) {
    for (uint32_t i = 0; i < COUNT; i++) keys[i] = next_random();
    sort(keys, 0, COUNT - 1);
    for (uint32_t i = 0; i < COUNT; i++) sum = mix(sum, find(keys, COUNT, next_random()) ^ keys[i]);
  }
  return report(sum);
}
