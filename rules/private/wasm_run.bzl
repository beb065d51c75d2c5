"""wasm_fuse_test and wasm_component_run, which run components in an engine."""

load("//rules:providers.bzl", "WasmModuleInfo", "WasmRunToolchainInfo")
load(":common.bzl", "single_wasm")

_DEFAULT = Label("//rules:default_engine")

_ENGINE_ATTRS = {
    "engine": attr.label(
        doc = "The program that runs it. The default is that of the toolchain, which is wasmtime 42 where that is available, " +
              "and otherwise `@rules_wasm_fuse//rules:wazero`; or the latter if `component` is a core module. " +
              "`@rules_wasm_fuse//rules:wazero` is written in Go and runs on Linux, macOS and Windows; it fuses what " +
              "it runs, and has no asynchronous functions. `@rules_wasm_fuse//rules:wasmtime50` has them. It is downloaded " +
              "from the registry of Python packages with python3 and pip, and runs on Linux on x86-64. On platforms where the " +
              "engine does not run, the target is incompatible, so `bazel test //...` skips it.",
        default = _DEFAULT,
        executable = True,
        cfg = "target",
    ),
    "_module_engine": attr.label(
        default = "//rules/private:module_engine",
    ),
}

def _engine(ctx):
    """Returns an engine's program and its runfiles."""
    if ctx.attr.engine.label == _DEFAULT and WasmModuleInfo in ctx.attr.component:
        run = ctx.attr._module_engine[WasmRunToolchainInfo]
        return run.wasmrun.executable, run.runfiles
    return ctx.attr.engine[DefaultInfo].files_to_run.executable, ctx.attr.engine[DefaultInfo].default_runfiles

def _wasmrun(ctx, before, files):
    """Returns the providers of a target that runs an engine with the arguments `before` and with `files` as runfiles."""
    executable, runfiles = _engine(ctx)

    # Windows knows programs by their extension.
    program = ctx.actions.declare_file(ctx.label.name + (".exe" if executable.extension == "exe" else ""))
    ctx.actions.symlink(output = program, target_file = executable, is_executable = True)

    # Replaces a launcher script, so the machine that runs it needs no shell.
    environment = {"WASMRUN_ARGS": json.encode(before)}

    # The program finds shared libraries by its own place, which is another where the link above has become a copy.
    libraries = {f.short_path.rpartition("/")[0]: True for f in runfiles.files.to_list() if f.extension == "so"}
    if libraries:
        environment["LD_LIBRARY_PATH"] = ":".join(libraries.keys())
    return [
        DefaultInfo(
            executable = program,
            runfiles = ctx.runfiles(files = files).merge(runfiles),
        ),
        RunEnvironmentInfo(environment = environment),
    ]

_TEST_DOC = """Runs a component in an engine and compares its behaviour with expectations and with its un-fused composition.

```starlark
wasm_fuse_test(
    name = "app_test",
    component = ":app",
    calls = ["demo:app/main@1.0.0#greet(\\"you\\", 2)"],
    expected = ["\\"hello, you!!\\""],
)
```

The test makes the given `calls`, or, if there are none, runs the component as a WASI 0.2 command. Values are written in
WAVE, the component model's text format for values.

`bazel test --test_filter=TEXT`, or `--test_arg=TEXT` several times, makes only the calls that contain a text.

The component may also be a core module, the output of a wasm_component_fuse with `emit = "module"`.
"""

def _composed(ctx):
    if not ctx.attr.compare:
        if ctx.attr.composed:
            fail("{}: composed is set, but compare is False; remove one of them".format(ctx.label))
        return None
    if ctx.attr.composed:
        return single_wasm(ctx, "composed", ctx.attr.composed)
    groups = ctx.attr.component[OutputGroupInfo] if OutputGroupInfo in ctx.attr.component else None
    if not groups or not hasattr(groups, "composed"):
        fail("{}: component = {}: there is no composition to compare with; set composed, or compare = False".format(
            ctx.label,
            ctx.attr.component.label,
        ))
    return groups.composed.to_list()[0]

def _wasm_fuse_test_impl(ctx):
    if ctx.attr.expected and len(ctx.attr.expected) != len(ctx.attr.calls):
        fail("{}: expected has {} results for {} calls; it needs one for each call".format(
            ctx.label,
            len(ctx.attr.expected),
            len(ctx.attr.calls),
        ))
    if ctx.attr.calls and ctx.attr.expected_status:
        fail("{}: expected_status applies to commands and cannot be combined with calls; remove one of them".format(ctx.label))
    component = single_wasm(ctx, "component", ctx.attr.component, ["component", "module"])
    composed = _composed(ctx)
    files = [component] + [f for f in [composed, ctx.file.stdin, ctx.file.expected_stdout] if f]
    spec = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(spec, json.encode({
        "component": component.short_path,
        "composed": composed.short_path if composed else "",
        "calls": ctx.attr.calls or None,
        "expected": ctx.attr.expected or None,
        "args": ctx.attr.component_args,
        "env": ctx.attr.component_env,
        "host": ctx.attr.host,
        "stdin": ctx.file.stdin.short_path if ctx.file.stdin else "",
        "expected_stdout": ctx.file.expected_stdout.short_path if ctx.file.expected_stdout else "",
        "expected_status": ctx.attr.expected_status,
    }))
    return _wasmrun(ctx, ["test", spec.short_path], files + [spec])

wasm_fuse_test = rule(
    implementation = _wasm_fuse_test_impl,
    doc = _TEST_DOC,
    test = True,
    attrs = {
        "component": attr.label(
            doc = "The component or core module under test, usually a wasm_component_fuse. Any target with exactly one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "compare": attr.bool(
            doc = "Also run the un-fused composition, and compare results, traps, output and exit status.",
            default = True,
        ),
        "composed": attr.label(
            doc = "The composition to compare with. Defaults to the output group `composed` of `component`.",
            allow_files = [".wasm"],
        ),
        "calls": attr.string_list(
            doc = "Calls of exports, made in this order in one instance: `ns:pkg/iface@1.0.0#func(1, \"a\")`, or " +
                  "`func(1, \"a\")` for a function that the world exports directly.",
        ),
        "expected": attr.string_list(
            doc = "The expected result of each call: a value, the empty string for a function without a result, `trap`, " +
                  "or `not run` for calls after a trap.",
        ),
        "component_args": attr.string_list(
            doc = "Arguments passed to the component through WASI, after its name.",
        ),
        "component_env": attr.string_dict(
            doc = "Environment variables passed to the component through WASI.",
        ),
        "host": attr.string_dict(
            doc = "Functions that the host provides in addition to WASI: maps `ns:pkg/iface@1.0.0#func` to the result " +
                  "it always returns, or to the empty string. Calls of them are compared too. Other imports trap.",
        ),
        "stdin": attr.label(
            doc = "Standard input of the component.",
            allow_single_file = True,
        ),
        "expected_stdout": attr.label(
            doc = "The exact expected standard output.",
            allow_single_file = True,
        ),
        "expected_status": attr.int(
            doc = "The expected exit status of a command.",
        ),
    } | _ENGINE_ATTRS,
)

_RUN_DOC = """Runs a WASI 0.2 command, a component or a core module made of one: `bazel run //app:run -- ARG...`.

```starlark
wasm_component_run(
    name = "run",
    component = ":app",
)
```
"""

def _wasm_component_run_impl(ctx):
    component = single_wasm(ctx, "component", ctx.attr.component, ["component", "module"])
    return _wasmrun(ctx, ["run", component.short_path], [component])

wasm_component_run = rule(
    implementation = _wasm_component_run_impl,
    doc = _RUN_DOC,
    executable = True,
    attrs = {
        "component": attr.label(
            doc = "The component, or a core module with `wasi = \"preview1\"`. Any target with exactly one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
    } | _ENGINE_ATTRS,
)
