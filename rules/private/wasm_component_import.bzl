"""wasm_component_import."""

load("//rules:providers.bzl", "WasmComponentInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS")
load(":common.bzl", "single_wasm")
load(":component.bzl", "SUPPLIERS_ATTRS", "WORLD_ATTRS", "component_providers", "expected_world", "supplies")

_DOC = """Imports a component that was built elsewhere.

```starlark
wasm_component_import(
    name = "kv",
    src = "kv.wasm",
    deps = [":log"],  # exports what kv.wasm imports
)
```

A build of the target, or of one that uses it, validates the file.
"""

def _wasm_component_import_impl(ctx):
    file = single_wasm(ctx, "src", ctx.attr.src)
    return component_providers(ctx, file, supplies(ctx, file, [ctx.attr.src]), world = expected_world(ctx), validation = True)

wasm_component_import = rule(
    implementation = _wasm_component_import_impl,
    doc = _DOC,
    attrs = {
        "src": attr.label(
            doc = "The component: a .wasm file, or a target with exactly one among its outputs.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
    } | SUPPLIERS_ATTRS | WORLD_ATTRS,
    exec_groups = LINK_EXEC_GROUPS,
    provides = [WasmComponentInfo],
)
