/* The one import that AssemblyScript's runtime has without WASI: `env.abort`. */
#include "output.h"

/* More of a message than this is cut off. */
#define MAX_UNITS 2048

static u8 text[3 * 2 * MAX_UNITS + 64];
static u32 length;

static void say(const char *words) {
  while (*words) text[length++] = *words++;
}

static void say_number(u32 number) {
  u8 digits[10];
  u32 count = 0;
  do digits[count++] = '0' + number % 10;
  while (number /= 10);
  while (count > 0) text[length++] = digits[--count];
}

static void say_character(u32 character) {
  if (character < 0x80) {
    text[length++] = character;
    return;
  }
  u32 more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static const u8 LEAD[] = {0, 0xc0, 0xe0, 0xf0};
  text[length++] = LEAD[more] | character >> (6 * more);
  while (more-- > 0) text[length++] = 0x80 | (character >> (6 * more) & 0x3f);
}

/* A string of AssemblyScript's: UTF-16, its length in bytes in the word before it. Half a pair becomes U+FFFD. */
static void say_string(u32 at) {
  if (at == 0 || !inside(at - 4, 4)) return say("?");
  u32 bytes = least(load32(at - 4), 2 * MAX_UNITS);
  if (!inside(at, bytes)) return say("?");
  u16 *units = (u16 *)chunk;
  copy_in(units, at, bytes);
  for (u32 i = 0, count = bytes / 2; i < count; i++) {
    u32 unit = units[i];
    u32 second = i + 1 < count ? units[i + 1] : 0;
    if ((unit & 0xf800) != 0xd800) say_character(unit);
    else if (unit < 0xdc00 && (second & 0xfc00) == 0xdc00) {
      say_character(0x10000 + ((unit & 0x3ff) << 10) + (second & 0x3ff));
      i++;
    } else say_character(0xfffd);
  }
}

/* Ends the run as a trap; what the program says goes to standard error. */
EXPORT("env.abort") void abort_program(u32 message, u32 file, u32 line, u32 column) {
  length = 0;
  say("abort: ");
  say_string(message);
  say(" in ");
  say_string(file);
  say(":");
  say_number(line);
  say(":");
  say_number(column);
  say("\n");
  record_begin(RECORD_STDERR, length);
  record_bytes(text, length);
  record_end();
  __builtin_trap();
}
