//! Generates bindings in C of a world:
//!
//!     generator ENCODING WORLD PACKAGE
//!
//! PACKAGE is a WIT package in binary form, and ENCODING that of strings, utf8 or utf16. Each file is written to standard
//! output as a line with its name, a line with its size in bytes, and its content. On an error, a message is written to
//! standard error, and the exit status is 1.

use anyhow::{Context, Result, bail};
use std::io::Write;
use wit_bindgen_c::Opts;
use wit_bindgen_core::Files;
use wit_component::{DecodedWasm, StringEncoding};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [encoding, world, package] = &args[..] else {
        eprintln!("usage: generator ENCODING WORLD PACKAGE");
        std::process::exit(3)
    };
    if let Err(e) = generate(encoding, world, package).and_then(write) {
        eprintln!("{e:#}");
        std::process::exit(1)
    }
}

fn generate(encoding: &str, world: &str, package: &str) -> Result<Files> {
    let string_encoding = match encoding {
        "utf8" => StringEncoding::UTF8,
        "utf16" => StringEncoding::UTF16,
        other => bail!("unknown string encoding {other}"),
    };
    let bytes = std::fs::read(package).with_context(|| format!("cannot read {package}"))?;
    let DecodedWasm::WitPackage(mut resolve, package) = wit_component::decode(&bytes)? else {
        bail!("{package} is a component, and no WIT package");
    };
    let world = resolve.select_world(&[package], Some(world))?;
    let mut files = Files::default();
    let opts = Opts { string_encoding, ..Opts::default() };
    opts.build().generate(&mut resolve, world, &mut files)?;
    Ok(files)
}

fn write(files: Files) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, content) in files.iter() {
        write!(out, "{name}\n{}\n", content.len())?;
        out.write_all(content)?;
    }
    Ok(out.flush()?)
}
