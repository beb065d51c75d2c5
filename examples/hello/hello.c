// Prints a greeting for each argument, which the greeter makes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text { char *at; size_t size; };

__attribute__((import_module("demo:hello/greeter"), import_name("greet")))
void greet(const char *name, size_t size, struct text *result);

// The caller's memory for results.
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) { return realloc(old, size); }

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    struct text t;
    greet(argv[i], strlen(argv[i]), &t);
    printf("%.*s\n", (int)t.size, t.at);
    free(t.at);
  }
}
