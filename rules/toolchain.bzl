"""Toolchains: the tool that fuses components, binaryen's optimiser, and the tool that runs components."""

load(":providers.bzl", "WasmFuseToolchainInfo", "WasmOptToolchainInfo", "WasmRunToolchainInfo")

def _wasm_fuse_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        fuse = WasmFuseToolchainInfo(wasmfuse = ctx.attr.wasmfuse[DefaultInfo].files_to_run),
    )]

wasm_fuse_toolchain = rule(
    implementation = _wasm_fuse_toolchain_impl,
    doc = """The wasmfuse program to fuse with, for a `toolchain` of type `@rules_wasm_fuse//rules:fuse_toolchain_type`.

The toolchain registered by default builds wasmfuse from source.
""",
    attrs = {
        "wasmfuse": attr.label(
            doc = "The program.",
            executable = True,
            mandatory = True,
            cfg = "exec",
        ),
    },
)

def _wasm_opt_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        wasm_opt = WasmOptToolchainInfo(wasm_opt = ctx.attr.wasm_opt[DefaultInfo].files_to_run),
    )]

wasm_opt_toolchain = rule(
    implementation = _wasm_opt_toolchain_impl,
    doc = """Binaryen's program wasm-opt, for a `toolchain` of type `@rules_wasm_fuse//rules:wasm_opt_toolchain_type`.

None is registered by default: only targets with a level of wasm-opt, such as `optimize = "O2"`, need one.

```starlark
wasm_opt_toolchain(
    name = "binaryen",
    wasm_opt = "@binaryen//:bin/wasm-opt",
)

toolchain(
    name = "binaryen_toolchain",
    toolchain = ":binaryen",
    toolchain_type = "@rules_wasm_fuse//rules:wasm_opt_toolchain_type",
)
```
""",
    attrs = {
        "wasm_opt": attr.label(
            doc = "The program, or the file that it is.",
            allow_files = True,
            executable = True,
            mandatory = True,
            cfg = "exec",
        ),
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

The toolchains registered by default build a program from source, and only when a target needs it: on Linux wasmrun, with
wasmtime linked in, elsewhere wazerun, which is written in Go.
""",
    attrs = {
        "wasmrun": attr.label(
            doc = "The program, built for the target platform: wasmrun, or another with the same command line.",
            executable = True,
            mandatory = True,
            cfg = "target",
        ),
    },
)
