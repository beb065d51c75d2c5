// A WASI 0.2 command without a C library: prints, and exits with status 1.
#include "guest.h"

IMPORT("wasi:cli/stdout@0.2.0", "get-stdout") u32 get_stdout(void);
IMPORT("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush") void write_and_flush(u32 self, const char *p, u32 n, void *result);
IMPORT("wasi:io/streams@0.2.0", "[resource-drop]output-stream") void drop_output_stream(u32 self);
IMPORT("wasi:cli/exit@0.2.0", "exit") void cli_exit(u32 failed);

EXPORT("wasi:cli/run@0.2.0#run") u32 run(void) {
  u32 out = get_stdout(), result[3];
  write_and_flush(out, "hello\n", 6, result);
  drop_output_stream(out);
  cli_exit(1);
  return 0;
}
