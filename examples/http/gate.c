// Lets nobody into /private.
#include <stdbool.h>

#include "gate.h"
#define WORLD gate
#include "answer.h"

void exports_wasi_http_incoming_handler_handle(exports_wasi_http_incoming_handler_own_incoming_request_t request,
                                               exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  static const char closed[] = "/private";
  gate_string_t path;
  bool enter = true;
  if (wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request), &path)) {
    enter = path.len < sizeof closed - 1 || memcmp(path.ptr, closed, sizeof closed - 1) != 0;
    gate_string_free(&path);
  }
  if (enter) {
    wasi_http_incoming_handler_handle(request, out);
    return;
  }
  wasi_http_types_incoming_request_drop_own(request);
  answer(out, 403, "closed\n");
}
