// A bucket is a file /data/NAME of lines "key=value", which is read when it is first made and written when a handle is dropped.
// Without that folder it lasts as long as the component.
#include "abi.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((import_module("[export]demo:shop/storage@1.0.0"), import_name("[resource-new]bucket"))) int32_t new_handle(void *);

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) { return realloc(old, size); }

enum { ENTRIES = 64, SIZE = 64 };
typedef struct {
  char name[SIZE], key[ENTRIES][SIZE], value[ENTRIES][SIZE];
  int n;
} bucket;

// take copies a text and frees it.
static void take(char *to, char *at, size_t size) {
  if (size >= SIZE) abort();
  memcpy(to, at, size);
  to[size] = 0;
  if (size) free(at);
}

EXPORT("demo:shop/storage@1.0.0#[constructor]bucket") int32_t make(char *at, size_t size) {
  static bucket buckets[4];
  bucket *b = buckets;
  char name[SIZE], path[SIZE];
  take(name, at, size);
  snprintf(path, SIZE, "/data/%s", name);
  while (b->name[0] && strcmp(b->name, path)) if (++b == buckets + 4) abort();
  if (b->name[0]) return new_handle(b);
  strcpy(b->name, path);
  FILE *f = fopen(b->name, "r");
  if (f) {
    while (b->n < ENTRIES && fscanf(f, "%63[^=]=%63[^\n]\n", b->key[b->n], b->value[b->n]) == 2) b->n++;
    fclose(f);
  }
  return new_handle(b);
}

static int find(bucket *b, const char *key) {
  int i = 0;
  while (i < b->n && strcmp(b->key[i], key)) i++;
  return i;
}

EXPORT("demo:shop/storage@1.0.0#[method]bucket.put") void put(bucket *b, char *key_at, size_t key_size, char *at, size_t size) {
  char key[SIZE];
  take(key, key_at, key_size);
  int i = find(b, key);
  if (i == ENTRIES) abort();
  if (i == b->n) strcpy(b->key[b->n++], key);
  take(b->value[i], at, size);
}

EXPORT("demo:shop/storage@1.0.0#[method]bucket.get") maybe *get(bucket *b, char *key_at, size_t key_size) {
  static maybe m;
  char key[SIZE];
  take(key, key_at, key_size);
  int i = find(b, key);
  m = (maybe){i < b->n, {b->value[i % ENTRIES], strlen(b->value[i % ENTRIES])}};
  return &m;
}

EXPORT("demo:shop/storage@1.0.0#[dtor]bucket") void drop(bucket *b) {
  FILE *f = fopen(b->name, "w");
  for (int i = 0; f && i < b->n; i++) fprintf(f, "%s=%s\n", b->key[i], b->value[i]);
  if (f) fclose(f);
}
