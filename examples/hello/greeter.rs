//! A greeter in Rust.

use std::alloc::{alloc, Layout};

#[export_name = "cabi_realloc"]
unsafe extern "C" fn realloc(_: *mut u8, _: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return std::ptr::without_provenance_mut(align);
    }
    alloc(Layout::from_size_align(size, align).unwrap())
}

#[repr(C)]
struct Text {
    at: *mut u8,
    size: usize,
}

#[export_name = "demo:hello/greeter#greet"]
unsafe extern "C" fn greet(name: *mut u8, size: usize) -> *mut Text {
    let name = String::from_raw_parts(name, size, size);
    let greeting = format!("hello, {name}!").into_boxed_str();
    let size = greeting.len();
    Box::into_raw(Box::new(Text { at: Box::into_raw(greeting).cast(), size }))
}

#[export_name = "cabi_post_demo:hello/greeter#greet"]
unsafe extern "C" fn done(greeting: *mut Text) {
    let greeting = Box::from_raw(greeting);
    drop(String::from_raw_parts(greeting.at, greeting.size, greeting.size));
}
