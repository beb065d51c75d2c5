"""wasmtime 50's C library, from its wheel for Python."""

_BUILD = """load("@rules_cc//cc:defs.bzl", "cc_import", "cc_library")

cc_import(
    name = "lib",
    shared_library = "lib/libwasmtime50.so",
)

cc_library(
    name = "wasmtime",
    target_compatible_with = [
        "@platforms//cpu:x86_64",
        "@platforms//os:linux",
    ],
    visibility = ["//visibility:public"],
    deps = [":lib"],
)
"""

def _wasmtime50_repository_impl(rctx):
    for program in ["bash", "python3"]:
        if not rctx.which(program):
            fail("wasmtime 50 is downloaded by a script that needs {}, which is not on the PATH: install it, or do without engine = {}".format(
                program,
                "\"@rules_wasm_fuse//rules:wasmtime50\"",
            ))
    done = rctx.execute(
        [rctx.which("bash"), rctx.path(rctx.attr._script)],
        environment = {"ENGINES": str(rctx.path("engines"))},
    )
    if done.return_code != 0:
        fail("downloading wasmtime 50 failed: " + done.stderr)
    library = rctx.path("engines/wasmtime-50.0.1/wasmtime/lib/_libwasmtime.so")

    # Linkers find it by a name that begins with lib.
    rctx.symlink(library.realpath, "lib/libwasmtime50.so")
    rctx.file("BUILD.bazel", _BUILD)

wasmtime50_repository = repository_rule(
    implementation = _wasmtime50_repository_impl,
    doc = "A cc_library //:wasmtime made of the shared library in the wheel of wasmtime 50, for Linux on x86-64.",
    attrs = {
        "_script": attr.label(default = "//tools/engines:get-wasmtime50.sh"),
    },
)
