"""wasm_preinit."""

load("//rules:providers.bzl", "WasmModuleInfo")
load(":common.bzl", "LINK_EXEC_GROUPS", "label_text", "single_wasm", "tool_args", "wasmfuse_action")

_DOC = """Initialises a core module beforehand, so that it starts with its tables built and its caches filled.

```starlark
wasm_component_fuse(
    name = "app_module",
    emit = "module",
    memory = "single",
    root = ":app",
)

wasm_preinit(
    name = "app_ready",
    init = "demo:app/cache#fill",  # an export of :app
    module = ":app_module",
)
```

The action instantiates the module and runs its start function, then `_initialize`, then the export that `init` names. The output,
NAME.core.wasm, begins where these have ended: it has the content of the memory, the globals and the tables. Hosts use it like
`module`; its `_initialize` does nothing.

The initialisation cannot call the host. With `wasi = True`, it can call WASI preview1, in an environment without files and standard
input: clocks always show the same times, and random numbers always are the same, so nothing that it derives from them is secret.
The same inputs make the same bytes.

The module must have at most one memory and import functions only, such as a wasm_component_fuse with `memory = "single"` has it.
A command, whose `_start` initialises and runs it, cannot be initialised beforehand.
"""

def _wasm_preinit_impl(ctx):
    module = single_wasm(ctx, "module", ctx.attr.module, ["module"])
    if ctx.attr.env and not ctx.attr.wasi:
        fail("{}: env is set without wasi; variables are read by functions of WASI: set wasi = True, or remove env".format(ctx.label))
    info = ctx.attr.module[WasmModuleInfo] if WasmModuleInfo in ctx.attr.module else None
    if info and info.memory == "multi":
        fail("{}: module = {}: it may have several memories, and one can be initialised; set memory = \"single\" there".format(
            ctx.label,
            ctx.attr.module.label,
        ))
    out = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    args = tool_args(ctx)
    args.add("preinit")
    args.add(module)
    args.add("--quiet")
    args.add("-o", out)
    args.add("--label", label_text(module.owner))
    if ctx.attr.init:
        args.add("--init", ctx.attr.init)
    if ctx.attr.wasi:
        args.add("--wasi")
    for name, value in sorted(ctx.attr.env.items()):
        args.add("--env", "{}={}".format(name, value))
    wasmfuse_action(
        ctx,
        args,
        inputs = [module],
        outputs = [out],
        mnemonic = "WasmPreinit",
        message = "Initialising %{label}",
    )
    groups = ctx.attr.module[OutputGroupInfo] if OutputGroupInfo in ctx.attr.module else None
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))] + (
        [OutputGroupInfo(composed = groups.composed)] if groups and hasattr(groups, "composed") else []
    ) + (
        [WasmModuleInfo(module = out, abi = info.abi, memory = info.memory, wasi = info.wasi)] if info else []
    )

wasm_preinit = rule(
    implementation = _wasm_preinit_impl,
    doc = _DOC,
    attrs = {
        "env": attr.string_dict(
            doc = "With `wasi`: environment variables that the initialisation sees.",
        ),
        "init": attr.string(
            doc = "The export that runs after the module's own initialisation, a function without parameters and result. The default " +
                  "is `wizer-initialize`, if there is one. A module without a world does not export it any more.",
        ),
        "module": attr.label(
            doc = "The core module: a wasm_component_fuse with `emit = \"module\"` and `memory = \"single\"`, or a target with exactly " +
                  "one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "wasi": attr.bool(
            doc = "Let the initialisation call WASI preview1.",
        ),
    },
    exec_groups = LINK_EXEC_GROUPS,
)
