/* A toy machine with a switch: nothing but jumps through a table, half a nanosecond each. */
#include "report.h"

enum { LOAD, ADD, MULTIPLY, XOR, SHIFT, STORE, DECREMENT, LOOP, END };

static uint32_t execute(const uint8_t *code, uint32_t count) {
  uint32_t cells[4] = {1, 2, 3, 4}, accumulator = 0;
  for (const uint8_t *pc = code;;) {
    uint8_t operand = pc[1];
    switch (*pc) {
      case LOAD: accumulator = cells[operand & 3]; break;
      case ADD: accumulator += cells[operand & 3]; break;
      case MULTIPLY: accumulator *= operand | 1; break;
      case XOR: accumulator ^= cells[operand & 3]; break;
      case SHIFT: accumulator = accumulator >> (operand & 31) | accumulator << 3; break;
      case STORE: cells[operand & 3] = accumulator; break;
      case DECREMENT: count--; break;
      case LOOP:
        if (count) {
          pc = code;
          continue;
        }
        break;
      default: return accumulator;
    }
    pc += 2;
  }
}

int main(int argc, char **argv) {
  static uint8_t code[] = {LOAD, 0, ADD, 1, MULTIPLY, 77, STORE, 0, XOR,       2, SHIFT, 5, STORE, 1,
                           ADD,  3, XOR, 0, STORE,    2,  LOAD,  1, DECREMENT, 0, LOOP,  0, END,   0};
  return report(execute(code, amount(argc, argv)));
}
