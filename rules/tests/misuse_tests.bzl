"""Tests that mistakes visible without reading files fail at analysis, with a message that names target, attribute and cure.

e2e/graph/misuse has those that only show in files or when something runs, and form_tests.bzl the contradictions of a form.
"""

load(
    "//rules:defs.bzl",
    "wasm_component",
    "wasm_component_compose",
    "wasm_component_fuse",
    "wasm_component_import",
    "wasm_component_run",
    "wasm_core_module",
    "wasm_fuse_test",
    "wasm_module_cc_library",
    "wasm_module_file",
    "wit_library",
)
load(":common.bzl", "message_test")

_DATA = "//rules/tests/testdata:"
_LABEL = "@@//rules/tests/testdata:"
_MODULE = "//rules/tests:form_tests_plain_module"
_NEEDS_COMPONENT = "@@{}: this is a core module, and a component is needed here; set emit = \"component\" there, or name another target".format(_MODULE)
_ONE_WASM = _LABEL + "two_wasm: expected a target with exactly one .wasm file among its outputs, got consumer.core.wasm, provider.core.wasm; name the file itself"

# Of each table: name -> (attributes that override valid ones, message after the target's label). Messages of Bazel's own, which it
# puts behind the names of the attribute and the target, begin with "* ".

_GRAPHS = {
    "deps_module": ({"deps": [_MODULE]}, "deps = " + _NEEDS_COMPONENT),
    "deps_text": (
        {"deps": [_DATA + "calc.wit"]},
        "deps = {}calc.wit: expected a target with exactly one .wasm file among its outputs, got none; name the file itself, or wrap it in wasm_component_import".format(_LABEL),
    ),
    "deps_two_wasm": ({"deps": [_DATA + "two_wasm"]}, "deps = " + _ONE_WASM + ", or wrap it in wasm_component_import"),
    "name_blank": (
        {"names": {_DATA + "provider": " "}},
        "names: {}provider is called \" \"; a name consists of letters, digits, _ and -".format(_LABEL),
    ),
    "name_form": (
        {"names": {_DATA + "provider": "a.b"}},
        "names: {}provider is called \"a.b\"; a name consists of letters, digits, _ and -".format(_LABEL),
    ),
    "name_repeated": (
        {"names": {_DATA + "provider": "left left"}},
        "names: two components are called \"left\"; rename one of them",
    ),
    "name_stranger": (
        {"names": {_DATA + "twin/provider": "left"}},
        "names: {}twin/provider is neither the root nor in the deps of this target or of its components; add it to deps, or remove its name".format(_LABEL),
    ),
    "name_twice": (
        {"names": {_DATA + "provider": "consumer"}},
        "names: two components are called \"consumer\"; rename one of them",
    ),
    "name_two_wasm": ({"names": {_DATA + "two_wasm": "left"}}, "names = " + _ONE_WASM),
    "no_root": (
        {"root": None},
        "root: there is none; set the component whose exports become the output's, or wac, a document that says what is exported",
    ),
    "plug_ambiguous": (
        {"plugs": ["consumer:x=provider"], "deps": [_DATA + "provider", _DATA + "twin/provider"]},
        "plugs: \"consumer:x=provider\": 2 components are called \"provider\"; tell them apart with names",
    ),
    "plug_form": (
        {"plugs": ["consumer=provider"]},
        "plugs: \"consumer=provider\" is not IMPORTER:IMPORT=PROVIDER[:EXPORT]",
    ),
    "plug_importer": (
        {"plugs": ["other:x=provider"]},
        "plugs: \"other:x=provider\": no component is called \"other\"; there are consumer, provider",
    ),
    "plug_provider": (
        {"plugs": ["consumer:x=other:y"]},
        "plugs: \"consumer:x=other:y\": no component is called \"other\"; there are consumer, provider",
    ),
    "plug_renamed": (
        {"names": {_DATA + "provider": "left"}, "plugs": ["consumer:x=provider"]},
        "plugs: \"consumer:x=provider\": no component is called \"provider\"; there are consumer, left",
    ),
    "root_in_deps": (
        {"deps": [_DATA + "consumer"]},
        "deps: {0}consumer is the same component as {0}consumer; list it once".format(_LABEL),
    ),
    "root_module": ({"root": _MODULE}, "root = " + _NEEDS_COMPONENT),
    "root_two_wasm": ({"root": _DATA + "two_wasm"}, "root = " + _ONE_WASM),
    "same_twice": (
        {"deps": [_DATA + "provider", _DATA + "imported"]},
        "deps: {0}imported is the same component as {0}provider; list it once".format(_LABEL),
    ),
    "wac_and_plugs": (
        {"plugs": ["a:x=b"], "root": None, "wac": "misuse.wac"},
        "plugs: wac = @@//rules/tests:misuse.wac says how components are linked and what is exported; write them as arguments in the document",
    ),
    "wac_and_root": (
        {"wac": "misuse.wac"},
        "root: wac = @@//rules/tests:misuse.wac says how components are linked and what is exported; list the component in deps, and export it in the document",
    ),
    "wac_name_form": (
        {"names": {_DATA + "provider": "left"}, "root": None, "wac": "misuse.wac"},
        "names: {}provider is called \"left\"; with wac, a name is as ns:name or ns:name@1.0.0".format(_LABEL),
    ),
    "wac_name_stranger": (
        {"names": {_DATA + "consumer": "a:b"}, "root": None, "wac": "misuse.wac"},
        "names: {}consumer is not in deps; add it, or remove its name".format(_LABEL),
    ),
    "wac_name_twice": (
        {
            "deps": [_DATA + "provider", _DATA + "consumer"],
            "names": {_DATA + "consumer": "a:b", _DATA + "provider": "a:b"},
            "root": None,
            "wac": "misuse.wac",
        },
        "names: two packages are called \"a:b\"; rename one of them",
    ),
    "wac_text": (
        {"root": None, "wac": _DATA + "calc.wit"},
        "* '//rules/tests/testdata:calc.wit' does not produce any {rule} wac files (expected .wac)",
    ),
    "world_alone": ({"world": "consumer"}, "world is set without wit; a world is named by both: set both, or neither"),
    "wit_alone": ({"wit": _DATA + "calc_wit"}, "wit is set without world; a world is named by both: set both, or neither"),
    "wit_text": (
        {"wit": _DATA + "calc.wit", "world": "consumer"},
        "wit = {}calc.wit: this is a file, and a wit_library is needed here; name one that has it in srcs".format(_LABEL),
    ),
}

_FUSIONS = {
    "world_of_module": (
        {"emit": "module", "wit": _DATA + "calc_wit", "world": "consumer"},
        "world = \"consumer\" is about a component, and emit is \"module\"; remove world, or set emit = \"component\"",
    ),
}

_COMPONENTS = {
    "core_component": (
        {"core": _DATA + "provider"},
        "core = {}provider: this is a component, and a core module is needed here; set emit = \"module\" there, or name another target".format(_LABEL),
    ),
    "core_text": (
        {"core": _DATA + "no_wasm"},
        "* '//rules/tests/testdata:no_wasm' does not produce any {rule} core files (expected .wasm",
    ),
    "core_two_wasm": ({"core": _DATA + "two_wasm"}, "core = " + _ONE_WASM),
    "wit_alone": (
        {"world": ""},
        "wit is set, and world is not: set both, or neither for the world embedded in the core module",
    ),
    "wit_text": (
        {"wit": _DATA + "calc.wit"},
        "wit = {}calc.wit: this is a file, and a wit_library is needed here; name one that has it in srcs".format(_LABEL),
    ),
    "world_alone": (
        {"wit": None},
        "world is set, and wit is not: set both, or neither for the world embedded in the core module",
    ),
}

_IMPORTS = {
    "world_alone": ({"world": "provider"}, "world is set without wit; a world is named by both: set both, or neither"),
    "wit_alone": ({"wit": _DATA + "calc_wit"}, "wit is set without world; a world is named by both: set both, or neither"),
    "itself": (
        {"deps": [_DATA + "provider"]},
        "deps: {}provider is the component itself; a component cannot supply its own imports".format(_LABEL),
    ),
    "src_module": ({"src": _MODULE}, "src = " + _NEEDS_COMPONENT),
    "src_text": (
        {"src": _DATA + "no_wasm"},
        "* '//rules/tests/testdata:no_wasm' does not produce any {rule} src files (expected .wasm)",
    ),
    "src_two_wasm": ({"src": _DATA + "two_wasm"}, "src = " + _ONE_WASM),
}

_CORE_MODULES = {
    "src_none": (
        {"src": _DATA + "no_wasm"},
        "src = {}no_wasm: expected a target with exactly one core module among its outputs, built for @@//rules/platforms:wasip1, got calc.wit; name the target that links the module".format(_LABEL),
    ),
    "src_two_wasm": (
        {"src": _DATA + "two_wasm"},
        "src = {}two_wasm: expected a target with exactly one core module among its outputs, built for @@//rules/platforms:wasip1, got consumer.core.wasm, provider.core.wasm; name the target that links the module".format(_LABEL),
    ),
}

_MODULES = {
    "component": (
        {"module": _DATA + "fused"},
        "module = {}fused: this is a component, and a core module is needed here; set emit = \"module\" there, or name another target".format(_LABEL),
    ),
}

_C_LIBRARIES = {
    "symbol": ({"symbol": "a-b"}, "symbol: \"a-b\" is not an identifier of C; set another"),
} | _MODULES

# Of both rules that run components.
_RUNS = {
    "component_two_wasm": ({"component": _DATA + "two_wasm"}, "component = " + _ONE_WASM),
    "data_dirs_absolute": (
        {"data": [_DATA + "calc.wit"], "data_dirs": {"/etc": "/rules"}},
        "data_dirs: \"/etc\" is the folder \"/rules\", and none of data is there; name a folder with files of data: \"rules/tests/testdata\"",
    ),
    "data_dirs_empty": (
        {"data_dirs": {"/etc": "rules"}},
        "data_dirs: \"/etc\" is the folder \"rules\", and none of data is there; name a folder with files of data, and add them to data",
    ),
    "data_dirs_misspelt": (
        {"data": [_DATA + "calc.wit"], "data_dirs": {"/etc": "rules/test"}},
        "data_dirs: \"/etc\" is the folder \"rules/test\", and none of data is there; name a folder with files of data: \"rules/tests/testdata\"",
    ),
    "data_dirs_unnamed": (
        {"data": [_DATA + "calc.wit"], "data_dirs": {"": "rules"}},
        "data_dirs: the name of \"rules\" is empty; give the folder a name that the component knows, such as \"/\"",
    ),
    "rootpath_stranger": (
        {"component_args": ["$(rootpath {}calc.wit)".format(_DATA)]},
        "* label '//rules/tests/testdata:calc.wit' in $(location) expression is not a declared prerequisite of this rule",
    ),
    "rootpath_unclosed": (
        {"component_env": {"CALC": "$(rootpath {}calc.wit".format(_DATA)}, "data": [_DATA + "calc.wit"]},
        "component_env: \"$(rootpath {}calc.wit\" lacks a closing bracket; add it".format(_DATA),
    ),
    "execpath": (
        {"component_args": ["$(execpath {}calc.wit)".format(_DATA)], "data": [_DATA + "calc.wit"]},
        "component_args: $(execpath {}calc.wit) is a path that the component does not have; write $(rootpath LABEL)".format(_DATA),
    ),
}

_PROGRAMS = {
    "preopens_data": (
        {"data": [_DATA + "calc.wit"], "preopens": {"/": "."}},
        "preopens: \"/\" is the folder \".\", and data is there too; give one of them another name, data by data_dirs",
    ),
    "preopens_unnamed": (
        {"preopens": {"": "."}},
        "preopens: \"\" is the folder \".\"; both need a name, as in {\"/work\": \".\"}",
    ),
    "writable_alone": (
        {"writable": ["/work"]},
        "writable: \"/work\" is not a name in preopens, which is empty; data cannot be writable",
    ),
    "writable_misspelt": (
        {"preopens": {"/work": "."}, "writable": ["/wrok"]},
        "writable: \"/wrok\" is not a name in preopens, where there are \"/work\"; data cannot be writable",
    ),
} | _RUNS

_TESTS = {
    "calls_and_status": (
        {"calls": ["f()"], "expected_status": 1},
        "expected_status = 1 is about a command, and calls are set; remove one of them",
    ),
    "composed_missing": (
        {"component": _DATA + "provider"},
        "component = {}provider: there is no composition to compare with; set composed, or compare = False".format(_LABEL),
    ),
    "composed_missing_of_file": (
        {"component": ":module_tests_file"},
        "component = @@//rules/tests:module_tests_file: there is no composition to compare with; set composed, or compare = False",
    ),
    "composed_two_wasm": ({"composed": _DATA + "two_wasm"}, "composed = " + _ONE_WASM),
    "composed_unused": (
        {"compare": False, "composed": _DATA + "composed"},
        "composed = {}composed: compare is False, so nothing is compared with it; remove one of them".format(_LABEL),
    ),
    "expected_lengths": (
        {"calls": ["f()"], "expected": ["1", "2"]},
        "expected has 2 results, and calls has 1; write one result for each call, \"\" for a function without one",
    ),
    "expected_of_requests": (
        {"expected": ["200 a", "200 b"], "requests": ["GET /"], "server": ":fake_wasm_opt"},
        "expected has 2 results, and requests has 1; write one result for each request: status and body",
    ),
    "requests_and_calls": (
        {"calls": ["f()"], "requests": ["GET /"], "server": ":fake_wasm_opt"},
        "calls has no meaning for a server, and requests are set; remove one of them",
    ),
    "requests_odd": (
        {"requests": ["/index"], "server": ":fake_wasm_opt"},
        "requests: \"/index\" is not a method, a path and possibly a body, as in \"GET /\" or \"POST /names Ann\"",
    ),
    "requests_without_server": (
        {"requests": ["GET /"]},
        "requests: no server makes the answers; set server to wasmtime's own program, whose command serve does",
    ),
    "server_alone": (
        {"server": ":fake_wasm_opt"},
        "server = @@//rules/tests:fake_wasm_opt: there are no requests for it; set requests, or remove server",
    ),
} | _RUNS

_PACKAGES = {
    "deps_text": (
        {"deps": [_DATA + "types.wit"]},
        "deps = {}types.wit: this is a file, and a wit_library is needed here; name one that has it in srcs".format(_LABEL),
    ),
    "mixed": (
        {"srcs": ["//fusecore/iface:testdata/package.wasm", _DATA + "calc.wit"]},
        "srcs: fusecore/iface/testdata/package.wasm is a complete WIT package in binary form; move the other files to another wit_library",
    ),
    "twins": (
        {"srcs": [":misuse_tests_twin", _DATA + "calc.wit"]},
        "srcs: rules/tests/twin/calc.wit and rules/tests/testdata/calc.wit have the same base name; the files of a WIT package share a folder, so rename one",
    ),
} | {
    "package_" + case: (
        {"package": package},
        "package: {} is not a package name; expected namespace:name or namespace:name@version".format(repr(package)),
    )
    for case, package in {
        "no_namespace": "calc@1.0.0",
        "no_version": "demo:calc@",
        "odd": "demo:ca lc",
    }.items()
}

# kind -> (the rule, valid attributes, the table)
_RULES = {
    "cc_library": (wasm_module_cc_library, {"module": _MODULE}, _C_LIBRARIES),
    "component": (wasm_component, {"core": _DATA + "provider.core.wasm", "wit": _DATA + "calc_wit", "world": "provider"}, _COMPONENTS),
    "compose": (wasm_component_compose, {"deps": [_DATA + "provider"], "root": _DATA + "consumer"}, _GRAPHS),
    "core_module": (wasm_core_module, {}, _CORE_MODULES),
    "fuse": (wasm_component_fuse, {"deps": [_DATA + "provider"], "root": _DATA + "consumer"}, _GRAPHS | _FUSIONS),
    "import": (wasm_component_import, {"src": _DATA + "provider"}, _IMPORTS),
    "module_file": (wasm_module_file, {"out": "misuse_file.wasm"}, _MODULES),
    "run": (wasm_component_run, {"component": _DATA + "fused"}, _PROGRAMS),
    "test": (wasm_fuse_test, {"component": _DATA + "fused"}, _TESTS),
    "wit": (wit_library, {"srcs": [_DATA + "calc.wit"]}, _PACKAGES),
}

# The names of rules in Bazel's messages.
_NAMES = {
    "component": "wasm_component",
    "compose": "wasm_component_compose",
    "fuse": "wasm_component_fuse",
    "import": "wasm_component_import",
    "run": "wasm_component_run",
    "test": "wasm_fuse_test",
    "wit": "wit_library",
}

def misuse_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    native.genrule(
        name = name + "_twin",
        outs = ["twin/calc.wit"],
        cmd = "echo 'package demo:twin;' > $@",
        tags = ["manual"],
    )
    tests = []
    for kind, (rule, valid, cases) in _RULES.items():
        for case, (attrs, message) in cases.items():
            subject = "{}_{}_{}".format(name, kind, case)
            target = "//rules/tests:" + subject
            rule(name = subject, tags = ["manual"], **{k: v for k, v in (valid | attrs).items() if v != None})
            message_test(
                name = subject + "_test",
                message = message[2:].format(rule = _NAMES[kind]) if message.startswith("* ") else "@@{}: {}".format(target, message),
                target_under_test = subject,
            )
            tests.append(subject + "_test")
    native.test_suite(name = name, tests = tests)
