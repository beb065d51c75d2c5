// demo:format/lines, without WASI.
#include "guest.h"
#include "format.h"
static struct { str *p; u32 n; } ret;
EXPORT(LINES "#render") void *render(chr *tp, u32 tn, item *p, u32 n, u32 first) {
  str title = {tp, tn};
  ret.n = n;
  ret.p = n ? alloc(n * sizeof(str)) : (void *)4;
  for (u32 i = 0; i < n; i++) {
    put_str(title); PUT(" "); put_u(first + i, 10); PUT(": ");
    switch (p[i].tag) {
    case TEXT_ITEM: put_str(p[i].u.text); str_free(p[i].u.text); break;
    case NUMBER_ITEM: put_s(p[i].u.number); break;
    case PAIR_ITEM:
      put_str(p[i].u.pair.a); PUT(" = "); put_str(p[i].u.pair.b);
      str_free(p[i].u.pair.a);
      str_free(p[i].u.pair.b);
      break;
    }
    ret.p[i] = out_take();
  }
  if (n) dealloc(p);
  str_free(title);
  return &ret;
}
EXPORT("cabi_post_" LINES "#render") void post_render(void *r) {
  for (u32 i = 0; i < ret.n; i++) str_free(ret.p[i]);
  if (ret.n) dealloc(ret.p);
}
