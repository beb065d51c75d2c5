// wasi:filesystem.
#include "preview1.h"

#define TYPES "wasi:filesystem/types" V
#define DESCRIPTOR TYPES "#[method]descriptor."
NEW(TYPES, "descriptor") u32 new_descriptor(file *rep);
NEW(TYPES, "directory-entry-stream") u32 new_directory_entry_stream(void *rep);

// ---- Error codes by errno. What has no code of its own is io.
enum {
  E_ACCESS, E_WOULD_BLOCK, E_ALREADY, E_BAD_DESCRIPTOR, E_BUSY, E_DEADLOCK, E_QUOTA, E_EXIST, E_FILE_TOO_LARGE,
  E_ILLEGAL_BYTE_SEQUENCE, E_IN_PROGRESS, E_INTERRUPTED, E_INVALID, E_IO, E_IS_DIRECTORY, E_LOOP, E_TOO_MANY_LINKS,
  E_MESSAGE_SIZE, E_NAME_TOO_LONG, E_NO_DEVICE, E_NO_ENTRY, E_NO_LOCK, E_INSUFFICIENT_MEMORY, E_INSUFFICIENT_SPACE,
  E_NOT_DIRECTORY, E_NOT_EMPTY, E_NOT_RECOVERABLE, E_UNSUPPORTED, E_NO_TTY, E_NO_SUCH_DEVICE, E_OVERFLOW, E_NOT_PERMITTED,
  E_PIPE, E_READ_ONLY, E_INVALID_SEEK, E_TEXT_FILE_BUSY, E_CROSS_DEVICE,
};
enum { ILSEQ = 25, ISDIR = 31, NAMETOOLONG = 37, NOENT = 44, NOMEM = 48, NOSYS = 52, NOTDIR = 54, NOTSUP = 58, OVERFLOW = 61, NOTCAPABLE = 76 };

// codes are the error codes plus one.
static const u8 codes[77] = {
  [2] = 1 + E_ACCESS, [6] = 1 + E_WOULD_BLOCK, [7] = 1 + E_ALREADY, [BADF] = 1 + E_BAD_DESCRIPTOR, [10] = 1 + E_BUSY,
  [16] = 1 + E_DEADLOCK, [19] = 1 + E_QUOTA, [20] = 1 + E_EXIST, [22] = 1 + E_FILE_TOO_LARGE,
  [ILSEQ] = 1 + E_ILLEGAL_BYTE_SEQUENCE, [26] = 1 + E_IN_PROGRESS, [27] = 1 + E_INTERRUPTED, [INVAL] = 1 + E_INVALID,
  [ISDIR] = 1 + E_IS_DIRECTORY, [32] = 1 + E_LOOP, [34] = 1 + E_TOO_MANY_LINKS, [35] = 1 + E_MESSAGE_SIZE,
  [NAMETOOLONG] = 1 + E_NAME_TOO_LONG, [43] = 1 + E_NO_DEVICE, [NOENT] = 1 + E_NO_ENTRY, [46] = 1 + E_NO_LOCK,
  [NOMEM] = 1 + E_INSUFFICIENT_MEMORY, [51] = 1 + E_INSUFFICIENT_SPACE, [NOSYS] = 1 + E_UNSUPPORTED,
  [NOTDIR] = 1 + E_NOT_DIRECTORY, [55] = 1 + E_NOT_EMPTY, [56] = 1 + E_NOT_RECOVERABLE, [NOTSUP] = 1 + E_UNSUPPORTED,
  [59] = 1 + E_NO_TTY, [60] = 1 + E_NO_SUCH_DEVICE, [OVERFLOW] = 1 + E_OVERFLOW, [63] = 1 + E_NOT_PERMITTED,
  [PIPE] = 1 + E_PIPE, [69] = 1 + E_READ_ONLY, [70] = 1 + E_INVALID_SEEK, [74] = 1 + E_TEXT_FILE_BUSY,
  [75] = 1 + E_CROSS_DEVICE, [NOTCAPABLE] = 1 + E_NOT_PERMITTED,
};

static u32 error_code(u32 errno) { return errno < sizeof codes && codes[errno] ? codes[errno] - 1 : E_IO; }

// fail returns a result that is the error-code of an errno, whose payload is at an offset.
static void *fail(u32 errno, u32 offset) {
  AT(u8, offset) = (u8)error_code(errno);
  return result(1);
}

// done returns a result<_, error-code>.
static void *done(u32 errno) {
  release();
  return errno ? fail(errno, 1) : result(0);
}

EXPORT(TYPES "#filesystem-error-code") void *filesystem_error_code(u32 errno) {
  AT(u8, 1) = (u8)error_code(errno);
  return result(1);
}

// descriptor_type returns the descriptor-type of a filetype.
static u32 descriptor_type(u32 filetype) {
  switch (filetype) {
  case 1: return BLOCK;
  case 2: return CHARACTER;
  case 3: return DIRECTORY;
  case 4: return REGULAR;
  case 5: case 6: return SOCKET;
  case 7: return SYMLINK;
  }
  return UNKNOWN;
}

// ---- Files.
static file *new_file(u32 fd, u32 mode) {
  file *f = object();
  f->fd = fd;
  f->refs = 1;
  f->mode = (u8)mode;
  return f;
}

void unref(file *f) {
  if (--f->refs) return;
  if (!f->keep) fd_close(f->fd);
  give(&objects, f);
}

// Hosts do not agree about the error of an offset that is negative as an s64.
static int negative(u64 at) { return at >> 63 != 0; }

u32 get(file *f, bytes to, u64 at, u32 *done) {
  if (!(f->mode & READ)) return BADF;
  if (negative(at)) return INVAL;
  return fd_pread(f->fd, &to, 1, at, done);
}

// put appends with the flag APPEND set meanwhile: it would also let fd_pwrite append.
u32 put(file *f, bytes from, u64 at, int append, u32 *done) {
  enum { APPEND = 1 };
  if (!(f->mode & WRITE)) return BADF;
  if (negative(at)) return INVAL;
  if (!append) return fd_pwrite(f->fd, &from, 1, at, done);
  u64 stat[8];
  if (!fd_fdstat_get(f->fd, stat)) {
    u32 flags = ((u16 *)stat)[1];
    if (!fd_fdstat_set_flags(f->fd, flags | APPEND)) {
      u32 e = fd_write(f->fd, &from, 1, done);
      fd_fdstat_set_flags(f->fd, flags);
      return e;
    }
  }
  u32 e = fd_filestat_get(f->fd, stat);
  return e ? e : fd_pwrite(f->fd, &from, 1, stat[4], done);
}

static int is_directory(file *f) { return f->type == DIRECTORY; }

// refused returns the errno of a path in f that hosts need not be asked about. Some take an empty one for f itself.
static u32 refused(file *f, u32 n) { return !is_directory(f) ? NOTDIR : !n ? NOENT : SUCCESS; }

EXPORT(TYPES "#[dtor]descriptor") void drop_descriptor(file *f) { unref(f); }

EXPORT(DESCRIPTOR "get-type") void *get_type(file *f) {
  AT(u8, 1) = f->type;
  return result(0);
}

EXPORT(DESCRIPTOR "get-flags") void *get_flags(file *f) {
  AT(u8, 1) = f->mode; // not what the host says: Node does not tell the truth about synchronisation
  return result(0);
}

// ---- Streams of files.
static void *input(file *f, u64 at) {
  AT(u32, 4) = new_input(f, f->fd, at);
  return result(0);
}

static void *output(file *f, u64 at, int append) {
  if (is_directory(f)) return fail(BADF, 4);
  AT(u32, 4) = new_output(f, f->fd, at, append);
  return result(0);
}

EXPORT(DESCRIPTOR "read-via-stream") void *read_via_stream(file *f, u64 at) { return is_directory(f) ? fail(ISDIR, 4) : input(f, at); }
EXPORT(DESCRIPTOR "write-via-stream") void *write_via_stream(file *f, u64 at) { return output(f, at, 0); }
EXPORT(DESCRIPTOR "append-via-stream") void *append_via_stream(file *f) { return output(f, 0, 1); }

EXPORT(DESCRIPTOR "read") void *file_read(file *f, u64 n, u64 at) {
  bytes b = {0, n < CHUNK ? (u32)n : CHUNK};
  b.p = in_arena(b.n, 1);
  u32 got = 0, e = is_directory(f) ? BADF : get(f, b, at, &got);
  if (e) return fail(e, 4);
  AT(bytes, 4) = (bytes){b.p, got};
  AT(u8, 12) = !got;
  return result(0);
}
EXPORT("cabi_post_" DESCRIPTOR "read") void post_file_read(void *r) { release(); }

EXPORT(DESCRIPTOR "write") void *file_write(file *f, u8 *p, u32 n, u64 at) {
  u32 put_, e = is_directory(f) ? BADF : put(f, (bytes){p, n}, at, 0, &put_);
  release();
  if (e) return fail(e, 8);
  AT(u64, 8) = put_;
  return result(0);
}

// ---- Functions of an open file.
EXPORT(DESCRIPTOR "advise") void *advise(file *f, u64 at, u64 n, u32 advice) {
  return done(is_directory(f) ? BADF : fd_advise(f->fd, at, n, advice));
}
EXPORT(DESCRIPTOR "sync-data") void *sync_data(file *f) { return done(fd_datasync(f->fd)); }
EXPORT(DESCRIPTOR "sync") void *sync(file *f) { return done(fd_sync(f->fd)); }
EXPORT(DESCRIPTOR "set-size") void *set_size(file *f, u64 n) {
  u32 e = is_directory(f) ? BADF : !(f->mode & WRITE) ? INVAL : fd_filestat_set_size(f->fd, n);
  return done(e);
}

// times are two new-timestamps as the functions of preview1 take them.
typedef struct {
  u64 atim, mtim;
  u32 flags, error;
} times;

static u64 timestamp(times *t, u32 kind, u64 seconds, u32 nanoseconds, u32 flag) {
  enum { NO_CHANGE, NOW, TIMESTAMP };
  enum { SECOND = 1000000000 };
  if (kind == NOW) t->flags |= flag << 1;
  if (kind != TIMESTAMP) return 0;
  t->flags |= flag;
  if (seconds > ~0ull / SECOND - 5) t->error = OVERFLOW; // the nanoseconds are up to 4.3 seconds
  return seconds * SECOND + nanoseconds;
}

static times new_times(u32 a, u64 as, u32 an, u32 m, u64 ms, u32 mn) {
  times t = {0};
  t.atim = timestamp(&t, a, as, an, 1);
  t.mtim = timestamp(&t, m, ms, mn, 4);
  return t;
}

EXPORT(DESCRIPTOR "set-times") void *set_times(file *f, u32 a, u64 as, u32 an, u32 m, u64 ms, u32 mn) {
  times t = new_times(a, as, an, m, ms, mn);
  return done(t.error ? t.error : fd_filestat_set_times(f->fd, t.atim, t.mtim, t.flags));
}

// ---- Attributes.
typedef struct { // of preview1
  u64 dev, ino;
  u8 type;
  u64 links, size, times[3];
} filestat;
_Static_assert(sizeof(filestat) == 64, "size of preview1");

static void *stat_result(u32 e, const filestat *s) {
  release();
  if (e) return fail(e, 8);
  AT(u8, 8) = (u8)descriptor_type(s->type);
  AT(u64, 16) = s->links;
  AT(u64, 24) = s->size;
  for (u32 i = 0; i < 3; i++) {
    AT(u8, 32 + 24 * i) = 1;
    AT(u64, 40 + 24 * i) = s->times[i] / 1000000000;
    AT(u32, 48 + 24 * i) = (u32)(s->times[i] % 1000000000);
  }
  return result(0);
}

static u64 mixed(u64 n) {
  n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
  n = (n ^ n >> 27) * 0x94d049bb133111eb;
  return n ^ n >> 31;
}

// hash_result hashes the device and the inode only. So the hash does not change when a file is modified: C libraries take
// it for the inode.
static void *hash_result(u32 e, const filestat *s) {
  release();
  if (e) return fail(e, 8);
  AT(u64, 8) = mixed(s->ino + mixed(s->dev));
  AT(u64, 16) = mixed(AT(u64, 8) + s->ino);
  return result(0);
}

EXPORT(DESCRIPTOR "stat") void *file_stat(file *f) {
  filestat s;
  u32 e = fd_filestat_get(f->fd, &s);
  return stat_result(e, &s);
}
EXPORT(DESCRIPTOR "metadata-hash") void *metadata_hash(file *f) {
  filestat s;
  u32 e = fd_filestat_get(f->fd, &s);
  return hash_result(e, &s);
}
EXPORT(DESCRIPTOR "is-same-object") u32 is_same_object(file *f, file *g) {
  filestat s, t;
  return f->fd == g->fd || (!fd_filestat_get(f->fd, &s) && !fd_filestat_get(g->fd, &t) && s.ino && s.dev == t.dev && s.ino == t.ino);
}

// ---- Functions of a directory.
EXPORT(DESCRIPTOR "stat-at") void *stat_at(file *f, u32 flags, u8 *p, u32 n) {
  filestat s;
  u32 e = refused(f, n);
  if (!e) e = path_filestat_get(f->fd, flags, p, n, &s);
  return stat_result(e, &s);
}
EXPORT(DESCRIPTOR "metadata-hash-at") void *metadata_hash_at(file *f, u32 flags, u8 *p, u32 n) {
  filestat s;
  u32 e = refused(f, n);
  if (!e) e = path_filestat_get(f->fd, flags, p, n, &s);
  return hash_result(e, &s);
}
EXPORT(DESCRIPTOR "set-times-at") void *set_times_at(file *f, u32 flags, u8 *p, u32 n, u32 a, u64 as, u32 an, u32 m, u64 ms, u32 mn) {
  times t = new_times(a, as, an, m, ms, mn);
  u32 e = refused(f, n);
  if (!e) e = t.error;
  return done(e ? e : path_filestat_set_times(f->fd, flags, p, n, t.atim, t.mtim, t.flags));
}
EXPORT(DESCRIPTOR "create-directory-at") void *create_directory_at(file *f, u8 *p, u32 n) {
  u32 e = refused(f, n);
  return done(e ? e : path_create_directory(f->fd, p, n));
}
EXPORT(DESCRIPTOR "remove-directory-at") void *remove_directory_at(file *f, u8 *p, u32 n) {
  u32 e = refused(f, n);
  return done(e ? e : path_remove_directory(f->fd, p, n));
}
EXPORT(DESCRIPTOR "unlink-file-at") void *unlink_file_at(file *f, u8 *p, u32 n) {
  u32 e = refused(f, n);
  return done(e ? e : path_unlink_file(f->fd, p, n));
}
EXPORT(DESCRIPTOR "symlink-at") void *symlink_at(file *f, u8 *p, u32 n, u8 *q, u32 m) {
  u32 e = n ? refused(f, m) : NOENT;
  return done(e ? e : path_symlink(p, n, f->fd, q, m));
}
static u32 refused_both(file *f, u32 n, file *g, u32 m) {
  u32 e = refused(f, n);
  return e ? e : refused(g, m);
}
EXPORT(DESCRIPTOR "link-at") void *link_at(file *f, u32 flags, u8 *p, u32 n, file *to, u8 *q, u32 m) {
  u32 e = refused_both(f, n, to, m);
  return done(e ? e : path_link(f->fd, flags, p, n, to->fd, q, m));
}
EXPORT(DESCRIPTOR "rename-at") void *rename_at(file *f, u8 *p, u32 n, file *to, u8 *q, u32 m) {
  u32 e = refused_both(f, n, to, m);
  return done(e ? e : path_rename(f->fd, p, n, to->fd, q, m));
}

// valid reports whether a string is UTF-8: the host must not make the caller trap.
static int valid(const u8 *p, u32 n) {
  for (u32 i = 0; i < n;) {
    u32 c = p[i++];
    if (c < 0x80) continue;
    u32 more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || n - i < more) return 0;
    u32 low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80, high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    for (; more; more--, low = 0x80, high = 0xbf) {
      if (p[i] < low || p[i] > high) return 0;
      i++;
    }
  }
  return 1;
}

EXPORT(DESCRIPTOR "readlink-at") void *readlink_at(file *f, u8 *p, u32 n) {
  enum { LONGEST = 65536 }; // a longer one would be cut off
  bytes b = {in_arena(LONGEST, 1), 0};
  u32 e = refused(f, n);
  if (!e) e = path_readlink(f->fd, p, n, b.p, LONGEST, &b.n);
  if (!e && b.n >= LONGEST) e = NAMETOOLONG;
  if (!e && !valid(b.p, b.n)) e = ILSEQ;
  if (e) return fail(e, 4);
  AT(bytes, 4) = b;
  return result(0);
}
EXPORT("cabi_post_" DESCRIPTOR "readlink-at") void post_readlink_at(void *r) { release(); }

// ---- Opening.
enum { // rights
  R_DATASYNC = 1 << 0, R_READ = 1 << 1, R_WRITE = 1 << 6, R_ALLOCATE = 1 << 8, R_SET_SIZE = 1 << 22,
};

// opened returns the result of opening, or an errno. Which rights a file could have is asked, because some hosts refuse to
// give more. Others only look at the rights to read and write, and do not tell them.
static u32 opened(file *f, u32 lookup, u8 *p, u32 n, u32 oflags, u32 flags, file **to) {
  enum { CREATE = 1, OPEN_DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8, FILE_SYNC = 4, DATA_SYNC = 8, READ_SYNC = 16 };
  u32 sync = flags & (FILE_SYNC | DATA_SYNC | READ_SYNC), mode = flags & (READ | WRITE), fd;
  if (oflags & OPEN_DIRECTORY && oflags & (CREATE | EXCLUSIVE | TRUNCATE)) return INVAL;
  if (oflags & (CREATE | TRUNCATE)) mode |= WRITE;
  if (!(flags & WRITE)) mode |= READ;
  u64 stat[3], rights = ~(u64)(R_DATASYNC | R_READ | R_WRITE | R_ALLOCATE | R_SET_SIZE);
  if (mode & WRITE) rights |= R_DATASYNC | R_ALLOCATE | R_SET_SIZE;
  u32 e = fd_fdstat_get(f->fd, stat);
  if (e) return e;
  u32 fdflags = (flags & FILE_SYNC ? 16 : 0) | (flags & DATA_SYNC ? 2 : 0) | (flags & READ_SYNC ? 8 : 0);
  rights = (rights & stat[2]) | (mode & READ ? R_READ : 0) | (mode & WRITE ? R_WRITE : 0);
  e = path_open(f->fd, lookup, p, n, oflags, rights, stat[2], fdflags, &fd);
  if (e) return e;
  e = fd_fdstat_get(fd, stat);
  if (e) {
    fd_close(fd);
    return e;
  }
  *to = new_file(fd, mode | sync);
  (*to)->type = (u8)descriptor_type((u8)stat[0]);
  if (is_directory(*to)) (*to)->mode = (u8)(sync | (mode & READ) | (mode & WRITE ? MUTATE_DIRECTORY : 0));
  return SUCCESS;
}

EXPORT(DESCRIPTOR "open-at") void *open_at(file *f, u32 lookup, u8 *p, u32 n, u32 oflags, u32 flags) {
  file *to;
  u32 e = refused(f, n);
  if (!e) e = opened(f, lookup, p, n, oflags, flags, &to);
  release();
  if (e) return fail(e, 4);
  AT(u32, 4) = new_descriptor(to);
  return result(0);
}

EXPORT("wasi:filesystem/preopens" V "#get-directories") void *get_directories(void) {
  enum { FIRST = 3 };
  u32 n = 0, stat[2];
  while (!fd_prestat_get(FIRST + n, stat)) n++;
  struct { u32 descriptor; bytes path; } *list = in_arena(n * sizeof *list, 4);
  for (u32 i = 0; i < n; i++) {
    fd_prestat_get(FIRST + i, stat);
    bytes path = {in_arena(stat[1], 1), stat[1]};
    if (fd_prestat_dir_name(FIRST + i, path.p, path.n)) host_failed();
    while (path.n && !path.p[path.n - 1]) path.n--; // some hosts count a terminator
    file *f = new_file(FIRST + i, READ | MUTATE_DIRECTORY);
    f->type = DIRECTORY;
    f->keep = 1;
    list[i].descriptor = new_descriptor(f);
    list[i].path = path;
  }
  AT(bytes, 0) = (bytes){(u8 *)list, n};
  return &area;
}
EXPORT("cabi_post_wasi:filesystem/preopens" V "#get-directories") void post_get_directories(void *r) { release(); }

// ---- Reading directories. All entries are read at once, so that later changes of the directory do not matter: a host may
// number entries by their position in what the directory is at the time. Blocks have the entries as fd_readdir wrote them.
typedef struct block {
  struct block *next;
  u32 n; // bytes of whole entries
  u8 entries[16384 - 8];
} block;
typedef struct { // before its name
  u64 next, ino;
  u32 length;
  u8 type;
} dirent;
_Static_assert(sizeof(dirent) == 24, "size of preview1");
static pool blocks = {sizeof(block), 0};

typedef struct {
  block *first;
  u32 at; // in the first block
} listing;

// entry_size returns the size of an entry with its name, or 0 if not all of it is there.
static u32 entry_size(const u8 *p, u32 left) {
  dirent d;
  if (left < sizeof d) return 0;
  copy(&d, p, sizeof d);
  return left - sizeof d >= d.length ? sizeof d + d.length : 0;
}

// list reads all entries.
static u32 list(u32 fd, block **to) {
  u64 cookie = 0;
  for (;;) {
    block *b = room() - CHUNK < sizeof *b ? 0 : take(&blocks);
    if (!b) return NOMEM;
    *to = b;
    to = &b->next;
    u32 got, e = fd_readdir(fd, b->entries, sizeof b->entries, cookie, &got);
    if (e) return e;
    for (u32 n; (n = entry_size(b->entries + b->n, got - b->n)); b->n += n) copy(&cookie, b->entries + b->n, sizeof cookie);
    if (got < sizeof b->entries) return SUCCESS;
    if (!b->n) return NAMETOOLONG;
  }
}

static void give_block(listing *l) {
  block *b = l->first;
  l->first = b->next;
  l->at = 0;
  give(&blocks, b);
}

EXPORT(TYPES "#[dtor]directory-entry-stream") void drop_listing(listing *l) {
  while (l->first) give_block(l);
  give(&objects, l);
}

EXPORT(DESCRIPTOR "read-directory") void *read_directory(file *f) {
  if (!is_directory(f)) return fail(NOTDIR, 4);
  listing *l = object();
  u32 e = list(f->fd, &l->first);
  if (e) {
    drop_listing(l);
    return fail(e, 4);
  }
  AT(u32, 4) = new_directory_entry_stream(l);
  return result(0);
}

static int is_dots(const u8 *p, u32 n) { return n && n <= 2 && p[0] == '.' && p[n - 1] == '.'; }

EXPORT(TYPES "#[method]directory-entry-stream.read-directory-entry") void *read_directory_entry(listing *l) {
  AT(u8, 4) = 0;
  while (l->first) {
    if (l->at == l->first->n) {
      give_block(l);
      continue;
    }
    u8 *p = l->first->entries + l->at;
    dirent d;
    copy(&d, p, sizeof d);
    p += sizeof d;
    l->at += sizeof d + d.length;
    if (is_dots(p, d.length)) continue;
    if (!valid(p, d.length)) return fail(ILSEQ, 4);
    AT(u8, 4) = 1;
    AT(u8, 8) = (u8)descriptor_type(d.type);
    AT(bytes, 12) = (bytes){p, d.length}; // stays until the next call
    break;
  }
  return result(0);
}
