// A greeter in C++.
#include <string>

#include "library.h"

extern "C" void exports_demo_hello_greeter_greet(library_string_t *name, library_string_t *greeting) {
  std::string who(reinterpret_cast<char *>(name->ptr), name->len);
  library_string_dup(greeting, ("hello, " + who + "!").c_str());
  library_string_free(name);
}
