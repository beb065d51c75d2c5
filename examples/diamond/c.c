// One resource made by p and one through q: get(b) = 6, peek(a) = 30, take(a) = 300, take(b) = 600, and 2 drops: 9362.
// Two instances of p would make two types.
#include "guest.h"
IMPORT("demo:d/p@0.1.0", "[constructor]r") u32 ctor(u32 v);
IMPORT("demo:d/p@0.1.0", "[method]r.get") u32 get(u32 h);
IMPORT("demo:d/p@0.1.0", "drops") u32 drops(void);
IMPORT("demo:d/q@0.1.0", "make") u32 make(u32 v);
IMPORT("demo:d/q@0.1.0", "peek") u32 peek(u32 h);
IMPORT("demo:d/q@0.1.0", "take") u32 take(u32 h);
EXPORT("run") u32 run(void) {
  u32 a = ctor(3), b = make(5), s = get(b) + peek(a);
  s += take(a);
  s += take(b);
  return s * 10 + drops();
}
