// Serves /visit, which counts visits of each user in storage, /report, which shows them, and /digest/TEXT.
#include "arena.h"

IMPORT("storage", "[constructor]bucket") int32_t bucket(char *, size_t);
IMPORT("storage", "[method]bucket.put") void put(int32_t, char *, size_t, char *, size_t);
IMPORT("storage", "[method]bucket.get") void get(int32_t, char *, size_t, maybe *);
IMPORT("storage", "[resource-drop]bucket") void drop(int32_t);
IMPORT("template", "render") void render(char *, size_t, char *, size_t, text *);
IMPORT("digest", "sum") uint32_t sum(char *, size_t);
typedef struct { text user; uint32_t count; } visits;
IMPORT("report", "visits") void report(visits *, size_t, text *);

static uint32_t count(int32_t b, text user) {
  maybe m;
  uint32_t n = 0;
  get(b, user.at, user.size, &m);
  for (size_t i = 0; m.some && i < m.value.size; i++) n = n * 10 + m.value.at[i] - '0';
  return n;
}

static text visit(text user) {
  int32_t b = bucket("visits", 6);
  text n = number(count(b, user) + 1);
  put(b, user.at, user.size, n.at, n.size);
  drop(b);
  return join(join(user, TEXT(", visit ")), n);
}

static text all(void) {
  static const text users[] = {{"ann", 3}, {"bob", 3}, {"eve", 3}};
  visits list[3];
  int32_t b = bucket("visits", 6);
  for (int i = 0; i < 3; i++) list[i] = (visits){users[i], count(b, users[i])};
  drop(b);
  text r;
  report(list, 3, &r);
  return r;
}

EXPORT("demo:shop/handler@1.0.0#handle")
response *handle(char *path_at, size_t path_size, char *user_at, size_t user_size) {
  static response r;
  text path = {path_at, path_size}, user = {user_at, user_size}, body;
  if (equal(path, TEXT("/visit"))) body = visit(user);
  else if (equal(path, TEXT("/report"))) body = all();
  else if (path.size > 8 && equal((text){path.at, 8}, TEXT("/digest/"))) body = number(sum(path.at + 8, path.size - 8));
  else {
    r = (response){404, join(TEXT("nothing at "), path)};
    return &r;
  }
  r.status = 200;
  render(path.at, path.size, body.at, body.size, &r.body);
  return &r;
}

EXPORT("cabi_post_demo:shop/handler@1.0.0#handle") void done(response *r) { used = 0; }
