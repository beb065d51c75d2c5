// demo:three/words, which imports nothing.
#include "three.h"
static u32 calls;
static words ret;
EXPORT(WORDS "#split") words *split(chr *p, u32 n) {
  calls++;
  u32 count = 0;
  for (u32 i = 0; i < n; i++) count += p[i] != ' ' && (i == 0 || p[i - 1] == ' ');
  ret = (words){count ? alloc(count * sizeof(word)) : (void *)4, 0};
  for (u32 i = 0; ret.n < count;) {
    while (p[i] == ' ') i++;
    u32 from = i;
    while (i < n && p[i] != ' ') i++;
    ret.p[ret.n] = (word){str_copy((str){p + from, i - from}), ret.n};
    ret.n++;
  }
  str_free((str){p, n});
  return &ret;
}
EXPORT("cabi_post_" WORDS "#split") void post_split(words *w) { words_free(*w); }
EXPORT(WORDS "#calls") u32 f_calls(void) { return calls; }
