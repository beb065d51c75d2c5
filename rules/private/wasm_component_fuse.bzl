"""wasm_component_fuse."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "FUSE_TOOLCHAIN_TYPE", "component_providers", "graph_attrs", "link_action", "single_wasm")

_DOC = """Links a graph of components into one core module.

The output behaves as the composition of the same components does, with calls between them turned into calls inside one
module. Types of both sides of each link are checked by the action; what cannot be fused is an error.

```starlark
wasm_component_fuse(
    name = "app",
    root = ":consumer",
    deps = [":provider"],
)
```

Output group `composed`: the same graph as an ordinary composed component, nothing fused.
"""

def _wasm_component_fuse_impl(ctx):
    root = single_wasm(ctx, "root", ctx.attr.root)
    deps = [single_wasm(ctx, "deps", d) for d in ctx.attr.deps]
    fused = ctx.actions.declare_file(ctx.label.name + ".wasm")
    link_action(ctx, "fuse", root, deps, fused, "WasmFuse", "Fusing", ["--emit=" + ctx.attr.emit])
    composed = ctx.actions.declare_file(ctx.label.name + ".composed.wasm")
    link_action(ctx, "compose", root, deps, composed, "WasmCompose", "Composing")
    return component_providers(fused) + [OutputGroupInfo(composed = depset([composed]))]

wasm_component_fuse = rule(
    implementation = _wasm_component_fuse_impl,
    doc = _DOC,
    attrs = graph_attrs() | {
        "emit": attr.string(
            doc = "What is written: `component`, a component around the one core module.",
            default = "component",
            values = ["component"],
        ),
    },
    provides = [WasmComponentInfo],
    toolchains = [FUSE_TOOLCHAIN_TYPE],
)
