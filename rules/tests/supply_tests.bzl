"""Tests of components whose deps name the suppliers of their imports."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_component_compose", "wasm_component_fuse", "wasm_component_import")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "action", "basenames")

def _base(path):
    return path.split("/")[-1]

def _edges(supplies):
    return ["{}={}".format(s.importer.basename, s.provider.basename) for s in supplies]

def _info_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[WasmComponentInfo]
    asserts.equals(env, ctx.attr.supplies, _edges(info.supplies.to_list()))
    return analysistest.end(env)

_info_test = analysistest.make(
    _info_test_impl,
    attrs = {"supplies": attr.string_list()},
)

def _link_test_impl(ctx):
    env = analysistest.begin(ctx)
    for mnemonic in ctx.attr.mnemonics:
        made = action(env, mnemonic)
        argv = made.argv[2:]
        out = argv.index("-o")
        asserts.equals(env, ctx.attr.arguments, [_base(a) for a in argv[:out]], mnemonic)
        got = []
        for i in range(out, len(argv)):
            if argv[i] == "--supply":
                got.append("=".join([_base(p) for p in argv[i + 1].split("=")]))
        asserts.equals(env, ctx.attr.supplies, got, mnemonic)
        asserts.equals(env, ctx.attr.inputs, [b for b in basenames(made.inputs.to_list()) if b.endswith(".wasm")], mnemonic)
    return analysistest.end(env)

_link_test = analysistest.make(
    _link_test_impl,
    attrs = {
        "arguments": attr.string_list(doc = "Inputs that serve all importers."),
        "inputs": attr.string_list(doc = "All .wasm inputs of the actions, sorted."),
        "mnemonics": attr.string_list(default = ["WasmFuse", "WasmCompose"]),
        "supplies": attr.string_list(),
    },
)

def _chain(name, length):
    """Declares components a0, a1, ..., each with the next one in its deps, and a fusion of the first."""
    for i in range(length):
        native.genrule(
            name = "{}_{}_file".format(name, i),
            outs = ["{}/a{}.wasm".format(name, i)],
            cmd = "touch $@",
            tags = ["manual"],
        )
        wasm_component_import(
            name = "{}_{}".format(name, i),
            src = "{}/a{}.wasm".format(name, i),
            tags = ["manual"],
            deps = [":{}_{}".format(name, i + 1)] if i + 1 < length else [],
        )
    wasm_component_fuse(
        name = name,
        root = ":{}_0".format(name),
        tags = ["manual"],
    )

def supply_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    data = "//rules/tests/testdata:"
    manual = {"tags": ["manual"]}
    for kind, deps in {
        "plain": [],
        "one": [data + "provider"],
        "file": [":" + name + "_d.wasm"],
    }.items():
        wasm_component_import(name = "{}_{}".format(name, kind), src = data + "consumer", deps = deps, **manual)
    native.genrule(name = name + "_d", outs = [name + "_d.wasm"], cmd = "touch $@", **manual)
    native.genrule(name = name + "_e", outs = [name + "_e.wasm"], cmd = "touch $@", **manual)

    # A diamond: main depends on left and right, which depend on provider.
    for side in ["left", "right"]:
        native.genrule(name = "{}_{}_file".format(name, side), outs = [side + ".wasm"], cmd = "touch $@", **manual)
        wasm_component_import(name = "{}_{}".format(name, side), src = side + ".wasm", deps = [data + "provider"], **manual)
    wasm_component_import(
        name = name + "_main",
        src = data + "consumer",
        deps = [name + "_left", name + "_right"],
        **manual
    )

    # An import of an import inherits its deps.
    wasm_component_import(name = name + "_again", src = name + "_one", deps = [":" + name + "_d.wasm"], **manual)
    wasm_component_fuse(name = name + "_fused", root = name + "_main", **manual)
    wasm_component_fuse(
        name = name + "_twice",
        names = {data + "provider": "a b", name + "_left": "c d"},
        root = name + "_main",
        **manual
    )
    wasm_component_fuse(
        name = name + "_listed",
        root = name + "_main",
        deps = [data + "provider", name + "_right"],
        **manual
    )
    wasm_component_compose(name = name + "_composed", root = data + "consumer", deps = [name + "_left"], **manual)
    _chain(name + "_chain", 200)

    tests = {
        "plain": (_info_test, name + "_plain", []),
        "one": (_info_test, name + "_one", ["consumer.wasm=provider.wasm"]),
        "file": (_info_test, name + "_file", ["consumer.wasm=" + name + "_d.wasm"]),
        "again": (_info_test, name + "_again", ["consumer.wasm=" + name + "_d.wasm", "consumer.wasm=provider.wasm"]),
        "diamond": (_info_test, name + "_main", [
            "consumer.wasm=left.wasm",
            "consumer.wasm=right.wasm",
            "left.wasm=provider.wasm",
            "right.wasm=provider.wasm",
        ]),
        # A linked component needs no suppliers.
        "output": (_info_test, name + "_fused", []),
    }
    for test, (rule, target, supplies) in tests.items():
        rule(name = "{}_{}_test".format(name, test), supplies = supplies, target_under_test = target)
    _link_test(
        name = name + "_fused_test",
        arguments = ["consumer.wasm"],
        inputs = ["consumer.wasm", "left.wasm", "provider.wasm", "right.wasm"],
        supplies = tests["diamond"][2],
        target_under_test = name + "_fused",
    )

    # A component with several names supplies as each of its instances.
    _link_test(
        name = name + "_twice_test",
        arguments = ["consumer.wasm"],
        inputs = ["consumer.wasm", "left.wasm", "provider.wasm", "right.wasm"],
        supplies = [
            "consumer.wasm=c",
            "consumer.wasm=d",
            "consumer.wasm=right.wasm",
            "c=a",
            "c=b",
            "d=a",
            "d=b",
            "right.wasm=a",
            "right.wasm=b",
        ],
        target_under_test = name + "_twice",
    )

    # A supplier that is also listed in deps is passed once and serves all importers.
    _link_test(
        name = name + "_listed_test",
        arguments = ["consumer.wasm", "provider.wasm", "right.wasm"],
        inputs = ["consumer.wasm", "left.wasm", "provider.wasm", "right.wasm"],
        supplies = tests["diamond"][2],
        target_under_test = name + "_listed",
    )
    _link_test(
        name = name + "_composed_test",
        arguments = ["consumer.wasm", "left.wasm"],
        inputs = ["consumer.wasm", "left.wasm", "provider.wasm"],
        mnemonics = ["WasmCompose"],
        supplies = ["left.wasm=provider.wasm"],
        target_under_test = name + "_composed",
    )
    _link_test(
        name = name + "_chain_test",
        arguments = ["a0.wasm"],
        inputs = sorted(["a{}.wasm".format(i) for i in range(200)]),
        supplies = ["a{}.wasm=a{}.wasm".format(i, i + 1) for i in range(199)],
        target_under_test = name + "_chain",
    )
    native.test_suite(
        name = name,
        tests = ["{}_{}_test".format(name, test) for test in tests.keys() + ["fused", "twice", "listed", "composed", "chain"]],
    )
