"""C and C++ toolchains for WebAssembly, of a clang that is on the machine or in a release of wasi-sdk."""

_HEAD = """load("@rules_cc//cc:defs.bzl", "cc_toolchain")
load("@rules_wasm_fuse//rules/private:wasm_cc_config.bzl", "wasm_cc_config")

filegroup(name = "none")
"""

_TOOLCHAIN = """
wasm_cc_config(
    name = "{name}_config",
    compile_flags = {compile_flags},
    identity = {identity},
    includes = {includes},
    link_flags = {link_flags},
    sysroot = {sysroot},
    tools = {tools},
    triple = {triple},
)

cc_toolchain(
    name = "{name}_cc",
    all_files = ":none",
    compiler_files = ":none",
    dwp_files = ":none",
    linker_files = ":none",
    objcopy_files = ":none",
    strip_files = ":none",
    supports_param_files = 1,
    toolchain_config = ":{name}_config",
)

toolchain(
    name = "{name}",
    target_compatible_with = {constraints},
    toolchain = ":{name}_cc",
    toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
)
"""

_NO_COMPILER = (
    "the extension wasm_cc has found no clang for wasm32 with wasm-ld and llvm-ar: put them on the PATH, " +
    "or name a wasi-sdk by --repo_env=WASI_SDK_PATH=FOLDER or by the tag wasm_cc.wasi_sdk"
)
_NO_LIBRARY = (
    "the extension wasm_cc has found no C library of the platform {} for {}: name a wasi-sdk by --repo_env=WASI_SDK_PATH=FOLDER or by " +
    "the tag wasm_cc.wasi_sdk, or set --repo_env=WASI_SYSROOT=FOLDER"
)

def _missing(rctx, name, triple, constraints, message):
    """Returns a toolchain whose programs say what is missing.

    Without it, Bazel would only say that it finds none of the type. It is no error to choose it, because rules for other languages
    choose a toolchain for C that they do not use.
    """
    program = rctx.path("missing_" + name)
    rctx.file(program, "#!/bin/sh\ncat >&2 <<'END'\n{}\nEND\nexit 1\n".format(message))
    return _TOOLCHAIN.format(
        name = name,
        compile_flags = [],
        constraints = repr(constraints),
        identity = repr("none"),
        includes = [],
        link_flags = [],
        sysroot = repr(""),
        tools = repr({tool: str(program) for tool in ["ar", "cpp", "gcc", "ld", "nm", "strip"]}),
        triple = repr(triple),
    )

# The target triples of each platform, of which the first that has a C++ library is taken, or else the first that has a C library,
# and its constraints.
_PLATFORMS = {
    "freestanding": (["wasm32-unknown-unknown"], ["@platforms//cpu:wasm32", "@platforms//os:none"]),
    "wasip1": (["wasm32-wasip1", "wasm32-wasi"], ["@platforms//cpu:wasm32", "@platforms//os:wasi", "@rules_wasm_fuse//rules/platforms:preview1"]),
    "wasip2": (["wasm32-wasip2"], ["@platforms//cpu:wasm32", "@platforms//os:wasi", "@rules_wasm_fuse//rules/platforms:preview2"]),
}

def _first(rctx, paths):
    for path in paths:
        if path and rctx.path(path).exists:
            return str(path)
    return ""

def _sdk(rctx):
    """Returns the folder of wasi-sdk that the attributes or the environment name, or an empty string."""
    platform = "{}-{}".format(
        {"aarch64": "arm64", "amd64": "x86_64"}.get(rctx.os.arch, rctx.os.arch),
        "macos" if rctx.os.name.startswith("mac") else "windows" if rctx.os.name.startswith("windows") else rctx.os.name,
    )
    if rctx.attr.sha256:
        if platform not in rctx.attr.sha256:
            fail("wasm_cc.wasi_sdk(sha256): no digest for this machine, {}: add that of the release for it".format(platform))
        rctx.download_and_extract(
            rctx.attr.url.format(version = rctx.attr.version, major = rctx.attr.version.split(".")[0], platform = platform),
            "sdk",
            sha256 = rctx.attr.sha256[platform],
            stripPrefix = "wasi-sdk-{}-{}".format(rctx.attr.version, platform),
        )
        return str(rctx.path("sdk"))
    sdk = rctx.getenv("WASI_SDK_PATH", "")
    if sdk and not rctx.path(sdk + "/bin/clang").exists:
        fail("WASI_SDK_PATH is {}, and there is no bin/clang: set it to the folder of wasi-sdk, or unset it for the clang on the PATH".format(sdk))
    return sdk

def _printed(rctx, clang, flag):
    done = rctx.execute([clang, flag])
    return done.stdout.strip() if done.return_code == 0 else ""

def _digest(rctx, path):
    return rctx.download("file://{}{}".format("" if path.startswith("/") else "/", path), "digested").sha256

def _identity(rctx, tools, libraries):
    """Returns what tells the programs and libraries from others by the same paths.

    Actions run the programs by their paths and have none of these files as inputs, so without it a cache would return what
    another version has made.
    """
    found = []
    for program in sorted({t: None for t in tools.values()}):
        rctx.watch(program)
        found.append(_printed(rctx, program, "--version"))
    for library in libraries:
        rctx.watch(library)
        found.append(_digest(rctx, library))
    rctx.file("found", "\n".join(found))
    return _digest(rctx, str(rctx.path("found")))

def _tools(rctx, sdk):
    """Returns the paths of the programs, by names of cc_toolchain, or None if there is no clang for wasm32."""
    clang = sdk + "/bin/clang" if sdk else rctx.getenv("WASM_CLANG", "") or str(rctx.which("clang") or "")
    if not clang or "wasm32" not in _printed(rctx, clang, "--print-targets"):
        return None
    tools = {"cpp": clang, "gcc": clang}
    for name, program in {"ar": "llvm-ar", "ld": "wasm-ld", "nm": "llvm-nm", "strip": "llvm-strip"}.items():
        found = _first(rctx, [clang.removesuffix("clang") + program]) or _printed(rctx, clang, "-print-prog-name=" + program)
        found = found if found.startswith("/") else str(rctx.which(program) or "")
        if found:
            tools[name] = found
    return tools if "ar" in tools and "ld" in tools else None

def _impl(rctx):
    sdk = _sdk(rctx)
    tools = _tools(rctx, sdk)
    rctx.file("found.bzl", '"""What was found."""\n\nFOUND = {}\n'.format(bool(tools)))
    if not tools:
        rctx.file("BUILD.bazel", _HEAD + "".join([
            _missing(rctx, name, triples[0], constraints, _NO_COMPILER)
            for name, (triples, constraints) in _PLATFORMS.items()
        ]))
        return
    resources = _printed(rctx, tools["gcc"], "-print-resource-dir")
    sysroot = _first(rctx, [sdk and sdk + "/share/wasi-sysroot", rctx.getenv("WASI_SYSROOT", ""), "/usr/share/wasi-sysroot"])
    if not sysroot and rctx.path("/usr/include/wasm32-wasi").exists:
        sysroot = "/usr"
    build = [_HEAD]
    for name, (triples, constraints) in _PLATFORMS.items():
        libc = name != "freestanding"
        triple = triples[0]
        if libc:
            triple = ([
                t
                for lib in ["libc++.a", "libc.a"]
                for t in triples
                if sysroot and rctx.path("{}/lib/{}/{}".format(sysroot, t, lib)).exists
            ] + [""])[0]
            if not triple:
                build.append(_missing(rctx, name, triples[0], constraints, _NO_LIBRARY.format(name, tools["gcc"])))
                continue
        builtins = _first(rctx, [
            "{}/lib/{}/libclang_rt.builtins{}.a".format(resources, folder, suffix)
            for folder in [triple, triple.replace("wasm32-", "wasm32-unknown-"), "wasip1", "wasi"]
            for suffix in ["", "-wasm32"]
        ])
        includes = [resources + "/include"]
        link = ["-fuse-ld=" + tools["ld"], "-nodefaultlibs"]
        libraries = [builtins] if builtins else []
        if libc:
            includes += [d for d in ["{}/include/{}".format(sysroot, triple), sysroot + "/include"] if rctx.path(d).exists]
            archives = {lib: "{}/lib/{}/lib{}.a".format(sysroot, triple, lib) for lib in ["c++", "c++abi", "c"]}
            archives = {lib: path for lib, path in archives.items() if rctx.path(path).exists}
            link += ["-l" + lib for lib in archives]
            libraries = archives.values() + libraries
        else:
            link += ["-nostartfiles", "-Wl,--no-entry", "-Wl,--export-memory"]
        build.append(_TOOLCHAIN.format(
            name = name,
            compile_flags = repr([] if libc else ["-ffreestanding", "-nostdlib"]),
            constraints = repr(constraints),
            identity = repr(_identity(rctx, tools, libraries)),
            includes = repr(includes),
            link_flags = repr(link + ([builtins] if builtins else [])),
            sysroot = repr(sysroot if libc else ""),
            tools = repr(tools),
            triple = repr(triple),
        ))
    rctx.file("BUILD.bazel", "".join(build))

wasm_cc_repository = repository_rule(
    implementation = _impl,
    doc = "The toolchains, and found.bzl, whose FOUND says whether there are any.",
    attrs = {
        "sha256": attr.string_dict(doc = "Digests of a release of wasi-sdk, by platform."),
        "url": attr.string(doc = "Where the release is."),
        "version": attr.string(doc = "The version of the release."),
    },
    configure = True,
    environ = ["WASI_SDK_PATH", "WASI_SYSROOT", "WASM_CLANG", "PATH"],
)
