"""wasm_py_component and wasm_js_component."""

load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":actions.bzl", "LINK_EXEC_GROUPS")
load(":common.bzl", "WIT_FILES", "wit_info")
load(":compilers.bzl", "add_sources", "compiler_action", "compiler_toolchains", "source_place")
load(":component.bzl", "SUPPLIERS_ATTRS", "component_providers", "supplies")
load(":wit_place.bzl", "wit_name", "wit_place")

PY_TOOLCHAIN_TYPE = Label("//rules:componentize_py_toolchain_type")
JS_TOOLCHAIN_TYPE = Label("//rules:componentize_js_toolchain_type")

def _only_source(ctx):
    """Returns the source of a component without `main`, of which there must be one."""
    if len(ctx.files.srcs) != 1:
        fail("{}: main is not set, and there are {} srcs: set main to the module that implements the world".format(ctx.label, len(ctx.files.srcs)))
    return ctx.files.srcs[0]

def _make(ctx, toolchain_type, main, features):
    wit = wit_info(ctx, "wit", ctx.attr.wit)
    files = wit.plain.files.to_list()
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    args = ctx.actions.args()
    args.add(out)
    args.add(ctx.attr.world)
    args.add(main)
    args.add_all(features)
    for e in files:
        if e.file.extension == "wasm":
            fail("{}: wit: {} is a WIT package in binary form, which the tool for this language does not read; name one with .wit files".format(
                ctx.label,
                e.file.short_path,
            ))
        place = wit_name(e.file) if e.folder == wit.folder else "deps/" + wit_place(e)
        args.add("--wit")
        args.add(e.file, format = place.replace("%", "%%") + "=%s")
    add_sources(ctx, args)
    compiler_action(
        ctx,
        toolchain_type,
        args,
        inputs = ctx.files.srcs + [e.file for e in files],
        out = out,
        mnemonic = "WasmScriptComponent",
        message = "Making component %{label}",
    )
    return component_providers(ctx, out, supplies(ctx, out))

def _attrs(extension, language):
    return {
        "srcs": attr.label_list(
            doc = "The sources in {}, at their paths below the package of this target.".format(language),
            allow_files = [extension],
            allow_empty = False,
            mandatory = True,
        ),
        "wit": attr.label(
            doc = "The wit_library that contains the world, in WIT text.",
            allow_files = WIT_FILES,
            providers = [WitInfo],
            mandatory = True,
        ),
        "world": attr.string(doc = "The world's name in that package.", mandatory = True),
    } | SUPPLIERS_ATTRS

def _py_impl(ctx):
    main = ctx.attr.main
    if not main:
        main = source_place(ctx, _only_source(ctx)).removesuffix(".py").replace("/", ".")
    return _make(ctx, PY_TOOLCHAIN_TYPE, main, [])

wasm_py_component = rule(
    implementation = _py_impl,
    doc = """Makes a component of Python modules, with componentize-py, which the extension `guests` has.

```starlark
wasm_py_component(
    name = "report",
    srcs = ["report.py"],
    wit = ":report_wit",
    world = "report",
)
```

The module has the classes and functions that componentize-py asks for, and imports what it generates as `wit_world`. The component
contains the interpreter, about 18 MB, and imports most of WASI 0.2.
""",
    attrs = _attrs(".py", "Python") | {
        "main": attr.string(doc = "The name of the module that implements the world. By default, the only source."),
    },
    toolchains = compiler_toolchains(PY_TOOLCHAIN_TYPE),
    exec_groups = LINK_EXEC_GROUPS,
    provides = [WasmComponentInfo],
)

def _js_impl(ctx):
    main = ctx.file.main
    if not main:
        main = _only_source(ctx)
    elif main not in ctx.files.srcs:
        fail("{}: main: {} is not one of srcs; add it there".format(ctx.label, main.short_path))
    return _make(ctx, JS_TOOLCHAIN_TYPE, source_place(ctx, main), [",".join(ctx.attr.disable)])

wasm_js_component = rule(
    implementation = _js_impl,
    doc = """Makes a component of ECMAScript modules, with componentize-js, which the extension `guests` has.

```starlark
wasm_js_component(
    name = "template",
    srcs = ["template.js"],
    wit = ":template_wit",
    world = "template",
)
```

The module exports what the world exports. The component contains the interpreter StarlingMonkey, about 12 MB, as it
is after it has read the module. Its bytes differ from build to build, because componentize-js lets it take random numbers and
the time at that point.
""",
    attrs = _attrs(".js", "JavaScript") | {
        "disable": attr.string_list(
            doc = "What the component is built without, by componentize-js's names: `http`, `fetch-event`, `stdio`, `random`, `clocks`. " +
                  "Each leaves out imports of WASI.",
            default = ["http", "fetch-event"],
        ),
        "main": attr.label(
            doc = "The module that implements the world. By default, the only source.",
            allow_single_file = [".js"],
        ),
    },
    toolchains = compiler_toolchains(JS_TOOLCHAIN_TYPE),
    exec_groups = LINK_EXEC_GROUPS,
    provides = [WasmComponentInfo],
)
