// Freestanding base of C guests with hand-written Canonical ABI glue. With -DUTF16 every string is UTF-16.
#ifndef FUSE_GUEST_H
#define FUSE_GUEST_H
#include <stddef.h>
#include <stdint.h>

#ifdef UTF16
typedef uint16_t chr;
#define TEXT(x) ((const chr *)u##x)
#define TEXT_LEN(x) (sizeof(u##x) / 2 - 1)
#else
typedef char chr;
#define TEXT(x) (x)
#define TEXT_LEN(x) (sizeof(x) - 1)
#endif
#define LIT(x) ((str){(chr *)TEXT(x), TEXT_LEN(x)})

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef struct { chr *p; u32 n; } str; // n in code units
typedef struct { u8 *p; u32 n; } bytes;

// The empty assembly keeps the compiler from turning a loop into a call of the function it is in.
void *memcpy(void *d, const void *s, size_t n) {
  u8 *a = d; const u8 *b = s;
  while (n--) { *a++ = *b++; __asm__ volatile(""); }
  return d;
}
void *memset(void *d, int c, size_t n) {
  u8 *a = d;
  while (n--) { *a++ = (u8)c; __asm__ volatile(""); }
  return d;
}

// ---- An allocator of power-of-two blocks on free lists, so that a missing post-return shows as a leak and a second
// free traps. A block has 16 bytes ahead of it: its class, a mark, the next free block.
extern u8 __heap_base;
static u32 heap_end, live_allocs;
static u8 *free_blocks[32];
enum { MARK_LIVE = 0xA110C8ED, MARK_FREE = 0xDEAD, HEAD = 16 };

__attribute__((noinline)) static void *alloc(u32 n) {
  if (n >= 1u << 30) __builtin_trap();
  u32 c = 5;
  while ((1u << c) < n + HEAD) c++;
  u8 *p = free_blocks[c];
  if (p) {
    free_blocks[c] = *(u8 **)(p + 8);
  } else {
    if (!heap_end) heap_end = ((u32)&__heap_base + 15) & ~15u;
    p = (u8 *)heap_end;
    heap_end += 1u << c;
    u32 have = __builtin_wasm_memory_size(0) * 65536u;
    if (heap_end > have && __builtin_wasm_memory_grow(0, (heap_end - have + 65535) / 65536) == (size_t)-1) __builtin_trap();
  }
  *(u32 *)p = c;
  *(u32 *)(p + 4) = MARK_LIVE;
  live_allocs++;
  return p + HEAD;
}

__attribute__((noinline)) static void dealloc(void *q) {
  u8 *p = (u8 *)q - HEAD;
  if (*(u32 *)(p + 4) != MARK_LIVE) __builtin_trap();
  *(u32 *)(p + 4) = MARK_FREE;
  u32 c = *(u32 *)p;
  *(u8 **)(p + 8) = free_blocks[c];
  free_blocks[c] = p;
  live_allocs--;
}

EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 align, u32 size) {
  if (size == 0) return (void *)align;
  void *p = alloc(size);
  if (old_size) {
    memcpy(p, old, old_size < size ? old_size : size);
    dealloc(old);
  }
  return p;
}

// ---- Strings and bytes; an empty one owns no block.
static str str_new(u32 n) { return (str){n ? alloc(n * sizeof(chr)) : (void *)sizeof(chr), n}; }
static void str_free(str s) { if (s.n) dealloc(s.p); }
static str str_copy(str a) {
  str r = str_new(a.n);
  memcpy(r.p, a.p, a.n * sizeof(chr));
  return r;
}
static str str_cat(str a, str b) {
  str r = str_new(a.n + b.n);
  memcpy(r.p, a.p, a.n * sizeof(chr));
  memcpy(r.p + a.n, b.p, b.n * sizeof(chr));
  return r;
}
static int str_eq(str a, str b) {
  if (a.n != b.n) return 0;
  for (u32 i = 0; i < a.n; i++) if (a.p[i] != b.p[i]) return 0;
  return 1;
}
static bytes bytes_copy(bytes a) {
  bytes r = {a.n ? alloc(a.n) : (void *)1, a.n};
  memcpy(r.p, a.p, a.n);
  return r;
}
static void bytes_free(bytes a) { if (a.n) dealloc(a.p); }

// ---- Text output into one buffer.
static chr out_buf[8192];
static u32 out_len;
__attribute__((noinline)) static void put_str(str s) {
  if (out_len + s.n > sizeof out_buf / sizeof(chr)) __builtin_trap();
  for (u32 i = 0; i < s.n; i++) out_buf[out_len++] = s.p[i];
}
#define PUT(x) put_str(LIT(x))
static void put_u(u64 n, u32 base) {
  chr t[64];
  u32 i = 64;
  do { t[--i] = (chr)"0123456789abcdef"[n % base]; n /= base; } while (n);
  put_str((str){t + i, 64 - i});
}
static void put_s(s64 n) {
  if (n < 0) { PUT("-"); put_u(-(u64)n, 10); } else put_u((u64)n, 10);
}
static void put_bytes(bytes b) {
  for (u32 i = 0; i < b.n; i++) { put_u(b.p[i] >> 4, 16); put_u(b.p[i] & 15, 16); }
}
static void put_char(u32 c) {
  chr t[4];
  u32 n = 0;
#ifdef UTF16
  if (c < 0x10000) t[n++] = (chr)c;
  else { t[n++] = (chr)(0xD800 + ((c - 0x10000) >> 10)); t[n++] = (chr)(0xDC00 + (c & 0x3FF)); }
#else
  if (c < 0x80) t[n++] = (chr)c;
  else if (c < 0x800) { t[n++] = (chr)(0xC0 | c >> 6); t[n++] = (chr)(0x80 | (c & 63)); }
  else if (c < 0x10000) { t[n++] = (chr)(0xE0 | c >> 12); t[n++] = (chr)(0x80 | (c >> 6 & 63)); t[n++] = (chr)(0x80 | (c & 63)); }
  else { t[n++] = (chr)(0xF0 | c >> 18); t[n++] = (chr)(0x80 | (c >> 12 & 63)); t[n++] = (chr)(0x80 | (c >> 6 & 63)); t[n++] = (chr)(0x80 | (c & 63)); }
#endif
  put_str((str){t, n});
}
// put_milli writes a number with three decimals, rounded down.
static void put_milli(double d) {
  s64 n = (s64)(d * 1000);
  if (n < 0) { PUT("-"); n = -n; }
  put_u((u64)n / 1000, 10);
  PUT(".");
  chr t[3] = {(chr)('0' + n / 100 % 10), (chr)('0' + n / 10 % 10), (chr)('0' + n % 10)};
  put_str((str){t, 3});
}
// out_take gives the text so far as a block of its own and empties the buffer.
static str out_take(void) {
  str s = str_copy((str){out_buf, out_len});
  out_len = 0;
  return s;
}
#endif
