"""Tests of wasm_fuse_test and wasm_component_run."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_run", "wasm_fuse_test")
load(":common.bzl", "action")

_DATA = "//rules/tests/testdata:"
_DIR = "rules/tests/testdata/"
_MODULE = ":form_tests_plain_module"
_CALL = "demo:calc/app@1.0.0#double(21)"

def _runfiles(target):
    return [f.short_path for f in target[DefaultInfo].default_runfiles.files.to_list()]

def _spec(env):
    """Returns what the program is told to do, by the file beside it."""
    target = analysistest.target_under_test(env)
    write = action(env, "FileWrite")
    file = write.outputs.to_list()[0]
    program = target[DefaultInfo].files_to_run.executable
    asserts.equals(env, program.path.removesuffix(".exe") + ".wasmrun.json", file.path)
    asserts.true(env, file.short_path in _runfiles(target), "it is a runfile")
    asserts.true(env, file in target[DefaultInfo].files.to_list(), "actions whose tool the program is have it")
    return json.decode(write.content)

def _has_runfiles(env, spec):
    """Checks that the files that a spec names are runfiles."""
    test = spec["test"] or {}
    for file in [spec["component"], spec["wasi"]["stdin"], test.get("composed"), test.get("expected_stdout")] + spec["wasi"]["data"].values():
        asserts.true(env, not file or file.removeprefix("_main/") in _runfiles(analysistest.target_under_test(env)), "{} is not a runfile".format(file))

def _spec_test_impl(ctx):
    env = analysistest.begin(ctx)
    spec = _spec(env)
    main = "_main/" + _DIR
    asserts.equals(env, {
        "component": main + "fused.wasm",
        "label": "//rules/tests:" + analysistest.target_under_test(env).label.name,
        "precompiled": False,
        "test": {
            "calls": [_CALL],
            "composed": main + ctx.attr.composed if ctx.attr.composed else "",
            "expected": ["42"],
            "expected_status": 0,
            "expected_stdout": main + "types.wit",
            "host": {"demo:host/f#g": "1"},
            "requests": None,
            "server": "",
        },
        "wasi": {
            "args": ["a", "b"],
            "data": {},
            "data_dirs": {},
            "env": {"K": "V"},
            "stdin": main + "calc.wit",
        },
    }, spec)
    _has_runfiles(env, spec)
    return analysistest.end(env)

_spec_test = analysistest.make(_spec_test_impl, attrs = {"composed": attr.string()})

def _data_test_impl(ctx):
    env = analysistest.begin(ctx)
    spec = _spec(env)
    asserts.equals(env, {
        "args": ["--calc=" + _DIR + "calc.wit", "$(all) $", "x"],
        "data": {_DIR + f: "_main/" + _DIR + f for f in ["calc.wit", "consumer.core.wasm", "provider.core.wasm"]},
        "data_dirs": {"/a": "rules", "/etc": _DIR[:-1], "/top": ""},
        "env": {"CALC": _DIR + "calc.wit " + _DIR + "calc.wit"},
        "preopens": {"/tmp": "/tmp", "/work": "."},
        "stdin": "",
        "writable": ["/work"],
    }, spec["wasi"])
    asserts.equals(env, None, spec["test"])
    _has_runfiles(env, spec)
    return analysistest.end(env)

_data_test = analysistest.make(_data_test_impl)

def _program(env):
    """Returns the base name of the engine's program that the target under test runs."""
    executable = analysistest.target_under_test(env)[DefaultInfo].files_to_run.executable
    links = [a for a in analysistest.target_actions(env) if a.outputs.to_list()[0] == executable]
    asserts.equals(env, 1, len(links))
    asserts.equals(env, links[0].inputs.to_list()[0].extension == "exe", executable.extension == "exe", "extension of programs")
    return links[0].inputs.to_list()[0].basename

def _engine_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    library = [f for f in _runfiles(target) if f.endswith("/libwasmtime50.so")]
    asserts.equals(env, 1, len(library))
    asserts.equals(env, library[0].rpartition("/")[0], target[RunEnvironmentInfo].environment["LD_LIBRARY_PATH"])
    asserts.equals(env, "wasmrun50", _program(env))
    return analysistest.end(env)

_engine_test = analysistest.make(_engine_test_impl)

def _program_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, ctx.attr.program, _program(env))
    asserts.false(env, RunEnvironmentInfo in target)
    asserts.true(env, ctx.attr.component in _runfiles(target), ctx.attr.component + " is not a runfile")
    return analysistest.end(env)

_PROGRAM_ATTRS = {
    "component": attr.string(default = _DIR + "fused.wasm"),
    "program": attr.string(default = "wazerun"),
}

_program_test = analysistest.make(_program_test_impl, attrs = _PROGRAM_ATTRS)

# The same for other platforms.
_program_macos_test = analysistest.make(
    _program_test_impl,
    attrs = _PROGRAM_ATTRS,
    config_settings = {"//command_line_option:platforms": str(Label("//rules/tests:macos_arm64"))},
)
_program_windows_test = analysistest.make(
    _program_test_impl,
    attrs = _PROGRAM_ATTRS,
    config_settings = {"//command_line_option:platforms": str(Label("//rules/tests:windows_x86_64"))},
)

def _command_test_impl(ctx):
    env = analysistest.begin(ctx)
    test = _spec(env)["test"]
    asserts.equals(env, None, test["calls"])
    asserts.equals(env, None, test["expected"])
    asserts.equals(env, 3, test["expected_status"])
    return analysistest.end(env)

_command_test = analysistest.make(_command_test_impl)

def _server_test_impl(ctx):
    env = analysistest.begin(ctx)
    test = _spec(env)["test"]
    asserts.equals(env, [["GET /", "POST / x"], ["200 a", "201 b"], None], [test["requests"], test["expected"], test["calls"]])
    asserts.true(env, test["server"].endswith("/fake_wasm_opt"), test["server"])
    asserts.true(env, test["server"].removeprefix("_main/") in _runfiles(analysistest.target_under_test(env)), "the server is a runfile")
    return analysistest.end(env)

_server_test = analysistest.make(_server_test_impl)

def _run_test_impl(ctx):
    env = analysistest.begin(ctx)
    spec = _spec(env)
    asserts.equals(env, None, spec["test"])
    asserts.equals(env, "_main/" + _DIR + "fused.wasm", spec["component"])
    _has_runfiles(env, spec)
    return analysistest.end(env)

_run_test = analysistest.make(_run_test_impl)

def run_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """

    # name -> (attributes of a wasm_fuse_test, the test rule, attributes of the test)
    everything = {
        "calls": [_CALL],
        "component": _DATA + "fused",
        "component_args": ["a", "b"],
        "component_env": {"K": "V"},
        "expected": ["42"],
        "expected_stdout": _DATA + "types.wit",
        "host": {"demo:host/f#g": "1"},
        "stdin": _DATA + "calc.wit",
    }
    cases = {
        "command": ({"component": _DATA + "fused", "expected_status": 3}, _command_test, {}),
        "compare_off": (everything | {"compare": False}, _spec_test, {}),
        "composed_given": (everything | {"composed": _DATA + "composed"}, _spec_test, {"composed": "composed.wasm"}),
        "composed_group": (everything, _spec_test, {"composed": "fused.composed.wasm"}),
        "engine": ({"component": _DATA + "fused", "engine": "//rules:wasmtime50"}, _engine_test, {}),
        "engine_macos": ({"component": _DATA + "fused"}, _program_macos_test, {}),
        "engine_toolchain": ({"component": _DATA + "fused"}, _program_test, {"program": "wasmrun"}),
        "engine_wazero": ({"component": _DATA + "fused", "engine": "//rules:wazero"}, _program_test, {}),
        "engine_windows": ({"component": _DATA + "fused"}, _program_windows_test, {"program": "wazerun.exe"}),
        "module": ({"component": _MODULE}, _program_test, {"component": "rules/tests/form_tests_plain_module.core.wasm"}),
        "module_engine": (
            {"component": _MODULE, "engine": "//tools/wasmrun"},
            _program_test,
            {"component": "rules/tests/form_tests_plain_module.core.wasm", "program": "wasmrun"},
        ),
        "server": (
            {"component": _DATA + "fused", "expected": ["200 a", "201 b"], "requests": ["GET /", "POST / x"], "server": ":fake_wasm_opt"},
            _server_test,
            {},
        ),
    }
    tests = []
    for case, (attrs, test, test_attrs) in cases.items():
        subject = "{}_{}".format(name, case)
        wasm_fuse_test(name = subject, tags = ["manual"], **attrs)
        test(name = subject + "_test", target_under_test = subject, **test_attrs)
        tests.append(subject + "_test")
    for case, (attrs, test, test_attrs) in {
        "run": ({"component": _DATA + "fused"}, _run_test, {}),
        "run_data": (
            {
                "component": _DATA + "fused",
                "component_args": ["--calc=$(rootpath {}calc.wit)".format(_DATA), "$(all) $", "x"],
                "component_env": {"CALC": "$(rootpath {0}calc.wit) $(rootpaths {0}calc.wit)".format(_DATA)},
                "data": [_DATA + "calc.wit", _DATA + "two_wasm"],
                "data_dirs": {"/a": "./rules/", "/etc": _DIR, "/top": "."},
                "preopens": {"/tmp": "/tmp", "/work": "."},
                "writable": ["/work"],
            },
            _data_test,
            {},
        ),
        "run_engine": ({"component": _DATA + "fused", "engine": "//rules:wazero"}, _program_test, {}),
        "run_module": ({"component": _MODULE}, _program_test, {"component": "rules/tests/form_tests_plain_module.core.wasm"}),
    }.items():
        subject = "{}_{}".format(name, case)
        wasm_component_run(name = subject, tags = ["manual"], **attrs)
        test(name = subject + "_test", target_under_test = subject, **test_attrs)
        tests.append(subject + "_test")
    native.test_suite(name = name, tests = tests)
