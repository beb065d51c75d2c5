// An item of demo:format as the Canonical ABI lays it out, with the including file's string type.
#define LINES "demo:format/lines@0.1.0"
typedef struct { uint8_t tag; union { str text; int64_t number; struct { str a, b; } pair; } u; } item;
enum { TEXT_ITEM, NUMBER_ITEM, PAIR_ITEM };
_Static_assert(sizeof(item) == 24, "item");
