//! Makes a component from a core module, and its WIT unless the module has an embedded world:
//!
//!     encoder CORE [ENCODING WORLD WIT]
//!
//! The component is written to standard output. On an error, a message is written to standard error, and the exit
//! status is 2 if the WIT is at fault and 1 if the core module is.

use anyhow::{Context, Result, bail};
use std::io::Write;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let component = match &args[..] {
        [_, core] => or_exit(1, read(core).and_then(encode)),
        [_, core, encoding, world, wit] => {
            let (resolve, world) = or_exit(2, resolve(wit, world));
            or_exit(1, embed(encoding, &resolve, world, core).and_then(encode))
        }
        _ => {
            eprintln!("usage: encoder CORE [ENCODING WORLD WIT]");
            std::process::exit(3);
        }
    };
    or_exit(3, std::io::stdout().write_all(&component).map_err(Into::into));
}

fn or_exit<T>(status: i32, result: Result<T>) -> T {
    result.unwrap_or_else(|e| {
        eprintln!("{e:?}");
        std::process::exit(status)
    })
}

fn resolve(wit: &str, world: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    Ok((resolve, world))
}

fn read(core: &str) -> Result<Vec<u8>> {
    std::fs::read(core).with_context(|| format!("cannot read {core}"))
}

fn embed(encoding: &str, resolve: &Resolve, world: WorldId, core: &str) -> Result<Vec<u8>> {
    let encoding = match encoding {
        "utf8" => StringEncoding::UTF8,
        "utf16" => StringEncoding::UTF16,
        "compact-utf16" => StringEncoding::CompactUTF16,
        other => bail!("unknown string encoding {other}"),
    };
    let mut module = read(core)?;
    embed_component_metadata(&mut module, resolve, world, encoding, false)?;
    Ok(module)
}

fn encode(module: Vec<u8>) -> Result<Vec<u8>> {
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
