"""wasm_component."""

load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS")
load(":common.bzl", "COMPONENT_TOOLCHAIN_TYPE", "PATH_MAPPED", "WIT_FILES", "single_wasm", "tool_args", "wit_info")
load(":component.bzl", "SUPPLIERS_ATTRS", "component_providers", "supplies")
load(":wit_place.bzl", "wit_name", "wit_place")

_DOC = """Makes a component from a core module and the WIT world it implements.

The core module's imports and exports are named as in the core-module ABI that wit-bindgen's generators target. An import
of the world that the module does not use does not become an import of the component.

```starlark
wasm_component(
    name = "kv",
    core = "kv.core.wasm",
    wit = ":kv_wit",
    world = "store",
)
```

A core module for WASI preview1 needs an adapter. A world that a generator of bindings has embedded in the core module need
not be named:

```starlark
wasm_component(
    name = "command",
    adapter = "@wasi//adapters:command",
    core = ":command_core",
)
```
"""

_EXEC_GROUP = "componentize"

# The encodings' names in tools/componentize.
_ENCODINGS = {
    "utf8": "utf8",
    "utf16": "utf16",
    "latin1+utf16": "compact-utf16",
}

def _wit_arg(entry):
    return "-wit=deps/{}={}".format(wit_place(entry), entry.file.path)

def _own_wit_arg(file):
    return "-wit={}={}".format(wit_name(file), file.path)

def _wasm_component_impl(ctx):
    core = single_wasm(ctx, "core", ctx.attr.core, ["module"])
    if bool(ctx.attr.wit) != bool(ctx.attr.world):
        fail("{}: {} is set, and {} is not: set both, or neither for the world embedded in the core module".format(
            ctx.label,
            *(["wit", "world"] if ctx.attr.wit else ["world", "wit"])
        ))
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    inputs, wits = [core], []
    args = tool_args(ctx)
    args.add(core, format = "-core=%s")
    if ctx.attr.wit:
        wit = wit_info(ctx, "wit", ctx.attr.wit)
        wits.append(wit.plain.inputs)
        args.add_all(wit.plain.srcs, map_each = _own_wit_arg)
        args.add_all(wit.plain.deps, map_each = _wit_arg)
        args.add(ctx.attr.world, format = "-world=%s")
    if ctx.attr.adapter:
        adapter = single_wasm(ctx, "adapter", ctx.attr.adapter, ["module"])
        inputs.append(adapter)
        args.add(adapter, format = "-adapt=%s")
    args.add(_ENCODINGS[ctx.attr.string_encoding], format = "-encoding=%s")
    args.add(out, format = "-o=%s")
    ctx.actions.run(
        executable = ctx.exec_groups[_EXEC_GROUP].toolchains[COMPONENT_TOOLCHAIN_TYPE].component.componentize,
        arguments = [args],
        inputs = depset(inputs, transitive = wits),
        outputs = [out],
        mnemonic = "WasmComponent",
        progress_message = "Making component %{label}",
        exec_group = _EXEC_GROUP,
        execution_requirements = PATH_MAPPED,
    )
    return component_providers(ctx, out, supplies(ctx, out))

wasm_component = rule(
    implementation = _wasm_component_impl,
    doc = _DOC,
    attrs = {
        "core": attr.label(
            doc = "The core module: a .wasm file, or a target with exactly one among its outputs.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "wit": attr.label(
            doc = "The wit_library that contains the world. Without it, the world is the one that a generator of bindings, such " +
                  "as wit-bindgen for C or Rust, has embedded in the core module.",
            allow_files = WIT_FILES,
            providers = [WitInfo],
        ),
        "world": attr.string(
            doc = "The world's name in that package.",
        ),
        "adapter": attr.label(
            doc = "A core module that supplies imports of this one by the imports of its own world. `wasi_snapshot_preview1` is " +
                  "adapted to WASI 0.2 by `@wasi//adapters:command` in a program, `@wasi//adapters:reactor` in a library, and " +
                  "`@wasi//adapters:proxy` in an HTTP handler without files; see the extension `wasi`. The file's name, up to the " +
                  "first dot, is the name of the module that it stands for.",
            allow_files = [".wasm"],
        ),
        "string_encoding": attr.string(
            doc = "The encoding of strings in the core module's memory.",
            default = "utf8",
            values = _ENCODINGS.keys(),
        ),
    } | SUPPLIERS_ATTRS,
    exec_groups = LINK_EXEC_GROUPS | {_EXEC_GROUP: exec_group(toolchains = [COMPONENT_TOOLCHAIN_TYPE])},
    provides = [WasmComponentInfo],
)
