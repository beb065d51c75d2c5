"""wasm_rust_module and wasm_rust_library."""

load(":compilers.bzl", "compiler", "compiler_action", "compiler_toolchains", "source_place")

RUST_TOOLCHAIN_TYPE = Label("//rules:rust_toolchain_type")

_TARGETS = ["wasm32-unknown-unknown", "wasm32-wasip1"]

WasmRustInfo = provider(
    doc = "A crate that modules can be linked with.",
    fields = {
        "name": "string: the crate's name.",
        "rlibs": "dict from each of the compiler's targets to the File of the crate.",
        "uses": "dict from each of the compiler's targets to a depset of File: that crate, and those that it uses.",
    },
)

WitRustBindingsInfo = provider(
    doc = "Marks a generated module, which uses the crate wit_bindgen.",
    fields = {},
)

_MODULE_DOC = """Builds a crate of Rust as a core module, for the attribute `core` of `wasm_component`.

```starlark
wit_rust_bindings(
    name = "library",
    wit = ":wit",
    world = "library",
)

wasm_rust_module(
    name = "greeter_core",
    srcs = [
        "greeter.rs",  # has mod library;
        ":library",
    ],
)

wasm_component(
    name = "greeter",
    core = ":greeter_core",
)
```

The extension `guests` has the compiler. `deps` are crates of `wasm_rust_library`. A crate that uses crates of a registry is a
`rust_shared_library` of rules_rust, which `wasm_core_module` builds for WebAssembly.
"""

_LIBRARY_DOC = """A crate of Rust, for `deps` of `wasm_rust_module` and of other such crates.

```starlark
wasm_rust_library(
    name = "text",
    srcs = ["text.rs"],
)

wasm_rust_module(
    name = "greeter_core",
    srcs = ["greeter.rs"],  # has use text::...
    deps = [":text"],
)
```

It is built for the `target` of each module that uses it, and not by itself.
"""

def _crate_name(label):
    return label.name.split("/")[-1].replace("-", "_").replace(".", "_")

def _root_place(ctx, places):
    """Returns the place of the crate's root module."""
    if ctx.attr.crate_root:
        if ctx.attr.crate_root not in places:
            fail("{}: crate_root: {} is not one of srcs; add it there".format(ctx.label, ctx.attr.crate_root))
        return ctx.attr.crate_root
    if len(places) == 1:
        return places[0]
    roots = [place for place in places if place in ["lib.rs", "src/lib.rs"]]
    if len(roots) != 1:
        fail("{}: crate_root is not set, and among srcs there is not exactly one of lib.rs and src/lib.rs: set crate_root to the file with the crate's modules".format(ctx.label))
    return roots[0]

def _sources(ctx):
    """Returns the sources, the root module among them, and whether there are bindings.

    The Files are those of one tree, which has all sources, also generated ones, because modules are found beside the module that
    declares them.
    """
    bindings = {f: None for t in ctx.attr.srcs if WitRustBindingsInfo in t for f in t[DefaultInfo].files.to_list()}
    places, written = {}, []
    for file in ctx.files.srcs:
        place = source_place(ctx, file)
        if place in places:
            fail("{}: srcs: two files would be {}; name one of them".format(ctx.label, place))
        places[place] = ctx.actions.declare_file("{}.src/{}".format(ctx.label.name, place))
        ctx.actions.symlink(output = places[place], target_file = file)
        if file not in bindings:
            written.append(place)
    place = _root_place(ctx, written)
    return struct(
        bindings = bool(bindings),
        files = places.values(),
        root = places[place],
        folder = places[place].path.removesuffix("/" + place),
    )

def _crates(ctx, sources):
    """Returns the WasmRustInfo of each crate that the sources can name."""
    crates = {}
    for target in ctx.attr.deps + ([ctx.attr._runtime] if sources.bindings else []):
        crate = target[WasmRustInfo]
        if crate.name in crates:
            fail("{}: deps: {} is the crate {}, as {} is; rename one of them".format(ctx.label, target.label, crate.name, crates[crate.name].label))
        crates[crate.name] = struct(label = target.label, info = crate)
    return [c.info for c in crates.values()]

def _folder(file):
    return file.dirname

def _compile(ctx, sources, crates, kind, target, out):
    """Declares the action that compiles the crate.

    Args:
      ctx: the rule's context.
      sources: the result of _sources().
      crates: the result of _crates().
      kind: the type of the crate.
      target: the compiler's target.
      out: the File to write.
    """
    compiler(ctx, RUST_TOOLCHAIN_TYPE)  # fails where there are no crates either
    args = ctx.actions.args()
    args.add(sources.root)
    args.add("--crate-name", _crate_name(ctx.label))
    args.add("--crate-type", kind)
    args.add("--edition", ctx.attr.edition)
    args.add("--target", target)
    args.add("-o", out)

    # Crates of one name in different packages have different symbols.
    args.add("-Cmetadata={}:{}".format(ctx.label.package, ctx.label.name))

    # The module has the bytes that it would have for another configuration of Bazel, and on another machine.
    args.add("-Ccodegen-units=1")
    args.add("--remap-path-prefix={}={}".format(sources.folder, ctx.label.package or "."))
    uses = depset(transitive = [c.uses[target] for c in crates])
    for crate in crates:
        args.add("--extern")
        args.add(crate.rlibs[target], format = crate.name + "=%s")
    args.add_all(uses, format_each = "-Ldependency=%s", map_each = _folder)
    if sources.bindings:
        # Bindings that need more than the runtime has say so.
        args.add("--cfg=wasm_rust_module")
    args.add_all(ctx.attr.flags)
    compiler_action(
        ctx,
        RUST_TOOLCHAIN_TYPE,
        args,
        inputs = depset(sources.files, transitive = [uses]),
        out = out,
        mnemonic = "WasmRustc",
        message = "Compiling %{label} with rustc",
    )

def _wasm_rust_module_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    sources = _sources(ctx)
    _compile(ctx, sources, _crates(ctx, sources), "cdylib", ctx.attr.target, out)
    return [DefaultInfo(files = depset([out]))]

def _wasm_rust_library_impl(ctx):
    sources, name = _sources(ctx), _crate_name(ctx.label)
    crates = _crates(ctx, sources)
    rlibs = {}
    for target in _TARGETS:
        rlibs[target] = ctx.actions.declare_file("{}.rlibs/{}/lib{}.rlib".format(ctx.label.name, target, name))
        _compile(ctx, sources, crates, "rlib", target, rlibs[target])

    # No default outputs: a compiler may have the standard library for one target only.
    return [
        WasmRustInfo(
            name = name,
            rlibs = rlibs,
            uses = {
                target: depset([rlibs[target]], transitive = [c.uses[target] for c in crates])
                for target in _TARGETS
            },
        ),
    ]

def _wit_rust_runtime_impl(ctx):
    # Whatever uses the crate says that there is no compiler.
    if not ctx.toolchains[RUST_TOOLCHAIN_TYPE]:
        return [WasmRustInfo(name = _crate_name(ctx.label), rlibs = {}, uses = {})]
    return _wasm_rust_library_impl(ctx)

_CRATE_ATTRS = {
    "srcs": attr.label_list(
        doc = "The modules of the crate, and files that they include, at their paths below the package of this target.",
        allow_empty = False,
        allow_files = True,
        mandatory = True,
    ),
    "crate_root": attr.string(
        doc = "The path of the root module. Default: the only file of `srcs` that is not of a wit_rust_bindings, or else `lib.rs` or " +
              "`src/lib.rs`.",
    ),
    "deps": attr.label_list(
        doc = "The wasm_rust_library targets whose crates this one uses. A crate has the name of its target, with `_` for `-` and `.`.",
        providers = [WasmRustInfo],
    ),
    "edition": attr.string(
        doc = "The edition of Rust.",
        default = "2021",
    ),
    "flags": attr.string_list(
        doc = "Flags of rustc.",
        default = ["-Copt-level=3", "-Cstrip=debuginfo"],
    ),
}

# Of the crates that can contain bindings.
_RUNTIME_ATTRS = {
    "_runtime": attr.label(
        default = "//rules/rust:wit_bindgen",
        providers = [WasmRustInfo],
    ),
}

wasm_rust_module = rule(
    implementation = _wasm_rust_module_impl,
    doc = _MODULE_DOC,
    attrs = _CRATE_ATTRS | _RUNTIME_ATTRS | {
        "target": attr.string(
            doc = "The target: without WASI, or for preview1, which needs an `adapter` in the wasm_component.",
            default = _TARGETS[0],
            values = _TARGETS,
        ),
    },
    toolchains = compiler_toolchains(RUST_TOOLCHAIN_TYPE),
)

wasm_rust_library = rule(
    implementation = _wasm_rust_library_impl,
    doc = _LIBRARY_DOC,
    attrs = _CRATE_ATTRS | _RUNTIME_ATTRS,
    provides = [WasmRustInfo],
    toolchains = compiler_toolchains(RUST_TOOLCHAIN_TYPE),
)

# The crate that the bindings in others use.
wit_rust_runtime = rule(
    implementation = _wit_rust_runtime_impl,
    doc = "A wasm_rust_library without bindings.",
    attrs = _CRATE_ATTRS | {"_runtime": attr.label()},
    provides = [WasmRustInfo],
    toolchains = compiler_toolchains(RUST_TOOLCHAIN_TYPE),
)
