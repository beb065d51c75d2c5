// The asynchronous part of the Canonical ABI, for guests with callbacks.
#include "guest.h"
enum { EXIT = 0, WAIT = 2 };                              // returned by callbacks, WAIT with a set << 4
enum { SUBTASK = 1, STREAM_READ = 2, STREAM_WRITE = 3 };  // events
enum { RETURNED = 2 };                                    // state of a subtask
#define BLOCKED 0xffffffffu                               // of a read or write that goes on

IMPORT("$root", "[waitable-set-new]") u32 set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(u32 set);
IMPORT("$root", "[waitable-join]") void join(u32 waitable, u32 set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(u32 subtask);
IMPORT("$root", "[context-get-0]") void *context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(void *p);

// The built-ins of the stream in the type of handle; `from` is the interface, or "[export]" before it.
#define STREAM(from) \
  IMPORT(from, "[stream-new-0]handle") u64 stream_new(void); \
  IMPORT(from, "[async-lower][stream-read-0]handle") u32 stream_read(u32 s, void *p, u32 n); \
  IMPORT(from, "[async-lower][stream-write-0]handle") u32 stream_write(u32 s, void *p, u32 n); \
  IMPORT(from, "[stream-drop-readable-0]handle") void stream_drop_readable(u32 s); \
  IMPORT(from, "[stream-drop-writable-0]handle") void stream_drop_writable(u32 s);
