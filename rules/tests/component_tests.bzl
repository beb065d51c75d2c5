"""Tests of wit_library, wasm_component_import and wasm_component."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "wasm_component", "wasm_component_fuse", "wasm_component_import", "wasm_core_module", "wit_c_bindings", "wit_library")
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
    asserts.equals(env, [e for e in entries if e.folder != wit.folder], wit.deps.to_list())
    asserts.equals(env, [e.file for e in entries], wit.inputs.to_list())
    asserts.equals(env, "demo:calc@1.0.0", wit.package)
    return analysistest.end(env)

_wit_info_test = analysistest.make(_wit_info_test_impl)

def _wit_check_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitPackage")
    out = target.label.name + ".wit.wasm"
    label = "-target=" + str(target.label).split("/")[-1]
    package = "-package=" + target[WitInfo].package
    info = target[WitInfo]
    deps = sorted(["-dep={}/{}={}".format(e.folder, e.file.basename, e.file.basename) for e in info.files.to_list() if e.folder != info.folder])
    args = plain_args(made)
    asserts.equals(env, [label, package, "-o=" + out] + deps + basenames(info.srcs.to_list()), args[:3] + sorted(args[3:len(args) - 1]) + args[len(args) - 1:])
    asserts.equals(env, made.outputs.to_list(), [info.binary])

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
    info = target[WasmComponentInfo]
    made = action(env, "WasmInspect")
    label = str(target.label).removeprefix("@@")
    asserts.equals(env, ["inspect", "provider.wasm", "--json", "-o", target.label.name + ".interface.json", "--label", label], _based(made, label))
    asserts.equals(env, [info.interface], made.outputs.to_list())
    asserts.equals(env, [info.interface], target[OutputGroupInfo].interface.to_list())
    asserts.true(env, info.interface in target[OutputGroupInfo]._validation.to_list(), "the file is not validated")
    asserts.equals(env, [info.component], info.components.to_list())
    return analysistest.end(env)

def _based(made, label):
    """Returns the command line with paths reduced to base names, but for a label."""
    return [a if a == label else b for a, b in zip(made.argv[1:], plain_args(made))]

def _world_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WasmInspect")
    args = plain_args(made)
    asserts.equals(env, ["--wit", "calc_wit.wit.wasm", "--world", "provider"], args[args.index("--wit"):])
    asserts.true(env, "calc_wit.wit.wasm" in basenames(made.inputs.to_list()), "the package is not an input")
    asserts.true(env, target[WasmComponentInfo].interface in target[OutputGroupInfo]._validation.to_list(), "the world is not checked")
    return analysistest.end(env)

_world_test = analysistest.make(_world_test_impl)

_import_test = analysistest.make(_import_test_impl)

_import_world_alone_test = failure_test("world is set without wit; a world is named by both: set both, or neither")
_import_wit_alone_test = failure_test("wit is set without world; a world is named by both: set both, or neither")
_world_module_test = failure_test("world = \"consumer\" is about a component, and emit is \"module\"; remove world, or set emit = \"component\"")
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

def _adapter_test_impl(ctx):
    env = analysistest.begin(ctx)
    made = action(env, "WasmComponent")
    asserts.equals(
        env,
        ["-core=provider.core.wasm", "-adapt=wasi_snapshot_preview1.stateless.wasm", "-encoding=utf8"],
        plain_args(made)[:3],
    )
    asserts.true(env, "wasi_snapshot_preview1.stateless.wasm" in basenames(made.inputs.to_list()))
    return analysistest.end(env)

# An adapter, and the world that is embedded in the core module.
_adapter_test = analysistest.make(_adapter_test_impl)

_wit_alone_test = failure_test("wit is set, and world is not: set both, or neither for the world embedded in the core module")
_world_alone_test = failure_test("world is set, and wit is not")

def _core_module_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = target[DefaultInfo].files.to_list()
    asserts.equals(env, [target.label.name + ".core.wasm"], basenames(made))
    built = analysistest.target_actions(env)[0].inputs.to_list()[0]
    asserts.equals(env, ctx.attr.file, built.basename)
    return analysistest.end(env)

_core_module_test = analysistest.make(_core_module_test_impl, attrs = {"file": attr.string()})

# A guest is not built for coverage, whatever is around it: its file has a name that says so.
_core_module_coverage_test = analysistest.make(
    _core_module_test_impl,
    attrs = {"file": attr.string(default = "plain.wasm")},
    config_settings = {"//command_line_option:collect_code_coverage": True},
)

def _counting_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ("/counting.wasm" if ctx.configuration.coverage_enabled else "/plain.wasm"))
    ctx.actions.write(out, "")
    return [DefaultInfo(files = depset([out]))]

_counting = rule(implementation = _counting_impl)

_core_module_none_test = failure_test("expected a target with exactly one core module among its outputs, built for @@//rules/platforms:wasip1, got a.txt")
_core_module_two_test = failure_test("got a.core.wasm, b.core.wasm")

def _bindings_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitBindings")
    asserts.equals(
        env,
        ["bindings", target.label.name, "-world=user-of-Calc", "-encoding=utf16"] +
        ["-o=user_of_calc" + suffix for suffix in [".h", ".c", "_component_type.o"]] + ["calc_wit.wit.wasm"],
        [a.split(":")[-1] for a in plain_args(made)],
    )
    sources = target[OutputGroupInfo].sources.to_list()
    asserts.equals(env, made.outputs.to_list(), sources)
    asserts.true(env, sources[0] in target[CcInfo].compilation_context.direct_public_headers, "the header is not public")
    asserts.equals(env, [sources[0].dirname], [i for i in target[CcInfo].compilation_context.includes.to_list() if "/bin/" in i])
    libraries = [lib for input in target[CcInfo].linking_context.linker_inputs.to_list() for lib in input.libraries]
    asserts.equals(env, [True], [lib.alwayslink for lib in libraries])
    objects = [o for lib in libraries for o in lib.pic_objects or lib.objects]
    asserts.true(env, sources[2] in objects, "the world is not linked")
    return analysistest.end(env)

_bindings_test = analysistest.make(_bindings_test_impl)

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
        name = name + "_two_cores",
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
    adapter = "//rules/adapters:stateless"
    for what, attrs in {
        "adapter": {"adapter": adapter},
        "wit_alone": {"wit": "//rules/tests/testdata:calc_wit"},
        "world_alone": {"world": "provider"},
    }.items():
        wasm_component(
            name = "{}_of_{}".format(name, what),
            core = "//rules/tests/testdata:provider.core.wasm",
            **(manual | attrs)
        )
    for what, outs in {
        "none": ["a.txt"],
        "plain": ["plain"],
        "two": ["a.core.wasm", "b.core.wasm"],
        "wasm": ["built.wasm"],
    }.items():
        native.genrule(
            name = "{}_built_{}".format(name, what),
            outs = ["core_{}/{}".format(what, out) for out in outs],
            cmd = "touch $(OUTS)",
            **manual
        )
        wasm_core_module(
            name = "{}_core_{}".format(name, what),
            src = "{}_built_{}".format(name, what),
            **manual
        )
    _counting(name = name + "_counting", **manual)
    wasm_core_module(name = name + "_core_counting", src = name + "_counting", **manual)
    testdata = "//rules/tests/testdata:"
    wit_c_bindings(
        name = name + "_bindings",
        string_encoding = "utf16",
        tags = ["manual"],
        target_compatible_with = [],
        wit = testdata + "calc_wit",
        world = "user-of-Calc",
    )
    for case, attrs in {
        "world": {"wit": testdata + "calc_wit", "world": "provider"},
        "world_alone": {"world": "provider"},
        "wit_alone": {"wit": testdata + "calc_wit"},
    }.items():
        wasm_component_import(
            name = "{}_import_{}".format(name, case),
            src = testdata + "provider",
            tags = ["manual"],
            **attrs
        )
    wasm_component_fuse(
        name = name + "_fuse_world_module",
        emit = "module",
        root = testdata + "consumer",
        tags = ["manual"],
        wit = testdata + "calc_wit",
        world = "consumer",
        deps = [testdata + "provider"],
    )
    tests = {
        "adapter": (_adapter_test, name + "_of_adapter"),
        "wit_alone": (_wit_alone_test, name + "_of_wit_alone"),
        "world_alone": (_world_alone_test, name + "_of_world_alone"),
        "core_module_coverage": (_core_module_coverage_test, name + "_core_counting"),
        "core_module_none": (_core_module_none_test, name + "_core_none"),
        "core_module_two": (_core_module_two_test, name + "_core_two"),
        "bindings": (_bindings_test, name + "_bindings"),
        "wit_info": (_wit_info_test, "//rules/tests/testdata:calc_wit"),
        "wit_check": (_wit_check_test, "//rules/tests/testdata:calc_wit"),
        "wit_check_unnamed": (_wit_check_test, "//rules/tests/testdata:types_wit"),
        "wit_deps": (_wit_deps_test, name + "_top"),
        "wit_twins": (_twins_test, name + "_twins"),
        "wit_binary": (_wit_binary_test, name + "_of_binary"),
        "wit_binary_dep": (_wit_binary_dep_test, name + "_of_user"),
        "wit_mixed": (_wit_mixed_test, name + "_mixed"),
        "import": (_import_test, "//rules/tests/testdata:imported"),
        "import_world": (_world_test, name + "_import_world"),
        "import_world_alone": (_import_world_alone_test, name + "_import_world_alone"),
        "import_wit_alone": (_import_wit_alone_test, name + "_import_wit_alone"),
        "fuse_world_module": (_world_module_test, name + "_fuse_world_module"),
        "import_one": (_import_test, name + "_import_one_wasm"),
        "import_two": (_import_two_test, name + "_import_two_wasm"),
        "import_none": (_import_none_test, name + "_import_no_wasm"),
        "component": (_component_test, "//rules/tests/testdata:consumer"),
        "core_two": (_core_two_test, name + "_two_cores"),
        "wit_no_library": (_wit_provider_test, name + "_wit_no_library"),
    }
    for test, (rule, target) in tests.items():
        rule(name = "{}_{}_test".format(name, test), target_under_test = target)
    core_modules = {"core_module_plain": "plain", "core_module_wasm": "built.wasm"}
    for test, file in core_modules.items():
        _core_module_test(
            name = "{}_{}_test".format(name, test),
            file = file,
            target_under_test = name + test.removeprefix("core_module").replace("_", "_core_"),
        )
    native.test_suite(
        name = name,
        tests = ["{}_{}_test".format(name, test) for test in tests.keys() + core_modules.keys()],
    )
