"""Tests that mistakes visible without reading files fail at analysis, with a message that names target and remedy."""

load("//rules:defs.bzl", "wasm_component", "wasm_component_compose", "wasm_component_fuse", "wit_library")
load(":common.bzl", "message_test")

_DATA = "//rules/tests/testdata:"
_HERE = "@@//rules/tests:misuse_tests_"

# name -> (attributes that override valid ones, message)
_GRAPHS = {
    "name_form": (
        {"names": {_DATA + "provider": "a.b"}},
        "names: @@//rules/tests/testdata:provider is called \"a.b\"; a name consists of letters, digits, _ and -",
    ),
    "name_blank": (
        {"names": {_DATA + "provider": " "}},
        "names: @@//rules/tests/testdata:provider is called \" \"; a name consists of letters, digits, _ and -",
    ),
    "name_repeated": (
        {"names": {_DATA + "provider": "left left"}},
        "names: two components are called \"left\"; rename one of them",
    ),
    "name_stranger": (
        {"names": {_DATA + "twin/provider": "left"}},
        "names: @@//rules/tests/testdata:twin/provider is neither the root nor in the deps of this target or of its components; add it to deps, or remove its name",
    ),
    "name_twice": (
        {"names": {_DATA + "provider": "consumer"}},
        "names: two components are called \"consumer\"; rename one of them",
    ),
    "name_two_wasm": (
        {"names": {_DATA + "two_wasm": "left"}},
        "names = @@//rules/tests/testdata:two_wasm: expected a target with exactly one .wasm file",
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
        "no component is called \"provider\"; there are consumer, left",
    ),
    "root_in_deps": (
        {"deps": [_DATA + "consumer"]},
        "deps: @@//rules/tests/testdata:consumer is the same component as @@//rules/tests/testdata:consumer; list it once",
    ),
    "same_twice": (
        {"deps": [_DATA + "provider", _DATA + "imported"]},
        "deps: @@//rules/tests/testdata:imported is the same component as @@//rules/tests/testdata:provider; list it once",
    ),
}

_PACKAGES = {
    "no_namespace": "calc@1.0.0",
    "no_version": "demo:calc@",
    "odd": "demo:ca lc",
}

def misuse_tests(name):
    """Declares the tests, and a suite of that name.

    Args:
      name: of the suite.
    """
    messages = {}
    for case, (attrs, message) in _GRAPHS.items():
        for kind, rule in {"compose": wasm_component_compose, "fuse": wasm_component_fuse}.items():
            subject = "{}_{}".format(kind, case)
            rule(
                name = "{}_{}".format(name, subject),
                tags = ["manual"],
                **({"root": _DATA + "consumer", "deps": [_DATA + "provider"]} | attrs)
            )

            # The message also names the faulty target.
            messages[subject] = "{}{}: {}".format(_HERE, subject, message) if not message.startswith("no ") else message
    for case, package in _PACKAGES.items():
        subject = "wit_" + case
        wit_library(
            name = "{}_{}".format(name, subject),
            srcs = [_DATA + "calc.wit"],
            package = package,
            tags = ["manual"],
        )
        messages[subject] = "{}{}: package: {} is not a package name; expected namespace:name".format(_HERE, subject, repr(package))
    wit_library(
        name = name + "_wit_dep",
        srcs = [_DATA + "calc.wit"],
        tags = ["manual"],
        deps = [_DATA + "no_wasm"],
    )
    messages["wit_dep"] = "does not have mandatory providers: 'WitInfo'"
    wasm_component(
        name = name + "_core_text",
        core = _DATA + "no_wasm",
        tags = ["manual"],
        wit = _DATA + "calc_wit",
        world = "consumer",
    )
    messages["core_text"] = "no_wasm"
    for subject, message in messages.items():
        message_test(
            name = "{}_{}_test".format(name, subject),
            message = message,
            target_under_test = "{}_{}".format(name, subject),
        )
    native.test_suite(
        name = name,
        tests = ["{}_{}_test".format(name, subject) for subject in messages],
    )
