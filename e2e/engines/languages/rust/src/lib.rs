//! demo:guests/guest in Rust.
use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

wit_bindgen::generate!({ path: "../wit", world: "guests" });
use exports::demo::guests::guest::{Guest, GuestTally, Item};

struct Rust;
struct Tally(Cell<i32>);

impl GuestTally for Tally {
    fn new(start: i32) -> Self {
        Tally(Cell::new(start))
    }
    fn add(&self, n: i32) -> i32 {
        self.0.set(self.0.get() + n);
        self.0.get()
    }
}

impl Guest for Rust {
    type Tally = Tally;
    fn greet(name: String) -> String {
        format!("Hello {name} from Rust")
    }
    fn sort(mut items: Vec<Item>) -> Vec<Item> {
        items.retain(|item| item.count > 0);
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
    }
    fn parse(text: String) -> Result<i64, String> {
        text.parse().map_err(|e: std::num::ParseIntError| e.to_string())
    }
    fn say(line: String) {
        println!("{line}");
    }
    fn read(path: String) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|e| e.to_string())
    }
    fn plausible() -> bool {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        let seeds = [RandomState::new().hash_one(1), RandomState::new().hash_one(1)];
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        start.elapsed() >= Duration::from_millis(2) && seeds[0] != seeds[1] && now > 1_700_000_000
    }
}

export!(Rust);
