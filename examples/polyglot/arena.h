// Memory for a component without a C library and without a state: what one call takes, its end gives back.
#include "abi.h"

static _Alignas(16) char arena[1 << 20];
static size_t used;

int memcmp(const void *a, const void *b, size_t n) {
  for (const unsigned char *x = a, *y = b; n; n--, x++, y++) if (*x != *y) return *x - *y;
  return 0;
}

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  size_t at = (used + align - 1) & -align;
  if (size > sizeof arena - at) __builtin_trap();
  used = at + size;
  for (size_t i = 0; i < old_size; i++) arena[at + i] = ((char *)old)[i];
  return arena + at;
}

UNUSED static text join(text a, text b) {
  text r = {cabi_realloc(0, 0, 1, a.size + b.size), a.size + b.size};
  for (size_t i = 0; i < a.size; i++) r.at[i] = a.at[i];
  for (size_t i = 0; i < b.size; i++) r.at[a.size + i] = b.at[i];
  return r;
}

UNUSED static text number(uint32_t n) {
  text r = {(char *)cabi_realloc(0, 0, 1, 10) + 10, 0};
  do { *--r.at = '0' + n % 10; r.size++; } while (n /= 10);
  return r;
}
