// Bodies that are read or written as the other side gets on. STREAM comes before.
typedef struct { u32 stream, set; str text; } body; // text has been read, or is to be written
enum { CHUNK = 256 };

// read_more continues to read after a read that has ended with a code, and returns whether the body is complete.
static int read_more(body *b, u32 code) {
  for (;;) {
    b->text.n += code >> 4;
    if (code & 15) { // the writer has dropped its end
      join(b->stream, 0);
      stream_drop_readable(b->stream);
      b->stream = 0;
      return 1;
    }
    str more = {alloc(b->text.n + CHUNK), b->text.n};
    memcpy(more.p, b->text.p, b->text.n);
    if (b->text.p) dealloc(b->text.p);
    b->text = more;
    code = stream_read(b->stream, b->text.p + b->text.n, CHUNK);
    if (code == BLOCKED) {
      join(b->stream, b->set);
      return 0;
    }
  }
}
static int read_body(body *b) { return read_more(b, 0); }

// write_more continues to write after `done` bytes and a code, and returns whether the end of the stream is dropped.
static int write_more(body *b, u32 *done, u32 code) {
  for (;;) {
    *done += code >> 4;
    if (code & 15 || *done == b->text.n) { // the reader has dropped its end, or has everything
      join(b->stream, 0);
      stream_drop_writable(b->stream);
      b->stream = 0;
      return 1;
    }
    u32 n = b->text.n - *done;
    code = stream_write(b->stream, b->text.p + *done, n < CHUNK ? n : CHUNK);
    if (code == BLOCKED) {
      join(b->stream, b->set);
      return 0;
    }
  }
}
static int write_body(body *b, u32 *done) { return write_more(b, done, 0); }
