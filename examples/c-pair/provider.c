// demo:pair/calc. What a result points to is freed by its post-return function.
#include "pair.h"
#define CALC_EXPORT(name) EXPORT(CALC "#" name)
#define POST(name) EXPORT("cabi_post_" CALC "#" name)

static union {
  str s; strs ss; bytes b; point p; points ps; painted c; lookup l; parsed r; checked k; opt_f32 f; opt_char ch; wide w; nesteds n;
} ret;

CALC_EXPORT("greet") str *greet(chr *p, u32 n) {
  str name = {p, n}, head = str_cat(LIT("hello, "), name);
  ret.s = str_cat(head, LIT("!"));
  str_free(head);
  str_free(name);
  return &ret.s;
}
POST("greet") void post_greet(str *s) { str_free(*s); }

CALC_EXPORT("reverse") bytes *reverse(u8 *p, u32 n) {
  for (u32 i = 0; i < n / 2; i++) { u8 t = p[i]; p[i] = p[n - 1 - i]; p[n - 1 - i] = t; }
  ret.b = (bytes){p, n};
  return &ret.b;
}
POST("reverse") void post_reverse(bytes *b) { bytes_free(*b); }

CALC_EXPORT("sum") u64 sum(u32 *p, u32 n) {
  u64 t = 0;
  for (u32 i = 0; i < n; i++) t += p[i];
  if (n) dealloc(p);
  return t;
}

CALC_EXPORT("join") str *join(str *p, u32 n, u32 sep) {
  for (u32 i = 0; i < n; i++) {
    if (i) put_char(sep);
    put_str(p[i]);
  }
  strs_free((strs){p, n});
  ret.s = out_take();
  return &ret.s;
}
POST("join") void post_join(str *s) { str_free(*s); }

CALC_EXPORT("split") strs *split(chr *p, u32 n) {
  u32 parts = n ? 1 : 0;
  for (u32 i = 0; i < n; i++) parts += p[i] == ' ';
  ret.ss = (strs){parts ? alloc(parts * sizeof(str)) : (void *)4, parts};
  u32 from = 0;
  for (u32 i = 0, at = 0; at < parts; i++) {
    if (i == n || p[i] == ' ') {
      ret.ss.p[at++] = str_copy((str){p + from, i - from});
      from = i + 1;
    }
  }
  str_free((str){p, n});
  return &ret.ss;
}
POST("split") void post_split(strs *s) { strs_free(*s); }

CALC_EXPORT("shift") point *shift(s32 x, s32 y, chr *p, u32 n, s32 by) {
  ret.p = (point){x + by, y - by, str_cat((str){p, n}, LIT("'"))};
  str_free((str){p, n});
  return &ret.p;
}
POST("shift") void post_shift(point *p) { str_free(p->label); }

CALC_EXPORT("move-all") points *move_all(point *p, u32 n, s32 dx, s32 dy) {
  for (u32 i = 0; i < n; i++) { p[i].x += dx; p[i].y += dy; }
  ret.ps = (points){p, n};
  return &ret.ps;
}
POST("move-all") void post_move_all(points *p) { points_free(*p); }

CALC_EXPORT("paint") painted *paint(u32 c, u32 f, u32 m) {
  ret.c = (painted){(u8)((c + 1) % 3), (u8)(f ^ 7), (u16)(m ^ 0x1ff)};
  return &ret.c;
}

CALC_EXPORT("find") lookup *find(chr *p, u32 n) {
  str key = {p, n};
  memset(&ret.l, 0, sizeof ret.l);
  if (str_eq(key, LIT("stale"))) {
    ret.l.tag = STALE;
    ret.l.u.stale = 0x1122334455667788;
  } else if (str_eq(key, LIT("rate"))) {
    ret.l.tag = RATE;
    ret.l.u.rate = 2.5;
  } else if (str_eq(key, LIT("note"))) {
    ret.l.tag = NOTE;
    ret.l.u.note = str_copy(LIT("n\u00f6te \u2713"));
  } else if (n) {
    ret.l.tag = HIT;
    ret.l.u.hit = (entry){str_copy(key), bytes_copy((bytes){(u8 *)"\x01\xfe", 2}), 7};
  }
  str_free(key);
  return &ret.l;
}
POST("find") void post_find(lookup *l) { lookup_free(l); }

// The payload's core values hold each case's in turn: i64 joins u64, f64 and a pointer.
CALC_EXPORT("describe") str *describe(u32 tag, u64 a, u32 b, u32 c, u32 d, u32 e) {
  lookup l = {(u8)tag, {}};
  switch (tag) {
  case HIT: l.u.hit = (entry){{(chr *)(u32)a, b}, {(u8 *)c, d}, e}; break;
  case STALE: l.u.stale = a; break;
  case RATE: __builtin_memcpy(&l.u.rate, &a, 8); break;
  case NOTE: l.u.note = (str){(chr *)(u32)a, b}; break;
  }
  put_lookup(&l);
  lookup_free(&l);
  ret.s = out_take();
  return &ret.s;
}
POST("describe") void post_describe(str *s) { str_free(*s); }

CALC_EXPORT("parse") parsed *parse(chr *p, u32 n) {
  str text = {p, n};
  if (str_eq(text, LIT("boom"))) __builtin_trap();
  ret.r.tag = 0;
  ret.r.u.ok = 0;
  for (u32 i = 0; i < n && !ret.r.tag; i++) {
    if (p[i] < '0' || p[i] > '9') {
      ret.r.tag = 1;
      ret.r.u.err = str_cat(LIT("not a number: "), text);
    } else {
      ret.r.u.ok = ret.r.u.ok * 10 + (u32)(p[i] - '0');
    }
  }
  str_free(text);
  return &ret.r;
}
POST("parse") void post_parse(parsed *r) { if (r->tag) str_free(r->u.err); }

CALC_EXPORT("check") checked *check(u32 tag, u32 a, u32 b) {
  if (tag) {
    str_free((str){(chr *)a, b});
    ret.k.tag = 1;
  } else {
    put_u(a, 10);
    ret.k = (checked){0, out_take()};
  }
  return &ret.k;
}
POST("check") void post_check(checked *k) { if (!k->tag) str_free(k->ok); }

CALC_EXPORT("half") opt_f32 *half(u32 some, double x) {
  ret.f = (opt_f32){(u8)some, (float)(x / 2)};
  return &ret.f;
}

CALC_EXPORT("next") opt_char *next(u32 c) {
  ret.ch = (opt_char){c != 0x10ffff, c == 0xd7ff ? 0xe000 : c + 1};
  return &ret.ch;
}

CALC_EXPORT("widths") wide *widths(u32 a, s32 b, u32 c, s32 d, u32 e, s32 f, u64 g, s64 h, float i, double j, u32 k) {
  ret.w = (wide){(u8)(a + 1), (s8)(b + 1), (u16)(c + 1), (s16)(d + 1), e + 1, (s32)((u32)f + 1), g + 1, (s64)((u64)h + 1), i + 1, j + 1, !k};
  return &ret.w;
}

CALC_EXPORT("many") str *f_many(many *m) {
  put_str(m->name); PUT(" "); put_u(m->a, 10); PUT(" "); put_s(m->b); PUT(" "); put_milli(m->c); PUT(" "); put_milli(m->d); PUT(" ");
  put_s(m->p.x); PUT(","); put_s(m->p.y); PUT(","); put_str(m->p.label); PUT(" ");
  if (m->q.some) put_str(m->q.v); else PUT("-");
  for (u32 i = 0; i < m->r.n; i++) { PUT(" "); put_u(m->r.p[i], 16); }
  PUT(" "); put_u(m->k, 10); put_u(m->f, 10); put_u(m->z, 10); PUT(" "); put_lookup(&m->l); PUT(" "); put_char(m->ch);
  str_free(m->name);
  str_free(m->p.label);
  if (m->q.some) str_free(m->q.v);
  if (m->r.n) dealloc(m->r.p);
  lookup_free(&m->l);
  dealloc(m);
  ret.s = out_take();
  return &ret.s;
}
POST("many") void post_many(str *s) { str_free(*s); }

CALC_EXPORT("nest") nesteds *nest(strs *p, u32 n) {
  ret.n = (nesteds){n ? alloc(n * sizeof(nested)) : (void *)8, n};
  for (u32 i = 0; i < n; i++) {
    u32 k = p[i].n;
    memset(&ret.n.p[i], 0, sizeof(nested));
    ret.n.p[i].n = (u8)k;
    ret.n.p[i].o.some = k > 0;
    ret.n.p[i].o.v.some = k > 1;
    ret.n.p[i].o.v.v = (u64)k << 33;
    ret.n.p[i].r = k & 1;
    strs_free(p[i]);
  }
  if (n) dealloc(p);
  return &ret.n;
}
POST("nest") void post_nest(nesteds *n) { if (n->n) dealloc(n->p); }

CALC_EXPORT("leaks") u32 leaks(void) { return live_allocs; }
