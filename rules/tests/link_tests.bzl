"""Tests of wasm_component_fuse and wasm_component_compose."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_compose", "wasm_component_fuse")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "action", "basenames", "plain_args")

# The names of the two components in messages.
_LABELS = [
    "--label",
    "//rules/tests/testdata:consumer=consumer.wasm",
    "--label",
    "//rules/tests/testdata:provider=provider.wasm",
]

def _check_link(env, mnemonic, argv):
    """Checks the action, and returns its outputs."""
    made = action(env, mnemonic)
    asserts.equals(env, argv + _LABELS, plain_args(made))
    inputs = basenames(made.inputs.to_list())
    for needed in ["consumer.wasm", "provider.wasm"]:
        asserts.true(env, needed in inputs, "{}: {} is not an input".format(mnemonic, needed))
    return made.outputs.to_list()

def _fuse_test_impl(ctx):
    env = analysistest.begin(ctx)
    flags = ctx.attr.link_flags
    target = analysistest.target_under_test(env)
    name = target.label.name
    fuse_flags = flags + ["--emit=component"] + ctx.attr.fuse_flags
    fused = _check_link(env, "WasmFuse", ["fuse", "consumer.wasm", "provider.wasm", "-o", name + ".wasm"] + fuse_flags)
    asserts.equals(env, fused, [target[WasmComponentInfo].component])
    asserts.equals(env, fused, target[DefaultInfo].files.to_list())
    reports = []
    for form in ["html", "json"]:
        reports += ["--report", "{}.report.{}".format(name, form)]
    files = _check_link(env, "WasmFuseReport", ["explain", "consumer.wasm", "provider.wasm"] + fuse_flags + reports)
    asserts.equals(env, files, target[OutputGroupInfo].report.to_list())
    composed = _check_link(env, "WasmCompose", ["compose", "consumer.wasm", "provider.wasm", "-o", name + ".composed.wasm"] + flags)
    asserts.equals(env, composed, target[OutputGroupInfo].composed.to_list())
    return analysistest.end(env)

_FUSE_TEST_ATTRS = {
    "link_flags": attr.string_list(doc = "Flags of both actions."),
    "fuse_flags": attr.string_list(doc = "Flags of WasmFuse only."),
}

_fuse_test = analysistest.make(_fuse_test_impl, attrs = _FUSE_TEST_ATTRS)

# The same with both build flags flipped.
_fuse_flipped_test = analysistest.make(
    _fuse_test_impl,
    attrs = _FUSE_TEST_ATTRS,
    config_settings = {
        str(Label("//rules:simd")): False,
        str(Label("//rules:trust_code")): True,
    },
)

def _document_test_impl(ctx):
    env = analysistest.begin(ctx)
    name = analysistest.target_under_test(env).label.name
    made = action(env, "WasmFuse")
    asserts.equals(
        env,
        ["fuse", "consumer.wasm", "provider.wasm", "calc_wit.wit.wasm", "--wac", "graph.wac", "-o", name + ".wasm"] +
        ["--name", "demo:provider@1.0.0=provider.wasm", "--emit=component"] + _LABELS +
        ["--label", "//rules/tests/testdata:calc_wit=calc_wit.wit.wasm"],
        plain_args(made),
    )
    inputs = basenames(made.inputs.to_list())
    for needed in ["graph.wac", "calc_wit.wit.wasm"]:
        asserts.true(env, needed in inputs, needed + " is not an input")
    return analysistest.end(env)

# Documents can name components and WIT packages.
_document_test = analysistest.make(_document_test_impl)

def _compose_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    composed = _check_link(env, "WasmCompose", ["compose", "consumer.wasm", "provider.wasm", "-o", "composed.wasm"])
    asserts.equals(env, composed, [target[WasmComponentInfo].component])
    asserts.equals(env, composed, target[DefaultInfo].files.to_list())
    return analysistest.end(env)

_compose_test = analysistest.make(_compose_test_impl)

def _compose_attrs_test_impl(ctx):
    env = analysistest.begin(ctx)
    name = analysistest.target_under_test(env).label.name
    _check_link(env, "WasmCompose", [
        "compose",
        "consumer.wasm",
        "provider.wasm",
        "-o",
        name + ".wasm",
        "--name",
        "left=consumer.wasm",
        "--plug",
        "left:x=provider",
        "--trust-code",
    ])
    return analysistest.end(env)

_compose_attrs_test = analysistest.make(_compose_attrs_test_impl)

def _other_tool_test_impl(ctx):
    env = analysistest.begin(ctx)
    made = action(env, "WasmFuse")
    asserts.equals(env, "other_wasmfuse", made.argv[0].split("/")[-1])
    return analysistest.end(env)

_other_tool_test = analysistest.make(
    _other_tool_test_impl,
    config_settings = {"//command_line_option:extra_toolchains": [str(Label("//rules/tests:other_fuse_toolchain"))]},
)

def link_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    data = "//rules/tests/testdata:"
    wasm_component_fuse(
        name = name + "_document",
        names = {data + "provider": "demo:provider@1.0.0"},
        tags = ["manual"],
        wac = data + "graph.wac",
        deps = [
            data + "consumer",
            data + "provider",
            data + "calc_wit",
        ],
    )
    _document_test(name = name + "_document_test", target_under_test = name + "_document")
    wasm_component_fuse(
        name = name + "_plugged",
        plugs = ["consumer:x=provider"],
        root = data + "consumer",
        tags = ["manual"],
        deps = [data + "provider"],
    )
    _fuse_test(
        name = name + "_plugged_test",
        link_flags = ["--plug", "consumer:x=provider"],
        target_under_test = name + "_plugged",
    )
    wasm_component_fuse(
        name = name + "_named",
        names = {
            data + "consumer": "main",
            data + "provider": "left-1",
        },
        plugs = ["main:x=left-1:y"],
        root = data + "consumer",
        tags = ["manual"],
        deps = [data + "provider"],
    )
    _fuse_test(
        name = name + "_named_test",
        link_flags = ["--name", "main=consumer.wasm", "--name", "left-1=provider.wasm", "--plug", "main:x=left-1:y"],
        target_under_test = name + "_named",
    )
    wasm_component_fuse(
        name = name + "_twice",
        names = {data + "provider": "left right"},
        plugs = ["consumer:x=left:y", "consumer:z=right:y"],
        root = data + "consumer",
        tags = ["manual"],
        deps = [data + "provider"],
    )
    _fuse_test(
        name = name + "_twice_test",
        link_flags = [
            "--name",
            "left=provider.wasm",
            "--name",
            "right=provider.wasm",
            "--plug",
            "consumer:x=left:y",
            "--plug",
            "consumer:z=right:y",
        ],
        target_under_test = name + "_twice",
    )

    wasm_component_fuse(
        name = name + "_one_module",
        require_one_module = True,
        root = data + "consumer",
        tags = ["manual"],
        deps = [data + "provider"],
    )
    _fuse_test(
        name = name + "_one_module_test",
        fuse_flags = ["--require=one-module"],
        target_under_test = name + "_one_module",
    )

    # What the output may import is checked once, where it is fused.
    for case, imports, flags in [
        ("closed", [], ["--imports="]),
        ("host", ["wasi:*", "log"], ["--imports=wasi:*", "--imports=log"]),
        ("open", ["*"], []),
    ]:
        wasm_component_fuse(
            name = "{}_imports_{}".format(name, case),
            imports = imports,
            root = data + "consumer",
            tags = ["manual"],
            deps = [data + "provider"],
        )
        _fuse_test(
            name = "{}_imports_{}_test".format(name, case),
            fuse_flags = flags,
            target_under_test = "{}_imports_{}".format(name, case),
        )

    # Each setting: from the build flag, and overridden by the target.
    for value, simd, trust in [("auto", [], []), ("on", [], ["--trust-code"]), ("off", ["--no-simd"], [])]:
        target = "{}_settings_{}".format(name, value)
        wasm_component_fuse(
            name = target,
            root = data + "consumer",
            simd = value,
            tags = ["manual"],
            trust_code = value,
            deps = [data + "provider"],
        )
        _fuse_test(
            name = target + "_test",
            fuse_flags = simd,
            link_flags = trust,
            target_under_test = target,
        )
        flipped = value == "auto"
        _fuse_flipped_test(
            name = target + "_flipped_test",
            fuse_flags = ["--no-simd"] if flipped else simd,
            link_flags = ["--trust-code"] if flipped else trust,
            target_under_test = target,
        )
    wasm_component_compose(
        name = name + "_compose_trusted",
        plugs = ["left:x=provider"],
        root = data + "consumer",
        names = {data + "consumer": "left"},
        tags = ["manual"],
        trust_code = "on",
        deps = [data + "provider"],
    )
    _compose_attrs_test(
        name = name + "_compose_attrs_test",
        target_under_test = name + "_compose_trusted",
    )
    tests = {
        "compose": (_compose_test, data + "composed"),
        "fuse": (_fuse_test, data + "fused"),
        "fuse_other_toolchain": (_other_tool_test, data + "fused"),
    }
    for test, (rule, target) in tests.items():
        rule(name = "{}_{}_test".format(name, test), target_under_test = target)
    more = ["document", "imports_closed", "imports_host", "imports_open", "plugged", "named", "twice", "one_module", "compose_attrs"] + [
        "settings_" + value + flipped
        for value in ["auto", "off", "on"]
        for flipped in ["", "_flipped"]
    ]
    native.test_suite(
        name = name,
        tests = ["{}_{}_test".format(name, test) for test in tests.keys() + more],
    )
