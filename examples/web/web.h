// demo:web as the Canonical ABI lays it out, and bodies.
#include "task.h"
#define HANDLER "demo:web/handler@0.3.0"
#define PAGES "demo:web/pages@0.3.0"
#define MARKUP "demo:web/markup@0.3.0"
typedef struct { u8 err; union { struct { u16 status; u32 body; } ok; str err; } u; } handled;
typedef struct { str *p; u32 n; } strs;
typedef struct { str title; strs paragraphs; } page;
static void page_free(page p) {
  str_free(p.title);
  for (u32 i = 0; i < p.paragraphs.n; i++) str_free(p.paragraphs.p[i]);
  if (p.paragraphs.n) dealloc(p.paragraphs.p);
}
