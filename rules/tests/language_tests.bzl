"""Tests of the rules for other languages than C, with a program that is never started."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "wasm_js_component", "wasm_py_component", "wasm_rust_library", "wasm_rust_module", "wasm_tinygo_module", "wit_rust_bindings")
load("//rules:providers.bzl", "WasmComponentInfo")
load(":common.bzl", "action", "basenames", "message_test_rule", "plain_args")

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

def _rust_actions(env):
    return [a for a in analysistest.target_actions(env) if a.mnemonic == "WasmRustc"]

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
    asserts.equals(env, ctx.attr.flags, _rust_flags(made, [out[0].path] + remapped))
    return analysistest.end(env)

def _rust_flags(made, others):
    """Returns the arguments after the root module without others, and with the folder of the compiled crates in place of its path."""
    crates = [f for f in made.inputs.to_list() if f.extension == "rlib"]
    flags = [a for a in made.argv[2:] if a not in others]
    for crate in crates:
        short = crate.path.partition(".rlibs/")[-1]
        flags = [a.replace(crate.path, short).replace(crate.dirname, short.rpartition("/")[0]) for a in flags]
    return flags

_rust_args_test = analysistest.make(
    _rust_args_test_impl,
    attrs = {
        "flags": attr.string_list(doc = "Arguments after the root module, without paths of outputs."),
        "places": attr.string_list(doc = "The places of the sources."),
        "root": attr.string(doc = "The place of the root module."),
    },
    config_settings = _TOOLCHAINS,
)

def _rust_library_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [], target[DefaultInfo].files.to_list(), "files of the default build")
    made = {a.outputs.to_list()[0].path.partition(".rlibs/")[-1]: a for a in _rust_actions(env)}
    asserts.equals(env, [
        "{}/libtests_rust_library_set.rlib".format(t)
        for t in ["wasm32-unknown-unknown", "wasm32-wasip1"]
    ], made.keys())
    for path, compiled in made.items():
        asserts.equals(env, ["--crate-name", "tests_rust_library_set", "--crate-type", "rlib", "--edition", "2018"], compiled.argv[2:8])
        used = "{}/libtests_rust_library.rlib".format(path.split("/")[0])
        flags = _rust_flags(compiled, [])
        asserts.true(env, "tests_rust_library=" + used in flags, str(flags))
        asserts.true(env, "-Copt-level=1" in flags, str(flags))
    return analysistest.end(env)

_rust_library_test = analysistest.make(_rust_library_test_impl, config_settings = _TOOLCHAINS)

def _rust_bindings_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    made = action(env, "WitBindings")
    asserts.equals(env, ctx.attr.flags, [a.split(":")[-1] if a.startswith("-target=") else a for a in plain_args(made)])
    asserts.equals(env, made.outputs.to_list(), target[DefaultInfo].files.to_list())
    asserts.equals(env, "{}/{}".format(target.label.package, ctx.attr.out), made.outputs.to_list()[0].short_path)
    return analysistest.end(env)

_rust_bindings_test = analysistest.make(
    _rust_bindings_test_impl,
    attrs = {
        "flags": attr.string_list(doc = "The command line, with base names of files."),
        "out": attr.string(doc = "The path of the generated file below the package."),
    },
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
    wasm_rust_library(name = "tests_rust_library", srcs = ["lang/a.rs"], tags = ["manual"])
    wasm_rust_library(
        name = "tests-rust.library-set",
        srcs = ["lang/a.rs"],
        deps = ["tests_rust_library"],
        edition = "2018",
        flags = ["-Copt-level=1"],
        tags = ["manual"],
    )
    wasm_rust_library(name = name + "_other/tests_rust_library", srcs = ["lang/a.rs"], tags = ["manual"])
    wit_rust_bindings(name = name + "_bindings", tags = ["manual"], wit = _WIT, world = "user-of-Calc")
    wit_rust_bindings(
        name = name + "_bindings-set",
        derives = ["PartialEq", "Eq"],
        derives_ignore = ["pair"],
        out = "lang/bindings.rs",
        ownership = "borrowing",
        remap = {"demo:types/types": "crate::types"},
        tags = ["manual"],
        wit = _WIT,
        world = "provider",
    )
    wit_rust_bindings(name = name + "_bindings_text", out = "bindings.txt", tags = ["manual"], wit = _WIT, world = "provider")
    wit_rust_bindings(name = name + "_bindings_root", out = "src/lib.rs", tags = ["manual"], wit = _WIT, world = "provider")
    wasm_rust_module(name = name + "_rust_bindings", srcs = ["lang/a.rs", name + "_bindings-set"], tags = ["manual"])
    wasm_rust_module(name = name + "_rust_deps", srcs = ["lang/a.rs"], deps = ["tests-rust.library-set"], tags = ["manual"], target = "wasm32-wasip1")
    wasm_rust_module(
        name = name + "_rust_crates_twice",
        srcs = ["lang/a.rs"],
        deps = ["tests_rust_library", name + "_other/tests_rust_library"],
        tags = ["manual"],
    )
    wasm_rust_module(name = name + "_rust_module_dep", srcs = ["lang/a.rs"], deps = [name + "_rust"], tags = ["manual"])
    plain = ["-Copt-level=3", "-Cstrip=debuginfo"]
    for case, (edition, target, crates, flags, places, root) in {
        "rust": ("2021", "wasm32-unknown-unknown", [], plain, ["lang/a.rs"], "lang/a.rs"),
        "rust-set": ("2024", "wasm32-wasip1", [], ["-Copt-level=s"], ["lang/a.rs", "lang/lib.rs"], "lang/a.rs"),
        "rust_bindings": (
            "2021",
            "wasm32-unknown-unknown",
            [
                "--extern",
                "wit_bindgen=wasm32-unknown-unknown/libwit_bindgen.rlib",
                "-Ldependency=wasm32-unknown-unknown",
                "--cfg=wasm_rust_module",
            ],
            plain,
            ["lang/a.rs", "lang/bindings.rs"],
            "lang/a.rs",
        ),
        "rust_deps": (
            "2021",
            "wasm32-wasip1",
            [
                "--extern",
                "tests_rust_library_set=wasm32-wasip1/libtests_rust_library_set.rlib",
                "-Ldependency=wasm32-wasip1",
                "-Ldependency=wasm32-wasip1",
            ],
            plain,
            ["lang/a.rs"],
            "lang/a.rs",
        ),
        "rust_lib": ("2021", "wasm32-unknown-unknown", [], plain, ["src/a.rs", "src/lib.rs"], "src/lib.rs"),
    }.items():
        crate = "{}_{}".format(name, case)
        _rust_args_test(
            name = crate + "_test",
            flags = ["--crate-name", crate.replace("-", "_"), "--crate-type", "cdylib", "--edition", edition, "--target", target, "-o", "-Cmetadata=rules/tests:" + crate, "-Ccodegen-units=1"] + crates + flags,
            places = places,
            root = root,
            target_under_test = crate,
        )
        tests.append(crate + "_test")
    _rust_library_test(name = name + "_rust_library_test", target_under_test = "tests-rust.library-set")
    tests.append(name + "_rust_library_test")
    for case, test in {
        "bindings": {
            "flags": [
                "bindings",
                name + "_bindings",
                "-world=user-of-Calc",
                "-language=rust",
                "-option=ownership=owning",
                "-o=user_of_calc.rs={}_bindings.rs".format(name),
                "calc_wit.wit.wasm",
            ],
            "out": name + "_bindings.rs",
        },
        "bindings-set": {
            "flags": [
                "bindings",
                name + "_bindings-set",
                "-world=provider",
                "-language=rust",
                "-option=ownership=borrowing",
                "-option=derive=PartialEq",
                "-option=derive=Eq",
                "-option=derive-ignore=pair",
                "-option=with=demo:types/types=crate::types",
                "-o=provider.rs=bindings.rs",
                "calc_wit.wit.wasm",
            ],
            "out": "lang/bindings.rs",
        },
    }.items():
        _rust_bindings_test(name = "{}_{}_test".format(name, case), target_under_test = "{}_{}".format(name, case), **test)
        tests.append("{}_{}_test".format(name, case))
    for case, message in {
        "bindings_root": "lib.rs is the root of a crate, or no name of a module in Rust; give the target another name, or set out",
        "bindings_text": "out: \"bindings.txt\" is not the path of a module; end it with .rs",
        "binary_wit": "package.wasm is a WIT package in binary form, which the tool for this language does not read",
        "js_elsewhere": "lang/b.js is not one of srcs; add it there",
        "js_several": "main is not set, and there are 2 srcs",
        "py_several": "main is not set, and there are 2 srcs",
        "rust_crates_twice": "deps: @@//rules/tests:{0}_other/tests_rust_library is the crate tests_rust_library, as @@//rules/tests:tests_rust_library is; rename one of them".format(name),
        "rust_elsewhere": "crate_root: a.rs is not one of srcs; add it there",
        "rust_module_dep": "does not have mandatory providers: 'WasmRustInfo'",
        "rust_several": "crate_root is not set, and among srcs there is not exactly one of lib.rs and src/lib.rs",
        "rust_twice": "srcs: two files would be tinygo.sh; name one of them",
    }.items():
        _message_test(name = "{}_{}_test".format(name, case), message = message, target_under_test = "{}_{}".format(name, case))
        tests.append("{}_{}_test".format(name, case))
    native.test_suite(name = name, tests = tests)
