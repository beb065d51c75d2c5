// The records of demo:kv as the Canonical ABI lays them out.
#include "guest.h"
typedef struct { str key; bytes value; u32 rev; } entry;
typedef struct { s32 x, y; str label; } point;
typedef struct { u8 tag; union { entry hit; u64 stale; } u; } lookup;
typedef struct { u8 tag; union { u32 ok; str err; } u; } put_result;
_Static_assert(sizeof(lookup) == 32 && offsetof(lookup, u) == 8, "lookup");
_Static_assert(sizeof(put_result) == 12 && offsetof(put_result, u) == 4, "put");
