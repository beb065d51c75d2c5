"""wit_c_bindings."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain", "use_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load(":bindings.bzl", "BINDINGS_ATTRS", "BINDINGS_EXEC_GROUPS", "bindings_action")

def _wit_c_bindings_impl(ctx):
    # As wit-bindgen names files. A folder for each target, because several may be of worlds of one name.
    world = ctx.attr.world.lower().replace("-", "_")
    header, source, embedded = [
        ctx.actions.declare_file("{}_/{}{}".format(ctx.label.name, world, suffix))
        for suffix in [".h", ".c", "_component_type.o"]
    ]
    bindings_action(
        ctx,
        "c",
        {f.basename: f for f in [header, source, embedded]},
        ["-option=encoding=" + ctx.attr.string_encoding],
    )
    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    common = {"actions": ctx.actions, "cc_toolchain": toolchain, "feature_configuration": features, "name": ctx.label.name}
    context, objects = cc_common.compile(
        srcs = [source],
        public_hdrs = [header],
        includes = [header.dirname],
        **common
    )
    linking, outputs = cc_common.create_linking_context_from_compilation_outputs(
        # Nothing refers to the functions that the world exports, or to the world.
        alwayslink = True,
        compilation_outputs = cc_common.merge_compilation_outputs(compilation_outputs = [
            objects,
            cc_common.create_compilation_outputs(objects = depset([embedded]), pic_objects = depset([embedded])),
        ]),
        disallow_dynamic_library = True,
        **common
    )
    library = outputs.library_to_link
    return [
        DefaultInfo(files = depset([header, library.pic_static_library or library.static_library])),
        CcInfo(compilation_context = context, linking_context = linking),
        OutputGroupInfo(sources = depset([header, source, embedded])),
    ]

wit_c_bindings_rule = rule(
    implementation = _wit_c_bindings_impl,
    doc = "See wit_c_bindings.",
    attrs = BINDINGS_ATTRS | {
        "string_encoding": attr.string(default = "utf8", values = ["utf8", "utf16"]),
    },
    fragments = ["cpp"],
    provides = [CcInfo],
    exec_groups = BINDINGS_EXEC_GROUPS,
    toolchains = use_cc_toolchain(mandatory = True),
)

def wit_c_bindings(name, wit, world, target_compatible_with = None, **kwargs):
    """Generates bindings in C of a WIT world, for `deps` of C and C++ rules.

    ```starlark
    wit_c_bindings(
        name = "library",
        wit = ":wit",
        world = "library",
    )

    cc_binary(
        name = "greeter_c",
        srcs = ["greeter.c"],  # has #include "library.h"
        linkopts = ["-mexec-model=reactor"],  # a library has no main
        deps = [":library"],
    )

    wasm_core_module(
        name = "greeter_core",
        src = ":greeter_c",
    )

    wasm_component(
        name = "greeter",
        core = ":greeter_core",
    )
    ```

    The header has the name of the world, with `_` for `-`. It declares the functions that the world imports, and those that it
    exports, which the program has to define, as `wit-bindgen c` does. The core module contains the world, so `wasm_component`
    needs no `wit`. The bindings need a C library: the platforms `wasip1` and `wasip2` have one.

    Output group `sources`: the generated files. To read the header, build it for the platform that it is for:

    ```sh
    bazel build //:library --output_groups=sources --platforms=@rules_wasm_fuse//rules/platforms:wasip1
    ```

    Args:
      name: name of the target, which provides CcInfo.
      wit: the wit_library that contains the world.
      world: the world's name in that package.
      target_compatible_with: constraints of the platform. By default, the target, and what depends on it, is only for wasm32, so
        that `bazel build //...` skips both for other platforms. A wasm_core_module builds them.
      **kwargs: `string_encoding`, of strings in memory: `utf8`, which is the default, or `utf16`; and attributes of all rules.
    """
    wit_c_bindings_rule(
        name = name,
        target_compatible_with = [str(Label("@platforms//cpu:wasm32"))] if target_compatible_with == None else target_compatible_with,
        wit = wit,
        world = world,
        **kwargs
    )
