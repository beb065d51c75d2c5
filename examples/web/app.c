// The handler: reads the request's body, finds and renders a page, and writes it as the response's body.
#include "web.h"
STREAM("[export]" HANDLER)
#include "body.h"
IMPORT(PAGES, "find") void find(chr *p, u32 n, struct { u8 some; page v; } *r);
IMPORT(MARKUP, "render") void render(chr *tp, u32 tn, str *pp, u32 pn, chr *sp, u32 sn, str *r);
IMPORT("[export]" HANDLER, "[task-return]handle") void handle_return(u32 err, u32 a, u32 b);

typedef struct { u32 set, sent, answered; str path; body in, out; } task;

static void answer(task *t) {
  struct { u8 some; page v; } found;
  find(t->path.p, t->path.n, (void *)&found);
  if (!found.some) {
    found.v = (page){str_copy(LIT("Not found")), {alloc(sizeof(str)), 1}};
    found.v.paragraphs.p[0] = str_copy(t->path);
  }
  page v = found.v;
  render(v.title.p, v.title.n, v.paragraphs.p, v.paragraphs.n, t->in.text.p, t->in.text.n, &t->out.text);
  page_free(v);
  dealloc(t->in.text.p);
  u64 ends = stream_new();
  t->out.stream = (u32)(ends >> 32);
  t->out.set = t->set;
  t->answered = 1;
  handle_return(0, found.some ? 200 : 404, (u32)ends);
}

// step goes on after a read or write has ended with a code.
static u32 step(task *t, u32 code) {
  if (!t->answered) {
    if (!read_more(&t->in, code)) return WAIT | t->set << 4;
    answer(t);
    code = 0;
  }
  if (!write_more(&t->out, &t->sent, code)) return WAIT | t->set << 4;
  str_free(t->out.text);
  str_free(t->path);
  set_drop(t->set);
  dealloc(t);
  return EXIT;
}

EXPORT("[async-lift]" HANDLER "#handle") u32 app(chr *p, u32 n, u32 in) {
  task *t = alloc(sizeof *t);
  context_set(t);
  u32 set = set_new();
  *t = (task){.set = set, .path = {p, n}, .in = {in, set, {0, 0}}};
  return step(t, 0);
}

EXPORT("[callback][async-lift]" HANDLER "#handle") u32 app_callback(u32 event, u32 waitable, u32 code) {
  return step(context_get(), code);
}
