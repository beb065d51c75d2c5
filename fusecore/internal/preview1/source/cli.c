// wasi:cli and wasi:random.
#include "preview1.h"

typedef u32 get_sizes(u32 *count, u32 *size);
typedef u32 get_strings(u8 **pointers, u8 *buf);

// strings returns the strings of args_get or environ_get, and sets n to their number. Node refuses to return none. It is
// inline, so that no table of functions is needed.
__attribute__((always_inline)) static inline u8 **strings(get_sizes *sizes, get_strings *get, u32 *n) {
  u32 size;
  if (sizes(n, &size)) host_failed();
  u8 **p = in_arena(*n * 4, 4);
  if (*n && get(p, in_arena(size, 1))) host_failed();
  return p;
}

static u32 length(const u8 *s, u8 end) {
  u32 n = 0;
  while (s[n] && s[n] != end) n++;
  return n;
}

EXPORT("wasi:cli/environment" V "#get-arguments") void *get_arguments(void) {
  u32 n;
  u8 **p = strings(args_sizes_get, args_get, &n);
  bytes *list = in_arena(n * sizeof *list, 4);
  for (u32 i = 0; i < n; i++) list[i] = (bytes){p[i], length(p[i], 0)};
  AT(bytes, 0) = (bytes){(u8 *)list, n};
  return &area;
}
EXPORT("cabi_post_wasi:cli/environment" V "#get-arguments") void post_arguments(void *r) { release(); }

EXPORT("wasi:cli/environment" V "#get-environment") void *get_environment(void) {
  u32 n;
  u8 **p = strings(environ_sizes_get, environ_get, &n);
  bytes *list = in_arena(n * 2 * sizeof *list, 4);
  for (u32 i = 0; i < n; i++) {
    u32 name = length(p[i], '=');
    u8 *value = p[i] + name + (p[i][name] == '=');
    list[2 * i] = (bytes){p[i], name};
    list[2 * i + 1] = (bytes){value, length(value, 0)};
  }
  AT(bytes, 0) = (bytes){(u8 *)list, n};
  return &area;
}
EXPORT("cabi_post_wasi:cli/environment" V "#get-environment") void post_environment(void *r) { release(); }

EXPORT("wasi:cli/environment" V "#initial-cwd") void *initial_cwd(void) { return result(0); }

EXPORT("wasi:cli/exit" V "#exit") void cli_exit(u32 failed) { proc_exit(failed); }
EXPORT("wasi:cli/exit" V "#exit-with-code") void exit_with_code(u32 code) { proc_exit(code); }

EXPORT("wasi:cli/stdin" V "#get-stdin") u32 get_stdin(void) { return new_input(0, STDIN, 0); }
EXPORT("wasi:cli/stdout" V "#get-stdout") u32 get_stdout(void) { return new_output(0, STDOUT, 0, 0); }
EXPORT("wasi:cli/stderr" V "#get-stderr") u32 get_stderr(void) { return new_output(0, STDERR, 0, 0); }

// ---- Terminals have no functions, so their representations tell nothing.
NEW("wasi:cli/terminal-input" V, "terminal-input") u32 new_terminal_input(u32 rep);
NEW("wasi:cli/terminal-output" V, "terminal-output") u32 new_terminal_output(u32 rep);

// terminal reports whether a stream is a terminal: a character device that cannot seek.
static int terminal(u32 fd) {
  enum { SEEK_OR_TELL = 0x24 };
  u64 stat[3];
  return !fd_fdstat_get(fd, stat) && (u8)stat[0] == CHARACTER && !(stat[1] & SEEK_OR_TELL);
}

static void *terminal_output(u32 fd) {
  int is = terminal(fd);
  if (is) AT(u32, 4) = new_terminal_output(0);
  return result(is);
}

EXPORT("wasi:cli/terminal-stdin" V "#get-terminal-stdin") void *get_terminal_stdin(void) {
  int is = terminal(STDIN);
  if (is) AT(u32, 4) = new_terminal_input(0);
  return result(is);
}
EXPORT("wasi:cli/terminal-stdout" V "#get-terminal-stdout") void *get_terminal_stdout(void) { return terminal_output(STDOUT); }
EXPORT("wasi:cli/terminal-stderr" V "#get-terminal-stderr") void *get_terminal_stderr(void) { return terminal_output(STDERR); }

// ---- Random numbers. All are secure ones.
static void random(u8 *p, u32 n) {
  while (n) { // in parts, because some hosts limit the size
    u32 part = n < CHUNK ? n : CHUNK;
    if (random_get(p, part)) host_failed();
    p += part;
    n -= part;
  }
}

static void *random_bytes(u64 n) {
  if (n > MEMORY_SIZE) out_of_memory();
  u8 *p = in_arena((u32)n, 1);
  random(p, (u32)n);
  AT(bytes, 0) = (bytes){p, (u32)n};
  return &area;
}

static u64 random_u64(void) {
  u64 n;
  random((u8 *)&n, sizeof n);
  return n;
}

EXPORT("wasi:random/random" V "#get-random-bytes") void *get_random_bytes(u64 n) { return random_bytes(n); }
EXPORT("cabi_post_wasi:random/random" V "#get-random-bytes") void post_random_bytes(void *r) { release(); }
EXPORT("wasi:random/random" V "#get-random-u64") u64 get_random_u64(void) { return random_u64(); }
EXPORT("wasi:random/insecure" V "#get-insecure-random-bytes") void *get_insecure_random_bytes(u64 n) { return random_bytes(n); }
EXPORT("cabi_post_wasi:random/insecure" V "#get-insecure-random-bytes") void post_insecure_random_bytes(void *r) { release(); }
EXPORT("wasi:random/insecure" V "#get-insecure-random-u64") u64 get_insecure_random_u64(void) { return random_u64(); }
EXPORT("wasi:random/insecure-seed" V "#insecure-seed") void *insecure_seed(void) {
  random(area.b, 16);
  return &area;
}
