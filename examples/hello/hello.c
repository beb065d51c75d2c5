// Prints a greeting for each argument, which the greeter makes.
#include <stdio.h>

#include "program.h"

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    program_string_t name, greeting;
    program_string_set(&name, argv[i]);
    demo_hello_greeter_greet(&name, &greeting);
    printf("%.*s\n", (int)greeting.len, greeting.ptr);
    program_string_free(&greeting);
  }
}
