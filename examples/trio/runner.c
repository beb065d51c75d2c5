// Uses demo:trio/leaf directly and by way of demo:trio/middle.
#include "trio.h"
IMPORT(LEAF, "[constructor]float") u32 float_new(double v);
IMPORT(LEAF, "[method]float.get") double float_get(u32 h);
IMPORT(LEAF, "[method]float.set") void float_set(u32 h, double v);
IMPORT(LEAF, "[static]float.add") u32 float_add(u32 a, u32 b);
IMPORT(LEAF, "[resource-drop]float") void float_drop(u32 h);
IMPORT(LEAF, "[constructor]thing") u32 thing_new(const chr *p, u32 n);
IMPORT(LEAF, "[method]thing.label") void thing_label(u32 h, str *r);
IMPORT(LEAF, "[resource-drop]thing") void thing_drop(u32 h);
IMPORT(LEAF, "compare") s32 compare(u32 a, u32 b);
IMPORT(LEAF, "total") double total(const u32 *p, u32 n);
IMPORT(LEAF, "split") void split(u32 h, u32 n, handles *r);
IMPORT(LEAF, "live") u32 live(void);
IMPORT(MIDDLE, "[constructor]thing") u32 wrap_new(const chr *p, u32 n);
IMPORT(MIDDLE, "[method]thing.label") void wrap_label(u32 h, str *r);
IMPORT(MIDDLE, "[method]thing.push") void wrap_push(u32 h, str *p, u32 n);
IMPORT(MIDDLE, "[method]thing.items") void wrap_items(u32 h, strs *r);
IMPORT(MIDDLE, "[method]thing.absorb") void wrap_absorb(u32 h, u32 other);
IMPORT(MIDDLE, "[resource-drop]thing") void wrap_drop(u32 h);
IMPORT(MIDDLE, "scale") u32 scale(u32 f, double by);
IMPORT(MIDDLE, "consume") double consume(u32 f);
IMPORT(MIDDLE, "pass") void pass(u32 some, u32 f, opt_handle *r);
IMPORT(MIDDLE, "pick") void pick(const u32 *p, u32 n, u32 at, picked *r);
IMPORT(MIDDLE, "size") u32 size(u32 t);

static void put_live(void) { PUT(" live "); put_u(live(), 10); PUT("\n"); }

static void floats(void) {
  u32 a = float_new(1.5), b = float_new(2.25);
  PUT("handles "); put_u(a, 10); PUT(" "); put_u(b, 10);
  float_set(a, float_get(a) * 2);
  PUT(" get "); put_milli(float_get(a));
  PUT(" compare "); put_s(compare(a, b)); put_s(compare(b, a)); put_s(compare(a, a));
  u32 three[3] = {a, b, a};
  PUT(" total "); put_milli(total(three, 3)); PUT(" "); put_milli(total(three, 0));
  u32 c = scale(a, -2);
  PUT(" scaled "); put_milli(float_get(c));
  u32 d = float_add(a, b);
  PUT(" sum "); put_milli(float_get(d)); PUT(" handle "); put_u(d, 10);
  put_live();
  PUT("consumed "); put_milli(consume(c));
  handles parts;
  split(d, 4, &parts);
  PUT(" parts");
  for (u32 i = 0; i < parts.n; i++) { PUT(" "); put_u(parts.p[i], 10); PUT("="); put_milli(float_get(parts.p[i])); }
  picked k;
  pick(parts.p, parts.n, 2, &k);
  dealloc(parts.p);
  PUT(" picked ");
  if (k.tag) put_str(k.u.err); else put_milli(float_get(k.u.ok));
  opt_handle o;
  pass(1, k.u.ok, &o);
  PUT(" passed "); put_u(o.some, 10); PUT(" "); put_milli(float_get(o.h));
  pick(&o.h, 1, 9, &k);
  PUT(" "); put_str(k.u.err);
  str_free(k.u.err);
  pass(0, 0, &o);
  PUT(" "); put_u(o.some, 10);
  put_live();
}

static void things(void) {
  str s, three[3] = {LIT("x"), LIT(""), LIT("\u00fc")};
  strs ss;
  u32 plain = thing_new(TEXT("plain"), 5), a = wrap_new(TEXT("a"), 1), b = wrap_new(TEXT("b"), 1);
  thing_label(plain, &s);
  PUT("labels "); put_str(s);
  str_free(s);
  wrap_label(a, &s);
  PUT(" "); put_str(s);
  str_free(s);
  wrap_push(a, three, 3);
  wrap_push(b, three + 2, 1);
  PUT(" sizes "); put_u(size(a), 10); PUT(" "); put_u(size(b), 10);
  put_live();
  wrap_absorb(b, a);
  wrap_items(b, &ss);
  PUT("items "); put_u(size(b), 10);
  for (u32 i = 0; i < ss.n; i++) { PUT(" <"); put_str(ss.p[i]); PUT(">"); }
  strs_free(ss);
  wrap_drop(b);
  thing_drop(plain);
  put_live();
}

static str ret;
EXPORT("run") str *run(void) {
  floats();
  things();
  PUT("leaked "); put_u(live_allocs, 10);
  ret = out_take();
  return &ret;
}
EXPORT("cabi_post_run") void post_run(str *s) { str_free(*s); }

EXPORT("misuse") void misuse(u32 what) {
  u32 f = float_new(1), t = thing_new(TEXT("t"), 1);
  switch (what) {
  case 0: consume(f); float_get(f); break;
  case 1: float_drop(f); float_get(f); break;
  case 2: float_drop(f); float_drop(f); break;
  case 3: float_get(0); break;
  case 4: float_get(t + 1); break;
  case 5: float_get(t); break;
  case 6: float_get(0xffffffff); break;
  }
}
