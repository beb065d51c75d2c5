"""Tests of wasm_precompile."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_run", "wasm_precompile")
load("//rules:providers.bzl", "WasmPrecompiledInfo")
load(":common.bzl", "action", "message_test", "message_test_rule", "plain_args")

_DATA = "//rules/tests/testdata:"

def _precompile_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    run = action(env, "WasmPrecompile")
    info = target[WasmPrecompiledInfo]
    asserts.equals(
        env,
        ["compile", "--target=" + ctx.attr.triple] + ctx.attr.flags + ["-o", target.label.name + ".cwasm", info.wasm.basename],
        plain_args(run),
    )
    asserts.equals(env, ctx.attr.program, run.argv[0].split("/")[-1])
    asserts.equals(env, ctx.attr.triple, info.target)
    asserts.equals(env, [info.precompiled], run.outputs.to_list())
    asserts.equals(env, [info.precompiled], target[DefaultInfo].files.to_list())
    asserts.equals(env, ctx.attr.composed, OutputGroupInfo in target and hasattr(target[OutputGroupInfo], "composed"))
    return analysistest.end(env)

_ATTRS = {
    "composed": attr.bool(default = True),
    "flags": attr.string_list(),
    "program": attr.string(default = "wasmrun"),
    "triple": attr.string(),
}

def _platform(name):
    return {"//command_line_option:platforms": str(Label("//rules/tests:" + name))}

def _run_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    spec = json.decode(action(env, "FileWrite").content)
    asserts.true(env, spec["precompiled"], "the file is machine code")
    asserts.true(env, spec["component"].endswith(".cwasm"), spec["component"] + " is not machine code")
    asserts.true(env, spec["component"].removeprefix("_main/") in [f.short_path for f in target[DefaultInfo].default_runfiles.files.to_list()])
    return analysistest.end(env)

_run_test = analysistest.make(_run_test_impl)

_precompile_test = analysistest.make(_precompile_test_impl, attrs = _ATTRS)
_macos_test = analysistest.make(_precompile_test_impl, attrs = _ATTRS, config_settings = _platform("macos_arm64"))
_windows_test = analysistest.make(_precompile_test_impl, attrs = _ATTRS, config_settings = _platform("windows_x86_64"))
_wasm_message_test = message_test_rule({"//command_line_option:platforms": str(Label("//rules/platforms:wasip1"))})

def precompile_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    fused = {"component": _DATA + "fused"}
    tests = []
    for case, (attrs, test, test_attrs) in {
        "compiler": (fused | {"compiler": ":fake_wasm_opt", "target": "riscv64gc-unknown-linux-gnu"}, _precompile_test, {
            "program": "fake_wasm_opt",
            "triple": "riscv64gc-unknown-linux-gnu",
        }),
        "flags": (fused | {"flags": ["-C", "cranelift-has_avx2"], "target": "x86_64-unknown-linux-gnu"}, _precompile_test, {
            "flags": ["-C", "cranelift-has_avx2"],
            "triple": "x86_64-unknown-linux-gnu",
        }),
        "macos": (fused, _macos_test, {"triple": "aarch64-apple-darwin"}),
        "module": ({"component": _DATA + "provider.core.wasm", "target": "x"}, _precompile_test, {"composed": False, "triple": "x"}),
        "windows": (fused, _windows_test, {"triple": "x86_64-pc-windows-msvc"}),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_precompile(name = subject, tags = ["manual"], **attrs)
        test(name = subject + "_test", target_under_test = subject, **test_attrs)
        tests.append(subject + "_test")
    for case, (attrs, test, message) in {
        "no_target": (fused, _wasm_message_test, "target: there is no default for this target platform; set the triple"),
        "output_flag": (fused | {"flags": ["-o", "x"]}, message_test, "flags: \"-o\": the rule sets this flag; remove it"),
        "target_flag": (fused | {"flags": ["--target=x"]}, message_test, "flags: \"--target=x\": the rule sets this flag; remove it, and set the attribute target"),
        "two_wasm": ({"component": _DATA + "two_wasm"}, message_test, "component = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file"),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_precompile(name = subject, tags = ["manual"], **attrs)
        test(name = subject + "_test", message = "@@//rules/tests:{}: {}".format(subject, message), target_under_test = subject)
        tests.append(subject + "_test")
    wasm_component_run(name = name + "_run", component = ":fused_native", tags = ["manual"])
    _run_test(name = name + "_run_test", target_under_test = name + "_run")
    native.test_suite(name = name, tests = tests + [name + "_run_test"])
