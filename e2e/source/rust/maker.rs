//! Exports values of all types, and a resource.

mod maker_world;

use maker_world::exports::test::rust::{memory, shelf, values};
use maker_world::test::rust::types::{Access, Colour, Item, Shape};
use std::cell::RefCell;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use values::Many;

struct Maker;

maker_world::export!(Maker with_types_in maker_world);

impl memory::Guest for Maker {
    fn live() -> i32 {
        counting::live()
    }
}

impl values::Guest for Maker {
    fn invert(a: Access) -> Access {
        !a
    }

    fn rotate(m: Many) -> Many {
        Many::from_bits(m.bits().rotate_left(1)).unwrap()
    }

    fn grow(shapes: Vec<Shape>) -> Vec<Shape> {
        let grown = |shape| match shape {
            Shape::Point => Shape::Circle(0.5),
            Shape::Circle(r) => Shape::Circle(r * 2.0),
            Shape::Polygon(points) => Shape::Polygon(points.into_iter().map(|(x, y)| (x + 1, y - 1)).collect()),
            Shape::Other(item) => Shape::Other(Item {
                name: item.name + "!",
                tags: item.tags.into_iter().rev().collect(),
                size: item.size + 1,
                colour: if item.colour == Colour::Red { Colour::LightGreen } else { Colour::Red },
                access: item.access | Access::RUN_IT,
            }),
        };
        shapes.into_iter().map(grown).collect()
    }

    fn next(c: char) -> Result<char, ()> {
        char::from_u32(c as u32 + 1).ok_or(())
    }

    fn check(b: bool, n: i8, f: f32) -> Result<(), String> {
        if b { Ok(()) } else { Err(format!("{n} {f}")) }
    }

    fn nest(n: Option<Option<u8>>) -> (Option<Option<u8>>, Vec<Vec<String>>) {
        let text = format!("{n:?}");
        (n.map(|n| n.map(|n| n + 1)), vec![vec![], vec![text, String::new()]])
    }

    fn bytes(data: Vec<u8>) -> Vec<u8> {
        data.iter().map(|b| b ^ 0xff).collect()
    }
}

static BOXES: AtomicI32 = AtomicI32::new(0);

/// What a resource is.
struct Contents {
    label: String,
    items: RefCell<Vec<Item>>,
}

impl Contents {
    fn size(&self) -> u64 {
        self.items.borrow().iter().map(|i| i.size).sum()
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        BOXES.fetch_sub(1, Relaxed);
    }
}

impl shelf::GuestBox for Contents {
    fn new(label: String) -> Self {
        BOXES.fetch_add(1, Relaxed);
        Contents { label, items: RefCell::default() }
    }

    fn put(&self, item: Item) -> Result<u32, String> {
        let mut items = self.items.borrow_mut();
        if items.iter().any(|i| i.name == item.name) {
            return Err(format!("{} has {}", self.label, item.name));
        }
        items.push(item);
        Ok(items.len() as u32)
    }

    fn take(&self, name: String) -> Option<Item> {
        let mut items = self.items.borrow_mut();
        let at = items.iter().position(|i| i.name == name)?;
        Some(items.remove(at))
    }

    fn label(&self) -> String {
        self.label.clone()
    }

    fn join(into: shelf::Box, rest: Vec<shelf::Box>) -> shelf::Box {
        for other in rest {
            let taken = other.into_inner::<Contents>().items.take();
            into.get::<Contents>().items.borrow_mut().extend(taken);
        }
        into
    }

    fn larger(a: shelf::BoxBorrow<'_>, b: shelf::BoxBorrow<'_>) -> bool {
        a.get::<Contents>().size() > b.get::<Contents>().size()
    }
}

impl shelf::Guest for Maker {
    type Box = Contents;

    fn empty(mut emptied: shelf::Box) -> Vec<Item> {
        emptied.get_mut::<Contents>().items.take()
    }

    fn boxes() -> i32 {
        BOXES.load(Relaxed)
    }
}
