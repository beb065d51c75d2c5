"""Tests of the rules that give a core module to other languages. The package embed uses what they make."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_module_cc_library", "wasm_module_file", "wasm_module_js_library")
load("//rules:providers.bzl", "WasmModuleInfo")
load(":common.bzl", "basenames", "message_test")

_DATA = "//rules/tests/testdata:"

def _file_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    info = target[WasmModuleInfo]
    asserts.equals(env, "placed.wasm", info.module.basename)
    asserts.equals(env, ["cm32p2", "single", "preview1"], [info.abi, info.memory, info.wasi])
    asserts.equals(env, [info.module], target[DefaultInfo].files.to_list())
    asserts.equals(env, [info.module], target[DefaultInfo].default_runfiles.files.to_list())
    return analysistest.end(env)

_file_test = analysistest.make(_file_test_impl)

def _plain_file_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.false(env, WasmModuleInfo in analysistest.target_under_test(env), "a plain file is a module of unknown form")
    return analysistest.end(env)

_plain_file_test = analysistest.make(_plain_file_test_impl)

def _outputs_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[DefaultInfo]
    asserts.equals(env, ctx.attr.files, basenames(info.files.to_list()))
    asserts.equals(env, ctx.attr.runfiles, basenames(info.default_runfiles.files.to_list()))
    return analysistest.end(env)

_outputs_test = analysistest.make(_outputs_test_impl, attrs = {
    "files": attr.string_list(),
    "runfiles": attr.string_list(),
})

def module_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    module = ":form_tests_plain_everything"
    wasm_module_file(name = name + "_file", module = module, out = "placed.wasm", tags = ["manual"])
    wasm_module_file(name = name + "_plain", module = _DATA + "provider.core.wasm", out = "plain.wasm", tags = ["manual"])
    wasm_module_cc_library(name = name + "_cc", module = module, tags = ["manual"])
    wasm_module_js_library(name = name + "_js", module = module, tags = ["manual"])
    _file_test(name = name + "_file_test", target_under_test = name + "_file")
    _plain_file_test(name = name + "_plain_test", target_under_test = name + "_plain")
    _outputs_test(
        name = name + "_cc_test",
        files = ["lib{}_cc.a".format(name), name + "_cc.h"],
        target_under_test = name + "_cc",
    )
    js = [name + "_js" + suffix for suffix in [".d.mts", ".mjs", ".wasm"]]
    _outputs_test(name = name + "_js_test", files = js, runfiles = js, target_under_test = name + "_js")

    tests = [name + suffix for suffix in ["_cc_test", "_file_test", "_js_test", "_plain_test"]]
    component = "module = @@//rules/tests/testdata:fused: this is a component, and a core module is needed here; set emit = \"module\" there"
    two = "module = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file among its outputs, got consumer.core.wasm, provider.core.wasm; name the file itself"
    symbol = "symbol: {} is not an identifier of C; set another"
    for case, (rule, attrs, message) in {
        "cc_component": (wasm_module_cc_library, {"module": _DATA + "fused"}, component),
        "cc_symbol": (wasm_module_cc_library, {"module": module, "symbol": "a-b"}, symbol.format('"a-b"')),
        "file_component": (wasm_module_file, {"module": _DATA + "fused", "out": name + "_component.wasm"}, component),
        "file_two": (wasm_module_file, {"module": _DATA + "two_wasm", "out": name + "_two.wasm"}, two),
        "js_component": (wasm_module_js_library, {"module": _DATA + "fused"}, component),
    }.items():
        subject = "{}_{}".format(name, case)
        rule(name = subject, tags = ["manual"], **attrs)
        message_test(
            name = subject + "_test",
            message = "@@//rules/tests:{}: {}".format(subject, message),
            target_under_test = subject,
        )
        tests.append(subject + "_test")
    wasm_module_cc_library(name = "7_" + name, module = module, tags = ["manual"])
    message_test(
        name = name + "_cc_digit_test",
        message = symbol.format('"7_{}"'.format(name)),
        target_under_test = "7_" + name,
    )
    native.test_suite(name = name, tests = tests + [name + "_cc_digit_test"])
