// Declarations of the part of wasmtime's C interface that this package calls.
//
// The library is linked by importing wasmtime-go, whose cgo flags (include path among them) reach only its own
// package. Declaring the interface here keeps a plain `go test` working without CGO_CFLAGS. Layouts and values are those
// of wasmtime 42 and 50, which differ where FUSE_WASMTIME50 stands; TestABI checks what can be checked at run time.
#ifndef FUSE_TESTKIT_WASMTIME_API_H
#define FUSE_TESTKIT_WASMTIME_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// ---- opaque handles
typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_externtype_t wasm_externtype_t;
typedef struct wasm_importtype_t wasm_importtype_t;
typedef struct wasm_exporttype_t wasm_exporttype_t;
typedef struct wasi_config_t wasi_config_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_linker wasmtime_linker_t;
typedef struct wasmtime_caller wasmtime_caller_t;
typedef struct wasmtime_component_t wasmtime_component_t;
typedef struct wasmtime_component_linker_t wasmtime_component_linker_t;
typedef struct wasmtime_component_linker_instance_t wasmtime_component_linker_instance_t;
typedef struct wasmtime_component_export_index_t wasmtime_component_export_index_t;
typedef struct wasmtime_component_func_type_t wasmtime_component_func_type_t;
typedef struct wasmtime_component_resource_type wasmtime_component_resource_type_t;
typedef struct wasmtime_component_resource_any wasmtime_component_resource_any_t;
typedef struct wasmtime_component_resource_host wasmtime_component_resource_host_t;

// ---- vectors
typedef struct { size_t size; char *data; } wasm_byte_vec_t;
typedef wasm_byte_vec_t wasm_name_t;
typedef struct { size_t size; wasm_valtype_t **data; } wasm_valtype_vec_t;
typedef struct { size_t size; wasm_importtype_t **data; } wasm_importtype_vec_t;
typedef struct { size_t size; wasm_exporttype_t **data; } wasm_exporttype_vec_t;
void wasm_byte_vec_new(wasm_byte_vec_t *, size_t, const char *);
void wasm_byte_vec_delete(wasm_byte_vec_t *);
wasmtime_error_t *wasmtime_wat2wasm(const char *wat, size_t wat_len, wasm_byte_vec_t *ret);
void wasm_importtype_vec_delete(wasm_importtype_vec_t *);
void wasm_exporttype_vec_delete(wasm_exporttype_vec_t *);

// ---- configuration, engine, store
wasm_config_t *wasm_config_new(void);
wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *);
void wasm_engine_delete(wasm_engine_t *);
void wasmtime_engine_increment_epoch(wasm_engine_t *);
void wasmtime_config_cranelift_opt_level_set(wasm_config_t *, uint8_t);
void wasmtime_config_cranelift_flag_enable(wasm_config_t *, const char *);
wasmtime_error_t *wasmtime_config_target_set(wasm_config_t *, const char *);
void wasmtime_config_epoch_interruption_set(wasm_config_t *, bool);
void wasmtime_config_wasm_component_model_set(wasm_config_t *, bool);
void wasmtime_config_wasm_exceptions_set(wasm_config_t *, bool);
void wasmtime_config_wasm_custom_page_sizes_set(wasm_config_t *, bool);
void wasmtime_config_wasm_function_references_set(wasm_config_t *, bool);
void wasmtime_config_wasm_gc_set(wasm_config_t *, bool);
void wasmtime_config_wasm_memory64_set(wasm_config_t *, bool);
void wasmtime_config_wasm_multi_memory_set(wasm_config_t *, bool);
void wasmtime_config_wasm_relaxed_simd_set(wasm_config_t *, bool);
void wasmtime_config_wasm_simd_set(wasm_config_t *, bool);
void wasmtime_config_wasm_tail_call_set(wasm_config_t *, bool);
typedef struct wasmtime_pooling_allocation_config_t wasmtime_pooling_allocation_config_t;
wasmtime_pooling_allocation_config_t *wasmtime_pooling_allocation_config_new(void);
void wasmtime_pooling_allocation_config_delete(wasmtime_pooling_allocation_config_t *);
void wasmtime_pooling_allocation_strategy_set(wasm_config_t *, const wasmtime_pooling_allocation_config_t *);
#ifdef FUSE_WASMTIME50
void wasmtime_config_concurrency_support_set(wasm_config_t *, bool);
void wasmtime_config_cranelift_regalloc_algorithm_set(wasm_config_t *, uint8_t);
void wasmtime_config_wasm_component_model_async_set(wasm_config_t *, bool);
void wasmtime_config_wasm_component_model_more_async_builtins_set(wasm_config_t *, bool);
void wasmtime_config_wasm_component_model_async_stackful_set(wasm_config_t *, bool);
#endif
wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *, void (*)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_delete(wasmtime_store_t *);
void wasmtime_context_set_epoch_deadline(wasmtime_context_t *, uint64_t);
wasmtime_error_t *wasmtime_context_set_wasi(wasmtime_context_t *, wasi_config_t *);

// ---- errors and traps
wasmtime_error_t *wasmtime_error_new(const char *);
void wasmtime_error_delete(wasmtime_error_t *);
void wasmtime_error_message(const wasmtime_error_t *, wasm_name_t *);
bool wasmtime_error_exit_status(const wasmtime_error_t *, int *);
wasm_trap_t *wasmtime_trap_new(const char *, size_t);
void wasm_trap_message(const wasm_trap_t *, wasm_byte_vec_t *);
void wasm_trap_delete(wasm_trap_t *);

// ---- WASI
wasi_config_t *wasi_config_new(void);
bool wasi_config_set_argv(wasi_config_t *, size_t, const char **);
bool wasi_config_set_env(wasi_config_t *, size_t, const char **, const char **);
#ifdef FUSE_WASMTIME50
bool wasi_config_preopen_dir(wasi_config_t *, const char *host, const char *guest, bool mutable_);
#else
bool wasi_config_preopen_dir(wasi_config_t *, const char *host, const char *guest, size_t dir_perms, size_t file_perms);
#endif
void wasi_config_inherit_stdin(wasi_config_t *);
void wasi_config_set_stdin_bytes(wasi_config_t *, wasm_byte_vec_t *);
typedef ptrdiff_t (*wasi_write_t)(void *, const unsigned char *, size_t);
void wasi_config_set_stdout_custom(wasi_config_t *, wasi_write_t, void *, void (*)(void *));
void wasi_config_set_stderr_custom(wasi_config_t *, wasi_write_t, void *, void (*)(void *));

// ---- component values
enum {
  VAL_BOOL, VAL_S8, VAL_U8, VAL_S16, VAL_U16, VAL_S32, VAL_U32, VAL_S64, VAL_U64, VAL_F32, VAL_F64, VAL_CHAR, VAL_STRING,
  VAL_LIST, VAL_RECORD, VAL_TUPLE, VAL_VARIANT, VAL_ENUM, VAL_OPTION, VAL_RESULT, VAL_FLAGS, VAL_RESOURCE
};
typedef struct wasmtime_component_val cval;
typedef struct { size_t size; cval *data; } cval_vec;
typedef struct cval_field cval_field;
typedef struct { size_t size; cval_field *data; } cval_field_vec;
typedef struct { size_t size; wasm_name_t *data; } cval_flags;
struct wasmtime_component_val {
  uint8_t kind;
  union {
    bool boolean;
    int8_t s8; uint8_t u8;
    int16_t s16; uint16_t u16;
    int32_t s32; uint32_t u32;
    int64_t s64; uint64_t u64;
    float f32; double f64;
    uint32_t character;
    wasm_name_t string;
    cval_vec list;
    cval_field_vec record;
    struct { wasm_name_t discriminant; cval *val; } variant;
    wasm_name_t enumeration;
    cval *option;
    struct { bool is_ok; cval *val; } result;
    cval_flags flags;
    wasmtime_component_resource_any_t *resource;
  } of;
};
struct cval_field { wasm_name_t name; cval val; };
void wasmtime_component_vallist_new_uninit(cval_vec *, size_t);
void wasmtime_component_valtuple_new_uninit(cval_vec *, size_t);
void wasmtime_component_valrecord_new_uninit(cval_field_vec *, size_t);
void wasmtime_component_valflags_new_uninit(cval_flags *, size_t);
cval *wasmtime_component_val_new(cval *);
void wasmtime_component_val_delete(cval *);

// ---- component value types
enum {
  TYPE_BOOL, TYPE_S8, TYPE_S16, TYPE_S32, TYPE_S64, TYPE_U8, TYPE_U16, TYPE_U32, TYPE_U64, TYPE_F32, TYPE_F64, TYPE_CHAR,
  TYPE_STRING, TYPE_LIST, TYPE_RECORD, TYPE_TUPLE, TYPE_VARIANT, TYPE_ENUM, TYPE_OPTION, TYPE_RESULT, TYPE_FLAGS, TYPE_OWN,
  TYPE_BORROW
};
typedef struct { uint8_t kind; void *of; } ctype;
void wasmtime_component_valtype_delete(ctype *);
void wasmtime_component_list_type_element(const void *, ctype *);
size_t wasmtime_component_record_type_field_count(const void *);
bool wasmtime_component_record_type_field_nth(const void *, size_t, const char **, size_t *, ctype *);
size_t wasmtime_component_tuple_type_types_count(const void *);
bool wasmtime_component_tuple_type_types_nth(const void *, size_t, ctype *);
size_t wasmtime_component_variant_type_case_count(const void *);
bool wasmtime_component_variant_type_case_nth(const void *, size_t, const char **, size_t *, bool *, ctype *);
size_t wasmtime_component_enum_type_names_count(const void *);
bool wasmtime_component_enum_type_names_nth(const void *, size_t, const char **, size_t *);
void wasmtime_component_option_type_ty(const void *, ctype *);
bool wasmtime_component_result_type_ok(const void *, ctype *);
bool wasmtime_component_result_type_err(const void *, ctype *);
size_t wasmtime_component_flags_type_names_count(const void *);
bool wasmtime_component_flags_type_names_nth(const void *, size_t, const char **, size_t *);
size_t wasmtime_component_func_type_param_count(const wasmtime_component_func_type_t *);
bool wasmtime_component_func_type_param_nth(const wasmtime_component_func_type_t *, size_t, const char **, size_t *, ctype *);
bool wasmtime_component_func_type_result(const wasmtime_component_func_type_t *, ctype *);
void wasmtime_component_func_type_delete(wasmtime_component_func_type_t *);

// ---- resources
wasmtime_component_resource_type_t *wasmtime_component_resource_type_new_host(uint32_t);
bool wasmtime_component_resource_type_equal(const wasmtime_component_resource_type_t *, const wasmtime_component_resource_type_t *);
void wasmtime_component_resource_type_delete(wasmtime_component_resource_type_t *);
wasmtime_component_resource_any_t *wasmtime_component_resource_any_clone(const wasmtime_component_resource_any_t *);
wasmtime_error_t *wasmtime_component_resource_any_drop(wasmtime_context_t *, const wasmtime_component_resource_any_t *);
void wasmtime_component_resource_any_delete(wasmtime_component_resource_any_t *);
wasmtime_error_t *wasmtime_component_resource_any_to_host(wasmtime_context_t *, const wasmtime_component_resource_any_t *, wasmtime_component_resource_host_t **);
wasmtime_error_t *wasmtime_component_resource_host_to_any(wasmtime_context_t *, const wasmtime_component_resource_host_t *, wasmtime_component_resource_any_t **);
wasmtime_component_resource_host_t *wasmtime_component_resource_host_new(bool, uint32_t, uint32_t);
uint32_t wasmtime_component_resource_host_rep(const wasmtime_component_resource_host_t *);
void wasmtime_component_resource_host_delete(wasmtime_component_resource_host_t *);

// ---- components
typedef struct { uint64_t store_id; uint32_t priv; } wasmtime_component_instance_t;
typedef struct {
  struct { uint64_t store_id; uint32_t priv1; } base;
  uint32_t priv2;
#ifdef FUSE_WASMTIME50
  void *priv3;
#endif
} wasmtime_component_func_t;
wasmtime_error_t *wasmtime_component_new(const wasm_engine_t *, const uint8_t *, size_t, wasmtime_component_t **);
wasmtime_error_t *wasmtime_component_deserialize(const wasm_engine_t *, const uint8_t *, size_t, wasmtime_component_t **);
wasmtime_error_t *wasmtime_component_serialize(const wasmtime_component_t *, wasm_byte_vec_t *);
void wasmtime_component_delete(wasmtime_component_t *);
wasmtime_component_linker_t *wasmtime_component_linker_new(const wasm_engine_t *);
void wasmtime_component_linker_delete(wasmtime_component_linker_t *);
wasmtime_component_linker_instance_t *wasmtime_component_linker_root(wasmtime_component_linker_t *);
wasmtime_error_t *wasmtime_component_linker_add_wasip2(wasmtime_component_linker_t *);
wasmtime_error_t *wasmtime_component_linker_instantiate(const wasmtime_component_linker_t *, wasmtime_context_t *, const wasmtime_component_t *, wasmtime_component_instance_t *);
wasmtime_error_t *wasmtime_component_linker_instance_add_instance(wasmtime_component_linker_instance_t *, const char *, size_t, wasmtime_component_linker_instance_t **);
typedef wasmtime_error_t *(*component_callback_t)(void *, wasmtime_context_t *, const wasmtime_component_func_type_t *, cval *, size_t, cval *, size_t);
wasmtime_error_t *wasmtime_component_linker_instance_add_func(wasmtime_component_linker_instance_t *, const char *, size_t, component_callback_t, void *, void (*)(void *));
typedef wasmtime_error_t *(*component_destructor_t)(void *, wasmtime_context_t *, uint32_t);
wasmtime_error_t *wasmtime_component_linker_instance_add_resource(wasmtime_component_linker_instance_t *, const char *, size_t, const wasmtime_component_resource_type_t *, component_destructor_t, void *, void (*)(void *));
void wasmtime_component_linker_instance_delete(wasmtime_component_linker_instance_t *);
wasmtime_component_export_index_t *wasmtime_component_instance_get_export_index(const wasmtime_component_instance_t *, wasmtime_context_t *, const wasmtime_component_export_index_t *, const char *, size_t);
void wasmtime_component_export_index_delete(wasmtime_component_export_index_t *);
bool wasmtime_component_instance_get_func(const wasmtime_component_instance_t *, wasmtime_context_t *, const wasmtime_component_export_index_t *, wasmtime_component_func_t *);
wasmtime_component_func_type_t *wasmtime_component_func_type(const wasmtime_component_func_t *, wasmtime_context_t *);
wasmtime_error_t *wasmtime_component_func_call(const wasmtime_component_func_t *, wasmtime_context_t *, const cval *, size_t, cval *, size_t);
wasmtime_error_t *wasmtime_component_func_post_return(const wasmtime_component_func_t *, wasmtime_context_t *);
#ifdef FUSE_WASMTIME50
typedef struct wasmtime_call_future wasmtime_call_future_t;
bool wasmtime_call_future_poll(wasmtime_call_future_t *);
void wasmtime_call_future_delete(wasmtime_call_future_t *);
bool wasmtime_component_func_type_async(const wasmtime_component_func_type_t *);
wasmtime_call_future_t *wasmtime_component_func_call_async(const wasmtime_component_func_t *, wasmtime_context_t *, const cval *, size_t, cval *, size_t, wasmtime_error_t **);
wasmtime_call_future_t *wasmtime_component_linker_instantiate_async(const wasmtime_component_linker_t *, wasmtime_context_t *, const wasmtime_component_t *, wasmtime_component_instance_t *, wasmtime_error_t **);
#endif

// ---- component types
enum { ITEM_COMPONENT, ITEM_INSTANCE, ITEM_MODULE, ITEM_FUNC, ITEM_RESOURCE, ITEM_CORE_FUNC, ITEM_TYPE };
typedef struct { uint8_t kind; union { void *p; ctype type; } of; } citem;
typedef struct wasmtime_component_type_t wasmtime_component_type_t;
wasmtime_component_type_t *wasmtime_component_type(const wasmtime_component_t *);
void wasmtime_component_type_delete(wasmtime_component_type_t *);
size_t wasmtime_component_type_import_count(const wasmtime_component_type_t *, const wasm_engine_t *);
size_t wasmtime_component_instance_type_export_count(const void *, const wasm_engine_t *);
void wasmtime_component_item_delete(citem *);
// import_nth and export_nth give an item's name and type, which the caller deletes.
#ifdef FUSE_WASMTIME50
typedef struct wasmtime_component_extern_t cextern;
void wasmtime_component_extern_type(const cextern *, citem *);
void wasmtime_component_extern_delete(cextern *);
bool wasmtime_component_type_import_nth(const wasmtime_component_type_t *, const wasm_engine_t *, size_t, const char **, size_t *, cextern **);
bool wasmtime_component_instance_type_export_nth(const void *, const wasm_engine_t *, size_t, const char **, size_t *, cextern **);
static inline void extern_item(cextern *e, citem *item) {
  wasmtime_component_extern_type(e, item);
  wasmtime_component_extern_delete(e);
}
static inline void import_nth(const wasmtime_component_type_t *t, const wasm_engine_t *eng, size_t i, const char **name, size_t *n, citem *item) {
  cextern *e;
  wasmtime_component_type_import_nth(t, eng, i, name, n, &e);
  extern_item(e, item);
}
static inline void export_nth(const void *t, const wasm_engine_t *eng, size_t i, const char **name, size_t *n, citem *item) {
  cextern *e;
  wasmtime_component_instance_type_export_nth(t, eng, i, name, n, &e);
  extern_item(e, item);
}
#else
bool wasmtime_component_type_import_nth(const wasmtime_component_type_t *, const wasm_engine_t *, size_t, const char **, size_t *, citem *);
bool wasmtime_component_instance_type_export_nth(const void *, const wasm_engine_t *, size_t, const char **, size_t *, citem *);
static inline void import_nth(const wasmtime_component_type_t *t, const wasm_engine_t *eng, size_t i, const char **name, size_t *n, citem *item) {
  wasmtime_component_type_import_nth(t, eng, i, name, n, item);
}
static inline void export_nth(const void *t, const wasm_engine_t *eng, size_t i, const char **name, size_t *n, citem *item) {
  wasmtime_component_instance_type_export_nth(t, eng, i, name, n, item);
}
#endif

// ---- core modules
enum { EXTERN_FUNC, EXTERN_GLOBAL, EXTERN_TABLE, EXTERN_MEMORY };
enum { CORE_I32, CORE_I64, CORE_F32, CORE_F64, CORE_V128 };
typedef struct { uint64_t store_id; void *priv; } wasmtime_func_t;
typedef struct { uint64_t store_id; size_t priv; } wasmtime_instance_t;
typedef struct { uint64_t store_id; uint32_t priv1, priv2, priv3; } wasmtime_global_t;
typedef struct { struct { uint64_t store_id; uint32_t priv1; } base; uint32_t priv2; } wasmtime_memory_t;
typedef struct {
  uint8_t kind;
  union { wasmtime_func_t func; wasmtime_global_t global; wasmtime_memory_t memory; void *shared; } of;
} wasmtime_extern_t;
typedef struct {
  uint8_t kind;
  union { int32_t i32; int64_t i64; float f32; double f64; uint8_t v128[16]; struct { uint64_t a; uint32_t b, c; void *d; } ref; } of;
} wasmtime_val_t;
wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);
wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);
wasmtime_error_t *wasmtime_module_serialize(wasmtime_module_t *, wasm_byte_vec_t *);
void wasmtime_module_delete(wasmtime_module_t *);
wasmtime_module_t *wasmtime_module_clone(wasmtime_module_t *m);
void wasmtime_module_imports(const wasmtime_module_t *, wasm_importtype_vec_t *);
void wasmtime_module_exports(const wasmtime_module_t *, wasm_exporttype_vec_t *);
const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *);
const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *);
const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *);
const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *);
const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *);
uint8_t wasm_externtype_kind(const wasm_externtype_t *);
const wasm_functype_t *wasm_externtype_as_functype_const(const wasm_externtype_t *);
const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *);
const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *);
void wasm_functype_delete(wasm_functype_t *);
uint8_t wasm_valtype_kind(const wasm_valtype_t *);
typedef wasm_trap_t *(*core_callback_t)(void *, wasmtime_caller_t *, const wasmtime_val_t *, size_t, wasmtime_val_t *, size_t);
wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *);
void wasmtime_linker_delete(wasmtime_linker_t *);
wasmtime_error_t *wasmtime_linker_define_wasi(wasmtime_linker_t *);
wasmtime_error_t *wasmtime_linker_define_func(wasmtime_linker_t *, const char *, size_t, const char *, size_t, const wasm_functype_t *, core_callback_t, void *, void (*)(void *));
wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_traps(wasmtime_linker_t *, wasmtime_module_t *);
wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_default_values(wasmtime_linker_t *, wasmtime_context_t *, wasmtime_module_t *);
wasmtime_error_t *wasmtime_linker_instantiate(const wasmtime_linker_t *, wasmtime_context_t *, const wasmtime_module_t *, wasmtime_instance_t *, wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *, size_t, wasmtime_extern_t *);
wasm_functype_t *wasmtime_func_type(const wasmtime_context_t *, const wasmtime_func_t *);
wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *, const wasmtime_func_t *, const wasmtime_val_t *, size_t, wasmtime_val_t *, size_t, wasm_trap_t **);
uint8_t *wasmtime_memory_data(const wasmtime_context_t *, const wasmtime_memory_t *);
size_t wasmtime_memory_data_size(const wasmtime_context_t *, const wasmtime_memory_t *);
void wasmtime_global_get(wasmtime_context_t *, const wasmtime_global_t *, wasmtime_val_t *);
wasmtime_error_t *wasmtime_global_set(wasmtime_context_t *, const wasmtime_global_t *, const wasmtime_val_t *);

// ---- callbacks.c
wasmtime_error_t *fuse_add_func(wasmtime_component_linker_instance_t *, const char *, size_t, uintptr_t handle);
wasmtime_error_t *fuse_add_resource(wasmtime_component_linker_instance_t *, const char *, size_t, const wasmtime_component_resource_type_t *, uintptr_t handle);
wasmtime_error_t *fuse_define_func(wasmtime_linker_t *, const char *, size_t, const char *, size_t, const wasm_functype_t *, uintptr_t handle);
void fuse_capture(wasi_config_t *, uintptr_t out, uintptr_t err);
bool fuse_preopen(wasi_config_t *, const char *host, const char *guest, bool writable);
#ifdef FUSE_WASMTIME50
wasmtime_error_t *fuse_call_async(const wasmtime_component_func_t *, wasmtime_context_t *, const cval *, size_t, cval *, size_t);
wasmtime_error_t *fuse_instantiate_async(const wasmtime_component_linker_t *, wasmtime_context_t *, const wasmtime_component_t *, wasmtime_component_instance_t *);
#endif

// ---- accessors for unions, which Go sees as bytes
static inline uint64_t get_int(const cval *v) {
  switch (v->kind) {
  case VAL_BOOL: return v->of.boolean;
  case VAL_S8: return (uint64_t)(int64_t)v->of.s8;
  case VAL_U8: return v->of.u8;
  case VAL_S16: return (uint64_t)(int64_t)v->of.s16;
  case VAL_U16: return v->of.u16;
  case VAL_S32: return (uint64_t)(int64_t)v->of.s32;
  case VAL_U32: return v->of.u32;
  case VAL_CHAR: return v->of.character;
  default: return v->of.u64;
  }
}
static inline void set_int(cval *v, uint8_t kind, uint64_t n) {
  v->kind = kind;
  switch (kind) {
  case VAL_BOOL: v->of.boolean = n != 0; break;
  case VAL_S8: case VAL_U8: v->of.u8 = (uint8_t)n; break;
  case VAL_S16: case VAL_U16: v->of.u16 = (uint16_t)n; break;
  case VAL_S32: case VAL_U32: v->of.u32 = (uint32_t)n; break;
  case VAL_CHAR: v->of.character = (uint32_t)n; break;
  default: v->of.u64 = n;
  }
}
static inline double get_float(const cval *v) { return v->kind == VAL_F32 ? v->of.f32 : v->of.f64; }
static inline void set_float(cval *v, uint8_t kind, double d) {
  v->kind = kind;
  if (kind == VAL_F32) v->of.f32 = (float)d; else v->of.f64 = d;
}
static inline wasm_name_t *val_name(cval *v) { return &v->of.string; } // string, enum and a variant's case alike
static inline cval_vec *val_list(cval *v) { return &v->of.list; }      // list and tuple alike
static inline cval_field_vec *val_record(cval *v) { return &v->of.record; }
static inline cval_flags *val_flags(cval *v) { return &v->of.flags; }
static inline cval *list_at(cval *v, size_t i) { return &v->of.list.data[i]; }
static inline cval_field *field_at(cval *v, size_t i) { return &v->of.record.data[i]; }
static inline wasm_name_t *flag_at(cval *v, size_t i) { return &v->of.flags.data[i]; }
static inline cval *variant_payload(const cval *v) { return v->of.variant.val; }
static inline void set_variant_payload(cval *v, cval *p) { v->of.variant.val = p; }
static inline cval *option_payload(const cval *v) { return v->of.option; }
static inline void set_option(cval *v, cval *p) { v->of.option = p; }
static inline bool result_is_ok(const cval *v) { return v->of.result.is_ok; }
static inline cval *result_payload(const cval *v) { return v->of.result.val; }
static inline void set_result(cval *v, bool ok, cval *p) { v->of.result.is_ok = ok; v->of.result.val = p; }
static inline wasmtime_component_resource_any_t *val_resource(const cval *v) { return v->of.resource; }
static inline void set_resource(cval *v, wasmtime_component_resource_any_t *r) { v->kind = VAL_RESOURCE; v->of.resource = r; }
static inline void *item_ptr(const citem *i) { return i->of.p; }
static inline cval *val_index(cval *v, size_t i) { return &v[i]; }

static inline uint64_t core_get(const wasmtime_val_t *v) {
  uint32_t n;
  if (v->kind == CORE_I64 || v->kind == CORE_F64) return (uint64_t)v->of.i64;
  memcpy(&n, &v->of, 4);
  return n;
}
static inline void core_set(wasmtime_val_t *v, uint8_t kind, uint64_t n) { v->kind = kind; memcpy(&v->of, &n, 8); }
static inline wasmtime_val_t *core_index(wasmtime_val_t *v, size_t i) { return &v[i]; }
static inline const wasmtime_val_t *core_index_const(const wasmtime_val_t *v, size_t i) { return &v[i]; }
static inline wasmtime_func_t *extern_func(wasmtime_extern_t *e) { return &e->of.func; }
static inline wasmtime_memory_t *extern_memory(wasmtime_extern_t *e) { return &e->of.memory; }
static inline wasmtime_global_t *extern_global(wasmtime_extern_t *e) { return &e->of.global; }

#endif
