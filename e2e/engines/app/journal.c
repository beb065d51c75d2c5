// demo:almanac/journal on wasi-libc: a book's handle stands for the address of its struct.
#include "almanac.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
IMPORT("[export]" JOURNAL, "[resource-new]book") uint32_t res_new(void *rep);
IMPORT(INDEX, "[method]index.title") void index_title(uint32_t index, str *out);
IMPORT(INDEX, "[method]index.top") void index_top(uint32_t index, uint32_t most, void *out);
IMPORT(INDEX, "[resource-drop]index") void index_drop(uint32_t index);

typedef struct { char folder[200]; } book;
static result64 r64;
static result32 r32;
static str text;

// path returns the path of a file in the book's folder.
static char *path(book *b, const char *name, size_t n) {
  static char paths[2][512];
  static int turn;
  turn = !turn;
  snprintf(paths[turn], sizeof paths[turn], "%s/%.*s", b->folder, (int)n, name);
  return paths[turn];
}

static str said(const char *what) {
  char *p;
  int n = asprintf(&p, "%s: %s", what, strerror(errno));
  return (str){p, n < 0 ? 0 : n};
}
static void *fail64(const char *what) { r64 = (result64){1, {.error = said(what)}}; return &r64; }
static void *fail32(const char *what) { r32 = (result32){1, {.error = said(what)}}; return &r32; }

EXPORT(JOURNAL "#[dtor]book") void dtor(book *b) { free(b); }

EXPORT(JOURNAL "#[static]book.open") void *book_open(char *p, size_t n) {
  book *b = malloc(sizeof *b);
  snprintf(b->folder, sizeof b->folder, "%.*s", (int)n, p);
  free(p);
  struct stat s;
  if (mkdir(b->folder, 0777) && errno != EEXIST) return free(b), fail32("mkdir");
  if (stat(b->folder, &s) || !S_ISDIR(s.st_mode)) return free(b), fail32("stat");
  r32 = (result32){0, {.number = res_new(b)}};
  return &r32;
}
EXPORT("cabi_post_" JOURNAL "#[static]book.open") void post_open(result32 *r) { if (r->failed) free(r->u.error.p); }

EXPORT(JOURNAL "#[method]book.write") void *book_write(book *b, char *name, size_t n, uint32_t index) {
  str title;
  struct { entry *p; size_t n; } list;
  index_title(index, &title);
  index_top(index, UINT32_MAX, &list);
  index_drop(index);
  char *draft = path(b, "draft", 5), *final = path(b, name, n);
  free(name);
  FILE *f = fopen(draft, "w");
  if (!f) return fail64("fopen");
  fprintf(f, "%.*s\n", (int)title.n, title.p);
  for (size_t i = 0; i < list.n; i++) {
    fprintf(f, "%5u %.*s\n", (unsigned)list.p[i].count, (int)list.p[i].word.n, list.p[i].word.p);
    free(list.p[i].word.p);
  }
  if (list.n) free(list.p);
  free(title.p);
  if (fclose(f)) return fail64("fclose");
  if (rename(draft, final)) return fail64("rename");
  struct stat s;
  if (!stat(draft, &s) || errno != ENOENT) return fail64("stat of what was renamed");
  if (stat(final, &s)) return fail64("stat");
  r64 = (result64){0, {.r = {s.st_size, list.n + 1}}};
  return &r64;
}
EXPORT("cabi_post_" JOURNAL "#[method]book.write") void post_write(result64 *r) { if (r->failed) free(r->u.error.p); }

EXPORT(JOURNAL "#[method]book.log") void *book_log(book *b, char *line, size_t n) {
  int fd = open(path(b, "log", 3), O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (fd < 0) return fail64("open");
  if (write(fd, line, n) != (ssize_t)n || write(fd, "\n", 1) != 1) return fail64("write");
  free(line);
  struct stat s;
  if (fstat(fd, &s)) return fail64("fstat");
  if (close(fd)) return fail64("close");
  r64 = (result64){0, {.size = s.st_size}};
  return &r64;
}
EXPORT("cabi_post_" JOURNAL "#[method]book.log") void post_log(result64 *r) { if (r->failed) free(r->u.error.p); }

EXPORT(JOURNAL "#[method]book.fill") void *book_fill(book *b, char *name, size_t n, uint32_t size) {
  static uint8_t block[5000];
  char *file = path(b, name, n);
  free(name);
  FILE *f = fopen(file, "w+b");
  if (!f) return fail32("fopen");
  for (uint32_t at = 0; at < size; at += sizeof block) {
    uint32_t n = size - at < sizeof block ? size - at : sizeof block;
    for (uint32_t i = 0; i < n; i++) block[i] = (at + i) * 2654435761u >> 24;
    if (fwrite(block, 1, n, f) != n) return fail32("fwrite");
  }
  if (fseek(f, size / 2, SEEK_SET) || fwrite("almanac", 1, 7, f) != 7 || fflush(f)) return fail32("overwriting");
  if (ftruncate(fileno(f), size - 10)) return fail32("ftruncate");
  if (fseek(f, 0, SEEK_SET)) return fail32("fseek");
  uint32_t sum = 0;
  for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) for (size_t i = 0; i < n; i++) sum += block[i];
  if (ferror(f) || ftell(f) != (long)size - 10 || fclose(f)) return fail32("reading");
  r32 = (result32){0, {.number = sum}};
  return &r32;
}
EXPORT("cabi_post_" JOURNAL "#[method]book.fill") void post_fill(result32 *r) { if (r->failed) free(r->u.error.p); }

static int by_name(const void *a, const void *b) {
  const page *x = a, *y = b;
  int c = memcmp(x->name.p, y->name.p, x->name.n < y->name.n ? x->name.n : y->name.n);
  return c ? c : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

EXPORT(JOURNAL "#[method]book.pages") void *book_pages(book *b) {
  int fd = open(path(b, "passing", 7), O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (fd < 0 || close(fd)) return fail32("open");
  if (unlink(path(b, "passing", 7))) return fail32("unlink");
  if (!rmdir(b->folder) || (errno != ENOTEMPTY && errno != EEXIST)) return fail32("rmdir of a folder with files");
  DIR *d = opendir(b->folder);
  if (!d) return fail32("opendir");
  page *p = malloc(32 * sizeof *p);
  size_t n = 0;
  for (struct dirent *e; n < 32 && (e = readdir(d));) {
    struct stat s;
    if (e->d_name[0] == '.') continue;
    if (stat(path(b, e->d_name, strlen(e->d_name)), &s)) return fail32("stat");
    p[n++] = (page){{strdup(e->d_name), strlen(e->d_name)}, s.st_size};
  }
  closedir(d);
  qsort(p, n, sizeof *p, by_name);
  r32 = (result32){0, {.pages = {p, n}}};
  return &r32;
}
EXPORT("cabi_post_" JOURNAL "#[method]book.pages") void post_pages(result32 *r) {
  if (r->failed) {
    free(r->u.error.p);
    return;
  }
  for (size_t i = 0; i < r->u.pages.n; i++) free(r->u.pages.p[i].name.p);
  free(r->u.pages.p);
}

EXPORT(JOURNAL "#doubts") str *doubts(void) {
  static char out[200];
  out[0] = 0;
  struct timespec wall, before, after, nap = {0, 3000000};
  clock_gettime(CLOCK_REALTIME, &wall);
  if (wall.tv_sec < 1700000000 || wall.tv_nsec >= 1000000000) strcat(out, "the time of day; ");
  clock_gettime(CLOCK_MONOTONIC, &before);
  if (nanosleep(&nap, 0)) strcat(out, "nanosleep; ");
  clock_gettime(CLOCK_MONOTONIC, &after);
  int64_t slept = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  if (slept < 3000000 || slept > 60000000000LL) strcat(out, "how long it slept; ");
  uint8_t a[64] = {0}, b[64] = {0}, bits = 0;
  if (getentropy(a, sizeof a) || getentropy(b, sizeof b)) strcat(out, "getentropy; ");
  for (size_t i = 0; i < sizeof a; i++) bits |= a[i];
  if (bits != 0xFF || !memcmp(a, b, sizeof a)) strcat(out, "random bytes; ");
  text = (str){out, strlen(out)};
  return &text;
}
