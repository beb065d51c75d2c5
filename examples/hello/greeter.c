// A greeter.
#include <stdlib.h>
#include <string.h>

#include "library.h"

void exports_demo_hello_greeter_greet(library_string_t *name, library_string_t *greeting) {
  greeting->len = name->len + 8;
  greeting->ptr = malloc(greeting->len);
  memcpy(greeting->ptr, "hello, ", 7);
  memcpy(greeting->ptr + 7, name->ptr, name->len);
  greeting->ptr[greeting->len - 1] = '!';
  library_string_free(name);
}
