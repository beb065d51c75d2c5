// demo:almanac/words.
#include "guest.h"
#define I "demo:almanac/words@1.0.0"
static struct { str *p; u32 n; } ret;

static chr lower(chr c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ? c + 32 : c;
}
static int part(chr c) { return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// next returns the next word at or after *at, of no length at the end.
static str next(str s, u32 *at) {
  u32 i = *at;
  while (i < s.n && !part(s.p[i])) i++;
  u32 from = i;
  while (i < s.n && part(s.p[i])) i++;
  *at = i;
  return (str){s.p + from, i - from};
}

EXPORT(I "#split") void *split(chr *p, u32 n) {
  str text = {p, n};
  u32 at = 0, count = 0;
  while (next(text, &at).n) count++;
  ret.n = count;
  ret.p = count ? alloc(count * sizeof(str)) : (void *)4;
  at = 0;
  for (u32 i = 0; i < count; i++) {
    str w = str_copy(next(text, &at));
    for (u32 j = 0; j < w.n; j++) w.p[j] = lower(w.p[j]);
    ret.p[i] = w;
  }
  str_free(text);
  return &ret;
}
EXPORT("cabi_post_" I "#split") void post_split(void *r) {
  for (u32 i = 0; i < ret.n; i++) str_free(ret.p[i]);
  if (ret.n) dealloc(ret.p);
}
