// Middleware: passes requests on, except for private paths, and responses back. It does not touch their bodies.
#include "web.h"
STREAM("[export]" HANDLER)
IMPORT("demo:web/log@0.3.0", "note") void note(chr *p, u32 n);
IMPORT(HANDLER, "[async-lower]handle") u32 handle(chr *p, u32 n, u32 body, handled *r);
IMPORT("[export]" HANDLER, "[task-return]handle") void handle_return(u32 err, u32 a, u32 b);

typedef struct { u32 set, subtask; str path; handled ret; } task;

static void note_out(void) {
  str s = out_take();
  note(s.p, s.n);
  str_free(s);
}

static u32 finish(task *t) {
  PUT("< "); put_str(t->path); PUT(" ");
  if (t->ret.err) {
    put_str(t->ret.u.err);
    note_out();
    handle_return(1, (u32)t->ret.u.err.p, t->ret.u.err.n);
    str_free(t->ret.u.err);
  } else {
    put_u(t->ret.u.ok.status, 10);
    note_out();
    handle_return(0, t->ret.u.ok.status, t->ret.u.ok.body);
  }
  str_free(t->path);
  dealloc(t);
  return EXIT;
}

static int private(str path) {
  str p = LIT("/private");
  return path.n >= p.n && str_eq((str){path.p, p.n}, p);
}

EXPORT("[async-lift]" HANDLER "#handle") u32 gate(chr *p, u32 n, u32 body) {
  task *t = alloc(sizeof *t);
  *t = (task){.path = {p, n}};
  PUT("> "); put_str(t->path);
  note_out();
  if (private(t->path)) {
    stream_drop_readable(body);
    t->ret.err = 1;
    t->ret.u.err = str_copy(LIT("forbidden"));
    return finish(t);
  }
  u32 state = handle(p, n, body, &t->ret);
  if ((state & 15) == RETURNED) return finish(t);
  context_set(t);
  t->subtask = state >> 4;
  t->set = set_new();
  join(t->subtask, t->set);
  return WAIT | t->set << 4;
}

EXPORT("[callback][async-lift]" HANDLER "#handle") u32 gate_callback(u32 event, u32 waitable, u32 state) {
  task *t = context_get();
  if (event != SUBTASK || state != RETURNED) return WAIT | t->set << 4;
  subtask_drop(t->subtask);
  set_drop(t->set);
  return finish(t);
}
