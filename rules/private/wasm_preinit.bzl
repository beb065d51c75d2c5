"""wasm_preinit."""

load("//rules:providers.bzl", "WasmModuleInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS", "wasmfuse_action")
load(":common.bzl", "label_text", "single_wasm", "tool_args")
load(":component.bzl", "component_providers")

_DOC = """Initialises a fused component or a core module beforehand, so that it starts with its tables built and its caches filled.

```starlark
wasm_component_fuse(
    name = "app_fused",
    root = ":app",
)

wasm_preinit(
    name = "app_ready",
    component = ":app_fused",
    init = "demo:app/cache#fill",  # an export of :app
)
```

The action instantiates it and runs its start function, of a core module then `_initialize`, and then the export that `init` names.
The output, NAME.wasm or NAME.core.wasm, begins where these have ended: it has the content of the memories, the globals and the tables.
Hosts use it like the input; `_initialize` of a core module does nothing.

The initialisation cannot call the host. With `wasi = True`, that of a core module can call WASI preview1, in an environment without
files and standard input: clocks always show the same times, and random numbers always are the same, so nothing that it derives from
them is secret. The same inputs make the same bytes.

A component must be the output of a wasm_component_fuse, in which everything has become one module. A core module must import
functions only. With `wasi = True` it has one memory, as with `memory = "single"`. Of several memories, each has 32-bit addresses. The
code runs in wazero, so the module can use no features that wazero lacks, such as garbage collection.

A command keeps its `_start`, or `wasi:cli/run`, and `init` names another export that prepares it. Of a core module that was fused
with `wasi = "preview1"`, nothing can be called before `_start`: initialise the component, and fuse the outcome to a core module.
"""

def _wasm_preinit_impl(ctx):
    if bool(ctx.attr.component) == bool(ctx.attr.module):
        fail("{}: component and module: {}; set component to a fused component, or module to a core module".format(
            ctx.label,
            "both are set" if ctx.attr.component else "neither is set",
        ))
    if ctx.attr.component and ctx.attr.wasi:
        fail("{}: wasi is set for component = {}; a component cannot call WASI before it has a host: remove wasi, or initialise a core module with wasi = \"preview1\"".format(
            ctx.label,
            ctx.attr.component.label,
        ))
    if ctx.attr.env and not ctx.attr.wasi:
        fail("{}: env is set without wasi; variables are read by functions of WASI: set wasi = True, or remove env".format(ctx.label))
    target = ctx.attr.component or ctx.attr.module
    if ctx.attr.component:
        file, info = single_wasm(ctx, "component", target), None
    else:
        file = single_wasm(ctx, "module", target, ["module"])
        info = target[WasmModuleInfo] if WasmModuleInfo in target else None
    if ctx.attr.wasi and info and info.memory == "multi":
        fail("{}: module = {}: it may have several memories, and with wasi only one can be initialised; set memory = \"single\" there".format(
            ctx.label,
            target.label,
        ))
    out = ctx.actions.declare_file(ctx.label.name + (".wasm" if ctx.attr.component else ".core.wasm"))
    args = tool_args(ctx)
    args.add("preinit")
    args.add(file)
    args.add("--quiet")
    args.add("-o", out)
    args.add("--label", label_text(file.owner))
    if ctx.attr.init:
        args.add("--init", ctx.attr.init)
    if ctx.attr.wasi:
        args.add("--wasi")
    for name, value in sorted(ctx.attr.env.items()):
        args.add("--env", "{}={}".format(name, value))
    wasmfuse_action(
        ctx,
        args,
        inputs = [file],
        outputs = [out],
        mnemonic = "WasmPreinit",
        message = "Initialising %{label}",
    )
    groups = target[OutputGroupInfo] if OutputGroupInfo in target else None
    groups = {"composed": groups.composed} if groups and hasattr(groups, "composed") else {}
    if ctx.attr.component:
        return component_providers(ctx, out, groups = groups)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))] + (
        [OutputGroupInfo(**groups)] if groups else []
    ) + (
        [WasmModuleInfo(module = out, abi = info.abi, memory = info.memory, wasi = info.wasi)] if info else []
    )

wasm_preinit = rule(
    implementation = _wasm_preinit_impl,
    doc = _DOC,
    attrs = {
        "component": attr.label(
            doc = "The component: a wasm_component_fuse, or a target with exactly one .wasm file. This or `module`.",
            allow_files = [".wasm"],
        ),
        "env": attr.string_dict(
            doc = "With `wasi`: environment variables that the initialisation sees.",
        ),
        "init": attr.string(
            doc = "The export that runs after the initialisation that a host runs, a function without parameters and result. The default " +
                  "is `wizer-initialize`, if there is one. A core module without a world does not export it any more.",
        ),
        "module": attr.label(
            doc = "The core module: a wasm_component_fuse with `emit = \"module\"`, or a target with exactly one .wasm file.",
            allow_files = [".wasm"],
        ),
        "wasi": attr.bool(
            doc = "With `module`: let the initialisation call WASI preview1.",
        ),
    },
    exec_groups = LINK_EXEC_GROUPS,
)
