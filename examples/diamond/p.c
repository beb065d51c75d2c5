// demo:d/p: a handle stands for its number.
#include "guest.h"
#define P "demo:d/p@0.1.0"
IMPORT("[export]" P, "[resource-new]r") u32 r_new(u32 rep);
static u32 drops;
EXPORT(P "#[dtor]r") void dtor(u32 rep) { drops++; }
EXPORT(P "#[constructor]r") u32 ctor(u32 v) { return r_new(v); }
EXPORT(P "#[method]r.get") u32 get(u32 rep) { return rep; }
EXPORT(P "#drops") u32 f_drops(void) { return drops; }
