// demo:d/q: makes and uses p's resources. A borrowed handle is dropped before the call ends.
#include "guest.h"
#define P "demo:d/p@0.1.0"
#define Q "demo:d/q@0.1.0"
IMPORT(P, "[constructor]r") u32 ctor(u32 v);
IMPORT(P, "[method]r.get") u32 get(u32 h);
IMPORT(P, "[resource-drop]r") void drop(u32 h);
EXPORT(Q "#make") u32 make(u32 v) { return ctor(v + 1); }
EXPORT(Q "#peek") u32 peek(u32 h) { u32 v = get(h); drop(h); return v * 10; }
EXPORT(Q "#take") u32 take(u32 h) { u32 v = get(h); drop(h); return v * 100; }
