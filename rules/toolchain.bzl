"""Toolchains: the tools that fuse components, make them and check WIT, binaryen's optimiser, and the tools that run components."""

load(":providers.bzl", "WasmComponentToolchainInfo", "WasmFuseToolchainInfo", "WasmOptToolchainInfo", "WasmRunToolchainInfo", "WitToolchainInfo")

def _program(doc = "The program, or the file that it is.", cfg = "exec"):
    """Returns the attribute for the program of a toolchain."""
    return attr.label(
        doc = doc,
        allow_files = True,
        executable = True,
        mandatory = True,
        cfg = cfg,
    )

def _wasm_fuse_toolchain_impl(ctx):
    info = ctx.attr.wasmfuse[DefaultInfo]
    return [platform_common.ToolchainInfo(
        fuse = WasmFuseToolchainInfo(wasmfuse = info.files_to_run, runfiles = info.default_runfiles),
    )]

wasm_fuse_toolchain = rule(
    implementation = _wasm_fuse_toolchain_impl,
    doc = """The wasmfuse program to fuse with, for a `toolchain` of type `@rules_wasm_fuse//rules:fuse_toolchain_type`.

The toolchain registered by default is of the extension `toolchains`, and so are those of the types below.
""",
    attrs = {
        "wasmfuse": _program(),
    },
)

def _wasm_component_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        component = WasmComponentToolchainInfo(componentize = ctx.attr.componentize[DefaultInfo].files_to_run),
    )]

wasm_component_toolchain = rule(
    implementation = _wasm_component_toolchain_impl,
    doc = "The program componentize, for a `toolchain` of type `@rules_wasm_fuse//rules:component_toolchain_type`.",
    attrs = {
        "componentize": _program(),
    },
)

def _wit_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        wit = WitToolchainInfo(witpackage = ctx.attr.witpackage[DefaultInfo].files_to_run),
    )]

wit_toolchain = rule(
    implementation = _wit_toolchain_impl,
    doc = "The program witpackage, for a `toolchain` of type `@rules_wasm_fuse//rules:wit_toolchain_type`.",
    attrs = {
        "witpackage": _program(),
    },
)

def _wasm_opt_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        wasm_opt = WasmOptToolchainInfo(
            data = depset(ctx.files.data),
            execution_requirements = ctx.attr.execution_requirements,
            wasm_opt = ctx.attr.wasm_opt[DefaultInfo].files_to_run,
        ),
    )]

wasm_opt_toolchain = rule(
    implementation = _wasm_opt_toolchain_impl,
    doc = """Binaryen's program wasm-opt, for a `toolchain` of type `@rules_wasm_fuse//rules:wasm_opt_toolchain_type`.

None is registered by default: only targets with a level of wasm-opt, such as `optimize = "O2"`, need one. The extension
[binaryen](extensions.md#binaryen) has toolchains of this kind. Another program becomes one by:

```starlark
wasm_opt_toolchain(
    name = "wasm_opt",
    wasm_opt = "//third_party/binaryen:bin/wasm-opt",
)

toolchain(
    name = "wasm_opt_toolchain",
    toolchain = ":wasm_opt",
    toolchain_type = "@rules_wasm_fuse//rules:wasm_opt_toolchain_type",
)
```
""",
    attrs = {
        "data": attr.label_list(
            doc = "Files that the program reads, at their places beside it.",
            allow_files = True,
            cfg = "exec",
        ),
        "execution_requirements": attr.string_dict(
            doc = "Requirements of the actions that run it, as `{\"no-remote-exec\": \"1\"}` for a program that needs files of the machine.",
        ),
        "wasm_opt": _program(),
    },
)

def _wasm_run_toolchain_impl(ctx):
    info = ctx.attr.wasmrun[DefaultInfo]
    return [platform_common.ToolchainInfo(
        run = WasmRunToolchainInfo(
            wasmrun = info.files_to_run,
            runfiles = info.default_runfiles,
        ),
    )]

wasm_run_toolchain = rule(
    implementation = _wasm_run_toolchain_impl,
    doc = """The program to run components with, for a `toolchain` of type `@rules_wasm_fuse//rules:run_toolchain_type`.

The toolchains registered by default are, for Linux, wasmrun, with wasmtime linked in, and elsewhere wazerun, which is written
in Go. Those of type `wazero_toolchain_type` and `wasmtime50_toolchain_type` are the programs behind
`@rules_wasm_fuse//rules:wazero` and `@rules_wasm_fuse//rules:wasmtime50`.
""",
    attrs = {
        "wasmrun": _program(
            doc = "The program, built for the target platform: wasmrun, or another with the same command line.",
            cfg = "target",
        ),
    },
)

def _wasm_script_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(program = ctx.executable.program)]

wasm_script_toolchain = rule(
    implementation = _wasm_script_toolchain_impl,
    doc = """The program that makes components of scripts, or core modules of Rust or with TinyGo, for a `toolchain` of type
`@rules_wasm_fuse//rules:componentize_py_toolchain_type`, `componentize_js_toolchain_type`, `rust_toolchain_type` or
`tinygo_toolchain_type`.

Its command line is that of rustc for Rust, and else that of the script of the same purpose in rules/private/scripts, after SITE.
""",
    attrs = {
        "program": _program(),
    },
)
