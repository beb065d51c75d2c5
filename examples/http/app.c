// Answers every request with its path.
#include <stdio.h>

#include "app.h"
#define WORLD app
#include "answer.h"

void exports_wasi_http_incoming_handler_handle(exports_wasi_http_incoming_handler_own_incoming_request_t request,
                                               exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  app_string_t path;
  char text[256] = "no path\n";
  if (wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request), &path)) {
    snprintf(text, sizeof text, "this is %.*s\n", (int)path.len, path.ptr);
    app_string_free(&path);
  }
  wasi_http_types_incoming_request_drop_own(request);
  answer(out, 200, text);
}
