"""wasm_component_fuse."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "LINK_EXEC_GROUPS", "component_providers", "graph_attrs", "link_action", "link_graph", "setting", "setting_attrs")

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
    graph = link_graph(ctx)
    flags = ["--emit=" + ctx.attr.emit]
    if not setting(ctx, "simd"):
        flags.append("--no-simd")
    fused = ctx.actions.declare_file(ctx.label.name + ".wasm")
    link_action(ctx, "fuse", graph, fused, "WasmFuse", "Fusing", flags)
    composed = ctx.actions.declare_file(ctx.label.name + ".composed.wasm")
    link_action(ctx, "compose", graph, composed, "WasmCompose", "Composing")
    return component_providers(fused) + [OutputGroupInfo(composed = depset([composed]))]

wasm_component_fuse = rule(
    implementation = _wasm_component_fuse_impl,
    doc = _DOC,
    attrs = graph_attrs() | setting_attrs(
        "simd",
        "Let generated code use vector instructions; without them it runs in engines that have none.",
    ) | {
        "emit": attr.string(
            doc = "What is written: `component`, a component around the one core module.",
            default = "component",
            values = ["component"],
        ),
    },
    provides = [WasmComponentInfo],
    exec_groups = LINK_EXEC_GROUPS,
)
