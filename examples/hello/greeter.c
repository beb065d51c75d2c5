// A greeter that needs no C library.
#include <stddef.h>

struct text { char *at; size_t size; };

static char heap[1 << 16];
static size_t used;

// Memory for parameters and results, which post-return gives back.
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  size_t at = (used + align - 1) & -align;
  if (size > sizeof heap - at) __builtin_trap();
  used = at + size;
  return heap + at;
}

__attribute__((export_name("demo:hello/greeter#greet")))
struct text *greet(const char *name, size_t size) {
  static struct text result;
  result = (struct text){cabi_realloc(0, 0, 1, size + 8), size + 8};
  __builtin_memcpy(result.at, "hello, ", 7);
  for (size_t i = 0; i < size; i++) result.at[7 + i] = name[i];
  result.at[7 + size] = '!';
  return &result;
}

__attribute__((export_name("cabi_post_demo:hello/greeter#greet")))
void done(struct text *result) { used = 0; }
