// demo:trio/leaf: handles stand for the addresses of these structs.
#include "trio.h"
IMPORT("demo:trio/trace@0.1.0", "note") void note(const chr *p, u32 n);
IMPORT("[export]" LEAF, "[resource-new]float") u32 float_new(void *rep);
IMPORT("[export]" LEAF, "[resource-rep]float") void *float_rep(u32 h);
IMPORT("[export]" LEAF, "[resource-drop]float") void float_drop(u32 h);
IMPORT("[export]" LEAF, "[resource-new]thing") u32 thing_new(void *rep);

typedef struct { double v; } number;
typedef struct { str label; str items[16]; u32 n; } thing;
static u32 live;
static union { str s; strs ss; handles h; } ret;

static void trace(str s) { note(s.p, s.n); str_free(s); }

static u32 number_new(double v) {
  number *f = alloc(sizeof *f);
  f->v = v;
  live++;
  return float_new(f);
}
EXPORT(LEAF "#[dtor]float") void float_dtor(number *f) {
  PUT("drop float "); put_milli(f->v);
  trace(out_take());
  dealloc(f);
  live--;
}
EXPORT(LEAF "#[constructor]float") u32 float_ctor(double v) { return number_new(v); }
EXPORT(LEAF "#[method]float.get") double float_get(number *f) { return f->v; }
EXPORT(LEAF "#[method]float.set") void float_set(number *f, double v) { f->v = v; }
EXPORT(LEAF "#[static]float.add") u32 float_add(u32 a, u32 b) {
  double v = ((number *)float_rep(a))->v + ((number *)float_rep(b))->v;
  float_drop(a);
  float_drop(b);
  return number_new(v);
}

EXPORT(LEAF "#[dtor]thing") void thing_dtor(thing *t) {
  PUT("drop thing "); put_str(t->label);
  trace(out_take());
  str_free(t->label);
  for (u32 i = 0; i < t->n; i++) str_free(t->items[i]);
  dealloc(t);
  live--;
}
EXPORT(LEAF "#[constructor]thing") u32 thing_ctor(chr *p, u32 n) {
  thing *t = alloc(sizeof *t);
  memset(t, 0, sizeof *t);
  t->label = (str){p, n};
  live++;
  return thing_new(t);
}
EXPORT(LEAF "#[method]thing.label") str *thing_label(thing *t) {
  ret.s = t->label; // stays the thing's: no post-return
  return &ret.s;
}
EXPORT(LEAF "#[method]thing.push") void thing_push(thing *t, str *p, u32 n) {
  if (t->n + n > 16) __builtin_trap();
  for (u32 i = 0; i < n; i++) t->items[t->n++] = p[i];
  if (n) dealloc(p);
}
EXPORT(LEAF "#[method]thing.items") strs *thing_items(thing *t) {
  ret.ss = (strs){t->items, t->n};
  return &ret.ss;
}

EXPORT(LEAF "#compare") s32 compare(number *a, number *b) { return a->v < b->v ? -1 : a->v > b->v; }
EXPORT(LEAF "#total") double total(number **p, u32 n) {
  double t = 0;
  for (u32 i = 0; i < n; i++) t += p[i]->v;
  if (n) dealloc(p);
  return t;
}
EXPORT(LEAF "#split") handles *split(u32 h, u32 n) {
  double v = ((number *)float_rep(h))->v;
  float_drop(h);
  ret.h = (handles){n ? alloc(n * 4) : (void *)4, n};
  for (u32 i = 0; i < n; i++) ret.h.p[i] = number_new(v / n);
  return &ret.h;
}
EXPORT("cabi_post_" LEAF "#split") void post_split(handles *h) { if (h->n) dealloc(h->p); }
EXPORT(LEAF "#live") u32 f_live(void) { return live; }
