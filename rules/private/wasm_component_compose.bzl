"""wasm_component_compose."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "FUSE_TOOLCHAIN_TYPE", "component_providers", "graph_attrs", "link_action", "single_wasm")

_DOC = """Links a graph of components into one ordinary composed component, nothing fused.

```starlark
wasm_component_compose(
    name = "app_composed",
    root = ":consumer",
    deps = [":provider"],
)
```
"""

def _wasm_component_compose_impl(ctx):
    root = single_wasm(ctx, "root", ctx.attr.root)
    deps = [single_wasm(ctx, "deps", d) for d in ctx.attr.deps]
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    link_action(ctx, "compose", root, deps, out, "WasmCompose", "Composing")
    return component_providers(out)

wasm_component_compose = rule(
    implementation = _wasm_component_compose_impl,
    doc = _DOC,
    attrs = graph_attrs(),
    provides = [WasmComponentInfo],
    toolchains = [FUSE_TOOLCHAIN_TYPE],
)
