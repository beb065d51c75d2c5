//! Calls what the maker exports.

mod user_world;

use user_world::test::rust::types::{Access, Colour, Item, Shape};
use user_world::test::rust::values::Many;
use user_world::test::rust::{memory, shelf, values};

struct User;

user_world::export!(User with_types_in user_world);

fn item(name: &str, size: u64) -> Item {
    Item {
        name: name.to_string(),
        tags: vec!["first".to_string(), "zweite".to_string()],
        size,
        colour: Colour::Red,
        access: Access::READ | Access::WRITE,
    }
}

fn names(flags: impl Iterator<Item = (&'static str, Access)>) -> String {
    flags.map(|(name, _)| name).collect::<Vec<_>>().join("|")
}

impl user_world::Guest for User {
    fn results() -> Vec<String> {
        let inverted = values::invert(Access::WRITE);
        let rotated = [Many::A0 | Many::B15, Many::all() - Many::A15].map(|m| values::rotate(m).iter_names().map(|(n, _)| n).collect::<Vec<_>>().join(" "));
        let shapes = values::grow(&[
            Shape::Point,
            Shape::Circle(1.5),
            Shape::Polygon(vec![(1, 2), (-3, i32::MIN + 1)]),
            Shape::Other(item("ö", u64::MAX - 1)),
        ]);
        vec![
            names(inverted.iter_names()),
            rotated.join("; "),
            shapes.iter().map(|s| format!("{s:?}")).collect::<Vec<_>>().join("; "),
            format!("{:?} {:?}", values::next('a'), values::next('\u{d7ff}')),
            format!("{:?} {:?}", values::check(true, 0, 0.0), values::check(false, -128, 0.25)),
            format!("{:?} {:?} {:?}", values::nest(None), values::nest(Some(None)), values::nest(Some(Some(7)))),
            format!("{:?} {:?}", values::bytes(&[]), values::bytes(&[0, 1, 255])),
        ]
    }

    fn things() -> Vec<String> {
        let (small, large) = (shelf::Box::new("small"), shelf::Box::new("large"));
        let put = [small.put(&item("a", 1)), small.put(&item("a", 2)), large.put(&item("b", 5)), large.put(&item("c", 6))];
        let mut said = vec![
            format!("{put:?}"),
            format!("{} {}", shelf::Box::larger(&large, &small), shelf::Box::larger(&small, &large)),
            format!("{:?} {:?}", large.take("b").map(|i| i.size), large.take("b").map(|i| i.size)),
            format!("{}", shelf::boxes()),
        ];
        let joined = shelf::Box::join(small, vec![large, shelf::Box::new("third")]);
        said.push(format!("{} {}", joined.label(), shelf::boxes()));
        let items = shelf::empty(joined);
        said.push(format!("{} {}", items.into_iter().map(|i| i.name).collect::<Vec<_>>().join(" "), shelf::boxes()));
        said
    }

    fn leaks(rounds: u32) -> (i32, i32, i32) {
        // What is allocated once, such as buffers of the standard library, is before the first of the rounds that count.
        let round = || {
            Self::results();
            Self::things();
        };
        round();
        let before = (counting::live(), memory::live());
        for _ in 0..rounds {
            round();
        }
        (counting::live() - before.0, memory::live() - before.1, shelf::boxes())
    }
}
