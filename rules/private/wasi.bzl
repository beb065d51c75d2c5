"""WASI as repositories: its WIT packages, and adapters from preview1."""

load(":crate.bzl", "CRATE_ATTRS", "fetch_crate")

# The packages of each minor version.
_PACKAGES = {
    "0.2": ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"],
    "0.3": ["cli", "clocks", "filesystem", "http", "random", "sockets"],
}

# Which adapter a component needs, by what it is.
ADAPTERS = {
    "command": "A program with a main function, built for wasip1: exports wasi:cli/run.",
    "proxy": "An HTTP handler that uses only what the world wasi:http/proxy has.",
    "reactor": "A library, built for wasip1: exports what its world has.",
}

def track(version):
    """Returns the minor version of a version of WASI, or fails: of 0.2.12 it is 0.2.

    Args:
      version: the version.

    Returns:
      The minor version, for which there are packages.
    """
    minor = ".".join(version.split(".")[:2])
    if minor not in _PACKAGES or len(version.split(".")) < 3:
        fail("wasi.wit(version = {}): expected a version of WASI {}, as 0.2.12 is one".format(repr(version), " or ".join(_PACKAGES)))
    return minor

def _code(text):
    return "\n".join([line.partition("//")[0] for line in text.split("\n")])

_LIBRARY = """
wit_library(
    name = {name},
    srcs = {srcs},
    package = {package},
    visibility = ["//visibility:public"],
    deps = {deps},
)
"""

def _wit_impl(rctx):
    folder = fetch_crate(rctx).get_child("wit").get_child("deps")
    build = ['load("@rules_wasm_fuse//rules:defs.bzl", "wit_library")\n']
    names = _PACKAGES[track(rctx.attr.version)]
    for name in names:
        # A package is a file or a folder of files.
        place = folder.get_child(name)
        files = place.readdir() if place.exists else [folder.get_child(name + ".wit")]
        text, srcs = "", []
        for file in files:
            if not file.exists:
                fail("{} {} has no package {} in wit/deps".format(rctx.attr.crate, rctx.attr.crate_version, name))
            srcs.append("{}/{}".format(name, file.basename))
            rctx.symlink(file, srcs[-1])
            text += _code(rctx.read(file)) + "\n"
        package = "wasi:{}@{}".format(name, rctx.attr.version)
        if "package {};".format(package) not in text:
            fail("{} {} does not have {}: the tag wasi.wit names another version of the crate than of WASI".format(
                rctx.attr.crate,
                rctx.attr.crate_version,
                package,
            ))
        build.append(_LIBRARY.format(
            name = repr(name),
            srcs = repr(sorted(srcs)),
            package = repr(package),
            deps = repr([":" + n for n in names if n != name and "wasi:{}/".format(n) in text]),
        ))
    rctx.file("BUILD.bazel", "".join(build))

wasi_wit_repository = repository_rule(
    implementation = _wit_impl,
    doc = "The packages of one version of WASI, a wit_library each. Fetched only when one of them is needed.",
    attrs = CRATE_ATTRS | {
        "version": attr.string(doc = "The version of WASI.", mandatory = True),
    },
)

def _adapters_impl(rctx):
    folder = fetch_crate(rctx).get_child("artefacts")
    for name in ADAPTERS:
        file = "wasi_snapshot_preview1.{}.wasm".format(name)
        rctx.symlink(folder.get_child(file), file)
    rctx.file("BUILD.bazel", 'exports_files(glob(["*.wasm"]))\n')

wasi_adapters_repository = repository_rule(
    implementation = _adapters_impl,
    doc = "Adapters from preview1 to WASI 0.2. Fetched only when one of them is needed.",
    attrs = CRATE_ATTRS,
)

# A target of a hub, which names one of another repository.
ALIAS = """
alias(
    name = {name},
    actual = {actual},
    visibility = ["//visibility:public"],
)
"""

def _hub_impl(rctx):
    rctx.file("BUILD.bazel", "")
    for version in rctx.attr.versions:
        rctx.file(version + "/BUILD.bazel", "".join([
            ALIAS.format(name = repr(name), actual = repr("@wasi_wit_{}//:{}".format(version, name)))
            for name in _PACKAGES[track(version)]
        ]))
    rctx.file("adapters/BUILD.bazel", "".join([
        "\n# " + doc + ALIAS.format(
            name = repr(name),
            actual = repr("@wasi_adapters//:wasi_snapshot_preview1.{}.wasm".format(name)),
        )
        for name, doc in ADAPTERS.items()
    ]))

wasi_hub_repository = repository_rule(
    implementation = _hub_impl,
    doc = "Names for the targets of all versions and of the adapters. Naming one fetches nothing else.",
    attrs = {
        "versions": attr.string_list(doc = "The versions of WASI.", mandatory = True),
    },
)
