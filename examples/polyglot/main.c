// Serves a request for each line of its input, "PATH TOKEN".
#include "abi.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

IMPORT("handler", "handle") void handle(char *, size_t, char *, size_t, response *);

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) { return realloc(old, size); }

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char *path = strtok(line, " \n"), *token = strtok(NULL, "\n");
    if (!path) continue;
    if (!token) token = "";
    response r;
    handle(path, strlen(path), token, strlen(token), &r);
    printf("%d %.*s\n", r.status, (int)r.body.size, r.body.at);
    free(r.body.at);
  }
}
