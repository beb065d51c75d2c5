"""wasm_component_compose."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS")
load(":component.bzl", "WORLD_ATTRS", "component_providers", "expected_world")
load(":graph.bzl", "graph_attrs", "imports_flags", "link_action", "link_graph")

_DOC = """Composes a graph of components into one ordinary component, without fusing.

```starlark
wasm_component_compose(
    name = "app_composed",
    root = ":consumer",
    deps = [":provider"],
)
```
"""

def _wasm_component_compose_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    link_action(ctx, "compose", link_graph(ctx), out, "WasmCompose", "Composing", imports_flags(ctx))
    return component_providers(ctx, out, world = expected_world(ctx))

wasm_component_compose = rule(
    implementation = _wasm_component_compose_impl,
    doc = _DOC,
    attrs = graph_attrs() | WORLD_ATTRS,
    provides = [WasmComponentInfo],
    exec_groups = LINK_EXEC_GROUPS,
)
