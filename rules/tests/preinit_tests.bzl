"""Tests of wasm_preinit."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_preinit")
load("//rules:providers.bzl", "WasmComponentInfo", "WasmModuleInfo")
load(":common.bzl", "action", "message_test", "plain_args")

_DATA = "//rules/tests/testdata:"
_MODULE = ":form_tests_plain_everything"

def _preinit_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    out = target.label.name + (".wasm" if ctx.attr.component else ".core.wasm")
    run = action(env, "WasmPreinit")
    asserts.equals(env, ["preinit", ctx.attr.component or ctx.attr.module, "--quiet", "-o", out, "--label"], plain_args(run)[:6])
    asserts.equals(env, ctx.attr.flags, plain_args(run)[7:])
    asserts.equals(env, [out], [f.basename for f in target[DefaultInfo].files.to_list()])
    asserts.equals(env, ctx.attr.known, WasmModuleInfo in target)
    asserts.equals(env, ctx.attr.known or bool(ctx.attr.component), OutputGroupInfo in target and hasattr(target[OutputGroupInfo], "composed"))
    asserts.equals(env, bool(ctx.attr.component), WasmComponentInfo in target)
    if ctx.attr.component:
        asserts.equals(env, out, target[WasmComponentInfo].component.basename)
    if ctx.attr.known:
        info = target[WasmModuleInfo]
        asserts.equals(env, [out, "cm32p2", "single", "preview1"], [info.module.basename, info.abi, info.memory, info.wasi])
    return analysistest.end(env)

_preinit_test = analysistest.make(_preinit_test_impl, attrs = {
    "component": attr.string(),
    "flags": attr.string_list(),
    "known": attr.bool(doc = "Whether the form of the module is known."),
    "module": attr.string(),
})

def preinit_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    tests = []
    for case, (attrs, test_attrs) in {
        "component": ({"component": _DATA + "fused", "init": "f"}, {"component": "fused.wasm", "flags": ["--init", "f"]}),
        "everything": (
            {"env": {"B": "2", "A": "1"}, "init": "f", "module": _MODULE, "wasi": True},
            {
                "flags": ["--init", "f", "--wasi", "--env", "A=1", "--env", "B=2"],
                "known": True,
                "module": "form_tests_plain_everything.core.wasm",
            },
        ),
        "file": ({"module": _DATA + "provider.core.wasm"}, {"module": "provider.core.wasm"}),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_preinit(name = subject, tags = ["manual"], **attrs)
        _preinit_test(name = subject + "_test", target_under_test = subject, **test_attrs)
        tests.append(subject + "_test")
    for case, (attrs, message) in {
        "both": ({"component": _DATA + "fused", "module": _MODULE}, "component and module: both are set; set component to a fused component"),
        "component": (
            {"module": _DATA + "fused"},
            "module = @@//rules/tests/testdata:fused: this is a component, and a core module is needed here; set emit = \"module\" there",
        ),
        "env": ({"env": {"A": "1"}, "module": _MODULE}, "env is set without wasi; variables are read by functions of WASI: set wasi = True"),
        "memories": (
            {"module": ":form_tests_plain_module", "wasi": True},
            "module = @@//rules/tests:form_tests_plain_module: it may have several memories, and with wasi only one can be initialised; set memory = \"single\" there",
        ),
        "neither": ({}, "component and module: neither is set; set component to a fused component"),
        "wasi": (
            {"component": _DATA + "fused", "wasi": True},
            "wasi is set for component = @@//rules/tests/testdata:fused; a component cannot call WASI before it has a host: remove wasi",
        ),
    }.items():
        subject = "{}_bad_{}".format(name, case)
        wasm_preinit(name = subject, tags = ["manual"], **attrs)
        message_test(name = subject + "_test", message = "@@//rules/tests:{}: {}".format(subject, message), target_under_test = subject)
        tests.append(subject + "_test")
    native.test_suite(name = name, tests = tests)
