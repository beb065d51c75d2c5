"""Binaryen's wasm-opt: of the npm package, of this machine, or of a release."""

load(":guests.bzl", "client", "installed", "on_machine", "printed")

# The platforms of a release, as binaryen calls them, and their constraints.
_PLATFORMS = {
    "aarch64-linux": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    "arm64-macos": ["@platforms//os:macos", "@platforms//cpu:aarch64"],
    "arm64-windows": ["@platforms//os:windows", "@platforms//cpu:aarch64"],
    "x86_64-linux": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "x86_64-macos": ["@platforms//os:macos", "@platforms//cpu:x86_64"],
    "x86_64-windows": ["@platforms//os:windows", "@platforms//cpu:x86_64"],
}

_BUILD = """load("@rules_wasm_fuse//rules:toolchain.bzl", "wasm_opt_toolchain")

wasm_opt_toolchain(
    name = "tool",
    data = glob({data}, allow_empty = True),
    execution_requirements = {requirements},
    visibility = ["//visibility:public"],
    wasm_opt = "{program}",
)
"""

# The first version that is known to read what wasmfuse writes.
_OLDEST = 118

def _checked(version, what):
    """Returns the text that `wasm-opt --version` prints, `wasm-opt version 132 (version_132)`. Fails if it is too old."""
    words = version.split(" ")
    number = words[2].strip() if len(words) > 2 and words[1] == "version" else ""
    if not number.isdigit():
        fail("{} is not binaryen's wasm-opt: with --version it prints {}".format(what, repr(version)))
    if int(number) < _OLDEST:
        fail("{} is version {}; install version {} or a later one".format(what, number, _OLDEST))
    return version.strip()

def _wrapped(rctx, command, arguments, data, version):
    """Writes a program that runs a command of this machine, and its toolchain.

    Args:
      rctx: the repository's context.
      command: the path of the program to run.
      arguments: its first arguments, files of the repository.
      data: patterns of the files that it reads.
      version: the version, by which keys of actions tell programs apart.
    """
    if rctx.os.name.lower().startswith("windows"):
        name = "wasm-opt.bat"
        places = ["\"%~dp0{}\"".format(a.replace("/", "\\")) for a in arguments]
        text = "@rem {}\r\n@\"{}\" {} %*\r\n".format(version, command, " ".join(places))
    else:
        name = "wasm-opt"
        places = ["\"${0%/*}/" + a + "\"" for a in arguments]
        text = "#!/bin/sh\n# {}\nexec {} \"$@\"\n".format(version, " ".join(["'{}'".format(command)] + places))
    rctx.file(name, text)

    # The command is at a fixed place of this machine.
    rctx.file("BUILD.bazel", _BUILD.format(data = repr(data), program = name, requirements = repr({"no-remote-exec": "1"})))

def _wasm_opt_impl(rctx):
    if rctx.getenv("WASM_OPT"):
        found = on_machine(rctx, "WASM_OPT", "wasm-opt")
        _wrapped(rctx, found, [], [], _checked(printed(rctx, [found, "--version"]), found))
        return
    otherwise = ", set --repo_env=WASM_OPT=PATH, name a release with the tag binaryen.release"
    node, npm = [client(rctx, program, "binaryen", otherwise) for program in ["node", "npm"]]
    rctx.symlink(rctx.attr.lock, "package-lock.json")
    rctx.symlink(rctx.attr.manifest, "package.json")
    installed(rctx, "binaryen", [npm, "ci", "--no-audit", "--no-bin-links", "--no-fund", "--ignore-scripts"])
    folder = "node_modules/binaryen/bin"
    program = folder + "/wasm-opt"
    if not rctx.path(program).exists:
        fail("binaryen.npm(package_lock = {}): it has no package binaryen with a program wasm-opt".format(repr(str(rctx.attr.lock))))
    for file in rctx.path(folder).readdir():  # 80 MB of other programs
        if file.basename not in ["package.json", "wasm-opt"]:
            rctx.delete(file)
    version = _checked(printed(rctx, [node, rctx.path(program), "--version"]), "that of the npm package binaryen")
    _wrapped(rctx, node, [program], [folder + "/*"], version)

wasm_opt_repository = repository_rule(
    implementation = _wasm_opt_impl,
    doc = "wasm-opt as WASM_OPT names it, or else as a lock file of npm has it.",
    attrs = {
        "lock": attr.label(doc = "A package-lock.json.", mandatory = True),
        "manifest": attr.label(doc = "Its package.json.", mandatory = True),
    },
    configure = True,
    environ = ["PATH", "WASM_OPT"],
)

def _release_impl(rctx):
    rctx.download_and_extract(
        rctx.attr.url.format(platform = rctx.attr.platform, version = rctx.attr.version),
        sha256 = rctx.attr.sha256,
        stripPrefix = "binaryen-version_" + rctx.attr.version,
    )
    program = "bin/wasm-opt" + (".exe" if rctx.attr.platform.endswith("windows") else "")
    if not rctx.path(program).exists:
        fail("binaryen.release(version = {}): the archive for {} has no {}".format(repr(rctx.attr.version), rctx.attr.platform, program))
    rctx.file("BUILD.bazel", _BUILD.format(data = repr(["bin/*.dll", "lib/*"]), program = program, requirements = "{}"))

wasm_opt_release_repository = repository_rule(
    implementation = _release_impl,
    doc = "wasm-opt of a release, for one platform.",
    attrs = {
        "platform": attr.string(doc = "The platform.", mandatory = True),
        "sha256": attr.string(doc = "Digest of the archive.", mandatory = True),
        "url": attr.string(doc = "Where the archives are.", mandatory = True),
        "version": attr.string(doc = "The version.", mandatory = True),
    },
)

def binaryen_release(tag):
    """Defines the repositories of a release.

    Args:
      tag: the tag `release`.

    Returns:
      The platforms, for wasm_opt_hub_repository.
    """
    if not tag.version.isdigit() or int(tag.version) < _OLDEST:
        fail("binaryen.release(version = {}): want a number of at least {}, such as \"132\"".format(repr(tag.version), _OLDEST))
    if not tag.sha256:
        fail("binaryen.release(sha256 = {{}}): want the digest of an archive for each platform that builds, of {}".format(", ".join(_PLATFORMS)))
    for platform, digest in tag.sha256.items():
        if platform not in _PLATFORMS:
            fail("binaryen.release(sha256): no platform is called {}; there are {}".format(repr(platform), ", ".join(_PLATFORMS)))
        wasm_opt_release_repository(
            name = "wasm_opt_" + platform,
            platform = platform,
            sha256 = digest,
            url = tag.url,
            version = tag.version,
        )
    return tag.sha256.keys()

_TOOLCHAIN = """
toolchain(
    name = "{repository}",
    exec_compatible_with = {constraints},
    toolchain = "@{repository}//:tool",
    toolchain_type = "@rules_wasm_fuse//rules:wasm_opt_toolchain_type",
)
"""

def _hub_impl(rctx):
    constraints = {"wasm_opt_" + platform: _PLATFORMS[platform] for platform in rctx.attr.platforms} or {"wasm_opt": []}
    rctx.file("BUILD.bazel", "".join([
        _TOOLCHAIN.format(constraints = repr(c), repository = repository)
        for repository, c in constraints.items()
    ]))

wasm_opt_hub_repository = repository_rule(
    implementation = _hub_impl,
    doc = "The toolchains. Registering them installs nothing.",
    attrs = {
        "platforms": attr.string_list(doc = "The platforms of a release. By default, the toolchain is that of wasm_opt_repository."),
    },
)
