// Middleware that admits only users, and passes on the name of the user in place of the token.
#include "arena.h"

IMPORT("handler", "handle") void next(char *, size_t, char *, size_t, response *);
IMPORT("auth", "user") void user(char *, size_t, maybe *);

EXPORT("demo:shop/handler@1.0.0#handle")
response *handle(char *path, size_t path_size, char *token, size_t token_size) {
  static response r;
  maybe u;
  user(token, token_size, &u);
  if (u.some) next(path, path_size, u.value.at, u.value.size, &r);
  else r = (response){401, TEXT("who are you?")};
  return &r;
}

EXPORT("cabi_post_demo:shop/handler@1.0.0#handle") void done(response *r) { used = 0; }
