#include "wasmtime_api.h"
#include "_cgo_export.h"

#ifdef FUSE_WASMTIME50
#include <pthread.h>
#endif

// The Go side of a callback is named by a number (cgo.Handle) carried in the data pointer.

static wasmtime_error_t *host_call(void *data, wasmtime_context_t *ctx, const wasmtime_component_func_type_t *type, cval *args,
                                   size_t nargs, cval *results, size_t nresults) {
  return fuseHostCall((uintptr_t)data, ctx, (wasmtime_component_func_type_t *)type, args, nargs, results, nresults);
}

static wasmtime_error_t *host_drop(void *data, wasmtime_context_t *ctx, uint32_t rep) {
  return fuseHostDrop((uintptr_t)data, rep);
}

static wasm_trap_t *core_call(void *data, wasmtime_caller_t *caller, const wasmtime_val_t *args, size_t nargs,
                              wasmtime_val_t *results, size_t nresults) {
  return fuseCoreCall((uintptr_t)data, (wasmtime_val_t *)args, nargs, results, nresults);
}

static ptrdiff_t write_out(void *data, const unsigned char *p, size_t n) {
  return (ptrdiff_t)fuseWrite((uintptr_t)data, (void *)p, n);
}

wasmtime_error_t *fuse_add_func(wasmtime_component_linker_instance_t *l, const char *name, size_t len, uintptr_t handle) {
  return wasmtime_component_linker_instance_add_func(l, name, len, host_call, (void *)handle, NULL);
}

wasmtime_error_t *fuse_add_resource(wasmtime_component_linker_instance_t *l, const char *name, size_t len,
                                    const wasmtime_component_resource_type_t *type, uintptr_t handle) {
  return wasmtime_component_linker_instance_add_resource(l, name, len, type, host_drop, (void *)handle, NULL);
}

wasmtime_error_t *fuse_define_func(wasmtime_linker_t *l, const char *module, size_t module_len, const char *name, size_t len,
                                   const wasm_functype_t *type, uintptr_t handle) {
  return wasmtime_linker_define_func(l, module, module_len, name, len, type, core_call, (void *)handle, NULL);
}

void fuse_capture(wasi_config_t *config, uintptr_t out, uintptr_t err) {
  wasi_config_set_stdout_custom(config, write_out, (void *)out, NULL);
  wasi_config_set_stderr_custom(config, write_out, (void *)err, NULL);
}

// Everything in the folder may be read, and written if it is writable.
bool fuse_preopen(wasi_config_t *config, const char *host, const char *guest, bool writable) {
#ifdef FUSE_WASMTIME50
  return wasi_config_preopen_dir(config, host, guest, writable);
#else
  size_t perms = writable ? 3 : 1;
  return wasi_config_preopen_dir(config, host, guest, perms, perms);
#endif
}

#ifdef FUSE_WASMTIME50
// Asynchronous code runs on stacks of the runtime. Go can be called back on such a stack only in a thread that C has
// created: for its own threads Go knows the bounds of the stack.

static void *poll(void *future) {
  while (!wasmtime_call_future_poll(future)) {
  }
  return NULL;
}

static wasmtime_error_t *finish(wasmtime_call_future_t *future, wasmtime_error_t **err) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, poll, future) != 0) {
    wasmtime_call_future_delete(future);
    return wasmtime_error_new("there is no thread for an asynchronous call");
  }
  pthread_join(thread, NULL);
  wasmtime_call_future_delete(future);
  return *err;
}

wasmtime_error_t *fuse_call_async(const wasmtime_component_func_t *f, wasmtime_context_t *ctx, const cval *args, size_t nargs,
                                  cval *results, size_t nresults) {
  wasmtime_error_t *err = NULL;
  return finish(wasmtime_component_func_call_async(f, ctx, args, nargs, results, nresults, &err), &err);
}

wasmtime_error_t *fuse_instantiate_async(const wasmtime_component_linker_t *l, wasmtime_context_t *ctx,
                                         const wasmtime_component_t *c, wasmtime_component_instance_t *in) {
  wasmtime_error_t *err = NULL;
  return finish(wasmtime_component_linker_instantiate_async(l, ctx, c, in, &err), &err);
}
#endif
