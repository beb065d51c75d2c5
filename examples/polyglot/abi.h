// The Canonical ABI's types and functions, for C.
#include <stddef.h>
#include <stdint.h>

#define IMPORT(module, name) __attribute__((import_module("demo:shop/" module "@1.0.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define TEXT(literal) ((text){(char *)literal, sizeof literal - 1})

typedef struct { char *at; size_t size; } text;
typedef struct { uint8_t some; text value; } maybe;
typedef struct { uint16_t status; text body; } response;

// Compilers warn about functions that are not used.
#define UNUSED __attribute__((unused))

UNUSED static int equal(text a, text b) {
  return a.size == b.size && __builtin_memcmp(a.at, b.at, a.size) == 0;
}
