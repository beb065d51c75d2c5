//! Makes a component from a core module, its WIT unless the module has an embedded world, and adapters:
//!
//!     encoder CORE [--adapt NAME FILE]... [ENCODING WORLD WIT]
//!
//! An adapter is a core module that implements the imports of CORE from the module NAME, in terms of the world embedded in the
//! adapter.
//!
//! Or resolves a WIT package, and makes its binary form:
//!
//!     encoder --package WIT
//!
//! The result is written to standard output. On an error, a message is written to standard error, and the exit
//! status is 2 if the WIT is at fault and 1 if a core module is.

use anyhow::{Context, Result, bail};
use std::io::Write;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve, WorldId};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, wit] = &args[..]
        && flag == "--package"
    {
        return write(&or_exit(2, package(wit)));
    }
    let Some((core, mut rest)) = args.split_first() else { usage() };
    let mut adapters = Vec::new();
    while let [flag, name, file, more @ ..] = rest
        && flag == "--adapt"
    {
        adapters.push((name.as_str(), or_exit(1, read(file))));
        rest = more;
    }
    let module = match rest {
        [] => or_exit(1, read(core)),
        [encoding, world, wit] => {
            let (resolve, world) = or_exit(2, resolve(wit, world));
            or_exit(1, embed(encoding, &resolve, world, core))
        }
        _ => usage(),
    };
    write(&or_exit(1, encode(module, &adapters)));
}

fn write(result: &[u8]) {
    or_exit(3, std::io::stdout().write_all(result).map_err(Into::into));
}

fn usage() -> ! {
    eprintln!("usage: encoder CORE [--adapt NAME FILE]... [ENCODING WORLD WIT] | --package WIT");
    std::process::exit(3)
}

fn or_exit<T>(status: i32, result: Result<T>) -> T {
    result.unwrap_or_else(|e| {
        eprintln!("{e:?}");
        std::process::exit(status)
    })
}

fn resolve(wit: &str, world: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let package = push(&mut resolve, wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    Ok((resolve, world))
}

/// Adds a package. An error says in which file and line it is.
fn push(resolve: &mut Resolve, wit: &str) -> Result<PackageId> {
    match resolve.push_path(wit) {
        Ok((package, _)) => Ok(package),
        Err(e) => bail!("{}", resolve.render_error(&e)),
    }
}

fn package(wit: &str) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = push(&mut resolve, wit)?;
    wit_component::encode(&resolve, package, false)
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

fn encode(module: Vec<u8>, adapters: &[(&str, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(&module)?;
    for (name, adapter) in adapters {
        encoder.adapter(name, adapter).with_context(|| format!("cannot use the adapter for {name}"))?;
    }
    encoder.encode()
}
