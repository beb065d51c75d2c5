"""wasm_tinygo_module."""

load(":compilers.bzl", "add_sources", "compiler_action", "compiler_toolchains")

TINYGO_TOOLCHAIN_TYPE = Label("//rules:tinygo_toolchain_type")

_DOC = """Builds a Go program with TinyGo as a core module, for the attribute `core` of `wasm_component`.

```starlark
wasm_tinygo_module(
    name = "greeter_core",
    srcs = ["greeter.go"],
)

wasm_component(
    name = "greeter",
    core = ":greeter_core",
    wit = ":wit",
    world = "library",
)
```

The extension `guests` has TinyGo. Imports of other modules must be among `srcs`, in a folder `vendor` with `modules.txt` as `go mod
vendor` makes it, and so must be bindings, such as those of the older wit-bindgen-go; nothing is downloaded. Those of
`wit_go_bindings` need what TinyGo lacks, `runtime.Pinner`.
"""

def _wasm_tinygo_module_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    args = ctx.actions.args()
    args.add(out)
    args.add(ctx.attr.target)
    args.add(ctx.attr.main, format = "./%s")
    args.add_all(ctx.attr.flags)
    add_sources(ctx, args)
    compiler_action(
        ctx,
        TINYGO_TOOLCHAIN_TYPE,
        args,
        inputs = ctx.files.srcs,
        out = out,
        mnemonic = "TinyGo",
        message = "Building %{label} with TinyGo",
    )
    return [DefaultInfo(files = depset([out]))]

wasm_tinygo_module = rule(
    implementation = _wasm_tinygo_module_impl,
    doc = _DOC,
    attrs = {
        "srcs": attr.label_list(
            doc = "The files of a Go module, at their paths below the package of this target. Without a go.mod, the module is `guest`.",
            allow_empty = False,
            allow_files = True,
            mandatory = True,
        ),
        "flags": attr.string_list(
            doc = "Flags of `tinygo build`. A library for wasip1 needs `-buildmode=c-shared`.",
            default = ["-no-debug"],
        ),
        "main": attr.string(
            doc = "The folder of the program in the module.",
            default = ".",
        ),
        "target": attr.string(
            doc = "TinyGo's target: without WASI, or for preview1, which needs an `adapter` in the wasm_component.",
            default = "wasm-unknown",
            values = ["wasip1", "wasm-unknown"],
        ),
    },
    toolchains = compiler_toolchains(TINYGO_TOOLCHAIN_TYPE),
)
