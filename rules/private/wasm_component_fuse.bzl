"""wasm_component_fuse."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "LINK_EXEC_GROUPS", "component_providers", "graph_attrs", "link_action", "link_graph", "setting", "setting_attrs")

_DOC = """Fuses a graph of components into one core module, or as few as possible.

The output behaves like the composition of the same components, but calls between components are calls within one
module. The action checks the types on both sides of every link.

A difference would be observable if some components became one module: two that use the engine's tasks (async functions,
streams, futures, threads), or that are linked by something other than functions, types and instances. They stay
composed, in modules of their own, and the build says which and why. Set `require_one_module` for a graph of which
nothing may stay composed.

```starlark
wasm_component_fuse(
    name = "app",
    root = ":consumer",
    deps = [":provider"],
)
```

The output group `composed` contains the same graph as an ordinary composed component, not fused.
"""

def _wasm_component_fuse_impl(ctx):
    graph = link_graph(ctx)
    flags = ["--emit=" + ctx.attr.emit]
    if not setting(ctx, "simd"):
        flags.append("--no-simd")
    if ctx.attr.require_one_module:
        flags.append("--require=one-module")
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
        "Use vector instructions in generated code. Turn it off for engines that do not support them.",
    ) | {
        "emit": attr.string(
            doc = "Form of the output: `component`, a component around the core modules.",
            default = "component",
            values = ["component"],
        ),
        "require_one_module": attr.bool(
            doc = "Fail, with the reasons, if not all components become one core module.",
        ),
    },
    provides = [WasmComponentInfo],
    exec_groups = LINK_EXEC_GROUPS,
)
