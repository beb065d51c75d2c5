"""Tests of the forms of wasm_component_fuse's output: attributes, build flags, and what contradicts."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_fuse")
load("//rules:providers.bzl", "WasmComponentInfo", "WasmModuleInfo")
load(":common.bzl", "action", "message_test", "message_test_rule")

_DATA = "//rules/tests/testdata:"
_FLAGS = ["--emit=", "--memory=", "--reserve=", "--abi=", "--wasi=", "--leave=", "--no-network"]

def _form_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    argv = action(env, "WasmFuse").argv
    asserts.equals(env, ctx.attr.flags, [a for a in argv if [f for f in _FLAGS if a.startswith(f)]])
    file = target[DefaultInfo].files.to_list()
    if ctx.attr.module:
        asserts.false(env, WasmComponentInfo in target)
        info = target[WasmModuleInfo]
        asserts.equals(env, ctx.attr.module, [info.abi, info.memory, info.wasi])
        asserts.equals(env, [info.module], file)
        asserts.equals(env, target.label.name + ".core.wasm", info.module.basename)
    else:
        asserts.false(env, WasmModuleInfo in target)
        asserts.equals(env, [target[WasmComponentInfo].component], file)
        asserts.equals(env, target.label.name + ".wasm", file[0].basename)
    return analysistest.end(env)

_ATTRS = {
    "flags": attr.string_list(doc = "The flags of the action that choose the form."),
    "module": attr.string_list(doc = "abi, memory and wasi of a core module; empty for a component."),
}

_form_test = analysistest.make(_form_test_impl, attrs = _ATTRS)

def _settings(**flags):
    return {str(Label("//rules:" + name)): value for name, value in flags.items()}

# The same with other defaults for the whole build.
_ALL = _settings(abi = "cm32p2", emit = "module", memory = "single", reserve = "1M", wasi = "preview1")
_form_all_test = analysistest.make(_form_test_impl, attrs = _ATTRS, config_settings = _ALL)
_form_parts_test = analysistest.make(
    _form_test_impl,
    attrs = _ATTRS,
    config_settings = _settings(abi = "cm32p2", reserve = "1M", wasi = "preview1"),
)

_message_all_test = message_test_rule(_ALL)

_EVERYTHING = {"abi": "cm32p2", "emit": "module", "leave": ["wasi:cli/*", "wasi:io/poll"], "memory": "single", "reserve": "64M", "wasi": "preview1"}
_EVERYTHING_FLAGS = ["--emit=module", "--memory=single", "--reserve=64M", "--abi=cm32p2", "--wasi=preview1", "--leave=wasi:cli/*", "--leave=wasi:io/poll"]
_NOTHING = {"abi": "wit", "emit": "component", "memory": "multi", "reserve": "", "wasi": "host"}

# name -> (attributes, flags, abi, memory and wasi of a module)
_FORMS = {
    "default": ({}, ["--emit=component"], []),
    "everything": (_EVERYTHING, _EVERYTHING_FLAGS, ["cm32p2", "single", "preview1"]),
    "module": ({"emit": "module"}, ["--emit=module"], ["wit", "multi", "host"]),
    "nothing": (_NOTHING, ["--emit=component"], []),
    "no_network": (
        {"emit": "module", "no_network": True, "wasi": "preview1"},
        ["--emit=module", "--wasi=preview1", "--no-network"],
        ["wit", "multi", "preview1"],
    ),
    "preview1": ({"emit": "module", "wasi": "preview1"}, ["--emit=module", "--wasi=preview1"], ["wit", "multi", "preview1"]),
    "reserved": ({"memory": "single", "reserve": "64K"}, ["--emit=component", "--memory=single", "--reserve=64K"], []),
    "single": ({"memory": "single"}, ["--emit=component", "--memory=single"], []),
}

_FORMS_ALL = {
    "component": (
        {"emit": "component"},
        ["--emit=component", "--memory=single", "--reserve=1M"],
        [],
    ),
    "default": (
        {},
        ["--emit=module", "--memory=single", "--reserve=1M", "--abi=cm32p2", "--wasi=preview1"],
        ["cm32p2", "single", "preview1"],
    ),
    "everything": (_EVERYTHING, _EVERYTHING_FLAGS, ["cm32p2", "single", "preview1"]),
    "leave": (
        {"leave": ["a:b/c"]},
        ["--emit=module", "--memory=single", "--reserve=1M", "--abi=cm32p2", "--wasi=preview1", "--leave=a:b/c"],
        ["cm32p2", "single", "preview1"],
    ),
    "multi": (
        {"memory": "multi"},
        ["--emit=module", "--abi=cm32p2", "--wasi=preview1"],
        ["cm32p2", "multi", "preview1"],
    ),
    "nothing": (_NOTHING, ["--emit=component"], []),
    "opposite": (_NOTHING | {"emit": "module"}, ["--emit=module"], ["wit", "multi", "host"]),
}

# Of flags whose forms the default is not, nothing applies.
_FORMS_PARTS = {
    "default": ({}, ["--emit=component"], []),
    "module": ({"emit": "module"}, ["--emit=module", "--abi=cm32p2", "--wasi=preview1"], ["cm32p2", "multi", "preview1"]),
    "single": ({"memory": "single"}, ["--emit=component", "--memory=single", "--reserve=1M"], []),
}

_BY_FLAG = ", which is {} by the flag @rules_wasm_fuse//rules:{}; set it, or remove {}"
_ATTRIBUTE = ", which is {}; change one of them"

# name -> (attributes, message)
_CONTRADICTIONS = {
    "abi": ({"abi": "cm32p2"}, 'abi = "cm32p2" needs emit = "module"' + _BY_FLAG.format('"component"', "emit", "abi")),
    "abi_component": ({"abi": "cm32p2", "emit": "component"}, 'abi = "cm32p2" needs emit = "module"' + _ATTRIBUTE.format('"component"')),
    "leave": ({"leave": ["a:b/c"]}, 'leave needs emit = "module"' + _BY_FLAG.format('"component"', "emit", "leave")),
    "leave_flag": ({"emit": "module", "leave": ["a:b/c"]}, 'leave needs wasi = "preview1"' + _BY_FLAG.format('"host"', "wasi", "leave")),
    "leave_host": ({"emit": "module", "leave": ["a:b/c"], "wasi": "host"}, 'leave needs wasi = "preview1"' + _ATTRIBUTE.format('"host"')),
    "no_network": (
        {"emit": "module", "no_network": True},
        'no_network needs wasi = "preview1"' + _BY_FLAG.format('"host"', "wasi", "no_network"),
    ),
    "reserve": ({"reserve": "1M"}, 'reserve = "1M" needs memory = "single"' + _BY_FLAG.format('"multi"', "memory", "reserve")),
    "reserve_module": (
        {"emit": "module", "memory": "multi", "reserve": "1M"},
        'reserve = "1M" needs memory = "single"' + _ATTRIBUTE.format('"multi"'),
    ),
    "reserve_size": ({"memory": "single", "reserve": "16 MB"}, 'reserve: "16 MB" is not a size; write a number of bytes'),
    "reserve_unit": ({"memory": "single", "reserve": "16KK"}, 'reserve: "16KK" is not a size; write a number of bytes'),
    "wasi": ({"wasi": "preview1"}, 'wasi = "preview1" needs emit = "module"' + _BY_FLAG.format('"component"', "emit", "wasi")),
    "wasi_component": ({"emit": "component", "wasi": "preview1"}, 'wasi = "preview1" needs emit = "module"' + _ATTRIBUTE.format('"component"')),
}

# The same where the defaults are others.
_CONTRADICTIONS_ALL = {
    "leave": ({"emit": "component", "leave": ["a:b/c"]}, 'leave needs emit = "module"' + _ATTRIBUTE.format('"component"')),
    "wasi": ({"emit": "component", "wasi": "preview1"}, 'wasi = "preview1" needs emit = "module"' + _ATTRIBUTE.format('"component"')),
}

def _fuse(name, attrs):
    wasm_component_fuse(
        name = name,
        root = _DATA + "consumer",
        tags = ["manual"],
        deps = [_DATA + "provider"],
        **attrs
    )

def form_tests(name):
    """Declares the tests, and a suite of that name; its subjects NAME_plain_module and NAME_plain_everything are core modules.

    Args:
      name: of the suite.
    """
    tests = []
    for kind, (test, forms) in {
        "all": (_form_all_test, _FORMS_ALL),
        "parts": (_form_parts_test, _FORMS_PARTS),
        "plain": (_form_test, _FORMS),
    }.items():
        for case, (attrs, flags, module) in forms.items():
            subject = "{}_{}_{}".format(name, kind, case)
            _fuse(subject, attrs)
            test(name = subject + "_test", flags = flags, module = module, target_under_test = subject)
            tests.append(subject + "_test")
    for kind, (test, cases) in {
        "all": (_message_all_test, _CONTRADICTIONS_ALL),
        "plain": (message_test, _CONTRADICTIONS),
    }.items():
        for case, (attrs, message) in cases.items():
            subject = "{}_wrong_{}_{}".format(name, kind, case)
            _fuse(subject, attrs)
            test(
                name = subject + "_test",
                message = "@@//rules/tests:{}: {}".format(subject, message),
                target_under_test = subject,
            )
            tests.append(subject + "_test")
    native.test_suite(name = name, tests = tests)
