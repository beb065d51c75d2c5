// demo:three/stats, which imports demo:three/words. Length is in code units of its own encoding.
#include "three.h"
IMPORT(WORDS, "split") void split(chr *p, u32 n, words *r);
static summarized ret;
EXPORT(STATS "#summarize") summarized *summarize(chr *p, u32 n) {
  words ws;
  split(p, n, &ws);
  str_free((str){p, n});
  memset(&ret, 0, sizeof ret);
  if (!ws.n) {
    ret.err = 1;
    ret.u.err = str_copy(LIT("no words"));
    return &ret;
  }
  word *best = ws.p;
  for (u32 i = 1; i < ws.n; i++) if (ws.p[i].text.n > best->text.n) best = &ws.p[i];
  ret.u.ok.words = ws.n;
  ret.u.ok.longest.some = 1;
  ret.u.ok.longest.v = (word){str_copy(best->text), best->at};
  words_free(ws);
  return &ret;
}
EXPORT("cabi_post_" STATS "#summarize") void post_summarize(summarized *s) { str_free(s->err ? s->u.err : s->u.ok.longest.v.text); }
