"""The configuration of a C and C++ toolchain for WebAssembly, with clang."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "artifact_name_pattern",
    "env_entry",
    "env_set",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
)
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")

_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.preprocess_assemble,
]
_CXX = [ACTION_NAMES.cpp_compile, ACTION_NAMES.cpp_header_parsing]
_LINK = [ACTION_NAMES.cpp_link_executable]

def _flags(actions, flags):
    return flag_set(actions = actions, flag_groups = [flag_group(flags = flags)])

def _impl(ctx):
    target = ["--target=" + ctx.attr.triple] + (["--sysroot=" + ctx.attr.sysroot] if ctx.attr.sysroot else [])

    # The date and the paths of the machine must not reach outputs.
    compile = target + ["-no-canonical-prefixes", "-Wno-builtin-macro-redefined"] + [
        '-D__{}__="redacted"'.format(name)
        for name in ["DATE", "TIME", "TIMESTAMP"]
    ] + ctx.attr.compile_flags
    features = [
        feature(
            name = "identity",
            enabled = True,
            # Not read by any program: it is part of the keys of actions.
            env_sets = [env_set(
                actions = _COMPILE + _LINK + [ACTION_NAMES.cpp_link_static_library],
                env_entries = [env_entry("WASM_CC_IDENTITY", ctx.attr.identity)],
            )],
        ),
        feature(
            name = "default_flags",
            enabled = True,
            # C++ libraries for WASI are built without exceptions.
            flag_sets = [_flags(_COMPILE, compile), _flags(_CXX, ["-fno-exceptions"]), _flags(_LINK, target + ctx.attr.link_flags)],
        ),
        feature(
            name = "opt",
            flag_sets = [_flags(_COMPILE, ["-Os", "-DNDEBUG"]), _flags(_LINK, ["-Wl,--strip-all"])],
        ),
        feature(name = "dbg", flag_sets = [_flags(_COMPILE, ["-g"])]),
    ]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        artifact_name_patterns = [artifact_name_pattern(
            category_name = "executable",
            prefix = "",
            extension = ".wasm",
        )],
        compiler = "clang",
        cxx_builtin_include_directories = ctx.attr.includes,
        features = features,
        target_cpu = "wasm32",
        target_libc = "wasi" if ctx.attr.sysroot else "none",
        target_system_name = ctx.attr.triple,
        tool_paths = [
            tool_path(name = name, path = ctx.attr.tools.get(name, "/bin/false"))
            for name in ["ar", "cpp", "gcc", "gcov", "ld", "nm", "objdump", "strip"]
        ],
        toolchain_identifier = ctx.attr.triple,
    )

wasm_cc_config = rule(
    implementation = _impl,
    doc = "Configures a toolchain of clang for one target triple.",
    attrs = {
        "compile_flags": attr.string_list(doc = "Flags of every compilation."),
        "identity": attr.string(doc = "What tells the programs and libraries from others by the same paths.", mandatory = True),
        "includes": attr.string_list(doc = "Folders with the headers of the compiler and of the C library."),
        "link_flags": attr.string_list(doc = "Flags of every link."),
        "sysroot": attr.string(doc = "Folder with the C library, or empty if there is none."),
        "tools": attr.string_dict(doc = "Paths of programs, by the names that cc_toolchain has for them."),
        "triple": attr.string(doc = "What is compiled for: wasm32-wasip1, say.", mandatory = True),
    },
    provides = [CcToolchainConfigInfo],
)
