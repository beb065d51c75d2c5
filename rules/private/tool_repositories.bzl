"""Repositories of the rules' programs, released or built from source, and of the toolchains that they are."""

# The platforms that programs exist for, as Go calls them, and their constraints.
PLATFORMS = {
    "darwin_amd64": ["@platforms//os:macos", "@platforms//cpu:x86_64"],
    "darwin_arm64": ["@platforms//os:macos", "@platforms//cpu:aarch64"],
    "linux_amd64": ["@platforms//os:linux", "@platforms//cpu:x86_64"],
    "linux_arm64": ["@platforms//os:linux", "@platforms//cpu:aarch64"],
    "windows_amd64": ["@platforms//os:windows", "@platforms//cpu:x86_64"],
    "windows_arm64": ["@platforms//os:windows", "@platforms//cpu:aarch64"],
}

# Of each program: the rule of its toolchain with the attribute that names it, and the toolchain types that it serves, in
# the order in which types prefer programs. Those of `target` run on the target platform, the others on the execution
# platform.
PROGRAMS = {
    "componentize": struct(rule = "wasm_component_toolchain", types = ["component"], target = False),
    "wasmfuse": struct(rule = "wasm_fuse_toolchain", types = ["fuse"], target = False),
    "wasmrun": struct(rule = "wasm_run_toolchain", types = ["run"], target = True),
    "wasmrun50": struct(rule = "wasm_run_toolchain", types = ["wasmtime50"], target = True),
    "wazerun": struct(rule = "wasm_run_toolchain", types = ["run", "wazero"], target = True),
    "witpackage": struct(rule = "wit_toolchain", types = ["wit"], target = False),
}

# Programs in Go alone, which any machine builds for all platforms.
PURE = ["componentize", "wasmfuse", "wazerun", "witpackage"]

def exe(name, platform):
    """Returns the file name of a program on a platform."""
    return name + (".exe" if platform.startswith("windows") else "")

def program_file(program, platform):
    """Returns the file name of a platform's program in a release."""
    return exe(program + "-" + platform.replace("_", "-"), platform)

def host_platform(rctx):
    """Returns the name of the platform that repositories are made on.

    Args:
      rctx: the context of a repository rule or of a module extension.

    Returns:
      A name as in PLATFORMS, of a platform that need not be there.
    """
    os = rctx.os.name.lower()
    os = "windows" if os.startswith("windows") else "darwin" if os.startswith("mac") else os
    cpu = {"aarch64": "arm64", "x86_64": "amd64"}.get(rctx.os.arch, rctx.os.arch)
    return os + "_" + cpu

_LOAD = """load("{file}", {names})
"""

_PROGRAM = """
{rule}(
    name = "{program}_toolchain",
    {attr} = "{label}",
    visibility = ["//visibility:public"],
)
"""

_WITH_DATA = """
native_binary(
    name = "{program}_with_data",
    src = "{file}",
    out = "bin/{file}",
    data = {data},
)
"""

def write_toolchains(rctx, programs, data = []):
    """Writes the BUILD file of a repository of programs: a toolchain for each.

    Args:
      rctx: the repository's context.
      programs: maps names of PROGRAMS to the programs' files.
      data: files that the programs need when they run.
    """
    rules = sorted({PROGRAMS[p].rule: None for p in programs}.keys())
    text = _LOAD.format(file = "@rules_wasm_fuse//rules:toolchain.bzl", names = ", ".join([repr(r) for r in rules]))
    if data:
        text = _LOAD.format(file = "@bazel_skylib//rules:native_binary.bzl", names = repr("native_binary")) + text
        for program, file in programs.items():
            text += _WITH_DATA.format(data = repr(data), file = file, program = program)
    for program, file in programs.items():
        text += _PROGRAM.format(
            attr = "wasmrun" if PROGRAMS[program].target else program,
            label = ":{}_with_data".format(program) if data else file,
            program = program,
            rule = PROGRAMS[program].rule,
        )
    rctx.file("BUILD.bazel", text)

def _released_impl(rctx):
    file = program_file(rctx.attr.program, rctx.attr.platform)
    name = exe(rctx.attr.program, rctx.attr.platform)
    rctx.download(
        [url.format(version = rctx.attr.version, file = file) for url in rctx.attr.urls],
        name,
        executable = True,
        sha256 = rctx.attr.sha256,
    )
    write_toolchains(rctx, {rctx.attr.program: name})

released_program = repository_rule(
    implementation = _released_impl,
    doc = "One program of a release, fetched only when its toolchain is selected.",
    attrs = {
        "platform": attr.string(doc = "The platform it runs on.", mandatory = True),
        "program": attr.string(doc = "Its name.", mandatory = True),
        "sha256": attr.string(doc = "The digest of its file.", mandatory = True),
        "urls": attr.string_list(doc = "Its URLs, tried in this order, with {version} and {file}.", mandatory = True),
        "version": attr.string(doc = "The release.", mandatory = True),
    },
)

_TOOLCHAIN = """
toolchain(
    name = "{name}",
    exec_compatible_with = {exec_constraints},
    target_compatible_with = {target_constraints},
    target_settings = {settings},
    toolchain = "@{repository}//:{program}_toolchain",
    toolchain_type = "@rules_wasm_fuse//rules:{type}_toolchain_type",
)
"""

def _toolchains_impl(rctx):
    text = ""
    for i, line in enumerate(rctx.attr.programs):
        kind, program, platform, repository = line.split(" ")
        constraints = PLATFORMS[platform]
        on_target = PROGRAMS[program].target

        # What this machine's C compiler makes may need this machine's C library.
        here = not on_target or kind == "source" and program not in PURE
        for type in PROGRAMS[program].types:
            text += _TOOLCHAIN.format(
                # Those registered as //:all are tried in the order of their names.
                name = "{}_{}_{}_{}_{}".format(type, 100 + i, kind, program, platform),
                exec_constraints = repr(constraints if here else []),
                program = program,
                repository = repository,
                settings = repr(["@rules_wasm_fuse//rules:not_from_source"] if kind == "released" else []),
                target_constraints = repr(constraints if on_target else []),
                type = type,
            )
    rctx.file("BUILD.bazel", text)

toolchains_repository = repository_rule(
    implementation = _toolchains_impl,
    doc = "The toolchains of all programs. Registering them fetches none.",
    attrs = {
        "programs": attr.string_list(
            doc = "`KIND PROGRAM PLATFORM REPOSITORY` of each program, in the order of preference. KIND is released or source.",
            mandatory = True,
        ),
    },
)
