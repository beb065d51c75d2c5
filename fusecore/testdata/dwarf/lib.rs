//! The provider of testdata/dwarf in Rust. The tests name its lines.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

fn quotient(a: u32, b: u32) -> u32 {
    a / b // line 10: panics if b is 0
}

#[unsafe(export_name = "demo:debug/ratio@1.0.0#divide")]
pub extern "C" fn divide(a: u32, b: u32) -> u32 {
    quotient(a, b)
}

#[unsafe(export_name = "demo:debug/ratio@1.0.0#total")]
pub unsafe extern "C" fn total(of: *const u32, n: usize) -> u32 {
    let of = unsafe { core::slice::from_raw_parts(of, n) };
    of.windows(2).map(|w| quotient(w[0], w[1])).sum() // line 21
}

static mut ROOM: [u64; 64] = [0; 64];

#[unsafe(export_name = "cabi_realloc")]
pub unsafe extern "C" fn realloc(_: *mut u8, _: usize, _: usize, _: usize) -> *mut u8 {
    &raw mut ROOM as *mut u8
}
