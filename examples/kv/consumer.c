// Uses every function of demo:kv/store and tells what came of it.
#include "kv.h"
#define I "demo:kv/store@0.1.0"
IMPORT(I, "[resource-drop]bucket") void b_drop(u32 h);
IMPORT(I, "[constructor]bucket") u32 b_new(const chr *p, u32 n);
IMPORT(I, "[static]bucket.merge") u32 b_merge(u32 a, u32 b);
IMPORT(I, "[method]bucket.copy-into") u32 b_copy(u32 a, u32 b);
IMPORT(I, "[method]bucket.get") void b_get(u32 h, const chr *p, u32 n, lookup *out);
IMPORT(I, "[method]bucket.keys") void b_keys(u32 h, void *out);
IMPORT(I, "[method]bucket.name") void b_name(u32 h, str *out);
IMPORT(I, "[method]bucket.put") void b_put(u32 h, const chr *p, u32 n, const void *v, u32 vn, put_result *out);
IMPORT(I, "count") u32 s_count(u32 h);
IMPORT(I, "consume") u32 s_consume(u32 h);
IMPORT(I, "live") u32 s_live(void);
IMPORT(I, "greet") void s_greet(const chr *p, u32 n, str *out);
IMPORT(I, "reverse") void s_reverse(const void *p, u32 n, bytes *out);
IMPORT(I, "shift") void s_shift(s32 x, s32 y, const chr *p, u32 n, s32 by, point *out);
IMPORT(I, "paint") void s_paint(u32 c, u32 f, u8 *out);
IMPORT(I, "sum") u64 s_sum(const u32 *p, u32 n);

static void put(u32 h, str k, bytes v) {
  put_result r; b_put(h, k.p, k.n, v.p, v.n, &r);
  if (r.tag) { PUT("err("); put_str(r.u.err); PUT(") "); str_free(r.u.err); } else { PUT("ok("); put_u(r.u.ok, 10); PUT(") "); }
}
static void get(u32 h, str k) {
  lookup l; b_get(h, k.p, k.n, &l);
  if (l.tag == 1) { PUT("hit("); put_str(l.u.hit.key); PUT("="); put_bytes(l.u.hit.value); PUT("@"); put_u(l.u.hit.rev, 10); PUT(") "); str_free(l.u.hit.key); bytes_free(l.u.hit.value); }
  else if (l.tag == 2) { PUT("stale("); put_u(l.u.stale, 16); PUT(") "); }
  else PUT("miss ");
}
static str rv;
EXPORT("run") str *run(chr *p, u32 n) {
  str in = {p, n}, s; bytes b; point pt; u8 t[2]; struct { str *p; u32 n; } ks;
  s_greet(p, n, &s); put_str(s); str_free(s); PUT("; ");
  s_reverse("\x00\x7f\xff", 3, &b); put_bytes(b); bytes_free(b); PUT("; ");
  s_shift(10, 20, TEXT("pt"), 2, 3, &pt); put_str(pt.label); PUT(" "); put_u(pt.x, 10); PUT(" "); put_u(pt.y, 10); str_free(pt.label); PUT("; ");
  s_paint(2, 5, t); put_u(t[0], 10); PUT(" "); put_u(t[1], 10); PUT("; ");
  u32 xs[4] = {1, 2, 3, 4294967295u};
  put_u(s_sum(xs, 4), 10); PUT("; ");
  u32 a = b_new(TEXT("a"), 1), c = b_new(TEXT("b"), 1);
  put(a, LIT("k"), (bytes){(u8 *)"v1", 2}); put(a, LIT("k"), (bytes){(u8 *)"v2", 2});
  put(a, LIT(""), (bytes){(u8 *)"x", 1}); put(c, LIT("\u00e9"), (bytes){(u8 *)"\xc3\xbc", 2}); PUT("; ");
  get(a, LIT("k")); get(a, LIT("nope")); get(c, LIT("stale")); get(c, LIT("\u00e9")); PUT("; ");
  put_u(b_copy(a, c), 10); PUT(" "); put_u(s_count(c), 10); PUT(" ");
  b_keys(c, &ks); for (u32 i = 0; i < ks.n; i++) { put_str(ks.p[i]); PUT(","); str_free(ks.p[i]); } if (ks.n) dealloc(ks.p);
  PUT("; live "); put_u(s_live(), 10); PUT("; ");
  u32 m = b_merge(a, c);
  b_name(m, &s); put_str(s); str_free(s); PUT(" live "); put_u(s_live(), 10); PUT("; consumed "); put_u(s_consume(m), 10); PUT(" live "); put_u(s_live(), 10);
  u32 d = b_new(TEXT("c"), 1); b_drop(d); PUT("; live "); put_u(s_live(), 10);
  str_free(in);
  PUT("; leaked "); put_u(live_allocs, 10);
  rv = out_take();
  return &rv;
}
EXPORT("cabi_post_run") void post_run(str *s) { str_free(*s); }
