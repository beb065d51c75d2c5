"""Toolchains: the tool that fuses, and the one that runs."""

load(":providers.bzl", "WasmFuseToolchainInfo", "WasmRunToolchainInfo")

def _wasm_fuse_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        fuse = WasmFuseToolchainInfo(wasmfuse = ctx.attr.wasmfuse[DefaultInfo].files_to_run),
    )]

wasm_fuse_toolchain = rule(
    implementation = _wasm_fuse_toolchain_impl,
    doc = """A wasmfuse to fuse with; for a `toolchain` of type `@rules_wasm_fuse//rules:fuse_toolchain_type`.

The one that is registered by default is built from source.
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
    doc = """A wasmrun to run components with; for a `toolchain` of type `@rules_wasm_fuse//rules:run_toolchain_type`.

The one that is registered by default is built from source with wasmtime in it, and only where a target asks for it.
""",
    attrs = {
        "wasmrun": attr.label(
            doc = "The program. It runs where the components do: on the target platform.",
            executable = True,
            mandatory = True,
            cfg = "target",
        ),
    },
)
