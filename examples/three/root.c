// The root of the graph: uses demo:three/words itself and by way of demo:three/stats.
#include "three.h"
IMPORT(WORDS, "split") void split(chr *p, u32 n, words *r);
IMPORT(WORDS, "calls") u32 calls(void);
IMPORT(STATS, "summarize") void summarize(chr *p, u32 n, summarized *r);
static str ret;
EXPORT("report") str *report(chr *p, u32 n) {
  words ws;
  summarized s;
  split(p, n, &ws);
  for (u32 i = 0; i < ws.n; i++) { put_u(ws.p[i].at, 10); PUT(":"); put_str(ws.p[i].text); PUT(" "); }
  words_free(ws);
  summarize(p, n, &s);
  if (s.err) {
    PUT("error "); put_str(s.u.err);
    str_free(s.u.err);
  } else {
    PUT("words "); put_u(s.u.ok.words, 10); PUT(" longest "); put_str(s.u.ok.longest.v.text); PUT("@"); put_u(s.u.ok.longest.v.at, 10);
    str_free(s.u.ok.longest.v.text);
  }
  PUT(" calls "); put_u(calls(), 10);
  str_free((str){p, n});
  PUT(" leaked "); put_u(live_allocs, 10);
  ret = out_take();
  return &ret;
}
EXPORT("cabi_post_report") void post_report(str *s) { str_free(*s); }
