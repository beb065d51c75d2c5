"""Tests of the rules for other languages than C, with a program that is never started."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_js_component", "wasm_py_component", "wasm_rust_module", "wasm_tinygo_module")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "action", "basenames", "message_test_rule")

_WIT = "//rules/tests/testdata:calc_wit"
_TOOLCHAINS = {"//command_line_option:extra_toolchains": [
    str(Label("//rules/tests:fake_{}_toolchain".format(language)))
    for language in ["js", "py", "rust", "tinygo"]
]}

def _args_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, ctx.attr.mnemonic)
    asserts.equals(env, "other_wasmfuse", made.argv[0].split("/")[-1])

    # Places of files are kept, and paths of files are reduced to base names.
    args = [place + eq + file.split("/")[-1] for place, eq, file in [a.partition("=") for a in made.argv[1:]] if eq]
    flags = [a for a in made.argv[2:] if "=" not in a and a not in ["--src", "--wit"]]
    asserts.equals(env, ctx.attr.flags, flags)
    asserts.equals(env, ctx.attr.files, [a for a in args if "calc" not in a and "types" not in a])
    asserts.equals(env, ctx.attr.wit, [a.split("/")[-1] for a in args if "calc" in a or "types" in a])
    asserts.equals(env, target[DefaultInfo].files.to_list(), made.outputs.to_list())
    inputs = basenames(made.inputs.to_list())
    for file in ctx.attr.files + ctx.attr.wit:
        asserts.true(env, file.split("=")[-1] in inputs, file + " is not an input")
    if ctx.attr.wit:
        asserts.equals(env, made.outputs.to_list(), [target[WasmComponentInfo].component])
    return analysistest.end(env)

_args_test = analysistest.make(
    _args_test_impl,
    attrs = {
        "files": attr.string_list(doc = "PLACE=FILE of each source."),
        "flags": attr.string_list(doc = "Arguments between the output and the files."),
        "mnemonic": attr.string(default = "WasmScriptComponent"),
        "wit": attr.string_list(doc = "The last part of PLACE=FILE of each file of WIT."),
    },
    config_settings = _TOOLCHAINS,
)

_RUST_PREFIX = "--remap-path-prefix="

def _rust_args_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WasmRustc")
    asserts.equals(env, "other_wasmfuse", made.argv[0].split("/")[-1])

    # The tree of sources is that of the action's inputs, and no path of an output is among the flags.
    folder = "/" + target.label.name + ".src/"
    sources = [f.path.partition(folder)[-1] for f in made.inputs.to_list() if folder in f.path]
    asserts.equals(env, ctx.attr.places, sources)
    asserts.equals(env, ctx.attr.root, made.argv[1].partition(folder)[-1])
    out = made.outputs.to_list()
    asserts.equals(env, target[DefaultInfo].files.to_list(), out)
    remapped = [a for a in made.argv if a.startswith(_RUST_PREFIX)]
    asserts.equals(env, ["{}{}={}".format(_RUST_PREFIX, made.argv[1].removesuffix("/" + ctx.attr.root), target.label.package)], remapped)
    asserts.equals(env, ctx.attr.flags, [a for a in made.argv[2:] if a not in remapped + [out[0].path]])
    return analysistest.end(env)

_rust_args_test = analysistest.make(
    _rust_args_test_impl,
    attrs = {
        "flags": attr.string_list(doc = "Arguments after the root module, without paths of outputs."),
        "places": attr.string_list(doc = "The places of the sources."),
        "root": attr.string(doc = "The place of the root module."),
    },
    config_settings = _TOOLCHAINS,
)

_message_test = message_test_rule(_TOOLCHAINS)

def language_tests(name):
    """Declares the tests.

    Args:
      name: name of the test suite.
    """
    script = {"tags": ["manual"], "wit": _WIT, "world": "provider"}
    wit = ["types.wit=types.wit", "calc.wit=calc.wit"]
    tests = []

    wasm_js_component(name = name + "_js", srcs = ["lang/a.js"], **script)
    wasm_js_component(name = name + "_js_main", srcs = ["lang/a.js", "lang/b.js"], disable = ["http", "clocks"], main = "lang/b.js", **script)
    wasm_js_component(name = name + "_js_several", srcs = ["lang/a.js", "lang/b.js"], **script)
    wasm_js_component(name = name + "_js_elsewhere", srcs = ["lang/a.js"], main = "lang/b.js", **script)
    wasm_py_component(name = name + "_py", srcs = ["lang/a.py"], **script)
    wasm_py_component(name = name + "_py_main", srcs = ["lang/a.py", "lang/b.py"], main = "lang.b", **script)
    wasm_py_component(name = name + "_py_several", srcs = ["lang/a.py", "lang/b.py"], **script)
    wasm_py_component(name = name + "_binary_wit", srcs = ["lang/a.py"], tags = ["manual"], wit = ":component_tests_binary", world = "w")
    wasm_tinygo_module(name = name + "_tinygo", srcs = ["lang/a.go"], tags = ["manual"])
    wasm_tinygo_module(
        name = name + "_tinygo_set",
        srcs = ["lang/a.go", "lang/go.mod"],
        flags = ["-buildmode", "c-shared"],
        main = "lang",
        tags = ["manual"],
        target = "wasip1",
    )
    for case, test in {
        "js": {"files": ["lang/a.js=a.js"], "flags": ["provider", "lang/a.js", "http,fetch-event"], "wit": wit},
        "js_main": {"files": ["lang/a.js=a.js", "lang/b.js=b.js"], "flags": ["provider", "lang/b.js", "http,clocks"], "wit": wit},
        "py": {"files": ["lang/a.py=a.py"], "flags": ["provider", "lang.a"], "wit": wit},
        "py_main": {"files": ["lang/a.py=a.py", "lang/b.py=b.py"], "flags": ["provider", "lang.b"], "wit": wit},
        "tinygo": {"files": ["lang/a.go=a.go"], "flags": ["wasm-unknown", "./.", "-no-debug"], "mnemonic": "TinyGo"},
        "tinygo_set": {
            "files": ["lang/a.go=a.go", "lang/go.mod=go.mod"],
            "flags": ["wasip1", "./lang", "-buildmode", "c-shared"],
            "mnemonic": "TinyGo",
        },
    }.items():
        _args_test(name = "{}_{}_test".format(name, case), target_under_test = "{}_{}".format(name, case), **test)
        tests.append("{}_{}_test".format(name, case))
    wasm_rust_module(name = name + "_rust", srcs = ["lang/a.rs"], tags = ["manual"])
    wasm_rust_module(name = name + "_rust_lib", srcs = ["src/a.rs", "src/lib.rs"], tags = ["manual"])
    wasm_rust_module(
        name = name + "_rust-set",
        srcs = ["lang/a.rs", "lang/lib.rs"],
        crate_root = "lang/a.rs",
        edition = "2024",
        flags = ["-Copt-level=s"],
        tags = ["manual"],
        target = "wasm32-wasip1",
    )
    wasm_rust_module(name = name + "_rust_several", srcs = ["lang/a.rs", "lang/lib.rs"], tags = ["manual"])
    wasm_rust_module(name = name + "_rust_elsewhere", srcs = ["lang/a.rs"], crate_root = "a.rs", tags = ["manual"])
    wasm_rust_module(name = name + "_rust_twice", srcs = ["tinygo.sh", "//rules/private/scripts:tinygo.sh"], tags = ["manual"])
    for case, (edition, target, flags, places, root) in {
        "rust": ("2021", "wasm32-unknown-unknown", ["-Copt-level=3", "-Cstrip=debuginfo"], ["lang/a.rs"], "lang/a.rs"),
        "rust-set": ("2024", "wasm32-wasip1", ["-Copt-level=s"], ["lang/a.rs", "lang/lib.rs"], "lang/a.rs"),
        "rust_lib": ("2021", "wasm32-unknown-unknown", ["-Copt-level=3", "-Cstrip=debuginfo"], ["src/a.rs", "src/lib.rs"], "src/lib.rs"),
    }.items():
        crate = "{}_{}".format(name, case)
        _rust_args_test(
            name = crate + "_test",
            flags = ["--crate-name", crate.replace("-", "_"), "--crate-type", "cdylib", "--edition", edition, "--target", target, "-o", "-Ccodegen-units=1"] + flags,
            places = places,
            root = root,
            target_under_test = crate,
        )
        tests.append(crate + "_test")
    for case, message in {
        "binary_wit": "package.wasm is a WIT package in binary form, which the tool for this language does not read",
        "js_elsewhere": "lang/b.js is not one of srcs; add it there",
        "js_several": "main is not set, and there are 2 srcs",
        "py_several": "main is not set, and there are 2 srcs",
        "rust_elsewhere": "crate_root: a.rs is not one of srcs; add it there",
        "rust_several": "crate_root is not set, and among srcs there is not exactly one of lib.rs and src/lib.rs",
        "rust_twice": "srcs: two files would be tinygo.sh; name one of them",
    }.items():
        _message_test(name = "{}_{}_test".format(name, case), message = message, target_under_test = "{}_{}".format(name, case))
        tests.append("{}_{}_test".format(name, case))
    native.test_suite(name = name, tests = tests)
