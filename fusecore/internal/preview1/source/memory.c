// Memory; see preview1.h.
#include "preview1.h"

u8 *cells_end, *arena;
struct area area;
pool objects = {40, 0};

void release(void) { arena = (u8 *)MEMORY_SIZE; }

u32 room(void) {
  if (!arena) {
    release();
    cells_end = (u8 *)(((u32)&__heap_base + 7) & ~7u);
  }
  return (u32)(arena - cells_end);
}

void *take(pool *from) {
  u64 *p = from->free;
  if (p) {
    from->free = *(void **)p;
  } else {
    if (room() < from->size) return 0;
    p = (u64 *)cells_end;
    cells_end += from->size;
  }
  for (u32 i = 0; i < from->size / 8; i++) p[i] = 0;
  return p;
}

void give(pool *to, void *cell) {
  *(void **)cell = to->free;
  to->free = cell;
}

__attribute__((noinline)) _Noreturn void out_of_memory(void) { __builtin_trap(); }

__attribute__((noinline)) _Noreturn void host_failed(void) { __builtin_trap(); }

void *object(void) {
  void *p = take(&objects);
  if (!p) out_of_memory();
  return p;
}

void *in_arena(u32 n, u32 align) {
  u32 left = room();
  if (left < n || left - n < align) out_of_memory();
  return arena = (u8 *)((u32)(arena - n) & -align);
}

// A block is followed by a zero, since Node reads a path until it finds one, which could be past the end of the memory.
EXPORT("cabi_realloc") void *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 size) {
  if (old_size >= size) {
    if (size) old[size] = 0;
    return old;
  }
  if (size == 0xFFFFFFFF) out_of_memory();
  u8 *p = in_arena(size + 1, align);
  p[size] = 0;
  copy(p, old, old_size);
  return p;
}

// The compiler calls it.
void *memset(void *d, int c, size_t n) {
  u8 *a = d;
  while (n--) {
    *a++ = (u8)c;
    __asm__ volatile("");
  }
  return d;
}
