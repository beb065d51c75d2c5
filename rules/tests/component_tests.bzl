"""Tests of wit_library, wasm_component_import and wasm_component."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component", "wasm_component_import", "wit_library")
load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":common.bzl", "action", "basenames", "failure_test", "plain_args")

def _wit_info_test_impl(ctx):
    env = analysistest.begin(ctx)
    wit = analysistest.target_under_test(env)[WitInfo]
    asserts.equals(env, ["calc.wit"], basenames(wit.srcs.to_list()))
    entries = wit.files.to_list()
    asserts.equals(env, ["calc.wit", "types.wit"], basenames([e.file for e in entries]))
    asserts.equals(env, ["calc.wit"], [e.file.basename for e in entries if e.folder == wit.folder])
    asserts.equals(env, 2, len({e.folder: None for e in entries}), "folders")
    asserts.equals(env, "demo:calc@1.0.0", wit.package)
    return analysistest.end(env)

_wit_info_test = analysistest.make(_wit_info_test_impl)

def _wit_check_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitPackage")
    out = target.label.name + ".witpackage"
    label = "-target=" + str(target.label).split("/")[-1]
    package = "-package=" + target[WitInfo].package
    asserts.equals(env, [label, package, "-o=" + out] + basenames(target[WitInfo].srcs.to_list()), plain_args(made))

    # Bazel adds the validations of dependencies.
    asserts.true(env, made.outputs.to_list()[0] in target[OutputGroupInfo]._validation.to_list())
    return analysistest.end(env)

_wit_check_test = analysistest.make(_wit_check_test_impl)

def _wit_deps_test_impl(ctx):
    env = analysistest.begin(ctx)
    wit = analysistest.target_under_test(env)[WitInfo]
    asserts.equals(env, ["calc.wit", "top.wit", "types.wit"], basenames([e.file for e in wit.files.to_list()]))
    asserts.equals(env, "", wit.package)
    return analysistest.end(env)

# Includes packages two levels down.
_wit_deps_test = analysistest.make(_wit_deps_test_impl)

_twins_test = failure_test("have the same base name; the files of a WIT package share a folder")

def _import_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, "provider.wasm", target[WasmComponentInfo].component.basename)
    asserts.equals(env, [target[WasmComponentInfo].component], target[DefaultInfo].files.to_list())
    asserts.equals(env, [], analysistest.target_actions(env), "actions")
    return analysistest.end(env)

_import_test = analysistest.make(_import_test_impl)

_import_two_test = failure_test("src = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file among its outputs, got consumer.core.wasm, provider.core.wasm")
_import_none_test = failure_test("no_wasm")

def _component_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WasmComponent")
    args = plain_args(made)
    asserts.equals(env, "-core=consumer.core.wasm", args[0])
    asserts.equals(env, "-wit=calc.wit=calc.wit", args[1])
    asserts.true(env, args[2].startswith("-wit=deps/") and args[2].endswith("types-wit/types.wit=types.wit"), args[2])
    asserts.equals(env, ["-world=consumer", "-encoding=compact-utf16", "-o=consumer.wasm"], args[3:])
    inputs = basenames(made.inputs.to_list())
    for needed in ["calc.wit", "consumer.core.wasm", "types.wit"]:
        asserts.true(env, needed in inputs, needed + " is not an input")
    asserts.equals(env, ["consumer.wasm"], basenames(made.outputs.to_list()))
    asserts.equals(env, target[WasmComponentInfo].component, made.outputs.to_list()[0])
    asserts.equals(env, [target[WasmComponentInfo].component], target[DefaultInfo].files.to_list())
    return analysistest.end(env)

_component_test = analysistest.make(_component_test_impl)

def _wit_binary_test_impl(ctx):
    env = analysistest.begin(ctx)
    args = plain_args(action(env, "WasmComponent"))
    asserts.true(env, "-wit=package.wasm=package.wasm" in args, str(args))
    return analysistest.end(env)

# A WIT package in binary form can contain the component's world,
_wit_binary_test = analysistest.make(_wit_binary_test_impl)

def _wit_binary_dep_test_impl(ctx):
    env = analysistest.begin(ctx)
    args = plain_args(action(env, "WasmComponent"))
    found = [a for a in args if a.startswith("-wit=deps/") and a.endswith("-binary.wasm=package.wasm")]
    asserts.equals(env, 1, len(found), str(args))
    asserts.true(env, "-wit=user.wit=user.wit" in args, str(args))
    return analysistest.end(env)

# or be a dependency of it.
_wit_binary_dep_test = analysistest.make(_wit_binary_dep_test_impl)

_wit_mixed_test = failure_test("is a complete WIT package in binary form; move the other files to another wit_library")

_core_two_test = failure_test("core = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file")
_wit_provider_test = failure_test("WitInfo")

def component_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    manual = {"tags": ["manual"]}
    wit_library(
        name = name + "_twins",
        srcs = [":testdata_twin", "//rules/tests/testdata:calc.wit"],
        **manual
    )
    native.genrule(
        name = "testdata_twin",
        outs = ["twin/calc.wit"],
        cmd = "echo 'package demo:twin;' > $@",
        tags = ["manual"],
    )
    native.genrule(
        name = name + "_top_file",
        outs = ["top.wit"],
        cmd = "echo 'package demo:top; interface i { use demo:calc/math@1.0.0.{n}; }' > $@",
        tags = ["manual"],
    )
    wit_library(
        name = name + "_top",
        srcs = ["top.wit"],
        deps = ["//rules/tests/testdata:calc_wit"],
        **manual
    )
    wit_library(
        name = name + "_binary",
        srcs = ["//fusecore/iface:testdata/package.wasm"],
        package = "a:b@1.0.0",
    )
    wit_library(
        name = name + "_mixed",
        srcs = ["//fusecore/iface:testdata/package.wasm", "//rules/tests/testdata:calc.wit"],
        **manual
    )
    native.genrule(
        name = name + "_user_file",
        outs = ["user.wit"],
        cmd = "echo 'package demo:user; world w { import a:b/another@1.0.0; }' > $@",
        tags = ["manual"],
    )
    wit_library(
        name = name + "_user",
        srcs = ["user.wit"],
        deps = [name + "_binary"],
        **manual
    )
    for kind in ["binary", "user"]:
        wasm_component(
            name = "{}_of_{}".format(name, kind),
            core = "//rules/tests/testdata:provider.core.wasm",
            wit = "{}_{}".format(name, kind),
            world = "w",
            **manual
        )
    for what in ["two_wasm", "no_wasm"]:
        wasm_component_import(
            name = name + "_import_" + what,
            src = "//rules/tests/testdata:" + what,
            **manual
        )
    wasm_component_import(
        name = name + "_import_one_wasm",
        src = "//rules/tests/testdata:one_wasm",
        **manual
    )
    wasm_component(
        name = name + "_core_two",
        core = "//rules/tests/testdata:two_wasm",
        wit = "//rules/tests/testdata:calc_wit",
        world = "consumer",
        **manual
    )
    wasm_component(
        name = name + "_wit_no_library",
        core = "//rules/tests/testdata:provider.core.wasm",
        wit = "//rules/tests/testdata:no_wasm",
        world = "consumer",
        **manual
    )
    tests = {
        "wit_info": (_wit_info_test, "//rules/tests/testdata:calc_wit"),
        "wit_check": (_wit_check_test, "//rules/tests/testdata:calc_wit"),
        "wit_check_unnamed": (_wit_check_test, "//rules/tests/testdata:types_wit"),
        "wit_deps": (_wit_deps_test, name + "_top"),
        "wit_twins": (_twins_test, name + "_twins"),
        "wit_binary": (_wit_binary_test, name + "_of_binary"),
        "wit_binary_dep": (_wit_binary_dep_test, name + "_of_user"),
        "wit_mixed": (_wit_mixed_test, name + "_mixed"),
        "import": (_import_test, "//rules/tests/testdata:imported"),
        "import_one": (_import_test, name + "_import_one_wasm"),
        "import_two": (_import_two_test, name + "_import_two_wasm"),
        "import_none": (_import_none_test, name + "_import_no_wasm"),
        "component": (_component_test, "//rules/tests/testdata:consumer"),
        "core_two": (_core_two_test, name + "_core_two"),
        "wit_no_library": (_wit_provider_test, name + "_wit_no_library"),
    }
    for test, (rule, target) in tests.items():
        rule(name = "{}_{}_test".format(name, test), target_under_test = target)
    native.test_suite(
        name = name,
        tests = ["{}_{}_test".format(name, test) for test in tests],
    )
