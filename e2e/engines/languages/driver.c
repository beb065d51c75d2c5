// A WASI 0.2 command that calls everything in demo:guests/guest, with a file to read as its argument.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define GUEST "demo:guests/guest@1.0.0"
#define IMPORT(name) __attribute__((import_module(GUEST), import_name(name)))
typedef struct { char *p; size_t n; } str;
typedef struct { str name; uint32_t count; } item;
typedef struct { item *p; size_t n; } items;
typedef struct { uint8_t failed; union { int64_t value; str error; } u; } number;
typedef struct { uint8_t failed; str text; } content;
IMPORT("[constructor]tally") uint32_t tally_new(int32_t start);
IMPORT("[method]tally.add") int32_t tally_add(uint32_t tally, int32_t n);
IMPORT("[resource-drop]tally") void tally_drop(uint32_t tally);
IMPORT("greet") void greet(const char *p, size_t n, str *out);
IMPORT("sort") void sort(const item *p, size_t n, items *out);
IMPORT("parse") void parse(const char *p, size_t n, number *out);
IMPORT("say") void say(const char *p, size_t n);
IMPORT("read") void read_file(const char *p, size_t n, content *out);
IMPORT("plausible") int plausible(void);

static void show(const char *what, str s) { printf("%s: %.*s\n", what, (int)s.n, s.p); }

static void try_parse(const char *text) {
  number r;
  parse(text, strlen(text), &r);
  if (r.failed) printf("parse %s: refused\n", text);
  else printf("parse %s: %lld\n", text, (long long)r.u.value);
}

static void try_read(const char *path) {
  content c;
  read_file(path, strlen(path), &c);
  if (c.failed) printf("read: failed\n");
  else show("read", c.text);
  if (c.text.n) free(c.text.p);
}

int main(int argc, char **argv) {
  str s;
  greet("Wörld ✓", strlen("Wörld ✓"), &s);
  show("greet", s);
  free(s.p);
  static const item all[] = {{{"pear", 4}, 3}, {{"plum", 4}, 0}, {{"Äpfel", 6}, 2}, {{"apple", 5}, 4294967295u}, {{"", 0}, 1}};
  items sorted;
  sort(all, 5, &sorted);
  for (size_t i = 0; i < sorted.n; i++) {
    printf("sort: \"%.*s\" %u\n", (int)sorted.p[i].name.n, sorted.p[i].name.p, (unsigned)sorted.p[i].count);
    if (sorted.p[i].name.n) free(sorted.p[i].name.p);
  }
  free(sorted.p);
  try_parse("-9007199254740993");
  try_parse("42");
  try_parse("four");
  fflush(stdout);
  say("said by the guest", strlen("said by the guest"));
  uint32_t a = tally_new(40), b = tally_new(-1);
  for (int i = 0; i < 1000; i++) tally_add(b, i);
  printf("tally: %d %d\n", (int)tally_add(a, 2), (int)tally_add(b, 0));
  tally_drop(a);
  tally_drop(b);
  // Enough to grow the guest's memory.
  size_t total = 0;
  char *big = malloc(1 << 20);
  memset(big, 'x', 1 << 20);
  for (int i = 0; i < 20; i++) {
    greet(big, 1 << 20, &s);
    total += s.n;
    free(s.p);
  }
  printf("greet: %zu bytes\n", total);
  for (int i = 1; i < argc; i++) try_read(argv[i]);
  printf("plausible: %s\n", plausible() ? "yes" : "no");
  return argc > 2;
}
