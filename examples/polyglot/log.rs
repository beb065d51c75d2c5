//! demo:shop/log in Rust: writes numbered lines to standard error.

use std::alloc::{alloc, Layout};
use std::sync::atomic::{AtomicU32, Ordering};

extern "C" {
    fn __wasm_call_ctors();
}

/// Prepares the C library, once. Without this the linker lets each exported function do so.
#[export_name = "_initialize"]
extern "C" fn initialize() {
    unsafe { __wasm_call_ctors() }
}

#[export_name = "cabi_realloc"]
unsafe extern "C" fn realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    assert!(old.is_null() && old_size == 0, "parameters do not grow");
    if size == 0 {
        return std::ptr::without_provenance_mut(align);
    }
    alloc(Layout::from_size_align(size, align).unwrap())
}

#[export_name = "demo:shop/log@1.0.0#write"]
unsafe extern "C" fn write(at: *mut u8, size: usize) {
    static LINES: AtomicU32 = AtomicU32::new(0);
    let line = String::from_raw_parts(at, size, size);
    eprintln!("{}: {line}", LINES.fetch_add(1, Ordering::Relaxed) + 1);
}
