/* Writes a JSON text, then reads it again and again: a recursive parser that adds up what it finds. */
#include "report.h"

#define SIZE (1u << 20)

static char text[SIZE];
static uint32_t length;
static const char *at;

static void put(const char *s) {
  while (*s && length < SIZE - 1) text[length++] = *s++;
}

static void put_number(uint64_t n) {
  char digits[21], *d = digits + 20;
  *d = 0;
  do *--d = (char)('0' + n % 10);
  while (n /= 10);
  put(d);
}

static void write_value(int depth) {
  uint64_t draw = next_random();
  switch (depth == 0 ? draw % 4 : draw % 6) {
    case 0: put("-"); /* fall through */
    case 1: put_number(draw >> 40); put("."); put_number(draw >> 8 & 1023); break;
    case 2: put(draw >> 20 & 1 ? "true" : "null"); break;
    case 3: put("\"some \\\"words\\\" "); put_number(draw >> 30); put("\""); break;
    case 4:
      put("[");
      for (uint32_t i = 0; i < (draw >> 20 & 7); i++) put(i ? ", " : ""), write_value(depth - 1);
      put("]");
      break;
    default:
      put("{");
      for (uint32_t i = 0; i < (draw >> 20 & 7); i++) {
        put(i ? ", \"key" : "\"key"), put_number(i), put("\": ");
        write_value(depth - 1);
      }
      put("}");
  }
}

static void skip(void) {
  while (*at == ' ' || *at == '\n') at++;
}

static uint64_t read_string(void) {
  uint64_t sum = 0;
  for (at++; *at != '"'; at++) {
    if (*at == '\\') at++;
    sum = sum * 31 + (uint8_t)*at;
  }
  at++;
  return sum;
}

static uint64_t read_number(void) {
  double value = 0, unit = 1;
  int negative = *at == '-';
  if (negative) at++;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  if (*at == '.')
    for (at++; *at >= '0' && *at <= '9';) value += (unit /= 10) * (*at++ - '0');
  return bits(negative ? -value : value);
}

static uint64_t read_value(void) {
  uint64_t sum = 1;
  skip();
  switch (*at) {
    case '"': return read_string();
    case 't':
    case 'n': at += 4; return 7;
    case '[':
    case '{': {
      char close = *at++ == '[' ? ']' : '}';
      for (skip(); *at != close; skip()) {
        if (*at == ',') at++;
        skip();
        if (close == '}') {
          sum = mix(sum, read_string());
          skip();
          at++; /* the colon */
        }
        sum = mix(sum, read_value());
      }
      at++;
      return sum;
    }
    default: return read_number();
  }
}

int main(int argc, char **argv) {
  uint32_t rounds = amount(argc, argv);
  uint64_t sum = 0;
  put("[");
  while (length < SIZE - 65536) write_value(5), put(",\n");
  put("0]");
  for (uint32_t round = 0; round < rounds; round++) {
    at = text;
    sum = mix(sum, read_value());
  }
  return at == text + length ? report(sum) : 1;
}
