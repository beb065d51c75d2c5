//! demo:shop/log in Rust: writes numbered lines to standard error.

mod log_library;

use std::sync::atomic::{AtomicU32, Ordering};

static LINES: AtomicU32 = AtomicU32::new(0);

struct Log;

impl log_library::exports::demo::shop::log::Guest for Log {
    fn write(line: String) {
        eprintln!("{}: {line}", LINES.fetch_add(1, Ordering::Relaxed) + 1);
    }
}

log_library::export!(Log with_types_in log_library);
