//! Runs a preview1 module in wasmi:
//!
//!     wasmi-run MODULE FOLDER [ARG...]     FOLDER is /data to the module
use anyhow::{Context, Result};
use wasmi_wasi::{ambient_authority, Dir, WasiCtxBuilder};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().context("no module")?;
    let folder = args.next().context("no folder")?;
    let args: Vec<String> = std::iter::once("app".to_string()).chain(args).collect();

    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_stdio().args(&args)?;
    if let Ok(title) = std::env::var("TITLE") {
        wasi.env("TITLE", &title)?;
    }
    wasi.preopened_dir(Dir::open_ambient_dir(folder, ambient_authority())?, "/data")?;

    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, std::fs::read(file)?)?;
    let mut store = wasmi::Store::new(&engine, wasi.build());
    let mut linker = wasmi::Linker::new(&engine);
    wasmi_wasi::add_to_linker(&mut linker, |ctx| ctx)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let start = instance.get_typed_func::<(), ()>(&store, "_start")?;
    if let Err(error) = start.call(&mut store, ()) {
        match error.i32_exit_status() {
            Some(status) => std::process::exit(status),
            None => return Err(error.into()),
        }
    }
    Ok(())
}
