#include <stdio.h>

int main(void) {
  puts("Hello from somebody else's computer.");
  return 0;
}
