"""wasm_component_fuse."""

load("//rules:providers.bzl", "WasmModuleInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS", "WASM_OPT_EXEC_GROUPS", "wasm_opt_action")
load(":common.bzl", "setting", "setting_attrs")
load(":component.bzl", "WORLD_ATTRS", "component_providers", "expected_world")
load(":graph.bzl", "graph_attrs", "imports_flags", "link_action", "link_graph")

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

With `emit = "module"` the output is a core module, for engines without support for components, and the target provides
`WasmModuleInfo` in place of `WasmComponentInfo`:

```starlark
wasm_component_fuse(
    name = "app_module",
    emit = "module",
    memory = "single",
    root = ":consumer",
    wasi = "preview1",
    deps = [":provider"],
)
```

The output is NAME.wasm, or NAME.core.wasm if it is a core module. The output group `composed` contains the same graph as
an ordinary composed component, not fused. `report` contains a report,
NAME.report.html for people and NAME.report.json for programs: what was fused, what each call between components does, who
needs which import, and why.
`debug` contains the output with the components' own code, all names and their debug information, neither optimised nor
stripped. `sbom` contains a bill of materials in JSON, as CycloneDX 1.6, except where wasm-opt follows. `interface`, of
this and of all rules that make a component, lists its imports and exports in JSON.
"""

# wasmfuse's defaults, of which the action's command line says nothing.
_DEFAULTS = {"memory": "multi", "reserve": "", "abi": "wit", "wasi": "host"}

# Settings that only mean something with a certain value of another. Otherwise they have their defaults.
_DEPENDENT = {
    "abi": ("emit", "module"),
    "reserve": ("memory", "single"),
    "wasi": ("emit", "module"),
}

def _fail_dependent(ctx, what, name, value, form):
    given = getattr(ctx.attr, name) != "auto"
    fail("{}: {} needs {} = {}, which is {}{}; {}".format(
        ctx.label,
        what,
        name,
        repr(value),
        repr(form[name]),
        "" if given else " by the flag @rules_wasm_fuse//rules:" + name,
        "change one of them" if given else "set it, or remove " + what.partition(" ")[0],
    ))

def _form(ctx):
    """Returns the settings of the output's form, a dict from their names to their values.

    A build flag is a default for all targets that it can apply to. An attribute that cannot apply is an error.
    """
    form = {name: setting(ctx, name) for name in ["emit"] + _DEFAULTS.keys()}
    for name, (other, value) in _DEPENDENT.items():
        if form[other] == value:
            continue
        if getattr(ctx.attr, name) not in ["auto", _DEFAULTS[name]]:
            _fail_dependent(ctx, "{} = {}".format(name, repr(form[name])), other, value, form)
        form[name] = _DEFAULTS[name]
    for name in ["leave", "no_network"]:
        for other, value in {"emit": "module", "wasi": "preview1"}.items():
            if getattr(ctx.attr, name) and form[other] != value:
                _fail_dependent(ctx, name, other, value, form)
    if form["reserve"] and not _is_size(form["reserve"]):
        fail("{}: reserve: {} is not a size; write a number of bytes, with K, M or G if in units of these, as in \"16M\"".format(
            ctx.label,
            repr(form["reserve"]),
        ))
    return form

# What wasmfuse optimises for, where wasm-opt follows. The others are wasmfuse's own.
_LEVELS = {"O1": "speed", "O2": "speed", "O3": "speed", "O4": "speed", "Os": "size", "Oz": "size"}

def _keeps_dwarf(ctx, strip):
    """Returns whether the output has debug information."""
    dwarf = setting(ctx, "dwarf")
    if dwarf == "keep" and strip == "all" and ctx.attr.dwarf != "auto":
        fail("{}: dwarf = \"keep\" keeps debug information, and strip is \"all\", which leaves it out; change one of them".format(ctx.label))
    if dwarf == "auto":
        dwarf = "keep" if ctx.var["COMPILATION_MODE"] == "dbg" else "strip"
    return dwarf == "keep" and strip != "all"

def _is_size(text):
    return text.rstrip("KMG").isdigit() and len(text) - len(text.rstrip("KMG")) <= 1

def _wasm_component_fuse_impl(ctx):
    graph = link_graph(ctx)
    form = _form(ctx)
    flags = ["--emit=" + form["emit"]]
    for name, default in _DEFAULTS.items():
        if form[name] != default:
            flags.append("--{}={}".format(name, form[name]))
    flags += ["--leave=" + interface for interface in ctx.attr.leave]
    if ctx.attr.no_network:
        flags.append("--no-network")
    optimize, strip = setting(ctx, "optimize"), setting(ctx, "strip")
    aim = _LEVELS.get(optimize, optimize)
    if aim != "speed":
        flags.append("--optimize=" + aim)
    if not setting(ctx, "shake"):
        flags.append("--no-shake")
    if strip != "none":
        flags.append("--strip=" + strip)
    if _keeps_dwarf(ctx, strip):
        flags.append("--dwarf=keep")
    if setting(ctx, "provenance"):
        flags.append("--provenance")
    if not setting(ctx, "simd"):
        flags.append("--no-simd")
    if ctx.attr.require_one_module:
        flags.append("--require=one-module")
    flags += imports_flags(ctx)
    module = form["emit"] == "module"
    fused = ctx.actions.declare_file(ctx.label.name + (".core.wasm" if module else ".wasm"))
    if optimize in _LEVELS:
        plain = ctx.actions.declare_file(ctx.label.name + ".plain.wasm")
        link_action(ctx, "fuse", graph, plain, "WasmFuse", "Fusing", flags)
        wasm_opt_action(ctx, plain, fused, ["-" + optimize] + (["-g"] if strip == "none" else []))
    else:
        link_action(ctx, "fuse", graph, fused, "WasmFuse", "Fusing", flags)

    # With wasi = "preview1" the composition imports more than the output, so imports is about the latter.
    composed = ctx.actions.declare_file(ctx.label.name + ".composed.wasm")
    link_action(ctx, "compose", graph, composed, "WasmCompose", "Composing")

    # Finding out what a report says takes time, which only those pay who ask for it.
    reports = [ctx.actions.declare_file(ctx.label.name + ".report." + form) for form in ["html", "json"]]
    link_action(ctx, "explain", graph, None, "WasmFuseReport", "Reporting on the fusion of", flags, reports)

    # For debuggers and profilers: the components' own code, with all names.
    debug = ctx.actions.declare_file(ctx.label.name + ".debug.wasm")
    plain = [f for f in flags if not f.startswith("--optimize=") and not f.startswith("--strip=") and f not in ["--dwarf=keep", "--no-shake"]]
    link_action(ctx, "fuse", graph, debug, "WasmFuseDebug", "Fusing for debugging", plain + ["--optimize=none", "--no-shake", "--dwarf=keep"])
    groups = {name: depset(files) for name, files in {"composed": [composed], "debug": [debug], "report": reports}.items()}
    if optimize not in _LEVELS:
        # Fuses again, only where the group is asked for: the output has the same bytes, whose digest the bill has.
        sbom = ctx.actions.declare_file(ctx.label.name + ".sbom.json")
        again = ctx.actions.declare_file("_{}.sbom/{}".format(ctx.label.name, fused.basename))
        link_action(ctx, "fuse", graph, again, "WasmFuseSBOM", "Listing the materials of", flags, sbom = sbom)
        groups["sbom"] = depset([sbom])
    world = expected_world(ctx)
    if not module:
        return component_providers(ctx, fused, world = world, groups = groups)
    if world:
        fail("{}: world = {} is about a component, and emit is \"module\"; remove world, or set emit = \"component\"".format(ctx.label, repr(world.name)))
    return [
        DefaultInfo(files = depset([fused])),
        OutputGroupInfo(**groups),
        WasmModuleInfo(module = fused, **{name: form[name] for name in ["abi", "memory", "wasi"]}),
    ]

_ATTRS = graph_attrs() | WORLD_ATTRS | setting_attrs(
    "simd",
    "Use vector instructions in generated code. Turn it off for engines that do not support them.",
) | setting_attrs(
    "optimize",
    "What the output is optimised for; all values behave the same. `speed`; `size`; `none`, which leaves the components' " +
    "code as it is; or a level of binaryen's wasm-opt, such as `O2` or `Oz`, which then runs after wasmfuse and needs a " +
    "toolchain of type `@rules_wasm_fuse//rules:wasm_opt_toolchain_type`, such as that of the extension `binaryen`.",
    ["speed", "size", "none"] + _LEVELS.keys(),
) | setting_attrs(
    "shake",
    "Leave out functions, data and the like of components that nothing can reach.",
) | setting_attrs(
    "strip",
    "What to leave out of the output: nothing with `none`, `names`, or with `all` all custom sections but those with the " +
    "world of a core module.",
    ["none", "names", "all"],
) | setting_attrs(
    "dwarf",
    "What becomes of the debug information of the components, for backtraces with files and lines: `keep`, or `strip`, which " +
    "leaves it out. The flag's default keeps it with `-c dbg`.",
    ["keep", "strip"],
) | setting_attrs(
    "provenance",
    "Add a custom section that says what the output was made of, for `wasmfuse verify`: digests of the components, options, and " +
    "the version of wasmfuse. The report has it in any case.",
) | setting_attrs(
    "emit",
    "Form of the output: `component`, a component around the core modules; `module`, a core module in the core-module " +
    "ABI of WIT, which fusecore/MODULE.md describes. Everything has to become one module then.",
    ["component", "module"],
) | setting_attrs(
    "memory",
    "`multi`: each component keeps its memory. `single`: each gets a part of one memory, for engines that support " +
    "only one. Everything has to become one module then.",
    ["multi", "single"],
) | setting_attrs(
    "reserve",
    "With `memory = \"single\"`: a size, such as `16M`, that components' memories can grow to, except the topmost, which has " +
    "all that is left. If empty, they grow without such a limit, and move others.",
    [],
) | setting_attrs(
    "abi",
    "With `emit = \"module\"`: the names of imports and exports: `wit`, those that `wasm-tools component new` reads, or " +
    "`cm32p2`, those of the component model's BuildTargets.md.",
    ["wit", "cm32p2"],
) | setting_attrs(
    "wasi",
    "With `emit = \"module\"`: who supplies imports of WASI 0.2: `host`, the host; `preview1`, code in the output that " +
    "imports `wasi_snapshot_preview1`, which engines without support for components supply.",
    ["host", "preview1"],
) | {
    "leave": attr.string_list(
        doc = "With `wasi = \"preview1\"`: interfaces that the host supplies all the same, such as `wasi:cli/environment` " +
              "or `wasi:sockets/*`.",
    ),
    "no_network": attr.bool(
        doc = "With `wasi = \"preview1\"`: supply `wasi:sockets` too, as on a host without a network, where no socket can be " +
              "created.",
    ),
    "require_one_module": attr.bool(
        doc = "Fail, with the reasons, if not all components become one core module.",
    ),
}

wasm_component_fuse = rule(
    implementation = _wasm_component_fuse_impl,
    doc = _DOC,
    attrs = _ATTRS,
    exec_groups = LINK_EXEC_GROUPS | WASM_OPT_EXEC_GROUPS,
)
