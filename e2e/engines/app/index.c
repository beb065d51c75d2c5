// demo:almanac/index: an index's handle stands for the address of its struct.
#include "guest.h"
#define I "demo:almanac/index@1.0.0"
IMPORT("[export]" I, "[resource-new]index") u32 res_new(void *rep);
IMPORT("[export]" I, "[resource-rep]index") void *res_rep(u32 h);
IMPORT("[export]" I, "[resource-drop]index") void res_drop(u32 h);
IMPORT("demo:almanac/words@1.0.0", "split") void split(const chr *p, u32 n, void *r);

typedef struct { str word; u32 count; } entry;
typedef struct { str title; entry *e; u32 n, cap; } dict;
static u32 live;
static union { str s; struct { entry *p; u32 n; } list; } ret;

static dict *make(str title) {
  dict *d = alloc(sizeof *d);
  *d = (dict){.title = title};
  live++;
  return d;
}

// count adds to the number of a word, which it takes.
static void count(dict *d, str word, u32 by) {
  for (u32 i = 0; i < d->n; i++) {
    if (str_eq(d->e[i].word, word)) {
      d->e[i].count += by;
      str_free(word);
      return;
    }
  }
  if (d->n == d->cap) {
    d->cap = d->cap ? 2 * d->cap : 8;
    entry *e = alloc(d->cap * sizeof *e);
    memcpy(e, d->e, d->n * sizeof *e);
    if (d->e) dealloc(d->e);
    d->e = e;
  }
  d->e[d->n++] = (entry){word, by};
}

static int before(const entry *a, const entry *b) {
  if (a->count != b->count) return a->count > b->count;
  for (u32 i = 0; i < a->word.n && i < b->word.n; i++) {
    if (a->word.p[i] != b->word.p[i]) return (u8)a->word.p[i] < (u8)b->word.p[i];
  }
  return a->word.n < b->word.n;
}

static void sort(dict *d) {
  for (u32 i = 1; i < d->n; i++) {
    entry e = d->e[i];
    u32 j = i;
    for (; j && before(&e, &d->e[j - 1]); j--) d->e[j] = d->e[j - 1];
    d->e[j] = e;
  }
}

EXPORT(I "#[dtor]index") void dtor(dict *d) {
  for (u32 i = 0; i < d->n; i++) str_free(d->e[i].word);
  if (d->e) dealloc(d->e);
  str_free(d->title);
  dealloc(d);
  live--;
}
EXPORT(I "#[constructor]index") u32 ctor(chr *p, u32 n) { return res_new(make((str){p, n})); }
EXPORT(I "#[method]index.title") str *title(dict *d) { ret.s = d->title; return &ret.s; } // not copied: no post-return
EXPORT(I "#[method]index.add") u32 add(dict *d, chr *p, u32 n) {
  struct { str *p; u32 n; } words;
  split(p, n, &words);
  for (u32 i = 0; i < words.n; i++) count(d, words.p[i], 1);
  if (words.n) dealloc(words.p);
  str_free((str){p, n});
  return words.n;
}
EXPORT(I "#[method]index.top") void *top(dict *d, u32 most) {
  sort(d);
  u32 n = most < d->n ? most : d->n;
  ret.list.n = n;
  ret.list.p = n ? alloc(n * sizeof(entry)) : (void *)4;
  for (u32 i = 0; i < n; i++) ret.list.p[i] = (entry){str_copy(d->e[i].word), d->e[i].count};
  return &ret.list;
}
EXPORT("cabi_post_" I "#[method]index.top") void post_top(void *r) {
  for (u32 i = 0; i < ret.list.n; i++) str_free(ret.list.p[i].word);
  if (ret.list.n) dealloc(ret.list.p);
}
EXPORT(I "#[static]index.merge") u32 merge(u32 a, u32 b) {
  dict *x = res_rep(a), *y = res_rep(b);
  str left = str_cat(x->title, LIT(" & "));
  dict *m = make(str_cat(left, y->title));
  str_free(left);
  for (u32 i = 0; i < x->n; i++) count(m, str_copy(x->e[i].word), x->e[i].count);
  for (u32 i = 0; i < y->n; i++) count(m, str_copy(y->e[i].word), y->e[i].count);
  res_drop(a);
  res_drop(b);
  return res_new(m);
}
EXPORT(I "#live") u32 f_live(void) { return live; }
