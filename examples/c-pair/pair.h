// The records of demo:pair as the Canonical ABI lays them out.
#include "guest.h"
#define CALC "demo:pair/calc@0.1.0"

typedef struct { str *p; u32 n; } strs;
typedef struct { strs *p; u32 n; } strss;
typedef struct { s32 x, y; str label; } point;
typedef struct { point *p; u32 n; } points;
typedef struct { str key; bytes value; u32 rev; } entry;
typedef struct { u8 tag; union { entry hit; u64 stale; double rate; str note; } u; } lookup;
enum { MISS, HIT, STALE, RATE, NOTE };
typedef struct { u8 tag; union { u32 ok; str err; } u; } parsed;
typedef struct { u8 tag; str ok; } checked;
typedef struct { u8 some; float v; } opt_f32;
typedef struct { u8 some; u32 v; } opt_char;
typedef struct { u8 some; str v; } opt_str;
typedef struct { u8 c, f; u16 m; } painted;
typedef struct { u8 a; s8 b; u16 c; s16 d; u32 e; s32 f; u64 g; s64 h; float i; double j; u8 k; } wide;
typedef struct {
  str name; u8 a; s64 b; float c; double d; point p; opt_str q; struct { u16 *p; u32 n; } r; u8 k, f, z; lookup l; u32 ch;
} many;
typedef struct { u8 n; struct { u8 some; struct { u8 some; u64 v; } v; } o; u8 r; } nested;
typedef struct { nested *p; u32 n; } nesteds;
_Static_assert(sizeof(lookup) == 32 && offsetof(lookup, u) == 8, "lookup");
_Static_assert(sizeof(nested) == 40 && offsetof(nested, r) == 32, "nested");
_Static_assert(offsetof(many, l) == 80 && offsetof(many, ch) == 112, "many");

static void lookup_free(lookup *l) {
  if (l->tag == HIT) { str_free(l->u.hit.key); bytes_free(l->u.hit.value); }
  if (l->tag == NOTE) str_free(l->u.note);
}
static void put_lookup(lookup *l) {
  switch (l->tag) {
  case MISS: PUT("miss"); break;
  case HIT: PUT("hit("); put_str(l->u.hit.key); PUT("="); put_bytes(l->u.hit.value); PUT("@"); put_u(l->u.hit.rev, 10); PUT(")"); break;
  case STALE: PUT("stale("); put_u(l->u.stale, 16); PUT(")"); break;
  case RATE: PUT("rate("); put_milli(l->u.rate); PUT(")"); break;
  case NOTE: PUT("note("); put_str(l->u.note); PUT(")"); break;
  }
}
static void strs_free(strs s) {
  for (u32 i = 0; i < s.n; i++) str_free(s.p[i]);
  if (s.n) dealloc(s.p);
}
static void points_free(points s) {
  for (u32 i = 0; i < s.n; i++) str_free(s.p[i].label);
  if (s.n) dealloc(s.p);
}
