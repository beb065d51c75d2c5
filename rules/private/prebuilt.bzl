"""Released wasmfuse programs as toolchains."""

PLATFORMS = {
    "darwin_amd64": ["@platforms//os:macos", "@platforms//cpu:x86_64"],
    "darwin_arm64": ["@platforms//os:macos", "@platforms//cpu:aarch64"],
    "linux_amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux_arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    "windows_amd64": ["@platforms//os:windows", "@platforms//cpu:x86_64"],
    "windows_arm64": ["@platforms//os:windows", "@platforms//cpu:aarch64"],
}

def program_file(platform):
    """Returns the file name of a platform's program in a release."""
    return "wasmfuse-" + platform.replace("_", "-") + (".exe" if platform.startswith("windows") else "")

_PROGRAM = """load("@bazel_skylib//rules:native_binary.bzl", "native_binary")
load("@rules_wasm_fuse//rules:toolchain.bzl", "wasm_fuse_toolchain")

native_binary(
    name = "program",
    src = "{file}",
    out = "{out}",
)

wasm_fuse_toolchain(
    name = "toolchain",
    visibility = ["//visibility:public"],
    wasmfuse = ":program",
)
"""

def _program_impl(rctx):
    file = program_file(rctx.attr.platform)
    rctx.download(
        rctx.attr.url.format(version = rctx.attr.version, file = file),
        "download/" + file,
        executable = True,
        integrity = rctx.attr.integrity,
    )
    rctx.file("BUILD.bazel", _PROGRAM.format(
        file = "download/" + file,
        out = "wasmfuse.exe" if file.endswith(".exe") else "wasmfuse",
    ))

program_repository = repository_rule(
    implementation = _program_impl,
    doc = "One program, fetched only when its toolchain is selected.",
    attrs = {
        "integrity": attr.string(doc = "The program's digest.", mandatory = True),
        "platform": attr.string(doc = "The platform it runs on.", mandatory = True),
        "url": attr.string(doc = "The program's URL, with {version} and {file}.", mandatory = True),
        "version": attr.string(doc = "The program's version.", mandatory = True),
    },
)

_TOOLCHAIN = """
toolchain(
    name = "{platform}",
    exec_compatible_with = {constraints},
    toolchain = "@{repository}_{platform}//:toolchain",
    toolchain_type = "@rules_wasm_fuse//rules:fuse_toolchain_type",
)
"""

def _hub_impl(rctx):
    rctx.file("BUILD.bazel", "".join([
        _TOOLCHAIN.format(
            platform = platform,
            constraints = repr(PLATFORMS[platform]),
            repository = rctx.attr.repository,
        )
        for platform in rctx.attr.platforms
    ]))

hub_repository = repository_rule(
    implementation = _hub_impl,
    doc = "The toolchains of all programs. Registering them fetches no program.",
    attrs = {
        "platforms": attr.string_list(doc = "The platforms that have a program.", mandatory = True),
        "repository": attr.string(doc = "Prefix of the names of the programs' repositories.", mandatory = True),
    },
)
