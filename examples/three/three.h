// The records of demo:three as the Canonical ABI lays them out.
#include "guest.h"
#define WORDS "demo:three/words@0.1.0"
#define STATS "demo:three/stats@0.1.0"
typedef struct { str text; u32 at; } word;
typedef struct { word *p; u32 n; } words;
typedef struct { u32 words; struct { u8 some; word v; } longest; } summary;
typedef struct { u8 err; union { summary ok; str err; } u; } summarized;
static void words_free(words w) {
  for (u32 i = 0; i < w.n; i++) str_free(w.p[i].text);
  if (w.n) dealloc(w.p);
}
