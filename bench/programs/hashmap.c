/* A hash table with linear probing that grows, and a linked list in each value: lookups, insertions, removals. */
#include "report.h"

struct item {
  struct item *next;
  uint32_t value;
};
struct entry {
  uint64_t key; /* zero where there is none */
  struct item *items;
};

static struct entry *table;
static uint32_t slots = 16, used;

static struct entry *find(uint64_t key) {
  uint32_t at = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & (slots - 1);
  while (table[at].key && table[at].key != key) at = (at + 1) & (slots - 1);
  return &table[at];
}

static void grow(void) {
  struct entry *old = table;
  uint32_t old_slots = slots;
  slots *= 2;
  table = calloc(slots, sizeof *table);
  for (uint32_t i = 0; i < old_slots; i++)
    if (old[i].key) *find(old[i].key) = old[i];
  free(old);
}

static void push(uint64_t key, uint32_t value) {
  struct entry *entry = find(key);
  if (!entry->key) {
    if (++used * 4 > slots * 3) {
      grow();
      entry = find(key);
    }
    entry->key = key;
  }
  struct item *item = malloc(sizeof *item);
  item->value = value, item->next = entry->items;
  entry->items = item;
}

static uint32_t pop(uint64_t key) {
  struct entry *entry = find(key);
  struct item *item = entry->items;
  if (!item) return 0;
  uint32_t value = item->value;
  entry->items = item->next;
  free(item);
  return value;
}

int main(int argc, char **argv) {
  uint32_t count = amount(argc, argv);
  uint64_t sum = 0;
  table = calloc(slots, sizeof *table);
  for (uint32_t i = 0; i < count; i++) {
    push(next_random() % (count / 16 + 1) + 1, i);
    if (i % 3 == 0) sum = mix(sum, pop(next_random() % (count / 16 + 1) + 1));
  }
  for (uint32_t i = 0; i < slots; i++)
    for (struct item *item = table[i].items; item; item = item->next) sum += item->value;
  return report(mix(sum, used));
}
