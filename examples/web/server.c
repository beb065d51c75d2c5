// The root: turns a call with whole bodies into a request, and its response into a result.
#include "web.h"
STREAM(HANDLER)
#include "body.h"
IMPORT(HANDLER, "[async-lower]handle") u32 handle(chr *p, u32 n, u32 body, handled *r);
IMPORT("[export]$root", "[task-return]serve") void serve_return(u32 err, u32 a, u32 b, u32 c);

typedef struct { u32 set, subtask, sent; str path; body out, in; handled ret; } task;

// step waits, or returns the result once all is done.
static u32 step(task *t) {
  if (t->subtask || t->out.stream || t->in.stream) return WAIT | t->set << 4;
  if (t->ret.err) {
    serve_return(1, (u32)t->ret.u.err.p, t->ret.u.err.n, 0);
    str_free(t->ret.u.err);
  } else {
    serve_return(0, t->ret.u.ok.status, (u32)t->in.text.p, t->in.text.n);
    dealloc(t->in.text.p);
  }
  str_free(t->path);
  str_free(t->out.text);
  set_drop(t->set);
  dealloc(t);
  return EXIT;
}

static void returned(task *t) {
  t->subtask = 0;
  if (t->ret.err) return;
  t->in = (body){t->ret.u.ok.body, t->set, {0, 0}};
  read_body(&t->in);
}

EXPORT("[async-lift]serve") u32 serve(chr *pp, u32 pn, chr *bp, u32 bn) {
  task *t = alloc(sizeof *t);
  context_set(t);
  u64 ends = stream_new();
  u32 set = set_new();
  *t = (task){.set = set, .path = {pp, pn}, .out = {(u32)(ends >> 32), set, {bp, bn}}};
  u32 state = handle(pp, pn, (u32)ends, &t->ret);
  if ((state & 15) == RETURNED) {
    returned(t);
  } else {
    t->subtask = state >> 4;
    join(t->subtask, set);
  }
  write_body(&t->out, &t->sent);
  return step(t);
}

EXPORT("[callback][async-lift]serve") u32 serve_callback(u32 event, u32 waitable, u32 code) {
  task *t = context_get();
  switch (event) {
  case SUBTASK:
    if (code == RETURNED) {
      subtask_drop(t->subtask);
      returned(t);
    }
    break;
  case STREAM_READ: read_more(&t->in, code); break;
  case STREAM_WRITE: write_more(&t->out, &t->sent, code); break;
  }
  return step(t);
}
