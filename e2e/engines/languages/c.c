// demo:guests/guest in C, on wasi-libc, which gives cabi_realloc.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#define GUEST "demo:guests/guest@1.0.0"
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("[export]" GUEST), import_name(name)))
typedef struct { char *p; size_t n; } str;
typedef struct { str name; uint32_t count; } item;
IMPORT("[resource-new]tally") uint32_t res_new(int32_t *rep);
static union {
  str s;
  struct { item *p; size_t n; } items;
  struct { uint8_t failed; union { int64_t value; str error; } u; } number;
  struct { uint8_t failed; str text; } content;
} ret;
static str text(const char *s) { return (str){strdup(s), strlen(s)}; }
static void release(str s) { if (s.n) free(s.p); }

EXPORT(GUEST "#[dtor]tally") void dtor(int32_t *t) { free(t); }
EXPORT(GUEST "#[constructor]tally") uint32_t ctor(int32_t start) {
  int32_t *t = malloc(sizeof *t);
  *t = start;
  return res_new(t);
}
EXPORT(GUEST "#[method]tally.add") int32_t add(int32_t *t, int32_t n) { return *t += n; }

EXPORT(GUEST "#greet") void *greet(char *p, size_t n) {
  int size = asprintf(&ret.s.p, "Hello %.*s from C", (int)n, p);
  ret.s.n = size;
  release((str){p, n});
  return &ret;
}
EXPORT("cabi_post_" GUEST "#greet") void post_greet(str *s) { release(*s); }

static int by_name(const void *a, const void *b) {
  str x = ((const item *)a)->name, y = ((const item *)b)->name;
  int c = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
  return c ? c : (x.n > y.n) - (x.n < y.n);
}
EXPORT(GUEST "#sort") void *sort(item *p, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    if (p[i].count) p[kept++] = p[i];
    else release(p[i].name);
  }
  qsort(p, kept, sizeof *p, by_name);
  ret.items.p = p;
  ret.items.n = kept;
  return &ret;
}
EXPORT("cabi_post_" GUEST "#sort") void post_sort(void *r) {
  for (size_t i = 0; i < ret.items.n; i++) release(ret.items.p[i].name);
  free(ret.items.p);
}

EXPORT(GUEST "#parse") void *parse(char *p, size_t n) {
  char *end, *s = strndup(p, n);
  release((str){p, n});
  errno = 0;
  ret.number.u.value = strtoll(s, &end, 10);
  ret.number.failed = *end || end == s || errno;
  free(s);
  if (ret.number.failed) ret.number.u.error = text("not a number");
  return &ret;
}
EXPORT("cabi_post_" GUEST "#parse") void post_parse(void *r) { if (ret.number.failed) release(ret.number.u.error); }

EXPORT(GUEST "#say") void say(char *p, size_t n) {
  printf("%.*s\n", (int)n, p);
  fflush(stdout);
  release((str){p, n});
}

EXPORT(GUEST "#read") void *read_file(char *p, size_t n) {
  char *path = strndup(p, n);
  release((str){p, n});
  FILE *f = fopen(path, "r");
  free(path);
  ret.content.failed = !f;
  if (!f) {
    ret.content.text = text(strerror(errno));
    return &ret;
  }
  ret.content.text.p = malloc(4096);
  ret.content.text.n = fread(ret.content.text.p, 1, 4096, f);
  fclose(f);
  return &ret;
}
EXPORT("cabi_post_" GUEST "#read") void post_read(void *r) { release(ret.content.text); }

EXPORT(GUEST "#plausible") int plausible(void) {
  uint64_t a[2] = {0}, b[2] = {0};
  return time(0) > 1700000000 && !getentropy(a, sizeof a) && !getentropy(b, sizeof b) && memcmp(a, b, sizeof a);
}
