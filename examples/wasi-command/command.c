// A WASI 0.2 command: prints its arguments, a variable of its environment and its standard input by way of
// demo:format/lines. The argument "fail" makes it exit with status 1.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct { char *p; size_t n; } str;
#include "format.h"

__attribute__((import_module(LINES), import_name("render"))) void render(const char *tp, size_t tn, const item *p, size_t n,
  uint32_t first, void *r);

// wasi-libc gives its own cabi_realloc.
static str text(char *s) { return (str){s, strlen(s)}; }

static void print(const char *title, const item *items, size_t n) {
  struct { str *p; size_t n; } lines;
  render(title, strlen(title), items, n, 1, &lines);
  for (size_t i = 0; i < lines.n; i++) {
    printf("%.*s\n", (int)lines.p[i].n, lines.p[i].p);
    free(lines.p[i].p);
  }
  free(lines.p);
}

int main(int argc, char **argv) {
  item items[16];
  size_t n = 0;
  for (int i = 0; i < argc && n < 16; i++) items[n++] = (item){TEXT_ITEM, {.text = text(argv[i])}};
  print("arg", items, n);
  char *who = getenv("WHO");
  items[0] = (item){PAIR_ITEM, {.pair = {text("WHO"), text(who ? who : "")}}};
  items[1] = (item){NUMBER_ITEM, {.number = -argc}};
  print("env", items, 2);
  char line[256];
  for (n = 0; n < 16 && fgets(line, sizeof line, stdin);) {
    line[strcspn(line, "\n")] = 0;
    items[n++] = (item){TEXT_ITEM, {.text = text(strdup(line))}};
  }
  print("stdin", items, n);
  fprintf(stderr, "%d lines read\n", (int)n);
  return argc > 1 && !strcmp(argv[argc - 1], "fail");
}
