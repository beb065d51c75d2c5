"""Tests of //rules:wasmfuse."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules/private:programs.bzl", "wasmfuse_command")

def _command_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    executable = target[DefaultInfo].files_to_run.executable
    asserts.equals(env, ctx.attr.program, executable.basename)
    asserts.equals(env, {"WASMFUSE_BAZEL_RUN": "1"}, target[RunEnvironmentInfo].environment)
    runfiles = [f.basename for f in target[DefaultInfo].default_runfiles.files.to_list()]
    for file in [executable.basename] + ctx.attr.runfiles:
        asserts.true(env, file in runfiles, "{} is a runfile".format(file))
    return analysistest.end(env)

_ATTRS = {
    "program": attr.string(default = "wasmfuse"),
    "runfiles": attr.string_list(),
}

_command_test = analysistest.make(_command_test_impl, attrs = _ATTRS)
_other_tool_test = analysistest.make(
    _command_test_impl,
    attrs = _ATTRS,
    config_settings = {"//command_line_option:extra_toolchains": [str(Label("//rules/tests:other_fuse_toolchain"))]},
)
_windows_test = analysistest.make(
    _command_test_impl,
    attrs = _ATTRS,
    config_settings = {"//command_line_option:extra_execution_platforms": [str(Label("//rules/tests:windows_x86_64"))]},
)

# The program runs on the machine, whatever the target platform is.
_wasm_test = analysistest.make(
    _command_test_impl,
    attrs = _ATTRS,
    config_settings = {"//command_line_option:platforms": str(Label("//rules/platforms:wasip1"))},
)

def command_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    wasmfuse_command(
        name = name + "_on_windows",
        exec_compatible_with = ["@platforms//os:windows"],
        tags = ["manual"],
    )
    command = "//rules:wasmfuse"
    _command_test(name = name + "_default_test", target_under_test = command)
    _wasm_test(name = name + "_wasm_test", target_under_test = command)
    _other_tool_test(name = name + "_other_test", program = "other_wasmfuse", runfiles = ["other_wasmfuse.sh"], target_under_test = command)
    _windows_test(name = name + "_windows_test", program = "wasmfuse.exe", target_under_test = name + "_on_windows")
    native.test_suite(
        name = name,
        tests = [name + "_{}_test".format(t) for t in ["default", "other", "wasm", "windows"]],
    )
