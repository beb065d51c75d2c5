"""wasm_oci_layout."""

load(":actions.bzl", "LINK_EXEC_GROUPS", "wasmfuse_action")
load(":common.bzl", "label_text", "single_wasm", "tool_args")

_DOC = """Makes an OCI image layout of a component or core module, for registries of container images.

```starlark
load("@rules_oci//oci:defs.bzl", "oci_push")

wasm_oci_layout(
    name = "app_oci",
    component = ":app",
    annotations = {"org.opencontainers.image.licenses": "MIT"},
    tag = "1.0.0",
)

oci_push(
    name = "push",
    image = ":app_oci",
    repository = "registry.example/app",
)
```

The output is a folder with one artifact in the form of the CNCF's [Wasm OCI Artifact
layout](https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/): a configuration of type
`application/vnd.wasm.config.v0+json`, which lists what a component imports and exports, and one layer of type
`application/wasm`. The same inputs make the same digests.

Rules and programs that take OCI image layouts push it, without a daemon or a registry in the build: `oci_push` of rules_oci as
above, `crane push bazel-bin/app_oci registry.example/app:1.0.0`, or `oras cp --from-oci-layout bazel-bin/app_oci:1.0.0
registry.example/app:1.0.0`.
"""

def _wasm_oci_layout_impl(ctx):
    wasm = single_wasm(ctx, "component", ctx.attr.component, ["component", "module"])
    if "" in ctx.attr.annotations:
        fail("{}: annotations: a key is empty; name each annotation, as in org.opencontainers.image.source".format(ctx.label))
    folder = ctx.actions.declare_directory(ctx.label.name)
    args = tool_args(ctx)
    args.add("oci")
    args.add(wasm)
    args.add("--quiet")
    args.add_all("-o", [folder], expand_directories = False)  # otherwise it stands for the files in it
    args.add("--label", label_text(wasm.owner))
    for flag in ["author", "created", "tag", "target"]:
        value = getattr(ctx.attr, flag)
        if value:
            args.add("--" + flag, value)
    for key, value in sorted(ctx.attr.annotations.items()):
        args.add("--annotation", "{}={}".format(key, value))
    wasmfuse_action(
        ctx,
        args,
        inputs = [wasm],
        outputs = [folder],
        mnemonic = "WasmOCILayout",
        message = "Making OCI image layout %{label}",
    )
    return [DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder]))]

wasm_oci_layout = rule(
    implementation = _wasm_oci_layout_impl,
    doc = _DOC,
    attrs = {
        "annotations": attr.string_dict(
            doc = "Annotations of the manifest.",
        ),
        "author": attr.string(
            doc = "The author in the configuration.",
        ),
        "component": attr.label(
            doc = "The component or core module. Any target with exactly one .wasm file.",
            allow_files = [".wasm"],
            mandatory = True,
        ),
        "created": attr.string(
            doc = "The time in the configuration, as in `2026-01-31T12:00:00Z`. The default is the beginning of 1970, so that " +
                  "the digests depend on nothing else.",
        ),
        "tag": attr.string(
            doc = "The name of the manifest in the layout, by which some clients choose it, as in `1.0.0`.",
        ),
        "target": attr.string(
            doc = "The world that the component is made for, as in `wasi:http/proxy@0.2.0`, for indexes of registries.",
        ),
    },
    exec_groups = LINK_EXEC_GROUPS,
)
