"""wasmtime's C library, taken from wasmtime-go's repository."""

_BUILD = """load("@rules_cc//cc:defs.bzl", "cc_import", "cc_library")

cc_import(
    name = "lib",
    static_library = select({
        "@platforms//cpu:aarch64": "build/linux-aarch64/libwasmtime.a",
        "@platforms//cpu:x86_64": "build/linux-x86_64/libwasmtime.a",
    }),
)

cc_library(
    name = "wasmtime",
    linkopts = [
        "-lm",
        "-ldl",
        "-lpthread",
    ],
    target_compatible_with = ["@platforms//os:linux"],
    visibility = ["//visibility:public"],
    deps = [":lib"],
)
"""

def _wasmtime_repository_impl(rctx):
    # Linked rather than copied, because the libraries are 200 MB. BUILD files in between do not matter to a repository rule.
    rctx.symlink(rctx.path(rctx.attr.anchor).dirname.get_child("build"), "build")
    rctx.file("BUILD.bazel", _BUILD)

wasmtime_repository = repository_rule(
    implementation = _wasmtime_repository_impl,
    doc = "A cc_library //:wasmtime made of the libraries in wasmtime-go's module.",
    attrs = {
        "anchor": attr.label(
            doc = "A file in the top folder of wasmtime-go's repository.",
            mandatory = True,
        ),
    },
)
