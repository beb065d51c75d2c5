"""Tests of wit_library, wasm_component_import and wasm_component."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "wasm_component", "wasm_component_import", "wasm_core_module", "wit_c_bindings", "wit_library")
load("//rules:providers.bzl", "WasmComponentInfo", "WitInfo")
load(":common.bzl", "action", "basenames", "plain_args")

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
    plain = wit.plain
    asserts.equals(env, ["calc_wit.plain/calc.wit"], [f.path.partition("/testdata/")[2] for f in plain.srcs.to_list()])
    entries = plain.files.to_list()
    asserts.equals(env, ["calc.wit", "types.wit"], basenames([e.file for e in entries]))
    asserts.equals(env, [e for e in entries if e.folder != wit.folder], plain.deps.to_list())
    asserts.equals(env, [e.file for e in entries], plain.inputs.to_list())
    asserts.false(env, [f for f in plain.inputs.to_list() if f.is_source])
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
    plain = ["-plain=" + f.basename for f in info.plain.srcs.to_list()]
    asserts.equals(env, [label, package, "-o=" + out] + plain + deps + basenames(info.srcs.to_list()), args[:4] + sorted(args[4:len(args) - 1]) + args[len(args) - 1:])
    asserts.equals(env, made.outputs.to_list(), [info.binary] + info.plain.srcs.to_list())

    # A change of comments in a package does not change what its users read.
    asserts.false(env, [f for f in made.inputs.to_list() if f.extension == "wit" and f.is_source and f not in info.srcs.to_list()])

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

def _wit_names_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    folders = {e.folder: None for e in target[WitInfo].files.to_list()}
    asserts.equals(env, 5, len(folders), "folders: {}".format(folders.keys()))
    asserts.equals(env, [], [f for f in folders if "/" in f or "=" in f or ":" in f])
    asserts.equals(env, ["odd,3dfile.wit=odd=file.wit"] * 4, sorted([a.split("/")[1].partition("=")[0] + "=" + a.split("/")[-1] for a in action(env, "WitPackage").argv if a.startswith("-dep=")]))
    return analysistest.end(env)

# Of packages with similar labels, each has a folder of its own. Names can have characters that mean something elsewhere.
_wit_names_test = analysistest.make(_wit_names_test_impl)

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

def _component_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WasmComponent")
    args = plain_args(made)
    asserts.equals(env, "-core=consumer.core.wasm", args[0])
    asserts.equals(env, "-wit=calc.wit=calc.wit", args[1])
    asserts.true(env, args[2].startswith("-wit=deps/") and args[2].endswith("types_wit/types.wit=types.wit"), args[2])
    asserts.equals(env, ["-world=consumer", "-encoding=compact-utf16", "-o=consumer.wasm"], args[3:])
    asserts.false(env, [f for f in made.inputs.to_list() if f.extension == "wit" and f.is_source])
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

def _core_module_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = target[DefaultInfo].files.to_list()
    asserts.equals(env, [target.label.name + ".core.wasm"], basenames(made))
    built = analysistest.target_actions(env)[0].inputs.to_list()[0]
    asserts.equals(env, ctx.attr.file, built.basename)
    return analysistest.end(env)

_core_module_test = analysistest.make(_core_module_test_impl, attrs = {"file": attr.string()})

# A guest is not built for coverage, and not with flags for another compiler, whatever is around it: its file has a name that
# says so.
_core_module_flags_test = analysistest.make(
    _core_module_test_impl,
    attrs = {"file": attr.string(default = "plain.wasm")},
    config_settings = {
        "//command_line_option:collect_code_coverage": True,
        "//command_line_option:conlyopt": ["-std=c99"],
        "//command_line_option:copt": ["-march=native"],
        "//command_line_option:cxxopt": ["-fno-rtti"],
        "//command_line_option:features": ["thin_lto"],
        "//command_line_option:linkopt": ["-fuse-ld=mold"],
    },
)

def _flags_impl(ctx):
    cpp = ctx.fragments.cpp
    flags = cpp.conlyopts + cpp.copts + cpp.cxxopts + cpp.linkopts + ctx.features
    out = ctx.actions.declare_file(ctx.label.name + ("/flags.wasm" if ctx.configuration.coverage_enabled or flags else "/plain.wasm"))
    ctx.actions.write(out, "")
    return [DefaultInfo(files = depset([out]))]

_flags = rule(implementation = _flags_impl, fragments = ["cpp"])

def _bindings_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitBindings")
    asserts.equals(
        env,
        ["bindings", target.label.name, "-world=user-of-Calc", "-language=c", "-option=encoding=utf16"] +
        ["-o={0}={0}".format("user_of_calc" + suffix) for suffix in [".h", ".c", "_component_type.o"]] + ["calc_wit.wit.wasm"],
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
    found = [a for a in args if a.startswith("-wit=deps/") and a.endswith("_binary.wasm=package.wasm")]
    asserts.equals(env, 1, len(found), str(args))
    asserts.true(env, "-wit=user.wit=user.wit" in args, str(args))
    return analysistest.end(env)

# or be a dependency of it.
_wit_binary_dep_test = analysistest.make(_wit_binary_dep_test_impl)

def component_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    manual = {"tags": ["manual"]}
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
    native.genrule(
        name = name + "_odd_file",
        outs = ["odd=file.wit"],
        cmd = "touch $@",
        **manual
    )
    odd = [name + separator + "odd" for separator in ["-", "_", "/", "="]]
    for library in odd:
        wit_library(name = library, srcs = ["odd=file.wit"], **manual)
    wit_library(name = name + "_odd_user", srcs = ["top.wit"], deps = odd, **manual)
    wit_library(
        name = name + "_binary",
        srcs = ["//fusecore/iface:testdata/package.wasm"],
        package = "a:b@1.0.0",
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
    wasm_component_import(
        name = name + "_import_one_wasm",
        src = "//rules/tests/testdata:one_wasm",
        **manual
    )
    wasm_component(
        name = name + "_of_adapter",
        adapter = "//rules/adapters:stateless",
        core = "//rules/tests/testdata:provider.core.wasm",
        **manual
    )
    for what, out in {"plain": "plain", "wasm": "built.wasm"}.items():
        native.genrule(
            name = "{}_built_{}".format(name, what),
            outs = ["core_{}/{}".format(what, out)],
            cmd = "touch $@",
            **manual
        )
        wasm_core_module(
            name = "{}_core_{}".format(name, what),
            src = "{}_built_{}".format(name, what),
            **manual
        )
    _flags(name = name + "_flags", **manual)
    wasm_core_module(name = name + "_core_flags", src = name + "_flags", **manual)
    wit_c_bindings(
        name = name + "_bindings",
        string_encoding = "utf16",
        tags = ["manual"],
        target_compatible_with = [],
        wit = "//rules/tests/testdata:calc_wit",
        world = "user-of-Calc",
    )
    wasm_component_import(
        name = name + "_import_world",
        src = "//rules/tests/testdata:provider",
        wit = "//rules/tests/testdata:calc_wit",
        world = "provider",
        **manual
    )
    tests = {
        "adapter": (_adapter_test, name + "_of_adapter"),
        "core_module_flags": (_core_module_flags_test, name + "_core_flags"),
        "bindings": (_bindings_test, name + "_bindings"),
        "wit_info": (_wit_info_test, "//rules/tests/testdata:calc_wit"),
        "wit_check": (_wit_check_test, "//rules/tests/testdata:calc_wit"),
        "wit_check_unnamed": (_wit_check_test, "//rules/tests/testdata:types_wit"),
        "wit_deps": (_wit_deps_test, name + "_top"),
        "wit_names": (_wit_names_test, name + "_odd_user"),
        "wit_binary": (_wit_binary_test, name + "_of_binary"),
        "wit_binary_dep": (_wit_binary_dep_test, name + "_of_user"),
        "import": (_import_test, "//rules/tests/testdata:imported"),
        "import_world": (_world_test, name + "_import_world"),
        "import_one": (_import_test, name + "_import_one_wasm"),
        "component": (_component_test, "//rules/tests/testdata:consumer"),
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
