// demo:trio/middle: passes leaf's float through and wraps leaf's thing.
#include "trio.h"
IMPORT("demo:trio/trace@0.1.0", "note") void note(const chr *p, u32 n);
IMPORT(LEAF, "[constructor]float") u32 float_new(double v);
IMPORT(LEAF, "[method]float.get") double float_get(u32 h);
IMPORT(LEAF, "[resource-drop]float") void float_drop(u32 h);
IMPORT(LEAF, "[constructor]thing") u32 inner_new(chr *p, u32 n);
IMPORT(LEAF, "[method]thing.label") void inner_label(u32 h, str *r);
IMPORT(LEAF, "[method]thing.push") void inner_push(u32 h, str *p, u32 n);
IMPORT(LEAF, "[method]thing.items") void inner_items(u32 h, strs *r);
IMPORT(LEAF, "[resource-drop]thing") void inner_drop(u32 h);
IMPORT("[export]" MIDDLE, "[resource-new]thing") u32 thing_new(void *rep);
IMPORT("[export]" MIDDLE, "[resource-rep]thing") void *thing_rep(u32 h);
IMPORT("[export]" MIDDLE, "[resource-drop]thing") void thing_drop(u32 h);

typedef struct { u32 inner, pushed; } thing;
static union { str s; strs ss; opt_handle o; picked k; } ret;

EXPORT(MIDDLE "#[dtor]thing") void thing_dtor(thing *t) {
  note(TEXT("unwrap"), TEXT_LEN("unwrap"));
  inner_drop(t->inner);
  dealloc(t);
}
EXPORT(MIDDLE "#[constructor]thing") u32 thing_ctor(chr *p, u32 n) {
  thing *t = alloc(sizeof *t);
  str label = str_cat(LIT("<"), (str){p, n});
  *t = (thing){inner_new(label.p, label.n), 0};
  str_free(label);
  str_free((str){p, n});
  return thing_new(t);
}
EXPORT(MIDDLE "#[method]thing.label") str *thing_label(thing *t) {
  inner_label(t->inner, &ret.s);
  return &ret.s;
}
EXPORT("cabi_post_" MIDDLE "#[method]thing.label") void post_label(str *s) { str_free(*s); }
EXPORT(MIDDLE "#[method]thing.push") void thing_push(thing *t, str *p, u32 n) {
  inner_push(t->inner, p, n);
  t->pushed += n;
  strs_free((strs){p, n});
}
EXPORT(MIDDLE "#[method]thing.items") strs *thing_items(thing *t) {
  inner_items(t->inner, &ret.ss);
  return &ret.ss;
}
EXPORT("cabi_post_" MIDDLE "#[method]thing.items") void post_items(strs *s) { strs_free(*s); }
EXPORT(MIDDLE "#[method]thing.absorb") void thing_absorb(thing *t, u32 other) {
  thing *o = thing_rep(other);
  strs ss;
  inner_items(o->inner, &ss);
  inner_push(t->inner, ss.p, ss.n);
  t->pushed += ss.n;
  strs_free(ss);
  thing_drop(other);
}

// A borrowed handle of another component's type is dropped before the call ends.
EXPORT(MIDDLE "#scale") u32 scale(u32 f, double by) {
  double v = float_get(f) * by;
  float_drop(f);
  return float_new(v);
}
EXPORT(MIDDLE "#consume") double consume(u32 f) {
  double v = float_get(f);
  float_drop(f);
  return v;
}
EXPORT(MIDDLE "#pass") opt_handle *pass(u32 some, u32 f) {
  ret.o = (opt_handle){(u8)some, f};
  return &ret.o;
}
EXPORT(MIDDLE "#pick") picked *pick(u32 *p, u32 n, u32 at) {
  for (u32 i = 0; i < n; i++) if (i != at) float_drop(p[i]);
  ret.k.tag = at >= n;
  if (at < n) ret.k.u.ok = p[at]; else ret.k.u.err = LIT("out of range");
  if (n) dealloc(p);
  return &ret.k;
}
EXPORT(MIDDLE "#size") u32 size(thing *t) { return t->pushed; }
