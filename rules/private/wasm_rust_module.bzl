"""wasm_rust_module."""

load(":compilers.bzl", "compiler_action", "compiler_toolchains", "source_place")

RUST_TOOLCHAIN_TYPE = Label("//rules:rust_toolchain_type")

_DOC = """Builds a crate of Rust without dependencies as a core module, for the attribute `core` of `wasm_component`.

```starlark
wasm_rust_module(
    name = "greeter_core",
    srcs = ["greeter.rs"],
)

wasm_component(
    name = "greeter",
    core = ":greeter_core",
    wit = ":wit",
    world = "library",
)
```

The extension `guests` has the compiler. A crate with dependencies, such as the crate wit-bindgen, is a `rust_shared_library` of rules_rust,
which `wasm_core_module` builds for WebAssembly.
"""

def _root_place(ctx, places):
    """Returns the place of the crate's root module."""
    if ctx.attr.crate_root:
        if ctx.attr.crate_root not in places:
            fail("{}: crate_root: {} is not one of srcs; add it there".format(ctx.label, ctx.attr.crate_root))
        return ctx.attr.crate_root
    if len(places) == 1:
        return places.keys()[0]
    roots = [place for place in places if place in ["lib.rs", "src/lib.rs"]]
    if len(roots) != 1:
        fail("{}: crate_root is not set, and among srcs there is not exactly one of lib.rs and src/lib.rs: set crate_root to the file with the crate's modules".format(ctx.label))
    return roots[0]

def _wasm_rust_module_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".core.wasm")

    # One tree has all sources, also generated ones, because modules are found beside the module that declares them.
    places = {}
    for file in ctx.files.srcs:
        place = source_place(ctx, file)
        if place in places:
            fail("{}: srcs: two files would be {}; name one of them".format(ctx.label, place))
        places[place] = ctx.actions.declare_file("{}.src/{}".format(ctx.label.name, place))
        ctx.actions.symlink(output = places[place], target_file = file)
    root_place = _root_place(ctx, places)
    root = places[root_place]

    args = ctx.actions.args()
    args.add(root)
    args.add("--crate-name", ctx.label.name.replace("-", "_").replace(".", "_"))
    args.add("--crate-type", "cdylib")
    args.add("--edition", ctx.attr.edition)
    args.add("--target", ctx.attr.target)
    args.add("-o", out)

    # The module has the bytes that it would have for another configuration of Bazel, and on another machine.
    args.add("-Ccodegen-units=1")
    args.add("--remap-path-prefix={}={}".format(root.path.removesuffix("/" + root_place), ctx.label.package or "."))
    args.add_all(ctx.attr.flags)
    compiler_action(
        ctx,
        RUST_TOOLCHAIN_TYPE,
        args,
        inputs = places.values(),
        out = out,
        mnemonic = "WasmRustc",
        message = "Compiling %{label} with rustc",
    )
    return [DefaultInfo(files = depset([out]))]

wasm_rust_module = rule(
    implementation = _wasm_rust_module_impl,
    doc = _DOC,
    attrs = {
        "srcs": attr.label_list(
            doc = "The modules of the crate, and files that they include, at their paths below the package of this target.",
            allow_empty = False,
            allow_files = True,
            mandatory = True,
        ),
        "crate_root": attr.string(
            doc = "The path of the root module. Default: the only file of `srcs`, or else `lib.rs` or `src/lib.rs`.",
        ),
        "edition": attr.string(
            doc = "The edition of Rust.",
            default = "2021",
        ),
        "flags": attr.string_list(
            doc = "Flags of rustc.",
            default = ["-Copt-level=3", "-Cstrip=debuginfo"],
        ),
        "target": attr.string(
            doc = "The target: without WASI, or for preview1, which needs an `adapter` in the wasm_component.",
            default = "wasm32-unknown-unknown",
            values = ["wasm32-unknown-unknown", "wasm32-wasip1"],
        ),
    },
    toolchains = compiler_toolchains(RUST_TOOLCHAIN_TYPE),
)
