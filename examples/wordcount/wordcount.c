/* Counts the words of its standard input and prints the most frequent ones. The number of them is the first
 * argument (10 without one). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS (1u << 16) /* a power of two; a text with more different words than half of this is refused */
#define LONGEST 63       /* letters of a word that are kept */

struct word {
  char text[LONGEST + 1];
  unsigned long count;
};

static struct word table[SLOTS];
static unsigned different;
static unsigned long total;

static struct word *find(const char *text) {
  unsigned hash = 2166136261u; /* FNV-1a */
  for (const char *at = text; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
  unsigned slot = hash & (SLOTS - 1);
  while (table[slot].count && strcmp(table[slot].text, text) != 0) slot = (slot + 1) & (SLOTS - 1);
  return &table[slot];
}

static void count(const char *text) {
  struct word *word = find(text);
  if (!word->count) {
    if (++different > SLOTS / 2) {
      fprintf(stderr, "wordcount: more than %u different words\n", SLOTS / 2);
      exit(2);
    }
    strcpy(word->text, text);
  }
  word->count++;
  total++;
}

/* Most frequent first; words that are as frequent in the order of the alphabet. */
static int compare(const void *left, const void *right) {
  const struct word *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->text, b->text);
}

int main(int argc, char **argv) {
  unsigned wanted = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;
  char word[LONGEST + 1];
  unsigned length = 0;
  int c;
  do {
    c = getchar();
    if (c != EOF && isalpha(c)) {
      if (length < LONGEST) word[length++] = (char)tolower(c);
    } else if (length) {
      word[length] = '\0';
      count(word);
      length = 0;
    }
  } while (c != EOF);

  qsort(table, SLOTS, sizeof table[0], compare);
  printf("%lu words, %u different\n", total, different);
  for (unsigned i = 0; i < wanted && i < different; i++) printf("%7lu  %s\n", table[i].count, table[i].text);
  return 0;
}
