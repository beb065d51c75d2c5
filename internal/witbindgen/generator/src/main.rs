//! Generates bindings of a world:
//!
//!     generator LANGUAGE WORLD PACKAGE [OPTION=VALUE]...
//!
//! PACKAGE is a WIT package in binary form. The languages and their options are:
//!
//! - `c`: `encoding`, that of strings: utf8, which is the default, or utf16.
//! - `go`: `package`, the import path that the generated packages are below.
//! - `rust`: `ownership`, of what the parameters of imported functions contain: owning, which is the default, borrowing or
//!   borrowing-duplicate-if-necessary; and, repeatable, `derive`, a trait that types derive; `derive-ignore`, the name of a type that does
//!   not; `with`, as NAME=PATH, an interface or a type that is not generated, and where it is.
//!
//! Each file is written to standard output as a line with its name, a line with its size in bytes, and its content. On an error,
//! a message is written to standard error, and the exit status is 1.

use anyhow::{Context, Error, Result, bail};
use std::io::Write;
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::WithOption;
use wit_component::{DecodedWasm, StringEncoding};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [language, world, package, options @ ..] = &args[..] else {
        eprintln!("usage: generator LANGUAGE WORLD PACKAGE [OPTION=VALUE]...");
        std::process::exit(3)
    };
    if let Err(e) = generate(language, world, package, options).and_then(write) {
        eprintln!("{e:#}");
        std::process::exit(1)
    }
}

fn generate(language: &str, world: &str, package: &str, options: &[String]) -> Result<Files> {
    let mut generator = generator(language, options)?;
    let bytes = std::fs::read(package).with_context(|| format!("cannot read {package}"))?;
    let DecodedWasm::WitPackage(mut resolve, package) = wit_component::decode(&bytes)? else {
        bail!("{package} is a component, and no WIT package");
    };
    let world = resolve.select_world(&[package], Some(world))?;
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files)?;
    Ok(files)
}

/// The generator for a language, with options. Nothing is formatted, because formatters are programs of their own.
fn generator(language: &str, options: &[String]) -> Result<Box<dyn WorldGenerator>> {
    Ok(match language {
        "c" => {
            let mut opts = wit_bindgen_c::Opts::default();
            for (option, value) in pairs(options)? {
                match (option, value) {
                    ("encoding", "utf8") => opts.string_encoding = StringEncoding::UTF8,
                    ("encoding", "utf16") => opts.string_encoding = StringEncoding::UTF16,
                    ("encoding", other) => bail!("unknown string encoding {other}"),
                    _ => bail!("unknown option {option}"),
                }
            }
            opts.build()
        }
        "go" => {
            let mut opts = wit_bindgen_go::Opts { format: wit_bindgen_go::Format::False, quiet: true, ..Default::default() };
            for (option, value) in pairs(options)? {
                match option {
                    "package" => opts.pkg_name = Some(value.to_string()),
                    _ => bail!("unknown option {option}"),
                }
            }
            opts.build()
        }
        "rust" => {
            let mut opts = wit_bindgen_rust::Opts { generate_all: true, ..Default::default() };
            for (option, value) in pairs(options)? {
                match option {
                    "ownership" => opts.ownership = value.parse().map_err(Error::msg)?,
                    "derive" => opts.additional_derive_attributes.push(value.to_string()),
                    "derive-ignore" => opts.additional_derive_ignore.push(value.to_string()),
                    "with" => {
                        let (name, path) = value.split_once('=').with_context(|| format!("{value} is not NAME=PATH"))?;
                        opts.with.push((name.to_string(), WithOption::Path(path.to_string())));
                    }
                    _ => bail!("unknown option {option}"),
                }
            }
            Box::new(opts.build())
        }
        other => bail!("unknown language {other}"),
    })
}

/// Takes options apart.
fn pairs(options: &[String]) -> Result<Vec<(&str, &str)>> {
    options.iter().map(|o| o.split_once('=').with_context(|| format!("the option {o} has no value"))).collect()
}

fn write(files: Files) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, content) in files.iter() {
        write!(out, "{name}\n{}\n", content.len())?;
        out.write_all(content)?;
    }
    Ok(out.flush()?)
}
