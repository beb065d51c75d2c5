"""Tests of wasm_oci_layout."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_oci_layout")
load(":common.bzl", "action", "message_test", "plain_args")

_DATA = "//rules/tests/testdata:"

def _layout_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    run = action(env, "WasmOCILayout")
    asserts.equals(env, ctx.attr.argv, plain_args(run))
    folder = target[DefaultInfo].files.to_list()
    asserts.equals(env, [target.label.name], [f.basename for f in folder])
    asserts.true(env, folder[0].is_directory, "the output is not a folder")
    asserts.equals(env, folder, target[DefaultInfo].default_runfiles.files.to_list())
    return analysistest.end(env)

_layout_test = analysistest.make(_layout_test_impl, attrs = {"argv": attr.string_list()})

def oci_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    tests = []
    for case, (attrs, args) in {
        "everything": (
            {
                "annotations": {"b": "2=3", "a": "1"},
                "author": "Alyssa",
                "component": _DATA + "fused",
                "created": "2026-01-31T12:00:00Z",
                "tag": "1.0.0",
                "target": "demo:calc/consumer",
            },
            [
                "oci",
                "fused.wasm",
                "--quiet",
                "-o",
                name + "_everything",
                "--label",
                "testdata:fused",
                "--author",
                "Alyssa",
                "--created",
                "2026-01-31T12:00:00Z",
                "--tag",
                "1.0.0",
                "--target",
                "consumer",
                "--annotation",
                "a=1",
                "--annotation",
                "b=2=3",
            ],
        ),
        "module": (
            {"component": ":form_tests_plain_module"},
            ["oci", "form_tests_plain_module.core.wasm", "--quiet", "-o", name + "_module", "--label", "tests:form_tests_plain_module"],
        ),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_oci_layout(name = subject, tags = ["manual"], **attrs)
        _layout_test(name = subject + "_test", argv = args, target_under_test = subject)
        tests.append(subject + "_test")
    for case, (attrs, message) in {
        "key": ({"annotations": {"": "x"}, "component": _DATA + "fused"}, "annotations: a key is empty; name each annotation"),
        "two_wasm": (
            {"component": _DATA + "two_wasm"},
            "component = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file among its outputs",
        ),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_oci_layout(name = subject, tags = ["manual"], **attrs)
        message_test(name = subject + "_test", message = "@@//rules/tests:{}: {}".format(subject, message), target_under_test = subject)
        tests.append(subject + "_test")
    native.test_suite(name = name, tests = tests)
