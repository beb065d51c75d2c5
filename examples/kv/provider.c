// demo:kv/store: a bucket's handle stands for the address of its struct.
#include "kv.h"
#define I "demo:kv/store@0.1.0"
IMPORT("[export]" I, "[resource-new]bucket") u32 res_new(void *rep);
IMPORT("[export]" I, "[resource-rep]bucket") void *res_rep(u32 h);
IMPORT("[export]" I, "[resource-drop]bucket") void res_drop(u32 h);

typedef struct { str name; entry e[16]; u32 n; } bucket;
static u32 live;
static union { str s; lookup l; put_result r; struct { str *p; u32 n; } ls; point pt; bytes b; struct { u8 c, f; } t; } ret;

static bucket *mk(str name) { bucket *b = alloc(sizeof *b); memset(b, 0, sizeof *b); b->name = name; live++; return b; }
static entry *find(bucket *b, str k) { for (u32 i = 0; i < b->n; i++) if (str_eq(b->e[i].key, k)) return &b->e[i]; return 0; }
static void set(bucket *b, str k, bytes v, u32 rev) {
  entry *e = find(b, k);
  if (e) { bytes_free(e->value); str_free(k); } else { if (b->n == 16) __builtin_trap(); e = &b->e[b->n++]; e->key = k; }
  e->value = v; e->rev = rev;
}
EXPORT(I "#[dtor]bucket") void dtor(bucket *b) {
  for (u32 i = 0; i < b->n; i++) { str_free(b->e[i].key); bytes_free(b->e[i].value); }
  str_free(b->name); dealloc(b); live--;
}
EXPORT(I "#[constructor]bucket") u32 ctor(chr *p, u32 n) { return res_new(mk((str){p, n})); }
EXPORT(I "#[method]bucket.name") str *m_name(bucket *b) { ret.s = b->name; return &ret.s; } // borrowed: no post-return
EXPORT(I "#[method]bucket.put") put_result *m_put(bucket *b, chr *kp, u32 kn, u8 *vp, u32 vn) {
  if (kn == 0) { bytes_free((bytes){vp, vn}); ret.r.tag = 1; ret.r.u.err = str_copy(LIT("empty key")); return &ret.r; }
  entry *e = find(b, (str){kp, kn});
  u32 rev = e ? e->rev + 1 : 1;
  set(b, (str){kp, kn}, (bytes){vp, vn}, rev);
  ret.r.tag = 0; ret.r.u.ok = rev; return &ret.r;
}
EXPORT("cabi_post_" I "#[method]bucket.put") void p_put(put_result *r) { if (r->tag) str_free(r->u.err); }
EXPORT(I "#[method]bucket.get") lookup *m_get(bucket *b, chr *kp, u32 kn) {
  str k = {kp, kn};
  entry *e;
  if (str_eq(k, LIT("stale"))) { ret.l.tag = 2; ret.l.u.stale = 0x1122334455667788; }
  else if ((e = find(b, k))) { ret.l.tag = 1; ret.l.u.hit = (entry){str_copy(e->key), bytes_copy(e->value), e->rev}; }
  else ret.l.tag = 0;
  str_free(k);
  return &ret.l;
}
EXPORT("cabi_post_" I "#[method]bucket.get") void p_get(lookup *l) { if (l->tag == 1) { str_free(l->u.hit.key); bytes_free(l->u.hit.value); } }
EXPORT(I "#[method]bucket.keys") void *m_keys(bucket *b) {
  ret.ls.n = b->n; ret.ls.p = b->n ? alloc(b->n * sizeof(str)) : (void *)4;
  for (u32 i = 0; i < b->n; i++) ret.ls.p[i] = str_copy(b->e[i].key);
  return &ret.ls;
}
EXPORT("cabi_post_" I "#[method]bucket.keys") void p_keys(void *r) {
  for (u32 i = 0; i < ret.ls.n; i++) str_free(ret.ls.p[i]);
  if (ret.ls.n) dealloc(ret.ls.p);
}
static void copy(bucket *from, bucket *to) { for (u32 i = 0; i < from->n; i++) set(to, str_copy(from->e[i].key), bytes_copy(from->e[i].value), from->e[i].rev); }
EXPORT(I "#[static]bucket.merge") u32 s_merge(u32 a, u32 b) {
  bucket *x = res_rep(a), *y = res_rep(b);
  str t = str_cat(x->name, LIT("+"));
  bucket *m = mk(str_cat(t, y->name));
  str_free(t);
  copy(x, m); copy(y, m);
  res_drop(a); res_drop(b);
  return res_new(m);
}
EXPORT(I "#[method]bucket.copy-into") u32 m_copy(bucket *b, bucket *dst) { copy(b, dst); return dst->n; }
EXPORT(I "#count") u32 f_count(bucket *b) { return b->n; }
EXPORT(I "#consume") u32 f_consume(u32 h) { u32 n = ((bucket *)res_rep(h))->n; res_drop(h); return n; }
EXPORT(I "#live") u32 f_live(void) { return live; }
EXPORT(I "#greet") str *f_greet(chr *p, u32 n) {
  str a = str_cat(LIT("hello, "), (str){p, n});
  ret.s = str_cat(a, LIT("!"));
  str_free(a); str_free((str){p, n});
  return &ret.s;
}
EXPORT("cabi_post_" I "#greet") void p_greet(str *s) { str_free(*s); }
EXPORT(I "#reverse") bytes *f_reverse(u8 *p, u32 n) {
  for (u32 i = 0; i < n / 2; i++) { u8 t = p[i]; p[i] = p[n - 1 - i]; p[n - 1 - i] = t; }
  ret.b = (bytes){p, n}; return &ret.b;
}
EXPORT("cabi_post_" I "#reverse") void p_reverse(bytes *b) { bytes_free(*b); }
EXPORT(I "#shift") point *f_shift(s32 x, s32 y, chr *p, u32 n, s32 by) {
  str l = {p, n};
  ret.pt = (point){x + by, y - by, str_cat(l, LIT("'"))};
  str_free(l);
  return &ret.pt;
}
EXPORT("cabi_post_" I "#shift") void p_shift(point *p) { str_free(p->label); }
EXPORT(I "#paint") void *f_paint(u32 c, u32 f) { ret.t.c = (c + 1) % 3; ret.t.f = f ^ 7; return &ret.t; }
EXPORT(I "#sum") u64 f_sum(u32 *p, u32 n) { u64 t = 0; for (u32 i = 0; i < n; i++) t += p[i]; if (n) dealloc(p); return t; }
