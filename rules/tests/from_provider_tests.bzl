"""Tests of wasm_component_from_provider."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_from_provider")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "message_test")

# A provider as another rule set may define it.
_ForeignInfo = provider(
    doc = "A component of another rule set.",
    fields = {"wasm": "File: the component, or None."},
)

def _foreign_impl(ctx):
    return [
        DefaultInfo(files = depset(ctx.files.others)),
        _ForeignInfo(wasm = ctx.file.wasm),
    ]

_foreign = rule(
    implementation = _foreign_impl,
    attrs = {
        "others": attr.label_list(allow_files = True),
        "wasm": attr.label(allow_single_file = [".wasm"]),
    },
)

_adapted = wasm_component_from_provider(_ForeignInfo, component = lambda info: info.wasm)

def _adapted_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    file = target[WasmComponentInfo].component
    asserts.equals(env, "provider.wasm", file.basename)
    asserts.equals(env, [file], target[DefaultInfo].files.to_list())
    asserts.equals(env, ["WasmInspect"], [a.mnemonic for a in analysistest.target_actions(env)], "actions")
    return analysistest.end(env)

_adapted_test = analysistest.make(_adapted_test_impl)

def from_provider_tests(name):
    """Declares the tests, and a suite of that name; the target NAME_adapted is a component.

    Args:
      name: of the suite.
    """
    _foreign(
        name = name + "_foreign",
        # Two .wasm files among the outputs, so the target cannot be used directly.
        others = ["//rules/tests/testdata:two_wasm"],
        tags = ["manual"],
        wasm = "//rules/tests/testdata:provider",
    )
    _foreign(
        name = name + "_foreign_empty",
        tags = ["manual"],
    )
    _adapted(
        name = name + "_adapted",
        src = name + "_foreign",
    )
    for what, src in {"empty": name + "_foreign_empty", "stranger": "//rules/tests/testdata:two_wasm"}.items():
        _adapted(
            name = "{}_{}".format(name, what),
            src = src,
            tags = ["manual"],
        )
    _adapted_test(
        name = name + "_adapted_test",
        target_under_test = name + "_adapted",
    )
    message_test(
        name = name + "_empty_test",
        message = "src = @@//rules/tests:from_provider_tests_foreign_empty: the function component of wasm_component_from_provider returned None, not a File",
        target_under_test = name + "_empty",
    )
    message_test(
        name = name + "_stranger_test",
        message = "does not have mandatory providers: '_ForeignInfo'",
        target_under_test = name + "_stranger",
    )
    native.test_suite(
        name = name,
        tests = [name + "_adapted_test", name + "_empty_test", name + "_stranger_test"],
    )
