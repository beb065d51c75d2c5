// demo:web/markup: a synchronous library that writes HTML. Its strings are UTF-16.
#include "web.h"
static str ret;

static void put_escaped(str s) {
  for (u32 i = 0; i < s.n; i++) {
    switch (s.p[i]) {
    case '<': PUT("&lt;"); break;
    case '&': PUT("&amp;"); break;
    default: put_str((str){s.p + i, 1});
    }
  }
}

EXPORT(MARKUP "#render") void *render(chr *tp, u32 tn, str *pp, u32 pn, chr *sp, u32 sn) {
  page v = {{tp, tn}, {pp, pn}};
  str said = {sp, sn};
  PUT("<h1>"); put_escaped(v.title); PUT("</h1>");
  for (u32 i = 0; i < v.paragraphs.n; i++) { PUT("<p>"); put_escaped(v.paragraphs.p[i]); PUT("</p>"); }
  if (said.n) { PUT("<q>"); put_escaped(said); PUT("</q>"); }
  page_free(v);
  str_free(said);
  ret = out_take();
  return &ret;
}
EXPORT("cabi_post_" MARKUP "#render") void post_render(void *r) { str_free(ret); }
