"""Tests of the attributes optimize, shake, strip, dwarf and provenance of wasm_component_fuse."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_fuse")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "action", "basenames", "message_test", "plain_args")

_DATA = "//rules/tests/testdata:"
_TOOLCHAIN = {"//command_line_option:extra_toolchains": [str(Label("//rules/tests:fake_wasm_opt_toolchain"))]}
_FLAGS = ["--optimize=", "--no-shake", "--strip=", "--dwarf=", "--provenance"]

def _optimize_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    fuse = action(env, "WasmFuse")
    asserts.equals(env, ctx.attr.flags, [a for a in fuse.argv if [f for f in _FLAGS if a.startswith(f)]])
    debug = action(env, "WasmFuseDebug").argv
    asserts.equals(env, ["--optimize=none", "--no-shake", "--dwarf=keep"], [a for a in debug if [f for f in _FLAGS if a.startswith(f) and f != "--provenance"]])
    out = target[WasmComponentInfo].component
    groups = target[OutputGroupInfo]
    asserts.equals(env, not ctx.attr.wasm_opt, hasattr(groups, "sbom"), "whether there is a bill of materials")
    if hasattr(groups, "sbom"):
        sbom = action(env, "WasmFuseSBOM")
        asserts.equals(env, [target.label.name + ".sbom.json"], [f.basename for f in groups.sbom.to_list()])
        asserts.equals(env, ctx.attr.flags, [a for a in sbom.argv if [f for f in _FLAGS if a.startswith(f)]])
        asserts.true(env, out.basename in [f.basename for f in sbom.outputs.to_list()], "the bill is of another file")
    if ctx.attr.wasm_opt:
        run = action(env, "WasmOpt")
        fused = target.label.name + ".plain.wasm"
        asserts.equals(
            env,
            ["wasm-opt", "--quiet", fused, "-o", out.basename, "--tool", "fake_wasm_opt", "--"] + ctx.attr.wasm_opt,
            plain_args(run),
        )
        asserts.true(env, fused in [f.basename for f in run.inputs.to_list()], "the action does not read " + fused)
        for file in ["fake_wasm_opt", "fake_wasm_opt.txt"]:
            asserts.true(env, file in [f.basename for f in run.inputs.to_list()], "the action lacks {} of its tool".format(file))
        asserts.true(env, out in run.outputs.to_list(), "the action does not write the output")
    else:
        asserts.equals(env, [], [a for a in analysistest.target_actions(env) if a.mnemonic == "WasmOpt"])
        asserts.true(env, out in fuse.outputs.to_list(), "the action does not write the output")
    return analysistest.end(env)

_ATTRS = {
    "flags": attr.string_list(doc = "The flags of WasmFuse that concern these attributes."),
    "wasm_opt": attr.string_list(doc = "The flags of wasm-opt; none if it does not run."),
}

_optimize_test = analysistest.make(_optimize_test_impl, attrs = _ATTRS, config_settings = _TOOLCHAIN)
_optimize_all_test = analysistest.make(_optimize_test_impl, attrs = _ATTRS, config_settings = _TOOLCHAIN | {
    str(Label("//rules:" + name)): value
    for name, value in {"optimize": "Oz", "shake": False, "strip": "names"}.items()
})
_optimize_dbg_test = analysistest.make(_optimize_test_impl, attrs = _ATTRS, config_settings = _TOOLCHAIN | {
    "//command_line_option:compilation_mode": "dbg",
})

def _tool_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[platform_common.ToolchainInfo].wasm_opt
    asserts.equals(env, "fake_wasm_opt", info.wasm_opt.executable.basename)
    asserts.equals(env, ["fake_wasm_opt.txt"], basenames(info.data.to_list()))
    asserts.equals(env, {"no-remote-exec": "1"}, info.execution_requirements)
    return analysistest.end(env)

_tool_test = analysistest.make(_tool_test_impl)

# name -> (attributes, flags of wasmfuse, flags of wasm-opt)
_CASES = {
    "default": ({}, [], []),
    "dwarf": ({"dwarf": "keep", "strip": "names"}, ["--strip=names", "--dwarf=keep"], []),
    "everything": ({"optimize": "none", "shake": "off", "strip": "all"}, ["--optimize=none", "--no-shake", "--strip=all"], []),
    "level": ({"optimize": "O2"}, [], ["-O2", "-g"]),
    "level_size": ({"optimize": "Os"}, ["--optimize=size"], ["-Os", "-g"]),
    "level_stripped": ({"optimize": "O4", "strip": "names"}, ["--strip=names"], ["-O4"]),
    "provenance": ({"provenance": "on"}, ["--provenance"], []),
    "size": ({"optimize": "size"}, ["--optimize=size"], []),
    "speed": ({"optimize": "speed", "shake": "on", "strip": "none", "dwarf": "strip", "provenance": "off"}, [], []),
}

# The same with other defaults for the whole build.
_CASES_ALL = {
    "default": ({}, ["--optimize=size", "--no-shake", "--strip=names"], ["-Oz"]),
    "opposite": ({"optimize": "speed", "shake": "on", "strip": "none"}, [], []),
}

# The same with -c dbg.
_CASES_DBG = {
    "all": ({"strip": "all"}, ["--strip=all"], []),
    "default": ({}, ["--dwarf=keep"], []),
    "strip": ({"dwarf": "strip"}, [], []),
}

_KINDS = {
    "all": (_optimize_all_test, _CASES_ALL),
    "dbg": (_optimize_dbg_test, _CASES_DBG),
    "plain": (_optimize_test, _CASES),
}

def optimize_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    tests = []
    for kind, (test, cases) in _KINDS.items():
        for case, (attrs, flags, wasm_opt) in cases.items():
            subject = "{}_{}_{}".format(name, kind, case)
            wasm_component_fuse(
                name = subject,
                root = _DATA + "consumer",
                tags = ["manual"],
                deps = [_DATA + "provider"],
                **attrs
            )
            test(name = subject + "_test", flags = flags, target_under_test = subject, wasm_opt = wasm_opt)
            tests.append(subject + "_test")
    _tool_test(name = name + "_tool_test", target_under_test = ":fake_wasm_opt_tool")
    tests.append(name + "_tool_test")
    wasm_component_fuse(
        name = name + "_no_tool",
        optimize = "O2",
        root = _DATA + "consumer",
        tags = ["manual"],
        deps = [_DATA + "provider"],
    )
    message_test(
        name = name + "_no_tool_test",
        message = "optimize = \"O2\" runs binaryen's wasm-opt, and no toolchain has it; write " +
                  "register_toolchains(\"@binaryen//:all\") in MODULE.bazel, with the extension binaryen of @rules_wasm_fuse//rules:extensions.bzl, " +
                  "register another toolchain of type @rules_wasm_fuse//rules:wasm_opt_toolchain_type",
        target_under_test = name + "_no_tool",
    )
    tests.append(name + "_no_tool_test")
    wasm_component_fuse(
        name = name + "_nothing",
        dwarf = "keep",
        root = _DATA + "consumer",
        strip = "all",
        tags = ["manual"],
        deps = [_DATA + "provider"],
    )
    message_test(
        name = name + "_nothing_test",
        message = "dwarf = \"keep\" keeps debug information, and strip is \"all\", which leaves it out; change one of them",
        target_under_test = name + "_nothing",
    )
    tests.append(name + "_nothing_test")
    native.test_suite(name = name, tests = tests)
