// Checks that the program contains a core module. An engine with an interface in C would get these bytes.
#include <stdio.h>
#include <string.h>

#include "command_wasm.h"

int main(void) {
  static const unsigned char magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  if (command_wasm_size < sizeof magic || memcmp(command_wasm, magic, sizeof magic) != 0) {
    fprintf(stderr, "%zu bytes, which are no core module\n", command_wasm_size);
    return 1;
  }
  return 0;
}
