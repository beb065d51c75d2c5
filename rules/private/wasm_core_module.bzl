"""wasm_core_module."""

_DOC = """Builds a target for WebAssembly, and takes its core module, for the attribute `core` of `wasm_component`.

The target is one of any rule set with a toolchain for the platform: a `cc_binary` (see the extension `wasm_cc`), a `go_binary`
of rules_go, a `rust_shared_library` of rules_rust. Other targets of the build are not affected. Flags of the build such as `--copt`,
`--linkopt` and `--features` are for its own platform, so they do not apply: set `copts`, `linkopts` and `features` of targets.

```starlark
cc_binary(
    name = "greeter_c",
    srcs = ["greeter.c"],
    tags = ["manual"],  # not for the platform of the build
)

wasm_core_module(
    name = "greeter_core",
    src = ":greeter_c",
    platform = "@rules_wasm_fuse//rules/platforms:freestanding",
)
```
"""

# Flags of the build that are for the compiler of its own platform, such as --copt=-march=native.
_COMPILER_FLAGS = {"//command_line_option:" + name: value for name, value in {
    "conlyopt": [],
    "copt": [],
    "custom_malloc": None,
    "cxxopt": [],
    "features": [],
    "linkopt": [],
}.items()}

def _platform_impl(_settings, attr):
    return _COMPILER_FLAGS | {
        # A guest has no way to write what it would count.
        "//command_line_option:collect_code_coverage": False,
        "//command_line_option:compilation_mode": attr.compilation_mode,
        "//command_line_option:platforms": str(attr.platform),
    }

_platform = transition(
    implementation = _platform_impl,
    inputs = [],
    outputs = _COMPILER_FLAGS.keys() + [
        "//command_line_option:collect_code_coverage",
        "//command_line_option:compilation_mode",
        "//command_line_option:platforms",
    ],
)

def _wasm_core_module_impl(ctx):
    # The edge has a transition, so the attribute is a list.
    target = ctx.attr.src[0]
    files = target[DefaultInfo].files.to_list()
    modules = [f for f in files if f.extension == "wasm"] or [f for f in files if not f.extension]
    if len(modules) != 1:
        fail("{}: src = {}: expected a target with exactly one core module among its outputs, built for {}, got {}; name the target that links the module".format(
            ctx.label,
            target.label,
            ctx.attr.platform.label,
            ", ".join([f.basename for f in files]) or "none",
        ))
    out = ctx.actions.declare_file(ctx.label.name + ".core.wasm")
    ctx.actions.symlink(output = out, target_file = modules[0])
    return [DefaultInfo(files = depset([out]))]

wasm_core_module = rule(
    implementation = _wasm_core_module_impl,
    doc = _DOC,
    attrs = {
        "src": attr.label(
            doc = "The target to build, with one `.wasm` file among its outputs, or one file without an extension.",
            cfg = _platform,
            mandatory = True,
        ),
        "platform": attr.label(
            doc = "The platform to build it for: `wasip1`, `wasip2` or `freestanding` of `@rules_wasm_fuse//rules/platforms`, or one " +
                  "of the other rule set. A module built for wasip1 needs an `adapter` in its `wasm_component`.",
            default = "//rules/platforms:wasip1",
        ),
        "compilation_mode": attr.string(
            doc = "Bazel's compilation mode for the target and what it depends on. Unoptimised modules are several times larger.",
            default = "opt",
            values = ["dbg", "fastbuild", "opt"],
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
