// Middleware that logs each request and the status of its response.
#include "arena.h"

IMPORT("handler", "handle") void next(char *, size_t, char *, size_t, response *);
IMPORT("log", "write") void log_write(char *, size_t);

EXPORT("demo:shop/handler@1.0.0#handle")
response *handle(char *path, size_t path_size, char *token, size_t token_size) {
  static response r;
  next(path, path_size, token, token_size, &r);
  text line = join(join((text){path, path_size}, TEXT(" ")), number(r.status));
  log_write(line.at, line.size);
  return &r;
}

EXPORT("cabi_post_demo:shop/handler@1.0.0#handle") void done(response *r) { used = 0; }
