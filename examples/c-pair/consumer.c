// Calls every function of demo:pair/calc. What arguments point to stays the consumer's; what results point to becomes it.
#include "pair.h"
IMPORT(CALC, "greet") void c_greet(chr *p, u32 n, str *r);
IMPORT(CALC, "reverse") void c_reverse(u8 *p, u32 n, bytes *r);
IMPORT(CALC, "sum") u64 c_sum(u32 *p, u32 n);
IMPORT(CALC, "join") void c_join(str *p, u32 n, u32 sep, str *r);
IMPORT(CALC, "split") void c_split(chr *p, u32 n, strs *r);
IMPORT(CALC, "shift") void c_shift(s32 x, s32 y, chr *p, u32 n, s32 by, point *r);
IMPORT(CALC, "move-all") void c_move_all(point *p, u32 n, s32 dx, s32 dy, points *r);
IMPORT(CALC, "paint") void c_paint(u32 c, u32 f, u32 m, painted *r);
IMPORT(CALC, "find") void c_find(chr *p, u32 n, lookup *r);
IMPORT(CALC, "describe") void c_describe(u32 tag, u64 a, u32 b, u32 c, u32 d, u32 e, str *r);
IMPORT(CALC, "parse") void c_parse(chr *p, u32 n, parsed *r);
IMPORT(CALC, "check") void c_check(u32 tag, u32 a, u32 b, checked *r);
IMPORT(CALC, "half") void c_half(u32 some, double x, opt_f32 *r);
IMPORT(CALC, "next") void c_next(u32 c, opt_char *r);
IMPORT(CALC, "widths") void c_widths(u32 a, s32 b, u32 c, s32 d, u32 e, s32 f, u64 g, s64 h, float i, double j, u32 k, wide *r);
IMPORT(CALC, "many") void c_many(many *m, str *r);
IMPORT(CALC, "nest") void c_nest(strs *p, u32 n, nesteds *r);
IMPORT(CALC, "leaks") u32 c_leaks(void);

static void put_take(str s) { put_str(s); str_free(s); }

static void strings(str in) {
  str s;
  strs ss;
  bytes b;
  c_greet(in.p, in.n, &s);
  put_take(s);
  u8 raw[5] = {0, 1, 0x7f, 0x80, 0xff};
  c_reverse(raw, 5, &b);
  PUT("\nreverse "); put_bytes(b);
  bytes_free(b);
  c_reverse(raw, 0, &b);
  PUT("|"); put_bytes(b);
  u32 xs[4] = {1, 2, 3, 0xffffffff};
  PUT("\nsum "); put_u(c_sum(xs, 4), 10); PUT(" "); put_u(c_sum(xs, 0), 10);
  c_split(in.p, in.n, &ss);
  PUT("\nsplit "); put_u(ss.n, 10);
  for (u32 i = 0; i < ss.n; i++) { PUT(" <"); put_str(ss.p[i]); PUT(">"); }
  c_join(ss.p, ss.n, 0x1f600, &s);
  strs_free(ss);
  PUT("\njoin "); put_take(s);
}

static void put_point(point *p) { put_s(p->x); PUT(","); put_s(p->y); PUT(","); put_str(p->label); }

static void records(str in) {
  point p, two[2] = {{1, -2, in}, {0x7fffffff, -0x7fffffff - 1, LIT("b")}};
  points ps;
  c_shift(10, 20, in.p, in.n, 3, &p);
  PUT("\nshift "); put_point(&p);
  str_free(p.label);
  c_move_all(two, 2, -1, 1, &ps);
  PUT("\nmove ");
  for (u32 i = 0; i < ps.n; i++) { put_point(&ps.p[i]); PUT(";"); }
  points_free(ps);
  painted t;
  c_paint(2, 5, 0x155, &t);
  PUT("\npaint "); put_u(t.c, 10); PUT(" "); put_u(t.f, 10); PUT(" "); put_u(t.m, 16);
}

static void describe(lookup *l) {
  u64 a = 0;
  u32 b = 0, c = 0, d = 0, e = 0;
  switch (l->tag) {
  case HIT: a = (u32)l->u.hit.key.p; b = l->u.hit.key.n; c = (u32)l->u.hit.value.p; d = l->u.hit.value.n; e = l->u.hit.rev; break;
  case STALE: a = l->u.stale; break;
  case RATE: __builtin_memcpy(&a, &l->u.rate, 8); break;
  case NOTE: a = (u32)l->u.note.p; b = l->u.note.n; break;
  }
  str s;
  c_describe(l->tag, a, b, c, d, e, &s);
  put_take(s);
}

static void variants(str in) {
  str keys[5] = {LIT(""), in, LIT("stale"), LIT("rate"), LIT("note")};
  PUT("\nfind");
  for (u32 i = 0; i < 5; i++) {
    lookup l;
    c_find(keys[i].p, keys[i].n, &l);
    PUT(" "); put_lookup(&l); PUT("="); describe(&l);
    lookup_free(&l);
  }
  str texts[2] = {LIT("4096"), in};
  PUT("\nparse");
  for (u32 i = 0; i < 2; i++) {
    parsed r;
    checked k;
    c_parse(texts[i].p, texts[i].n, &r);
    if (r.tag) {
      PUT(" err("); put_str(r.u.err); PUT(")");
      c_check(1, (u32)r.u.err.p, r.u.err.n, &k);
      str_free(r.u.err);
    } else {
      PUT(" ok("); put_u(r.u.ok, 10); PUT(")");
      c_check(0, r.u.ok, 0, &k);
    }
    if (k.tag) PUT(":err"); else { PUT(":"); put_take(k.ok); }
  }
  opt_f32 f;
  PUT("\nhalf ");
  c_half(1, -7.5, &f);
  if (f.some) put_milli(f.v);
  c_half(0, 0, &f);
  if (f.some) PUT(" some"); else PUT(" none");
  PUT("\nnext");
  u32 cs[4] = {'a', 0xd7ff, 0x1f600, 0x10ffff};
  for (u32 i = 0; i < 4; i++) {
    opt_char o;
    c_next(cs[i], &o);
    PUT(" ");
    if (o.some) put_u(o.v, 16); else PUT("none");
  }
}

static void wides(str in) {
  wide w;
  c_widths(255, -128, 65535, -32768, 0xfffffffe, -0x7fffffff - 1, 0xfffffffffffffffe, -0x7fffffffffffffff - 1, 0.5f, -1e9, 1, &w);
  PUT("\nwidths ");
  put_u(w.a, 10); PUT(" "); put_s(w.b); PUT(" "); put_u(w.c, 10); PUT(" "); put_s(w.d); PUT(" "); put_u(w.e, 10); PUT(" "); put_s(w.f);
  PUT(" "); put_u(w.g, 10); PUT(" "); put_s(w.h); PUT(" "); put_milli(w.i); PUT(" "); put_milli(w.j); PUT(" "); put_u(w.k, 10);
  u16 r[3] = {0, 0xabcd, 0xffff};
  many m;
  memset(&m, 0, sizeof m);
  m.name = in; m.a = 200; m.b = -5000000000; m.c = 1.25f; m.d = -0.125; m.p = (point){-1, 1, LIT("pt")};
  m.r.p = r; m.r.n = 3; m.k = 1; m.f = 6; m.z = 1; m.ch = 0x3bb;
  m.q.some = 1; m.q.v = in;
  m.l.tag = HIT; m.l.u.hit = (entry){in, {(u8 *)"\xaa\xbb", 2}, 0xdeadbeef};
  for (u32 i = 0; i < 3; i++) {
    str s;
    c_many(&m, &s);
    PUT("\nmany "); put_take(s);
    m.q.some = 0;
    m.l.tag = i ? NOTE : RATE;
    if (i) m.l.u.note = in; else m.l.u.rate = 1e6;
  }
}

static void nests(str in) {
  str a[3] = {in, LIT("x"), LIT("")};
  strs x[3] = {{a, 3}, {a, 0}, {a + 1, 1}};
  nesteds n;
  c_nest(x, 3, &n);
  PUT("\nnest");
  for (u32 i = 0; i < n.n; i++) {
    nested *e = &n.p[i];
    PUT(" "); put_u(e->n, 10);
    if (!e->o.some) PUT(":none"); else if (!e->o.v.some) PUT(":some(none)"); else { PUT(":"); put_u(e->o.v.v, 16); }
    if (e->r) PUT(":err"); else PUT(":ok");
  }
  if (n.n) dealloc(n.p);
}

static str ret;
EXPORT("run") str *run(chr *p, u32 n) {
  str in = {p, n};
  strings(in);
  records(in);
  variants(in);
  wides(in);
  nests(in);
  PUT("\nleaks "); put_u(c_leaks(), 10);
  str_free(in);
  PUT(" "); put_u(live_allocs, 10);
  ret = out_take();
  return &ret;
}
EXPORT("cabi_post_run") void post_run(str *s) { str_free(*s); }
EXPORT("leaks") u32 leaks(void) { return live_allocs; }
