"""wit_rust_bindings."""

load(":bindings.bzl", "BINDINGS_ATTRS", "BINDINGS_EXEC_GROUPS", "bindings_action")
load(":wasm_rust.bzl", "WitRustBindingsInfo")

_DOC = """Generates bindings in Rust of a WIT world, for `srcs` of `wasm_rust_module` and of rules of rules_rust.

```starlark
wit_rust_bindings(
    name = "library",
    wit = ":wit",
    world = "library",
)

wasm_rust_module(
    name = "greeter_core",
    srcs = [
        "greeter.rs",
        ":library",
    ],
)

wasm_component(
    name = "greeter",
    core = ":greeter_core",
)
```

The file is a module of the crate, named after the target, which contains what `wit_bindgen::generate!` of the crate wit-bindgen does:

```rust
// greeter.rs
mod library;

struct Greeter;

impl library::exports::demo::hello::greeter::Guest for Greeter {
    fn greet(name: String) -> String {
        format!("hello, {name}!")
    }
}

library::export!(Greeter with_types_in library);
```

The functions that the world imports are in modules such as `library::demo::hello::greeter`, and the trait of functions that the world
itself exports is `library::Guest`. The core module contains the world, so `wasm_component` needs no `wit`.

`wasm_rust_module` supplies what the bindings need at run time, but for asynchronous functions, streams and futures. With rules_rust, it
is the crate wit-bindgen 0.63, of which no feature but `realloc` is needed without those, and `bitflags` for all functions of `flags`.
"""

# What rustc takes for the root of a crate, and the keywords that no module can be named by, also as r#NAME.
_NO_MODULES = ["crate", "lib", "main", "mod", "self", "super"]

def _wit_rust_bindings_impl(ctx):
    path = ctx.attr.out or ctx.label.name.replace("-", "_").replace(".", "_") + ".rs"
    if not path.endswith(".rs"):
        fail("{}: out: {} is not the path of a module; end it with .rs".format(ctx.label, repr(path)))
    module = path.rpartition("/")[-1].removesuffix(".rs")
    if module in _NO_MODULES:
        fail("{}: {}.rs is the root of a crate, or no name of a module in Rust; give the target another name, or set out".format(ctx.label, module))
    out = ctx.actions.declare_file(path)
    options = [("ownership", ctx.attr.ownership)]
    options += [("derive", name) for name in ctx.attr.derives]
    options += [("derive-ignore", name) for name in ctx.attr.derives_ignore]
    options += [("with", "{}={}".format(name, path)) for name, path in ctx.attr.remap.items()]
    bindings_action(
        ctx,
        "rust",
        {ctx.attr.world.lower().replace("-", "_") + ".rs": out},
        ["-option={}={}".format(name, value) for name, value in options],
    )
    return [DefaultInfo(files = depset([out])), WitRustBindingsInfo()]

wit_rust_bindings = rule(
    implementation = _wit_rust_bindings_impl,
    doc = _DOC,
    attrs = BINDINGS_ATTRS | {
        "derives": attr.string_list(
            doc = "Traits that the generated records, variants and enums derive besides those that they always do, by their paths: `PartialEq`.",
        ),
        "derives_ignore": attr.string_list(
            doc = "Types that do not derive them, such as those that contain resources, by their names in WIT.",
        ),
        "out": attr.string(
            doc = "The path of the file below the package. Default: the target's name with `_` for `-` and `.`, and `.rs`. A crate whose root " +
                  "module is in a folder needs the file there: `src/library.rs`.",
        ),
        "ownership": attr.string(
            doc = "What records and variants contain that are parameters of imported functions: `owning`, strings and lists that are owned; " +
                  "`borrowing`, references to them, in types that are only used so; `borrowing-duplicate-if-necessary`, references always, " +
                  "where a type `Name` that is also used otherwise becomes `NameParam` and `NameResult`.",
            default = "owning",
            values = ["owning", "borrowing", "borrowing-duplicate-if-necessary"],
        ),
        "remap": attr.string_dict(
            doc = "Imported interfaces and types that are not generated, because the crate has them: from their names in WIT, with the version, " +
                  "to paths in Rust, as in `{\"wasi:io/streams@0.2.12\": \"wasip2::io::streams\"}`. All else is generated, also of other packages.",
        ),
    },
    exec_groups = BINDINGS_EXEC_GROUPS,
)
