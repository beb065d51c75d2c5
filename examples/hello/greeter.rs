//! A greeter in Rust.

mod library;

struct Greeter;

impl library::exports::demo::hello::greeter::Guest for Greeter {
    fn greet(name: String) -> String {
        format!("hello, {name}!")
    }
}

library::export!(Greeter with_types_in library);
