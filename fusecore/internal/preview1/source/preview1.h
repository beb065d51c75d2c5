// What the parts of the implementation share: the functions of wasi_snapshot_preview1, memory, and results.
//
// Memory is one region of a fixed size above the static data. Objects that live as long as a resource are cells at its
// bottom. Everything that belongs to one call, the arguments that the caller lowers and the lists of the result, is in
// the arena at its top, which the end of the call empties. Calls do not nest: the host's functions never call back.
//
//   0    | stack | static data | cells ->  ...  <- arena | MEMORY_SIZE
#ifndef PREVIEW1_H
#define PREVIEW1_H
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef struct { u8 *p; u32 n; } bytes;

#define V "@0.2.12"
#define RAW(name) __attribute__((import_module("rules-wasm-fuse:preview1/functions"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define NEW(interface, name) __attribute__((import_module("[export]" interface), import_name("[resource-new]" name)))

// Functions of preview1 return an errno; pointers are addresses in this memory.
RAW("args-get") u32 args_get(u8 **argv, u8 *buf);
RAW("args-sizes-get") u32 args_sizes_get(u32 *count, u32 *size);
RAW("environ-get") u32 environ_get(u8 **vars, u8 *buf);
RAW("environ-sizes-get") u32 environ_sizes_get(u32 *count, u32 *size);
RAW("clock-res-get") u32 clock_res_get(u32 id, u64 *t);
RAW("clock-time-get") u32 clock_time_get(u32 id, u64 precision, u64 *t);
RAW("fd-advise") u32 fd_advise(u32 fd, u64 offset, u64 len, u32 advice);
RAW("fd-close") u32 fd_close(u32 fd);
RAW("fd-datasync") u32 fd_datasync(u32 fd);
RAW("fd-fdstat-get") u32 fd_fdstat_get(u32 fd, void *stat);
RAW("fd-fdstat-set-flags") u32 fd_fdstat_set_flags(u32 fd, u32 flags);
RAW("fd-filestat-get") u32 fd_filestat_get(u32 fd, void *stat);
RAW("fd-filestat-set-size") u32 fd_filestat_set_size(u32 fd, u64 size);
RAW("fd-filestat-set-times") u32 fd_filestat_set_times(u32 fd, u64 atim, u64 mtim, u32 flags);
RAW("fd-pread") u32 fd_pread(u32 fd, const bytes *iovs, u32 n, u64 offset, u32 *done);
RAW("fd-prestat-dir-name") u32 fd_prestat_dir_name(u32 fd, u8 *name, u32 n);
RAW("fd-prestat-get") u32 fd_prestat_get(u32 fd, void *stat);
RAW("fd-pwrite") u32 fd_pwrite(u32 fd, const bytes *iovs, u32 n, u64 offset, u32 *done);
RAW("fd-read") u32 fd_read(u32 fd, const bytes *iovs, u32 n, u32 *done);
RAW("fd-readdir") u32 fd_readdir(u32 fd, u8 *buf, u32 n, u64 cookie, u32 *done);
RAW("fd-sync") u32 fd_sync(u32 fd);
RAW("fd-write") u32 fd_write(u32 fd, const bytes *iovs, u32 n, u32 *done);
RAW("path-create-directory") u32 path_create_directory(u32 fd, const u8 *p, u32 n);
RAW("path-filestat-get") u32 path_filestat_get(u32 fd, u32 lookup, const u8 *p, u32 n, void *stat);
RAW("path-filestat-set-times") u32 path_filestat_set_times(u32 fd, u32 lookup, const u8 *p, u32 n, u64 atim, u64 mtim, u32 flags);
RAW("path-link") u32 path_link(u32 fd, u32 lookup, const u8 *p, u32 n, u32 to, const u8 *q, u32 m);
RAW("path-open") u32 path_open(u32 dir, u32 lookup, const u8 *p, u32 n, u32 oflags, u64 rights, u64 inheriting, u32 fdflags, u32 *fd);
RAW("path-readlink") u32 path_readlink(u32 fd, const u8 *p, u32 n, u8 *buf, u32 size, u32 *done);
RAW("path-remove-directory") u32 path_remove_directory(u32 fd, const u8 *p, u32 n);
RAW("path-rename") u32 path_rename(u32 fd, const u8 *p, u32 n, u32 to, const u8 *q, u32 m);
RAW("path-symlink") u32 path_symlink(const u8 *p, u32 n, u32 fd, const u8 *q, u32 m);
RAW("path-unlink-file") u32 path_unlink_file(u32 fd, const u8 *p, u32 n);
RAW("poll-oneoff") u32 poll_oneoff(const void *subscriptions, void *events, u32 n, u32 *done);
RAW("proc-exit") _Noreturn void proc_exit(u32 code);
RAW("random-get") u32 random_get(u8 *buf, u32 n);

enum { SUCCESS = 0, AGAIN = 6, BADF = 8, INTR = 27, INVAL = 28, PIPE = 64 };
enum { STDIN, STDOUT, STDERR };

// ---- Memory.
extern u8 __heap_base;
extern u8 *cells_end, *arena; // 0 until the first allocation

// take returns a zeroed cell of a pool, or 0 if the memory is exhausted, and give takes it back.
typedef struct {
  u32 size;
  void *free;
} pool;
void *take(pool *from);
void give(pool *to, void *cell);

// object returns a cell for a resource, and give(&objects, p) takes it back. It traps if the memory is exhausted.
extern pool objects;
void *object(void);

// in_arena returns n bytes that live until the call ends. It traps if the memory is exhausted. room is the number of bytes
// that are left.
void *in_arena(u32 n, u32 align);
u32 room(void);

// release ends a call whose result is not in the arena.
void release(void);

// out_of_memory traps. Its name, and those of the functions below, say so in the engine's backtrace.
_Noreturn void out_of_memory(void);

// host_failed traps, where the interface has no error for a failure of the host.
_Noreturn void host_failed(void);

static inline void copy(void *d, const void *s, u32 n) {
  u8 *a = d;
  const u8 *b = s;
  while (n--) {
    *a++ = *b++;
    __asm__ volatile(""); // not a call of memcpy
  }
}

// ---- Results. A result that is more than one core value is in the result area, which holds the largest one.
extern struct area { _Alignas(8) u8 b[112]; } area;
#define AT(type, offset) (*(type *)(area.b + (offset)))

static inline void *result(u32 tag) {
  AT(u8, 0) = (u8)tag;
  return &area;
}

// ---- Files. A descriptor, and every stream of it, refers to a file, which is closed when none does any more.
enum { READ = 1, WRITE = 2, MUTATE_DIRECTORY = 32 };          // descriptor-flags
enum { UNKNOWN, BLOCK, CHARACTER, DIRECTORY, FIFO, SYMLINK, REGULAR, SOCKET }; // descriptor-type
typedef struct {
  u32 fd, refs;
  u8 mode, type;
  u8 keep; // preopened: not closed
} file;

static inline file *ref(file *f) {
  f->refs++;
  return f;
}
void unref(file *f);

// get reads at a position, and put writes all of it. The error is an errno.
u32 get(file *f, bytes to, u64 at, u32 *done);
u32 put(file *f, bytes from, u64 at, int append, u32 *done);

// ---- Streams. Without a file, a stream is one of the process.
typedef struct {
  file *f;
  u64 at;
  u32 fd;
  u8 closed, append;
} stream;

enum { CHUNK = 65536 }; // the most that one read returns, and that check-write permits

u32 new_input(file *f, u32 fd, u64 at);
u32 new_output(file *f, u32 fd, u64 at, int append);

// ---- Pollables.
u32 new_timer(u64 when);
u64 monotonic(void);
#endif
