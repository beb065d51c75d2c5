// The names and lists of demo:trio as the Canonical ABI lays them out.
#include "guest.h"
#define LEAF "demo:trio/leaf@0.1.0"
#define MIDDLE "demo:trio/middle@0.1.0"
typedef struct { str *p; u32 n; } strs;
typedef struct { u32 *p; u32 n; } handles;
typedef struct { u8 some; u32 h; } opt_handle;
typedef struct { u8 tag; union { u32 ok; str err; } u; } picked;
static void strs_free(strs s) {
  for (u32 i = 0; i < s.n; i++) str_free(s.p[i]);
  if (s.n) dealloc(s.p);
}
