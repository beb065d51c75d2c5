// wasi:io and wasi:clocks.
#include "preview1.h"

#define ERROR "wasi:io/error" V
#define POLL "wasi:io/poll" V
#define STREAMS "wasi:io/streams" V
NEW(ERROR, "error") u32 new_error(u32 rep);
NEW(POLL, "pollable") u32 new_pollable(void *rep);
NEW(STREAMS, "input-stream") u32 new_input_stream(void *rep);
NEW(STREAMS, "output-stream") u32 new_output_stream(void *rep);

// ---- Errors. The representation of one is its errno.
EXPORT(ERROR "#[method]error.to-debug-string") void *to_debug_string(u32 errno) {
  enum { PREFIX = 15 };
  static char text[PREFIX + 2] = "preview1 errno ";
  text[PREFIX] = (char)('0' + errno / 10 % 10);
  text[PREFIX + 1] = (char)('0' + errno % 10);
  AT(bytes, 0) = (bytes){(u8 *)text, sizeof text};
  return &area;
}

// ---- Clocks.
enum { REALTIME, MONOTONIC };

static u64 now(u32 id) {
  u64 t;
  if (clock_time_get(id, 1, &t)) host_failed();
  return t;
}

static u64 resolution(u32 id) {
  u64 t;
  if (clock_res_get(id, &t)) host_failed();
  return t;
}

static void *datetime(u64 t) {
  AT(u64, 0) = t / 1000000000;
  AT(u32, 8) = (u32)(t % 1000000000);
  return &area;
}

EXPORT("wasi:clocks/monotonic-clock" V "#now") u64 monotonic(void) { return now(MONOTONIC); }
EXPORT("wasi:clocks/monotonic-clock" V "#resolution") u64 monotonic_resolution(void) { return resolution(MONOTONIC); }
EXPORT("wasi:clocks/monotonic-clock" V "#subscribe-instant") u32 subscribe_instant(u64 when) { return new_timer(when); }
EXPORT("wasi:clocks/monotonic-clock" V "#subscribe-duration") u32 subscribe_duration(u64 d) {
  u64 when;
  return new_timer(__builtin_add_overflow(monotonic(), d, &when) ? ~0ull : when);
}
EXPORT("wasi:clocks/wall-clock" V "#now") void *wall_now(void) { return datetime(now(REALTIME)); }
EXPORT("wasi:clocks/wall-clock" V "#resolution") void *wall_resolution(void) { return datetime(resolution(REALTIME)); }

// ---- Polling. Preview1 only waits for timers and for streams of the process. Files are always ready, and so are output
// streams: writing to one blocks instead.
typedef struct {
  enum { ALWAYS, TIMER, INPUT } kind;
  u32 fd;
  u64 when;
} pollable;

static u32 new_poll(pollable p) {
  pollable *q = object();
  *q = p;
  return new_pollable(q);
}

u32 new_timer(u64 when) { return new_poll((pollable){.kind = TIMER, .when = when}); }

EXPORT(POLL "#[dtor]pollable") void drop_pollable(pollable *p) { give(&objects, p); }

typedef struct { // of poll_oneoff
  u64 userdata;
  u8 tag;
  union {
    struct {
      u32 id;
      u64 timeout, precision;
      u16 flags;
    } clock;
    struct {
      u32 fd;
    } read;
  };
} subscription;
typedef struct {
  u64 userdata;
  u16 error;
  u8 tag;
  u64 bytes;
  u16 flags;
} event;
_Static_assert(sizeof(subscription) == 48 && sizeof(event) == 32, "sizes of preview1");
enum { CLOCK, FD_READ, FD_WRITE }; // tag

// timers marks the timers that are due, and returns whether there are any. It sets next to the first one that is not.
static int timers(pollable **in, u32 n, u8 *ready, u64 t, u64 *next) {
  int any = 0;
  *next = ~0ull;
  for (u32 i = 0; i < n; i++) {
    if (in[i]->kind != TIMER) continue;
    if (in[i]->when <= t) any = ready[i] = 1;
    else if (in[i]->when < *next) *next = in[i]->when;
  }
  return any;
}

// wait marks the pollables that are ready, and waits until one is, unless it must not block. It may return early, with none.
// Hosts that cannot wait for input let reading block instead.
static void wait(pollable **in, u32 n, u8 *ready, int block) {
  u64 t = 0, next = ~0ull;
  u32 subs = 0, timed = 0, inputs = 0, done;
  int any = 0;
  for (u32 i = 0; i < n; i++) {
    ready[i] = in[i]->kind == ALWAYS;
    any |= ready[i];
    timed |= in[i]->kind == TIMER;
    inputs += in[i]->kind == INPUT;
  }
  if (timed) any |= timers(in, n, ready, t = monotonic(), &next);
  if (!inputs && (any || !block)) return;
  subscription *sub = in_arena((inputs + 1) * sizeof *sub, 8);
  event *ev = in_arena((inputs + 1) * sizeof *ev, 8);
  for (u32 i = 0; i < n; i++) {
    if (in[i]->kind != INPUT) continue;
    sub[subs++] = (subscription){.userdata = i, .tag = FD_READ, .read = {in[i]->fd}};
  }
  if (any || !block || next != ~0ull) {
    u64 timeout = any || !block ? 0 : next - t;
    sub[subs++] = (subscription){.userdata = n, .tag = CLOCK, .clock = {MONOTONIC, timeout, 1, 0}};
  }
  u32 e;
  do e = poll_oneoff(sub, ev, subs, &done); // which a signal can interrupt
  while (e == INTR && (any || !block));
  if (e == INTR) {
    done = 0; // The caller waits again.
  } else if (e) {
    for (u32 i = 0; i < n; i++) any |= ready[i] |= in[i]->kind == INPUT;
    while (!any && block) any = timers(in, n, ready, monotonic(), &next);
    return;
  }
  for (u32 i = 0; i < done; i++) {
    if (ev[i].userdata < n) any = ready[ev[i].userdata] = 1;
  }
  if (timed) any |= timers(in, n, ready, monotonic(), &next);
}

// wait_fd waits until a stream of the process can be read or written, if the host can wait for that.
static void wait_fd(u32 fd, u32 tag) {
  subscription sub = {.tag = (u8)tag, .read = {fd}};
  event ev;
  u32 done;
  poll_oneoff(&sub, &ev, 1, &done);
}

static int wait_for(pollable *p, int block) {
  u8 ready;
  do {
    wait(&p, 1, &ready, block);
    release();
  } while (!ready && block);
  return ready;
}

EXPORT(POLL "#[method]pollable.ready") u32 pollable_ready(pollable *p) { return (u32)wait_for(p, 0); }
EXPORT(POLL "#[method]pollable.block") void pollable_block(pollable *p) { wait_for(p, 1); }

// The interface requires a trap.
__attribute__((noinline)) static _Noreturn void empty_poll(void) { __builtin_trap(); }

EXPORT(POLL "#poll") void *poll(pollable **in, u32 n) {
  if (!n) empty_poll();
  u8 *ready = in_arena(n, 1);
  u32 *list = in_arena(n * 4, 4), found = 0;
  while (!found) {
    u8 *top = arena;
    wait(in, n, ready, 1);
    arena = top;
    for (u32 i = 0; i < n; i++) {
      if (ready[i]) list[found++] = i;
    }
  }
  AT(bytes, 0) = (bytes){(u8 *)list, found};
  return &area;
}
EXPORT("cabi_post_" POLL "#poll") void post_poll(void *r) { release(); }

// ---- Streams. After an error or the end, a stream is closed.
static stream *new_stream(file *f, u32 fd, u64 at) {
  stream *s = object();
  s->f = f ? ref(f) : 0;
  s->fd = fd;
  s->at = at;
  return s;
}

u32 new_input(file *f, u32 fd, u64 at) { return new_input_stream(new_stream(f, fd, at)); }

u32 new_output(file *f, u32 fd, u64 at, int append) {
  stream *s = new_stream(f, fd, at);
  s->append = (u8)append;
  return new_output_stream(s);
}

static void drop_stream(stream *s) {
  if (s->f) unref(s->f);
  give(&objects, s);
}

EXPORT(STREAMS "#[dtor]input-stream") void drop_input(stream *s) { drop_stream(s); }
EXPORT(STREAMS "#[dtor]output-stream") void drop_output(stream *s) { drop_stream(s); }

// closed is a failure beside the errnos: the stream's end, or its use afterwards.
enum { CLOSED = 1000 };

// failed returns a result that is a stream-error, whose payload is at an offset. It closes the stream.
static void *failed(stream *s, u32 error, u32 offset) {
  s->closed = 1;
  AT(u8, offset) = error == CLOSED;
  if (error != CLOSED) AT(u32, offset + 4) = new_error(error);
  return result(1);
}

// fill reads up to n bytes: none if the stream has none yet and the call must not block.
static u32 fill(stream *s, bytes to, int block, u32 *done) {
  *done = 0;
  if (s->closed) return CLOSED;
  if (!to.n) return SUCCESS;
  if (!s->f && !block) {
    pollable p = {.kind = INPUT, .fd = s->fd};
    pollable *in = &p;
    u8 ready;
    wait(&in, 1, &ready, 0);
    if (!ready) return SUCCESS;
  }
  u32 e;
  while ((e = s->f ? get(s->f, to, s->at, done) : fd_read(s->fd, &to, 1, done))) {
    *done = 0;
    if (e == AGAIN && !s->f) {
      if (!block) return SUCCESS;
      wait_fd(s->fd, FD_READ);
    } else if (e != INTR) {
      return e;
    }
  }
  s->at += *done;
  return *done ? SUCCESS : CLOSED;
}

static u32 chunk(u64 n) { return n < CHUNK ? (u32)n : CHUNK; }

static void *read(stream *s, u64 n, int block) {
  bytes b = {0, chunk(n)};
  b.p = in_arena(b.n, 1);
  u32 done, e = fill(s, b, block, &done);
  if (e) return failed(s, e, 4);
  AT(bytes, 4) = (bytes){b.p, done};
  return result(0);
}

static void *skip(stream *s, u64 n, int block) {
  bytes b = {0, chunk(n)};
  b.p = in_arena(b.n, 1);
  u32 done, e = fill(s, b, block, &done);
  release();
  if (e) return failed(s, e, 8);
  AT(u64, 8) = done;
  return result(0);
}

EXPORT(STREAMS "#[method]input-stream.read") void *input_read(stream *s, u64 n) { return read(s, n, 0); }
EXPORT("cabi_post_" STREAMS "#[method]input-stream.read") void post_read(void *r) { release(); }
EXPORT(STREAMS "#[method]input-stream.blocking-read") void *input_blocking_read(stream *s, u64 n) { return read(s, n, 1); }
EXPORT("cabi_post_" STREAMS "#[method]input-stream.blocking-read") void post_blocking_read(void *r) { release(); }
EXPORT(STREAMS "#[method]input-stream.skip") void *input_skip(stream *s, u64 n) { return skip(s, n, 0); }
EXPORT(STREAMS "#[method]input-stream.blocking-skip") void *input_blocking_skip(stream *s, u64 n) { return skip(s, n, 1); }
EXPORT(STREAMS "#[method]input-stream.subscribe") u32 input_subscribe(stream *s) {
  return new_poll((pollable){.kind = s->f || s->closed ? ALWAYS : INPUT, .fd = s->fd});
}

// drain writes everything.
static u32 drain(stream *s, bytes from) {
  if (s->closed) return CLOSED;
  if (s->f && !(s->f->mode & WRITE)) return BADF; // even if there is nothing to write
  while (from.n) {
    u32 done, e = s->f ? put(s->f, from, s->at, s->append, &done) : fd_write(s->fd, &from, 1, &done);
    if (e == INTR) continue;
    if (e == AGAIN && !s->f) {
      wait_fd(s->fd, FD_WRITE);
      continue;
    }
    if (e) return e == PIPE && !s->f ? CLOSED : e;
    from.p += done;
    from.n -= done;
    s->at += done;
  }
  return SUCCESS;
}

static void *drained(stream *s, u32 e) {
  release();
  return e ? failed(s, e, 4) : result(0);
}

static void *flush(stream *s) { return drained(s, s->closed ? CLOSED : SUCCESS); }

static void *zeroes(stream *s, u64 n) {
  static u8 zero[1024];
  u32 e;
  do {
    u32 part = n < sizeof zero ? (u32)n : sizeof zero;
    e = drain(s, (bytes){zero, part});
    n -= part;
  } while (n && !e);
  return drained(s, e);
}

static void *splice(stream *to, stream *from, u64 n, int block) {
  if (to->closed) return failed(to, CLOSED, 8);
  bytes b = {0, chunk(n)};
  b.p = in_arena(b.n, 1);
  u32 e = fill(from, b, block, &b.n);
  if (e) {
    release();
    return failed(from, e, 8);
  }
  e = drain(to, b);
  release();
  if (e) return failed(to, e, 8);
  AT(u64, 8) = b.n;
  return result(0);
}

EXPORT(STREAMS "#[method]output-stream.check-write") void *check_write(stream *s) {
  if (s->closed) return failed(s, CLOSED, 8);
  AT(u64, 8) = CHUNK;
  return result(0);
}
EXPORT(STREAMS "#[method]output-stream.write") void *output_write(stream *s, u8 *p, u32 n) { return drained(s, drain(s, (bytes){p, n})); }
EXPORT(STREAMS "#[method]output-stream.blocking-write-and-flush") void *output_blocking_write(stream *s, u8 *p, u32 n) {
  return drained(s, drain(s, (bytes){p, n}));
}
EXPORT(STREAMS "#[method]output-stream.flush") void *output_flush(stream *s) { return flush(s); }
EXPORT(STREAMS "#[method]output-stream.blocking-flush") void *output_blocking_flush(stream *s) { return flush(s); }
EXPORT(STREAMS "#[method]output-stream.subscribe") u32 output_subscribe(stream *s) { return new_poll((pollable){.kind = ALWAYS}); }
EXPORT(STREAMS "#[method]output-stream.write-zeroes") void *write_zeroes(stream *s, u64 n) { return zeroes(s, n); }
EXPORT(STREAMS "#[method]output-stream.blocking-write-zeroes-and-flush") void *blocking_write_zeroes(stream *s, u64 n) { return zeroes(s, n); }
EXPORT(STREAMS "#[method]output-stream.splice") void *output_splice(stream *s, stream *from, u64 n) { return splice(s, from, n, 0); }
EXPORT(STREAMS "#[method]output-stream.blocking-splice") void *output_blocking_splice(stream *s, stream *from, u64 n) {
  return splice(s, from, n, 1);
}
