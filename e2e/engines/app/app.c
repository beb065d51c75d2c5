// A WASI 0.2 command that counts the words of a file and of its standard input, in three other components:
//
//   app INPUT FOLDER     writes results to the folder
//
// TITLE in the environment is the title. It exits with 1 if there is no such input.
#include "almanac.h"
#include <errno.h>
IMPORT(WORDS, "split") void words_split(const char *p, size_t n, void *out);
IMPORT(INDEX, "[constructor]index") uint32_t index_new(const char *p, size_t n);
IMPORT(INDEX, "[method]index.title") void index_title(uint32_t index, str *out);
IMPORT(INDEX, "[method]index.add") uint32_t index_add(uint32_t index, const char *p, size_t n);
IMPORT(INDEX, "[method]index.top") void index_top(uint32_t index, uint32_t most, void *out);
IMPORT(INDEX, "[static]index.merge") uint32_t index_merge(uint32_t a, uint32_t b);
IMPORT(INDEX, "[resource-drop]index") void index_drop(uint32_t index);
IMPORT(INDEX, "live") uint32_t index_live(void);
IMPORT(JOURNAL, "[static]book.open") void book_open(const char *p, size_t n, result32 *out);
IMPORT(JOURNAL, "[method]book.write") void book_write(uint32_t book, const char *p, size_t n, uint32_t index, result64 *out);
IMPORT(JOURNAL, "[method]book.log") void book_log(uint32_t book, const char *p, size_t n, result64 *out);
IMPORT(JOURNAL, "[method]book.fill") void book_fill(uint32_t book, const char *p, size_t n, uint32_t size, result32 *out);
IMPORT(JOURNAL, "[method]book.pages") void book_pages(uint32_t book, result32 *out);
IMPORT(JOURNAL, "[resource-drop]book") void book_drop(uint32_t book);
IMPORT(JOURNAL, "doubts") void journal_doubts(str *out);

static void check(int failed, const char *what, str error) {
  if (!failed) return;
  fprintf(stderr, "almanac: %s: %.*s\n", what, (int)error.n, error.p);
  exit(1);
}

// read_all adds each line of a file to an index.
static void read_all(FILE *f, const char *name, uint32_t index) {
  static char line[1024];
  unsigned lines = 0, words = 0;
  while (fgets(line, sizeof line, f)) {
    lines++;
    words += index_add(index, line, strlen(line));
  }
  printf("%s: %u lines, %u words\n", name, lines, words);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "almanac: %d arguments\n", argc - 1);
    return 1;
  }
  const char *title = getenv("TITLE");
  if (!title) title = "untitled";
  FILE *f = fopen(argv[1], "r");
  if (!f) {
    printf("no input: %s\n", strerror(errno));
    return 1;
  }
  uint32_t a = index_new(title, strlen(title)), b = index_new("stdin", 5);
  read_all(f, "input", a);
  fclose(f);
  read_all(stdin, "stdin", b);
  printf("%u indices\n", (unsigned)index_live());
  uint32_t index = index_merge(a, b);
  str name;
  index_title(index, &name);
  printf("%.*s, %u index\n", (int)name.n, name.p, (unsigned)index_live());
  free(name.p);
  struct { entry *p; size_t n; } top;
  index_top(index, 7, &top);
  for (size_t i = 0; i < top.n; i++) {
    printf("%5u %.*s\n", (unsigned)top.p[i].count, (int)top.p[i].word.n, top.p[i].word.p);
    free(top.p[i].word.p);
  }
  free(top.p);

  result32 r;
  result64 w;
  book_open(argv[2], strlen(argv[2]), &r);
  check(r.failed, "open", r.u.error);
  uint32_t book = r.u.number;
  book_write(book, "words", 5, index, &w);
  check(w.failed, "write", w.u.error);
  printf("words: %llu bytes, %u lines\n", (unsigned long long)w.u.r.bytes, (unsigned)w.u.r.lines);
  static const char *entries[] = {"first", "zweiter: ÄÖÜ", "third: 漢字 𝄞"};
  for (int i = 0; i < 3; i++) {
    book_log(book, entries[i], strlen(entries[i]), &w);
    check(w.failed, "log", w.u.error);
    printf("log: %llu bytes\n", (unsigned long long)w.u.size);
  }
  book_fill(book, "ballast", 7, 70000, &r);
  check(r.failed, "fill", r.u.error);
  printf("ballast: sum %u\n", (unsigned)r.u.number);
  book_fill(book, "no/such/folder", 14, 70000, &r);
  printf("no/such/folder: %s, %.*s\n", r.failed ? "failed" : "made", (int)(r.failed ? r.u.error.n : 0), r.u.error.p);
  book_pages(book, &r);
  check(r.failed, "pages", r.u.error);
  for (size_t i = 0; i < r.u.pages.n; i++) {
    page p = r.u.pages.p[i];
    printf("page %.*s: %llu bytes\n", (int)p.name.n, p.name.p, (unsigned long long)p.size);
  }
  str doubts;
  journal_doubts(&doubts);
  check(doubts.n > 0, "doubtful", doubts);
  struct { str *p; size_t n; } words;
  words_split("Clocks and RANDOM numbers: plausible", 36, &words);
  for (size_t i = 0; i < words.n; i++) printf("%.*s%s", (int)words.p[i].n, words.p[i].p, i + 1 < words.n ? " " : "\n");
  index_drop(index);
  book_drop(book);
  printf("%u indices\n", (unsigned)index_live());
  fprintf(stderr, "almanac: done\n");
  return 0;
}
