// What the components with wasi-libc share. wasi-libc gives cabi_realloc, by which values of free's kind arrive.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { char *p; size_t n; } str;
typedef struct { str word; uint32_t count; } entry;
typedef struct { str name; uint64_t size; } page;
typedef struct { uint64_t bytes; uint32_t lines; } receipt;
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define INDEX "demo:almanac/index@1.0.0"
#define JOURNAL "demo:almanac/journal@1.0.0"
#define WORDS "demo:almanac/words@1.0.0"
// A result with a 64-bit alignment.
typedef struct { uint8_t failed; union { receipt r; uint64_t size; str error; } u; } result64;
typedef struct { uint8_t failed; union { uint32_t number; str error; struct { page *p; size_t n; } pages; } u; } result32;
_Static_assert(sizeof(page) == 16 && sizeof(result64) == 24 && sizeof(result32) == 12, "layout");
