"""Tests of the rules for Go: bindings, of which nothing is compiled here, and core modules."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_go//go:def.bzl", "GoInfo", "go_library")
load("//rules:go.bzl", "wasm_go_module", "wit_go_bindings")
load(":common.bzl", "action", "message_test")

_WIT = "//rules/tests/testdata:calc_wit"
_PATH = "example.com/calc"

def _sources_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitBindings")
    flags = [a for a in made.argv[2:-1] if not a.startswith("-o=")]
    where = str(target.label).removesuffix("_sources")
    asserts.equals(env, ["-target=" + where, "-world=" + ctx.attr.world, "-language=go", "-importpath=" + _PATH] + ctx.attr.flags, flags)

    # The name of each file is its place in the folder.
    folder = "/" + target.label.name.removesuffix("_sources") + "_/"
    names = [a.removeprefix("-o=").partition("=") for a in made.argv if a.startswith("-o=")]
    asserts.equals(env, [name for name, _, _ in names], [file.partition(folder)[-1] for _, _, file in names])
    asserts.equals(env, sorted(ctx.attr.files), sorted([name for name, _, _ in names]))
    files = made.outputs.to_list()
    asserts.equals(env, files, target[DefaultInfo].files.to_list())
    asserts.equals(env, files, target[OutputGroupInfo].sources.to_list())
    return analysistest.end(env)

_sources_test = analysistest.make(_sources_test_impl, attrs = {
    "files": attr.string_list(),
    "flags": attr.string_list(),
    "world": attr.string(),
})

def _library_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[GoInfo]
    asserts.equals(env, ctx.attr.importpath, info.importpath)
    asserts.equals(env, ctx.attr.srcs, [f.path.partition("_/")[-1] for f in info.srcs])
    deps = [d.data.label.name for d in info.deps]
    asserts.equals(env, ctx.attr.own, [d for d in deps if d not in ["runtime", "types"]])
    asserts.equals(env, ctx.attr.runtime, "runtime" in deps and "types" in deps)
    return analysistest.end(env)

_library_test = analysistest.make(_library_test_impl, attrs = {
    "importpath": attr.string(),
    "own": attr.string_list(doc = "Names of deps, but for those of the runtime."),
    "runtime": attr.bool(default = True),
    "srcs": attr.string_list(),
})

def _module_test_impl(ctx):
    env = analysistest.begin(ctx)
    link = action(env, "GoLink")
    argv = " ".join(link.argv)
    for part in ["-checklinkname=0", " -s", "c-shared"]:
        asserts.true(env, part in argv, "{} is not in {}".format(part, argv))
    outputs = [f.basename for f in link.outputs.to_list()]
    asserts.true(env, analysistest.target_under_test(env).label.name + ".wasm" in outputs, str(outputs))
    return analysistest.end(env)

_module_test = analysistest.make(_module_test_impl)

# name -> (attributes, message after the target's label)
_MISUSES = {
    "export_name": (
        {"exports": {"demo_calc_calc": ":go_tests_calc"}},
        ": exports: demo_calc_calc is no package of an exported interface: their names begin with export_; write \"export_demo_calc_calc\"",
    ),
    "importpath_absent": (
        {"importpath": ""},
        ": importpath = \"\": expected the import path of the folder that the packages are in, such as \"example.com/app/bindings\"",
    ),
    "importpath_slash": ({"importpath": "example.com/"}, ": importpath = \"example.com/\": expected the import path of the folder"),
    "uses": (
        {"imports": {"a_b_c": ["a_b_d"]}},
        ": imports: a_b_c uses a_b_d, which has no entry; add \"a_b_d\": []",
    ),
    "wit_file": ({"wit": "//rules/tests/testdata:calc.wit"}, "_sources: wit = "),
}

def go_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: name of the test suite.
    """
    manual = {"tags": ["manual"]}
    go_library(
        name = name + "_calc",
        srcs = [],
        importpath = _PATH + "/exports/export_demo_calc_calc",
        **manual
    )
    bindings = name + "_bindings"
    wit_go_bindings(
        name = bindings,
        exports = {"export_demo_calc_calc": ":{}_calc".format(name)},
        importpath = _PATH,
        imports = {"demo_calc_ops": ["demo_calc_types"], "demo_calc_types": []},
        wit = _WIT,
        world = "provider",
        **manual
    )
    wasm_go_module(name = name + "_module", embed = [":" + bindings], gc_linkopts = ["-s"], **manual)
    tests = []

    files = ["wit_bindings.go", "empty.s"]
    packages = {
        "imports/demo_calc_ops": "demo_calc_ops",
        "imports/demo_calc_types": "demo_calc_types",
    }
    exported = "exports/export_demo_calc_calc"
    _sources_test(
        name = name + "_sources_test",
        files = ["{}/{}".format(p, f) for p in packages.keys() + [exported] for f in files] +
                ["exports/wit_exports/wit_exports.go", "main.go"],
        flags = [
            "-import=demo_calc_ops=demo_calc_types",
            "-import=demo_calc_types=",
            "-export=export_demo_calc_calc",
        ],
        target_under_test = bindings + "_sources",
        world = "provider",
    )
    tests.append(name + "_sources_test")
    libraries = [bindings + "_demo_calc_ops", bindings + "_demo_calc_types"]
    for case, attrs in {
        "demo_calc_ops": {"own": libraries[1:]},
        "demo_calc_types": {"own": []},
        "export_demo_calc_calc": {"importpath": _PATH + "/exports/export_demo_calc_calc", "own": libraries},
        "wit_exports": {
            "importpath": _PATH + "/exports/wit_exports",
            "own": [name + "_calc"] + libraries,
            "srcs": ["exports/wit_exports/wit_exports.go"],
        },
    }.items():
        folder = "exports/" if case.startswith("export_") else "imports/"
        test = {
            "importpath": _PATH + "/imports/" + case,
            "srcs": ["{}{}/{}".format(folder, case, f) for f in files],
        } | attrs
        _library_test(name = "{}_{}_test".format(name, case), target_under_test = "{}_{}".format(bindings, case), **test)
        tests.append("{}_{}_test".format(name, case))
    _library_test(
        name = name + "_main_test",
        importpath = _PATH,
        own = [bindings + "_wit_exports"],
        runtime = False,
        srcs = ["main.go"],
        target_under_test = bindings,
    )
    _module_test(name = name + "_module_test", target_under_test = name + "_module")
    tests += [name + "_main_test", name + "_module_test"]
    for case, (attrs, message) in _MISUSES.items():
        target = "{}_{}".format(name, case)
        wit_go_bindings(name = target, **({"importpath": _PATH, "wit": _WIT, "world": "provider"} | manual | attrs))
        message_test(name = target + "_test", message = target + message, target_under_test = target + "_sources")
        tests.append(target + "_test")
    native.test_suite(name = name, tests = tests)
