/* The naive recursion: nothing but calls. Raw engines inline it into itself. */
#include "report.h"

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int main(int argc, char **argv) { return report(fibonacci(amount(argc, argv))); }
