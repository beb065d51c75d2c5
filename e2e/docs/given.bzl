"""What the packages of the guides refer to."""

load("@rules_wasm_fuse//rules:defs.bzl", "wasm_component_import")

def given():
    """Imports the components beside a BUILD file under the names of their files."""
    for file in native.glob(["*.wasm"], exclude = ["*.core.wasm"]):
        wasm_component_import(
            name = file.removesuffix(".wasm"),
            src = file,
        )
