"""wasm_precompile."""

load("//rules:providers.bzl", "WasmPrecompiledInfo")
load(":common.bzl", "PATH_MAPPED", "single_wasm")

_DOC = """Compiles a component or core module to machine code, which wasmtime loads without compiling it again.

```starlark
wasm_precompile(
    name = "app_native",
    component = ":app",
)
```

The output is NAME.cwasm. It runs in the version of wasmtime that has compiled it, or in none: the file states the version, the
target and the settings, and wasmtime refuses one that it would have compiled differently. It contains machine code that wasmtime
trusts, so load only what you have compiled. `wasm_component_run` and `wasm_fuse_test` run that of a component, and of a core module
that is a command with `wasi = "preview1"`, if their `engine` is the compiler. Calls of other core modules need their world, which
machine code does not have.

The code is for the target platform, and uses extensions of its processor only if `flags` turn them on, so that it does not depend
on the machine that has compiled it. The same inputs make the same bytes.

The default compiler is the engine of `wasm_fuse_test`, wasmtime 42, which makes code for the processor that it runs on.
For another version, or another processor, name wasmtime's own program, whose command `compile` has the same flags:

```starlark
wasm_precompile(
    name = "app_arm64",
    compiler = "@wasmtime//:wasmtime",
    component = ":app",
    flags = ["-W", "epoch-interruption=y"],  # as in the host's Config
    target = "aarch64-unknown-linux-gnu",
)
```
"""

_CONSTRAINTS = {
    "_" + name: attr.label(default = "@platforms//" + label)
    for name, label in {
        "aarch64": "cpu:aarch64",
        "linux": "os:linux",
        "macos": "os:macos",
        "windows": "os:windows",
        "x86_64": "cpu:x86_64",
    }.items()
}

# The parts of triples behind the processor.
_SYSTEMS = {"linux": "unknown-linux-gnu", "macos": "apple-darwin", "windows": "pc-windows-msvc"}

def _target(ctx):
    """Returns the triple of the attribute target, or else of the target platform."""
    if ctx.attr.target:
        return ctx.attr.target

    def has(name):
        return ctx.target_platform_has_constraint(getattr(ctx.attr, "_" + name)[platform_common.ConstraintValueInfo])

    for cpu in ["aarch64", "x86_64"]:
        for os, system in _SYSTEMS.items():
            if has(cpu) and has(os):
                return cpu + "-" + system
    fail("{}: target: there is no default for this target platform; set the triple of the machines that run the code, such as \"x86_64-unknown-linux-gnu\"".format(ctx.label))

def _wasm_precompile_impl(ctx):
    wasm = single_wasm(ctx, "component", ctx.attr.component, ["component", "module"])
    target = _target(ctx)
    for flag in ctx.attr.flags:
        if flag.split("=")[0] in ["-o", "--output", "--target"]:
            fail("{}: flags: {}: the rule sets this flag; remove it{}".format(
                ctx.label,
                repr(flag),
                ", and set the attribute target" if flag.startswith("--target") else "",
            ))
    code = ctx.actions.declare_file(ctx.label.name + ".cwasm")
    args = ctx.actions.args()
    args.add("compile")
    args.add("--target=" + target)
    args.add_all(ctx.attr.flags)
    args.add("-o", code)
    args.add(wasm)

    # The program finds them by its own place, which is another where it is a link. Bazel does not rewrite paths in variables.
    compiler = ctx.attr.compiler[DefaultInfo]
    libraries = [f for f in compiler.default_runfiles.files.to_list() if f.extension == "so"]
    ctx.actions.run(
        executable = compiler.files_to_run,
        arguments = [args],
        env = {"LD_LIBRARY_PATH": ":".join({f.dirname: True for f in libraries}.keys())} if libraries else {},
        inputs = [wasm] + libraries,
        outputs = [code],
        mnemonic = "WasmPrecompile",
        progress_message = "Compiling %{label} for " + target,
        execution_requirements = {} if libraries else PATH_MAPPED,
    )
    groups = ctx.attr.component[OutputGroupInfo] if OutputGroupInfo in ctx.attr.component else None
    return [
        DefaultInfo(files = depset([code]), runfiles = ctx.runfiles([code])),
        WasmPrecompiledInfo(precompiled = code, target = target, wasm = wasm),
    ] + ([OutputGroupInfo(composed = groups.composed)] if groups and hasattr(groups, "composed") else [])

wasm_precompile = rule(
    implementation = _wasm_precompile_impl,
    doc = _DOC,
    attrs = {
        "compiler": attr.label(
            doc = "The program that compiles: `@rules_wasm_fuse//rules:wasmtime50`, wasmtime's own program `wasmtime`, or another " +
                  "with its command `compile`. The default is that of the toolchain, wasmtime 42 on Linux.",
            allow_files = True,
            default = "//rules:default_engine",
            executable = True,
            cfg = "exec",
        ),
        "component": attr.label(
            doc = "The component or core module. Any target with exactly one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "flags": attr.string_list(
            doc = "Further flags of the command `compile`. `[\"-C\", \"cranelift-has_avx2\"]` lets the code use AVX2; " +
                  "wasmtime's own program has many more.",
        ),
        "target": attr.string(
            doc = "The triple of the machines that run the code. The default is that of the target platform.",
        ),
    } | _CONSTRAINTS,
    provides = [WasmPrecompiledInfo],
)
